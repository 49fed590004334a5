"""Where everything stands at one moment of each frame: what two frames are compared by."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from replicator_dr.render.deformation import DeformArrays
from replicator_dr.render.scene import CameraArrays


@dataclass(frozen=True)
class Moment:
    """Where everything stands. world, cameras, deform: as in ``FrameArrays``, a row a frame."""

    world: NDArray[np.float64]
    cameras: CameraArrays
    deform: DeformArrays | None = None

    def __getitem__(self, frames: slice | NDArray[np.intp]) -> Moment:
        """The same for some of the frames."""
        cameras = {name: value[frames] for name, value in vars(self.cameras).items()}
        return Moment(self.world[frames], CameraArrays(**cameras), None if self.deform is None else self.deform[frames])
