"""randomizer.deform: bodies bent, twisted, tapered and bumpy, another shape at each firing.

Replicator has nothing of the kind; the call is made known through its documented ``rep.randomizer.register``. Each
draw is a few numbers a body: the renderer moves the vertices (``render/deform.py``).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from typing_extensions import override

from replicator_dr.engines.embedded.draws.distributions import Distribution
from replicator_dr.engines.embedded.nodes import Effect
from replicator_dr.render.deformation import BEND, BUMPS, TAPER, TOWARD, TWIST, WAVELENGTH, WAVES

if TYPE_CHECKING:
    from replicator_dr.engines.embedded.firing import Firing
    from replicator_dr.engines.embedded.scene.plan import Plan

COLUMNS = {
    "bend": BEND,
    "bend_direction": TOWARD,
    "twist": TWIST,
    "taper": TAPER,
    "bumps": BUMPS,
    "wavelength": WAVELENGTH,
}


class DeformEffect(Effect):
    """Writes the amounts that are given, and waves where there are bumps. inputs: COLUMNS and axis ("x", "y", "z")."""

    drawn = tuple(COLUMNS)

    def __init__(
        self, targets: Callable[[], list[str]], inputs: dict[str, Any], source: Distribution, name: str | None
    ) -> None:
        super().__init__("randomizer.deform", targets, inputs, name)
        self._source = source

    @override
    def prepare(self, plan: Plan) -> None:
        self._columns = plan.deform_columns(self.targets(), "xyz".index(self.inputs["axis"]), self.kind)

    @override
    def evaluate(self, firing: Firing) -> None:
        count = len(self._columns)
        for name, column in COLUMNS.items():
            if self.inputs[name] is not None and count:
                value = firing.numbers(self.inputs[name], count, 1)
                firing.write("deform", self._columns, value, slice(column, column + 1))
        if self.inputs["bumps"] is not None and count:
            u = self._source.uniforms(firing.seed, firing.executions, count, 5 * WAVES)
            firing.write("waves", self._columns, waves(u.reshape(-1, count, WAVES, 5)))


def waves(u: NDArray[np.float64]) -> NDArray[np.float64]:
    """Uniforms (R, n, K, 5) -> (R, n, 7 K): two unit vectors, all directions equally likely, and a phase [radians]."""
    parts = []
    for height, around in ((u[..., 0], u[..., 1]), (u[..., 2], u[..., 3])):
        z, angle = 2.0 * height - 1.0, 2.0 * np.pi * around
        flat = np.sqrt(1.0 - z * z)
        parts += [flat * np.cos(angle), flat * np.sin(angle), z]
    return np.stack([*parts, 2.0 * np.pi * u[..., 4]], axis=-1).reshape(*u.shape[:2], -1)
