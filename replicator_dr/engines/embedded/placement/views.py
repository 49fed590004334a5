"""Whether the box of a thing lies within a camera's image, in the pose and with the lens that the camera has then."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from replicator_dr.engines.embedded.annotate.camera_space import in_camera, projected
from replicator_dr.engines.embedded.products import camera_path
from replicator_dr.engines.embedded.scene.channels import CAMERA
from replicator_dr.engines.embedded.scene.scene_cameras import camera_arrays
from replicator_dr.errors import EngineError
from replicator_dr.render.scene import CameraArrays, View

if TYPE_CHECKING:
    from replicator_dr.engines.embedded.firing import Firing
    from replicator_dr.engines.embedded.scene.plan import Plan

Float64 = NDArray[np.float64]
Bool = NDArray[np.bool_]

_SIGNS = np.array([[x, y, z] for x in (-1.0, 1.0) for y in (-1.0, 1.0) for z in (-1.0, 1.0)])


class CameraView:
    """One camera's image. size: width and height [pixels]; margin: share of each that has to stay free at a border."""

    def __init__(self, plan: Plan, kind: str, path: str, size: tuple[int, int], margin: float) -> None:
        self.path = camera_path(plan.stage, path)
        if self.path not in plan.cameras:
            raise EngineError(f"{kind}: in_view names {path}, which is no camera")
        self._column = plan.columns(plan.cameras, [self.path])
        self._unit = plan.hierarchy.unit
        self._view = View(0, *size)
        self._low = margin * np.array(size)
        self._high = (1.0 - margin) * np.array(size)

    def at(self, firing: Firing) -> CameraArrays:
        """The camera at each firing: one column."""
        tables = {channel: firing.read(channel, self._column) for channel in CAMERA}
        return camera_arrays(tables, firing.world((self.path,)), self._unit)

    def sees(self, cameras: CameraArrays, rows: NDArray[np.int64], centre: Float64, edges: Float64) -> Bool:
        """(r, C): whether all corners of boxes are in the image. centre: (r, C, 3), edges: (r, C, 3, 3) [m]."""
        chosen = CameraArrays(**{one.name: getattr(cameras, one.name)[rows] for one in fields(CameraArrays)})
        corners = centre[:, :, None] + np.sum(_SIGNS[:, :, None] * edges[:, :, None], axis=-2)
        seen = in_camera(chosen, 0, corners.reshape(len(rows), -1, 3))
        pixels = projected(chosen, self._view, seen)
        near, far = chosen.clipping[:, 0, 0, None], chosen.clipping[:, 0, 1, None]
        with np.errstate(invalid="ignore"):
            inside = ((pixels >= self._low) & (pixels <= self._high)).all(axis=-1)
        inside &= (seen[..., 2] >= near) & (seen[..., 2] <= far)
        return np.asarray(inside.reshape(*centre.shape[:2], 8).all(axis=-1))
