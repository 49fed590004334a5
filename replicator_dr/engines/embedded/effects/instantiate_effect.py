"""randomizer.instantiate: another population at each firing.

Every place holds a hidden copy of every asset; a firing shows one of them. Copies share their meshes, so a place costs
a few transforms, and any frame can be made alone.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from typing_extensions import override

from replicator_dr.engines.embedded.draws.choices import Choice
from replicator_dr.engines.embedded.draws.distributions import Distribution, distribution_of
from replicator_dr.engines.embedded.nodes import Effect

if TYPE_CHECKING:
    from replicator_dr.engines.embedded.firing import Firing
    from replicator_dr.engines.embedded.scene.plan import Plan


class InstantiateEffect(Effect):
    """Shows one copy at each place. inputs: size. choice: draws the asset of each place.

    copies: (places, assets) paths. The first ``size`` places are filled where it is a distribution.
    """

    def __init__(
        self,
        targets: Callable[[], list[str]],
        inputs: dict[str, Any],
        choice: Choice,
        copies: list[list[str]],
        name: str | None,
    ) -> None:
        super().__init__("randomizer.instantiate", targets, inputs, name)
        self._choice = choice
        self._copies = copies

    @override
    def sources(self) -> list[tuple[Distribution, int]]:
        size = distribution_of(self.inputs["size"])
        found: list[tuple[Distribution, int]] = [(self._choice, len(self._copies))]
        return found if size is None else [*found, (size, 1)]

    @override
    def prepare(self, plan: Plan) -> None:
        flat = [path for place in self._copies for path in place]
        self._columns = plan.visible_columns(flat, self.kind)

    @override
    def evaluate(self, firing: Firing) -> None:
        places, assets = len(self._copies), len(self._copies[0])
        chosen = self._choice.picks(firing.seed, firing.executions, places).index
        filled = np.round(firing.numbers(self.inputs["size"], 1, 1)[:, 0])
        shown = (chosen[..., None] == np.arange(assets)) & (np.arange(places)[:, None] < filled[..., None])
        shown = shown.reshape(len(firing.executions), places * assets, 1)
        firing.write("visible", self._columns, shown.astype(np.float64))
