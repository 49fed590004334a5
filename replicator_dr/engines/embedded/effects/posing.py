"""Effects that write the poses of their prims; world places and angles as such poses."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from typing_extensions import override

from replicator_dr.engines.embedded.nodes import Effect
from replicator_dr.engines.embedded.scene.transforms import ORDERS

if TYPE_CHECKING:
    from replicator_dr.engines.embedded.firing import Firing
    from replicator_dr.engines.embedded.scene.plan import Plan

Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]


class PosingEffect(Effect):
    """Writes poses of the prims it acts on: ``_paths``, whose poses are the ``_columns`` of their channels."""

    @override
    def prepare(self, plan: Plan) -> None:
        self._paths = tuple(self.targets())
        self._columns = plan.pose_columns(self._paths, self.kind)

    def _put(self, firing: Firing, points: Float64) -> None:
        """Put the prims' origins at world points (R, n, 3) [m]."""
        firing.write("translate", self._columns, to_parent(points, firing.parent_world(self._paths)))


def to_parent(points: Float64, parent: Float64) -> Float64:
    """World points (R, n, 3) in the frames (R, n, 4, 4) in which poses are written."""
    inverse = np.linalg.inv(parent)
    return np.sum(points[..., :, None] * inverse[..., :3, :3], axis=-2) + inverse[..., 3, :3]


def write_angles(firing: Firing, columns: Int64, angles: Float64) -> None:
    """Write rotations, XYZ angles (R, n, 3) [degrees] in the frames in which poses are written."""
    order = np.full((*angles.shape[:2], 1), float(ORDERS.index("XYZ")))
    firing.write("rotate", columns, np.concatenate([angles, order], axis=-1))
