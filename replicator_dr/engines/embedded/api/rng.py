"""``rep.rng``: NumPy generators for code of one's own, seeded as Replicator seeds them."""

from __future__ import annotations

from typing import Any

import numpy as np

from replicator_dr.engines.embedded.runtime import current


class ReplicatorRNG:
    """A NumPy generator. generator: numpy.random.Generator. Without a seed it follows the global seed."""

    def __init__(self, seed: int | None = None, node: Any = None) -> None:
        self.generator: np.random.Generator
        self.initialize(seed, node)

    def initialize(self, seed: int | None = None, node: Any = None, node_id: int | None = None) -> None:
        """Start the stream anew. node: a distribution's node, whose number takes part as in Replicator."""
        self.seed = current().seed if seed is None or seed < 0 else seed
        number = node_id if node_id is not None else getattr(node, "number", None)
        if number is None:
            self._sequence: Any = self.seed
        else:
            self._sequence = (self.seed, 0) if seed is not None and seed >= 0 else (self.seed, number)
        self.reset()

    def reset(self) -> None:
        """Go back to the stream's beginning."""
        self.generator = np.random.default_rng(np.random.SeedSequence(self._sequence))
