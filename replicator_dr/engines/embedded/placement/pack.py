"""Things packed into containers and onto boards."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from typing_extensions import override

from replicator_dr.engines.embedded.draws import sampling
from replicator_dr.engines.embedded.placement.group_effect import GroupEffect
from replicator_dr.engines.embedded.placement.groups import Group, drawn
from replicator_dr.engines.embedded.placement.no_room import NoRoom
from replicator_dr.engines.embedded.placement.packing import Rooms
from replicator_dr.engines.embedded.placement.pile import extents
from replicator_dr.engines.embedded.placement.poses import turn_about_z, write_worlds
from replicator_dr.engines.embedded.scene.shaped import hulls_now
from replicator_dr.engines.embedded.scene.transforms import rigid, row_scale
from replicator_dr.errors import EngineError

if TYPE_CHECKING:
    from replicator_dr.engines.embedded.firing import Firing
    from replicator_dr.engines.embedded.scene.plan import Plan

Float64 = NDArray[np.float64]

# Containers thinner than this are boards, on which things stand [m].
FLAT = 0.005


class PackEffect(GroupEffect):
    """Boxes of things, along the axes of the containers, none overlapping another, all inside.

    inputs: height [m] of the room above a board, or of a container's, None for its own; inset (3,) [m] that the room is
    narrower at each side along X and Y, and higher at the bottom; turn (quarter turns at random), spread (each thing
    begins at a container drawn at random), layers, support (share of a base that must lie on something), no_room, and
    record as of PlacementEffect.
    """

    def __init__(self, groups: Sequence[Group], into: Callable[[], list[str]], inputs: dict[str, Any]) -> None:
        super().__init__("randomizer.pack", groups, inputs)
        self._into = into

    @override
    def prepare(self, plan: Plan) -> None:
        super().prepare(plan)
        self._no_room = NoRoom(plan, self.kind, self._paths, self.inputs["no_room"], self.inputs["record"])
        self._containers = tuple(self._into())
        bounds = [plan.bounds.local(path, hidden=True) for path in self._containers]
        missing = [path for path, found in zip(self._containers, bounds) if found is None]
        if missing or not bounds:
            raise EngineError(f"{self.kind}: {missing[0] if missing else 'into'} has no geometry to hold anything")
        self._bounds = np.array(bounds).reshape(-1, 2, 3)

    @override
    def evaluate(self, firing: Firing) -> None:
        if not self._paths:
            return
        corner, frame, size = self._rooms(firing)
        u = self._uniforms(firing)
        quarter = np.floor(4.0 * u[..., 0]) * (90.0 if self.inputs["turn"] else 0.0)
        linear = np.matmul(firing.world(self._paths)[..., :3, :3], turn_about_z(quarter))
        low, high = extents(hulls_now(firing, self._paths, self._hulls), linear)
        gap = np.maximum(drawn(firing, self._groups, "gap", 1), 0.0) * [1.0, 1.0, 0.0]
        layers = self.inputs["layers"] or len(self._paths)
        rooms = Rooms.empty(size, len(self._paths), float(self.inputs["support"]), int(layers))
        count = len(self._containers)
        first = np.floor(count * u[..., 1]).astype(np.int64) if self.inputs["spread"] else np.zeros(u.shape[:2], int)
        placed = np.empty(low.shape[:2], dtype=bool)
        for thing in range(len(self._paths)):
            placed[:, thing] = rooms.put(thing, (high - low + gap)[:, thing], first[:, thing])
        room = np.maximum(rooms.room, 0)
        row = np.arange(len(room))[:, None]
        inside = rooms.low + 0.5 * gap - low
        turn = frame[row, room]
        where = corner[row, room] + np.sum(inside[..., :, None] * turn, axis=-2)
        self._no_room.settle(firing, placed, f"in {count} containers")
        write_worlds(firing, self._paths, self._columns, np.matmul(linear, turn), where, True)

    def _uniforms(self, firing: Firing) -> Float64:
        """(R, n, 2)."""
        keys = [sampling.stream_key("pack", group.source.key(firing.seed), number) for group, number in self._members]
        return np.concatenate([sampling.uniforms(key, firing.executions, 1, 2) for key in keys], axis=1)

    def _rooms(self, firing: Firing) -> tuple[Float64, Float64, Float64]:
        """Lowest corners (R, C, 3), rotations (R, C, 3, 3) and sizes (R, C, 3) of the rooms [m]."""
        world = firing.world(self._containers)
        frame = rigid(world)[..., :3, :3]
        low, high = self._bounds[:, 0], self._bounds[:, 1]
        size = (high - low) * row_scale(world)
        flat = size[..., 2] < FLAT
        height = self.inputs["height"]
        if height is None and flat.any():
            name = self._containers[int(np.argmax(flat.any(axis=0)))]
            raise EngineError(f"{self.kind}: {name} is flat; say by height how high things may be packed on it")
        bottom = np.where(flat[..., None], np.where([False, False, True], high, low), low)
        corner = np.sum(bottom[..., :, None] * world[..., :3, :3], axis=-2) + world[..., 3, :3]
        inset = np.asarray(self.inputs["inset"], dtype=np.float64)
        corner = corner + np.sum(inset[:, None] * frame, axis=-2)
        room = np.maximum(size - inset * [2.0, 2.0, 1.0], 0.0)
        if height is not None:
            room[..., 2] = float(height)
        return corner, frame, room
