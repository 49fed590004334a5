"""Bodies that have another shape at each firing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from replicator_dr.engines.embedded.placement.bodies import Body, shaped_body

if TYPE_CHECKING:
    from replicator_dr.engines.embedded.scene.plan import Plan

Float64 = NDArray[np.float64]


class ShapedBody:
    """A deformed thing at R firings. A firing's body is made when something comes near enough to ask for it.

    points: (R, N, 3) and faces: (T, 3), in its own frame. form: "hull" or "mesh". middle, half: (R, 3), of its box.
    """

    def __init__(self, points: Float64, faces: NDArray[np.int64], form: str) -> None:
        self._points, self._faces, self._form = points, faces, form
        low, high = points.min(axis=1), points.max(axis=1)
        self.middle, self.half = 0.5 * (low + high), 0.5 * (high - low)
        self._made: dict[int, Body] = {}

    def body(self, row: int) -> Body:
        """The body of one firing."""
        if row not in self._made:
            self._made[row] = shaped_body(self._points[row], self._faces, self._form)
        return self._made[row]


def shaped_bodies(
    plan: Plan, paths: Sequence[str], shapes: Sequence[Float64 | None], forms: Sequence[str]
) -> dict[int, ShapedBody]:
    """Those of the prims that are deformed, by their number.

    shapes: as ``shaped_points`` gives them. forms: "hull" or "mesh" for each.
    """
    found = {}
    for number, (path, points, form) in enumerate(zip(paths, shapes, forms)):
        shaped = plan.shaped.get(path)
        if points is not None and shaped is not None:
            found[number] = ShapedBody(points, shaped.faces, form)
    return found
