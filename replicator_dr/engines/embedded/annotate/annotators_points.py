"""The point cloud: where in the world the ray through each pixel's centre meets a surface."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from replicator_dr.engines.embedded.annotate.annotation import BatchedAnnotation, Info
from replicator_dr.engines.embedded.annotate.annotators_image import normals, rgb
from replicator_dr.engines.embedded.annotate.annotators_segmentation import instance, semantic
from replicator_dr.engines.embedded.annotate.camera_space import in_world, seen_points
from replicator_dr.engines.embedded.scene.labels import UNLABELLED

if TYPE_CHECKING:
    from replicator_dr.engines.embedded.loop.capture import CapturedView


def pointcloud(view: CapturedView, *, includeUnlabelled: bool = False) -> BatchedAnnotation:  # noqa: N803 - NVIDIA's
    """Per frame (N, 3) float32 [m] world points, row by row; those of unlabelled surfaces only when asked for.

    info: pointRgb (N * 4,) uint8, pointNormals (N * 4,) float32, pointSemantic and pointInstance (N,) uint32.
    """
    depth = view.rendered.depth
    labels = np.asarray(semantic(view).data)
    instances = np.asarray(instance(view).data)
    colors, directions = np.asarray(rgb(view).data), np.asarray(normals(view).data)
    kept = np.isfinite(depth) & ((labels != UNLABELLED) | includeUnlabelled)
    with np.errstate(invalid="ignore"):
        world = in_world(view.state.arrays.cameras, view.camera, seen_points(view).reshape(len(view), -1, 3))
    points = [placed[mask] for placed, mask in zip(world.astype(np.float32), kept.reshape(len(view), -1))]

    def info(frame: int) -> Info:
        return {
            "pointRgb": colors[frame][kept[frame]].reshape(-1),
            "pointNormals": directions[frame][kept[frame]].reshape(-1),
            "pointSemantic": labels[frame][kept[frame]],
            "pointInstance": instances[frame][kept[frame]],
        }

    return BatchedAnnotation(points, info)
