"""randomizer.occlude: prims between a camera and a target, so large and so far aside that they hide a share of it.

What hides and what is hidden count with the convex hulls of their vertices, as seen from the camera.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from typing_extensions import override

from replicator_dr.engines.embedded.effects.outlines import Outline, aside, outline
from replicator_dr.engines.embedded.effects.posing import PosingEffect
from replicator_dr.engines.embedded.effects.viewpoint import Viewpoint
from replicator_dr.engines.embedded.scene.shaped import hulls_now

if TYPE_CHECKING:
    from replicator_dr.engines.embedded.effects.viewpoint import Seen
    from replicator_dr.engines.embedded.firing import Firing
    from replicator_dr.engines.embedded.scene.plan import Plan

Float64 = NDArray[np.float64]

AMOUNTS = ("cover", "depth", "size", "angle", "turn")
ROUNDS = 4
"""Rounds in which size and place are found: what is near a camera shows another outline from another place."""


class OccludeEffect(PosingEffect):
    """Writes place and scale.

    inputs: cover, the share of the target to hide; depth, where on the way from the camera to the target, 0 .. 1; size,
    the square root of how large it looks beside the target; angle [degrees] to which side it is put, 0 to the right, 90
    up; turn, 0 .. 1, which of several targets; camera, targets (paths) and aspect.
    """

    reads_state = True
    drawn = AMOUNTS

    def __init__(self, targets: Callable[[], list[str]], inputs: dict[str, Any], name: str | None) -> None:
        super().__init__("randomizer.occlude", targets, inputs, name)

    @override
    def prepare(self, plan: Plan) -> None:
        super().prepare(plan)
        self._camera = Viewpoint(plan, self.inputs["camera"], self.inputs["aspect"])
        self._aims = tuple(self.inputs["targets"])
        plan.watch_shapes((*self._paths, *self._aims))
        self._hulls = [plan.bounds.extremes(path).hull for path in self._paths]
        self._aim_hulls = [plan.bounds.extremes(path).hull for path in self._aims]

    @override
    def evaluate(self, firing: Firing) -> None:
        count = len(self._paths)
        if not count:
            return
        cover, depth, size, angle, turn = (firing.numbers(self.inputs[name], count, 1)[..., 0] for name in AMOUNTS)
        seen = self._camera.at(firing)
        aims = firing.world(self._aims)
        worlds = firing.world(self._paths)
        chosen = np.minimum((turn * len(self._aims)).astype(np.int64), len(self._aims) - 1)
        hulls = hulls_now(firing, (*self._paths, *self._aims), (*self._hulls, *self._aim_hulls))
        places, scales = np.empty((*cover.shape, 3)), np.empty(cover.shape)
        for i in range(count):
            target, far = self._target(seen, aims, hulls[count:], chosen[:, i])
            away = depth[:, i] * far
            places[:, i], scales[:, i] = _placed(
                seen, worlds[:, i, :3, :3], hulls[i], target, away, cover[:, i], size[:, i], angle[:, i]
            )
        firing.write("scale", self._columns, firing.read("scale", self._columns) * scales[..., None])
        self._put(firing, places)

    def _target(
        self, seen: Seen, aims: Float64, hulls: Sequence[Float64], chosen: NDArray[np.int64]
    ) -> tuple[Outline, Float64]:
        """The outlines of the chosen targets, (R,), and how far they are along the axis [m]."""
        rows = np.arange(len(chosen))
        all_outlines, distances = [], []
        for number, hull in enumerate(hulls):
            local = _in_view(seen, hull @ aims[:, number, :3, :3] + aims[:, number, 3:, :3])
            ahead = np.maximum(local[..., 2], 1e-6)
            all_outlines.append(outline(local[..., :2] / ahead[..., None]).corners)
            distances.append(0.5 * (ahead.min(axis=1) + ahead.max(axis=1)))
        return Outline(np.stack(all_outlines)[chosen, rows]), np.stack(distances)[chosen, rows]


def _in_view(seen: Seen, points: Float64) -> Float64:
    """World points (R, K, 3) to the right, up and ahead of the camera."""
    axes = np.stack([seen.right, seen.up, seen.forward], axis=-1)
    return np.asarray((points - seen.eye[:, None]) @ axes)


def _placed(
    seen: Seen, linear: Float64, hull: Float64, target: Outline, away: Float64, cover: Float64, size: Float64,
    angle: Float64,
) -> tuple[Float64, Float64]:  # fmt: skip
    """(R, 3) places and (R,) factors on the scale of one prim. linear: (R, 3, 3); away: (R,) [m] along the axis."""
    axes = np.stack([seen.right, seen.up, seen.forward], axis=-1)
    own = (hull @ linear) @ axes
    factor, at = np.ones(len(away)), target.middle
    side = np.stack([np.cos(np.radians(angle)), np.sin(np.radians(angle))], axis=-1)
    for _ in range(ROUNDS):
        place = away[:, None] * at
        ahead = np.maximum(away[:, None] + factor[:, None] * own[..., 2], 0.05 * away[:, None])
        flat = place[:, None] + factor[:, None, None] * own[..., :2]
        mine = outline(flat / ahead[..., None] - at[:, None])
        grown = size * np.sqrt(target.area / np.maximum(mine.area, 1e-30))
        factor = factor * grown
        mine = Outline(mine.corners * grown[:, None, None])
        at = target.middle - mine.middle + aside(target, mine, side, cover)[:, None] * side
    ray = seen.forward + at[:, :1] * seen.right + at[:, 1:] * seen.up
    return seen.eye + away[:, None] * ray, factor
