"""Things on each other and side by side: rows, columns, stacks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from typing_extensions import override

from replicator_dr.engines.embedded.placement.group_effect import GroupEffect
from replicator_dr.engines.embedded.placement.groups import Group, drawn
from replicator_dr.engines.embedded.placement.poses import turn_about_z, write_worlds
from replicator_dr.engines.embedded.scene.shaped import hulls_now
from replicator_dr.engines.embedded.scene.transforms import rigid
from replicator_dr.errors import EngineError

if TYPE_CHECKING:
    from replicator_dr.engines.embedded.firing import Firing
    from replicator_dr.engines.embedded.scene.plan import Plan

Float64 = NDArray[np.float64]


class PileEffect(GroupEffect):
    """Stacks of ``height`` things, ``columns`` of them side by side along X, then the next row along Y.

    Boxes of things, as they are turned, touch: each stands on the box of the one below it, shifted as drawn, and stacks
    keep ``gap`` between the widest of their boxes. on: gives one prim, on the middle of whose top the pile stands.

    inputs: position [m] and rotation [degrees about the vertical] of the pile where it stands on no prim; columns,
    height, gap [m], centre (else it begins there and grows along X and Y).
    """

    drawn = drawn_once = ("position", "rotation")

    def __init__(self, groups: Sequence[Group], on: Callable[[], list[str]], inputs: dict[str, Any]) -> None:
        super().__init__("randomizer.stack", groups, inputs)
        self._on = on

    @override
    def prepare(self, plan: Plan) -> None:
        super().prepare(plan)
        self._base = tuple(self._on())
        if self._base:
            bounds = plan.bounds.local(self._base[0], hidden=True)
            if bounds is None:
                raise EngineError(f"{self.kind}: {self._base[0]} has no geometry to stand on; give a position instead")
            self._top = np.array([*(0.5 * (bounds[0] + bounds[1]))[:2], bounds[1, 2]])

    @override
    def evaluate(self, firing: Firing) -> None:
        if not self._paths:
            return
        turns = turn_about_z(drawn(firing, self._groups, "spin", 1)[..., 0])
        linear = np.matmul(firing.world(self._paths)[..., :3, :3], turns)
        low, high = extents(hulls_now(firing, self._paths, self._hulls), linear)
        places = self._places(low, high, drawn(firing, self._groups, "shift", 2))
        origin, turn = self._frame(firing)
        where = np.sum(places[..., :, None] * turn[:, None], axis=-2) + origin[:, None]
        linear = np.matmul(linear, turn[:, None])
        write_worlds(firing, self._paths, self._columns, linear, where, True)

    def _places(self, low: Float64, high: Float64, shift: Float64) -> Float64:
        """(R, n, 3): origins in the pile's frame, from boxes about them (R, n, 3) and shifts (R, n, 2)."""
        height, columns = int(self.inputs["height"]), int(self.inputs["columns"])
        count, gap = low.shape[1], float(self.inputs["gap"])
        size, middle = high - low, 0.5 * (low + high)
        near, far = shift - 0.5 * size[..., :2], shift + 0.5 * size[..., :2]
        places = np.empty_like(low)
        row_start = np.zeros(len(low))
        widest: Float64 = np.zeros(len(low))
        for first in range(0, count, height * columns):
            row = range(first, min(first + height * columns, count), height)
            stacks = [slice(stack, min(stack + height, count)) for stack in row]
            depth = np.max([far[:, s, 1].max(axis=1) - near[:, s, 1].min(axis=1) for s in stacks], axis=0)
            start: Float64 = np.zeros(len(low))
            for s in stacks:
                left, right = near[:, s, 0].min(axis=1), far[:, s, 0].max(axis=1)
                front, back = near[:, s, 1].min(axis=1), far[:, s, 1].max(axis=1)
                at_x = start - left
                at_y = row_start + 0.5 * depth - 0.5 * (front + back)
                places[:, s, 0] = at_x[:, None] + shift[:, s, 0] - middle[:, s, 0]
                places[:, s, 1] = at_y[:, None] + shift[:, s, 1] - middle[:, s, 1]
                floor = np.cumsum(size[:, s, 2], axis=1) - size[:, s, 2]
                places[:, s, 2] = floor - low[:, s, 2]
                start = start + (right - left) + gap
            widest = np.maximum(widest, start - gap)
            row_start = row_start + depth + gap
        if self.inputs["centre"]:
            places[..., :2] -= 0.5 * np.stack([widest, row_start - gap], axis=-1)[:, None]
        return places

    def _frame(self, firing: Firing) -> tuple[Float64, Float64]:
        """(R, 3) and (R, 3, 3): where the pile stands, and how it is turned."""
        if self._base:
            world = firing.world(self._base)[:, 0]
            origin = np.sum(self._top[:, None] * world[:, :3, :3], axis=-2) + world[:, 3, :3]
            return origin, rigid(world)[:, :3, :3]
        turn = turn_about_z(firing.numbers(self.inputs["rotation"], 1, 1)[:, 0, 0])
        return firing.numbers(self.inputs["position"], 1, 3)[:, 0], turn


def extents(hulls: Sequence[Float64], linear: Float64) -> tuple[Float64, Float64]:
    """(R, n, 3) least and greatest coordinates about the origins, of hulls that are turned by (R, n, 3, 3).

    hulls: (K, 3) each, or (R, K, 3).
    """
    clouds = [np.matmul(hull, linear[:, thing]) for thing, hull in enumerate(hulls)]
    return (
        np.stack([cloud.min(axis=1) for cloud in clouds], axis=1),
        np.stack([cloud.max(axis=1) for cloud in clouds], axis=1),
    )
