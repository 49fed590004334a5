"""An independent oracle of visibility: rays through pixel centres against all triangles, in float64 NumPy.

The rays of a pinhole start at the origin of camera space, where the determinants of the Moeller-Trumbore test are
three products of the ray with a triangle's corners. Both sides of every triangle are hit.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from replicator_dr.render.scene import FrameArrays, SceneArrays

Array = NDArray[np.float64]

SUBPIXEL = 1.0 / 256.0
"""Centres nearer than this to an edge may fall on either side."""


@dataclass(frozen=True)
class Hits:
    """What each ray meets first. (R,) each; part, triangle: -1 where nothing; depth: inf there, along the axis.

    triangle counts through the triangles of all parts. normal: (R, 3), geometric, world frame, toward the camera.
    """

    depth: Array
    part: NDArray[np.int64]
    triangle: NDArray[np.int64]
    normal: Array


@dataclass(frozen=True)
class Oracle:
    """The triangles of one frame in camera axes x right, y down, z forward."""

    corners: Array
    part: NDArray[np.int64]
    rotation: Array
    intrinsics: Array
    clipping: Array

    def hit(self, x: Array, y: Array) -> Hits:
        """Rays through continuous pixel coordinates (R,)."""
        fx, fy, cx, cy = self.intrinsics
        rays = np.stack([(x - cx) / fx, (y - cy) / fy, np.ones_like(x)], axis=-1)
        depth, triangle = np.full(len(rays), np.inf), np.full(len(rays), -1)
        a, b, c = np.moveaxis(self.corners, 1, 0)
        normal = np.cross(b - a, c - a)
        offset = np.einsum("tc,tc->t", normal, a)
        chunk = max(1, 2_000_000 // max(len(rays), 1))
        for first in range(0, len(a), chunk):
            cut = slice(first, first + chunk)
            with np.errstate(divide="ignore", invalid="ignore"):
                u, v, w = (rays @ np.cross(p[cut], q[cut]).T for p, q in ((b, c), (c, a), (a, b)))
                z = offset[cut] / (rays @ normal[cut].T)
            inside = ((u >= 0) & (v >= 0) & (w >= 0)) | ((u <= 0) & (v <= 0) & (w <= 0))
            z = np.where(inside & (z >= self.clipping[0]) & (z <= self.clipping[1]), z, np.inf)
            nearest = z.argmin(axis=1)
            z = z[np.arange(len(rays)), nearest]
            closer = z < depth
            depth[closer], triangle[closer] = z[closer], nearest[closer] + first
        found = triangle >= 0
        part = np.where(found, np.append(self.part, -1)[triangle], -1)
        seen = np.append(normal, np.zeros((1, 3)), axis=0)[triangle]
        seen *= -np.sign(np.einsum("rc,rc->r", seen, rays))[:, None]
        seen /= np.maximum(np.linalg.norm(seen, axis=1, keepdims=True), 1e-300)
        return Hits(depth, part, triangle, np.where(found[:, None], seen @ self.rotation, 0.0))

    def image(self, width: int, height: int) -> tuple[Hits, NDArray[np.bool_], NDArray[np.bool_]]:
        """Hits at the pixel centres (row by row), and where they can be told for certain.

        Returns hits, certain part, certain triangle: (H * W,) bool, true where no edge of a part, or of any triangle,
        passes within SUBPIXEL of the centre.
        """
        y, x = (grid.reshape(-1) + 0.5 for grid in np.mgrid[:height, :width])
        centre = self.hit(x, y)
        part = np.ones(len(x), bool)
        triangle = np.ones(len(x), bool)
        for angle in np.arange(8) * np.pi / 4:
            beside = self.hit(x + SUBPIXEL * np.cos(angle), y + SUBPIXEL * np.sin(angle))
            part &= beside.part == centre.part
            triangle &= beside.triangle == centre.triangle
        return centre, part, triangle


def oracle(scene: SceneArrays, frames: FrameArrays, width: int, height: int, frame: int = 0) -> Oracle:
    """The oracle of one frame seen through its first camera, a pinhole with the given image size."""
    cameras = frames.cameras
    pixels = width / cameras.horizontal_aperture[frame, 0]
    focal = cameras.focal_length[frame, 0] * pixels
    shift = cameras.aperture_offset[frame, 0] * pixels
    camera = cameras.world[frame, 0]
    inverse = np.linalg.inv(camera)
    corners, part = [np.zeros((0, 3, 3))], [np.zeros(0, np.int64)]
    for i, mesh in enumerate(scene.part_mesh):
        if not frames.part_visible[frame, i]:
            continue
        local = np.asarray(scene.meshes[mesh].points, np.float64)[scene.meshes[mesh].triangles]
        world = np.concatenate([local, np.ones((*local.shape[:2], 1))], axis=-1) @ frames.world[frame, i]
        corners.append((world @ inverse)[..., :3] * [1.0, -1.0, -1.0])
        part.append(np.full(len(local), i))
    return Oracle(
        corners=np.concatenate(corners),
        part=np.concatenate(part),
        rotation=np.diag([1.0, -1.0, -1.0]) @ camera[:3, :3],
        intrinsics=np.array([focal, focal, width / 2 + shift[0], height / 2 - shift[1]]),
        clipping=cameras.clipping[frame, 0],
    )
