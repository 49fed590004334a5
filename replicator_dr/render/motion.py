"""Rigid bodies in motion: where everything stands some seconds before or after a frame's own moment."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Float64 = NDArray[np.float64]


@dataclass(frozen=True)
class MotionArrays:
    """Velocities of K bodies, and what moves with them.

    velocity: (B, K, 3) float64 [m/s]; spin: (B, K, 3) float64 [degrees/s], about the axis along it, counter-clockwise
    seen against it; centre: (B, K, 3) float64 [m], the point that it turns about; all in the world frame.
    transform_body: (X,) int32, the body with which each column of ``FrameArrays.world`` moves, -1 = it stands still.
    camera_body: (C,) int32, the same for cameras. Lights stand still.
    """

    velocity: Float64
    spin: Float64
    centre: Float64
    transform_body: NDArray[np.int32]
    camera_body: NDArray[np.int32]

    def __getitem__(self, frames: slice | NDArray[np.intp]) -> MotionArrays:
        """The same for some of the frames."""
        return MotionArrays(
            self.velocity[frames], self.spin[frames], self.centre[frames], self.transform_body, self.camera_body
        )

    def moves(self, camera: int) -> NDArray[np.bool_]:
        """(B,) bool: whether anything that has a velocity is drawn, or carries the camera."""
        used = np.unique([*self.transform_body, self.camera_body[camera]])
        used = used[used >= 0]
        return np.asarray((self.velocity[:, used] != 0).any(axis=(1, 2)) | (self.spin[:, used] != 0).any(axis=(1, 2)))

    def displacement(self, seconds: Float64) -> Float64:
        """(B, K, 4, 4): what each body does in the time ``seconds``, (B,), for row vectors of the world.

        p' = (p - c) R + c + v t, with R the rotation by the angle |spin| t (Rodrigues' formula).
        """
        rate = np.radians(self.spin) * seconds[:, None, None]
        angle = np.linalg.norm(rate, axis=-1)
        axis = rate / np.where(angle > 0, angle, 1.0)[..., None]
        cross = np.zeros((*angle.shape, 3, 3))
        x, y, z = np.moveaxis(axis, -1, 0)
        cross[..., 0, 1], cross[..., 0, 2], cross[..., 1, 2] = -z, y, -x
        cross -= np.swapaxes(cross, -1, -2)
        sine, versine = np.sin(angle)[..., None, None], (1.0 - np.cos(angle))[..., None, None]
        turn = np.swapaxes(np.eye(3) + sine * cross + versine * (cross @ cross), -1, -2)
        result = np.zeros((*angle.shape, 4, 4))
        result[..., :3, :3] = turn
        moved = (self.centre[..., None, :] @ turn)[..., 0, :]
        result[..., 3, :3] = self.centre - moved + self.velocity * seconds[:, None, None]
        result[..., 3, 3] = 1.0
        return result

    def moved(self, world: Float64, bodies: NDArray[np.int32], seconds: Float64) -> Float64:
        """World matrices (B, n, 4, 4) of things that move with ``bodies``, (n,), after ``seconds``, (B,)."""
        carried = np.flatnonzero(bodies >= 0)
        if not len(carried):
            return world
        result = world.copy()
        result[:, carried] = world[:, carried] @ self.displacement(seconds)[:, bodies[carried]]
        return result
