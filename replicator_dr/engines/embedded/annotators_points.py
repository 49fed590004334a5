"""The point cloud: where in the world the ray through each pixel's centre meets a surface."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from replicator_dr.engines.embedded.annotation import BatchedAnnotation, Info
from replicator_dr.engines.embedded.annotators_image import normals, pixel_directions, rgb
from replicator_dr.engines.embedded.annotators_segmentation import instance, semantic
from replicator_dr.engines.embedded.labels import UNLABELLED

if TYPE_CHECKING:
    from replicator_dr.engines.embedded.capture import CapturedView


def pointcloud(view: CapturedView, *, includeUnlabelled: bool = False) -> BatchedAnnotation:  # noqa: N803 - NVIDIA's
    """Per frame (N, 3) float32 [m] world points, row by row; those of unlabelled surfaces only when asked for.

    info: pointRgb (N * 4,) uint8, pointNormals (N * 4,) float32, pointSemantic and pointInstance (N,) uint32.
    """
    depth = view.rendered.depth
    labels = np.asarray(semantic(view).data)
    instances = np.asarray(instance(view).data)
    colors, directions = np.asarray(rgb(view).data), np.asarray(normals(view).data)
    kept = np.isfinite(depth) & ((labels != UNLABELLED) | includeUnlabelled)
    straight = pixel_directions(view)
    lenses = view.state.arrays.cameras.lenses(view.camera, view.rendered.view.width, view.rendered.view.height)
    world = view.state.arrays.cameras.world[:, view.camera]
    points = []
    for frame in range(len(view)):
        row, column = np.nonzero(kept[frame])
        if view.rendered.distance is None:
            x, y = straight[0][frame, column], straight[1][frame, row]
            local = np.stack([x, y, np.ones_like(x)], axis=-1) * depth[frame, row, column, None].astype(np.float64)
        else:
            rays = lenses[frame].unproject(np.stack([column + 0.5, row + 0.5], axis=-1))
            local = rays * view.rendered.distance[frame, row, column, None].astype(np.float64)
        # A camera looks along -Z with +Y up; image rows run downwards.
        local *= (1.0, -1.0, -1.0)
        points.append((local @ world[frame, :3, :3] + world[frame, 3, :3]).astype(np.float32))

    def info(frame: int) -> Info:
        return {
            "pointRgb": colors[frame][kept[frame]].reshape(-1),
            "pointNormals": directions[frame][kept[frame]].reshape(-1),
            "pointSemantic": labels[frame][kept[frame]],
            "pointInstance": instances[frame][kept[frame]],
        }

    return BatchedAnnotation(points, info)
