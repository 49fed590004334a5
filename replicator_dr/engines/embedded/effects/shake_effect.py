"""Small turns and shifts of prims about the pose that they have, in their own axes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from typing_extensions import override

from replicator_dr.engines.embedded.effects.looking import child_turns
from replicator_dr.engines.embedded.effects.posing import PosingEffect, to_parent, write_angles
from replicator_dr.engines.embedded.firing import Firing
from replicator_dr.engines.embedded.scene.plan import Plan
from replicator_dr.engines.embedded.scene.transforms import euler_angles, euler_matrix, rigid

Float64 = NDArray[np.float64]


class ShakeEffect(PosingEffect):
    """Turns prims about their own axes and shifts them along these; a wrapped camera's are those of the camera.

    A frame begins from the poses that hold without this effect, so that nothing adds up over frames. inputs: rotation
    [degrees] about x, then y, then z; position [m].
    """

    reads_state = True
    drawn = ("rotation", "position")

    @override
    def prepare(self, plan: Plan) -> None:
        super().prepare(plan)
        # To the prim's frame from that of the camera that it wraps.
        self._inverse = child_turns(plan, self._paths)

    @override
    def evaluate(self, firing: Firing) -> None:
        count = len(self._paths)
        if not count:
            return
        turn = euler_matrix(firing.numbers(self.inputs["rotation"], count, 3))
        shift = firing.numbers(self.inputs["position"], count, 3)
        world, parent = firing.world(self._paths), firing.parent_world(self._paths)
        inner = np.swapaxes(self._inverse, -1, -2)
        own = np.matmul(inner, rigid(world)[..., :3, :3])
        place = world[..., 3, :3] + np.sum(shift[..., :, None] * own, axis=-2)
        turned = np.matmul(np.matmul(self._inverse, turn), own)
        angles = euler_angles(np.matmul(turned, np.swapaxes(rigid(parent)[..., :3, :3], -1, -2)))
        firing.write("translate", self._columns, to_parent(place, parent))
        write_angles(firing, self._columns, angles)
