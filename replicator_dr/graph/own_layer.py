"""What a graph creates on a stage that is not its own: in a layer of its own, so that it can be taken off again."""

from __future__ import annotations

from contextlib import AbstractContextManager
from itertools import count
from typing import Any

_NUMBERS = count(1)


class OwnLayer:
    """A named sub-layer of ``rep``; every graph has another, so that several may stand on one stage."""

    def __init__(self, rep: Any) -> None:
        self._rep = rep
        self._name = f"ReplicatorDr_{next(_NUMBERS):03d}"

    def filled(self) -> AbstractContextManager[None]:
        """What is created inside the block goes into the layer."""
        layer: AbstractContextManager[None] = self._rep.new_layer(self._name)
        return layer

    def clear(self) -> None:
        """Take it off: a layer that is opened again is emptied, the graph's nodes included."""
        with self.filled():
            pass
