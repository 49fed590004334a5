"""The annotator of rectified pairs of cameras: disparity."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from replicator_dr.engines.embedded.annotate.annotation import BatchedAnnotation
from replicator_dr.errors import EngineError
from replicator_dr.optics import LensModel

if TYPE_CHECKING:
    from replicator_dr.engines.embedded.loop.capture import CapturedView

TURN, SHIFT, PIXELS = 1e-6, 1e-6, 1e-4
"""What two eyes may differ by: the rotation's matrix, shares of the baseline off the x axis, and the intrinsics."""


def disparity(view: CapturedView) -> BatchedAnnotation:
    """(B, H, W) float32 [pixels]: place in the left image less place in the right one, of what this eye sees.

    f b / z plus the difference of the principal points' x: a point at column c of the left image is at c - disparity in
    the right one, whether it is hidden there or not. 0 where nothing is hit. EngineError for cameras that are no eye of
    a pair, and for pairs that are not rectified.
    """
    left, right = _pair(view)
    cameras, size = view.state.arrays.cameras, view.rendered.view
    world = cameras.world[:, left]
    offset = (cameras.world[:, right, None, 3, :3] - world[:, None, 3, :3]) @ np.swapaxes(world[:, :3, :3], 1, 2)
    baseline = offset[:, 0, 0]
    turned = np.abs(cameras.world[:, right, :3, :3] - world[:, :3, :3]).max()
    shifted = (np.abs(offset[:, 0, 1:]).max(axis=1) / np.maximum(np.abs(baseline), 1e-12)).max()
    here, there = (cameras.intrinsics(eye, size.width, size.height) for eye in (left, right))
    differs = np.abs(here - there)[:, [0, 1, 3]].max()
    lenses = (cameras.lens_model[:, [left, right]] != LensModel.PINHOLE).any()
    if turned > TURN or shifted > SHIFT or differs > PIXELS or lenses or not (baseline > 0).all():
        paths = view.scene.camera_paths
        raise EngineError(
            f"{paths[left]} and {paths[right]} are no rectified pair; give them the same orientation, focal length and "
            "cy, no lens that distorts, and the right eye a place on the left one's +X axis"
        )
    focal_baseline = (here[:, 0] * baseline)[:, None, None]
    shift = (here[:, 2] - there[:, 2])[:, None, None]
    depth = view.rendered.depth
    return BatchedAnnotation(np.where(np.isfinite(depth), focal_baseline / depth + shift, 0.0).astype(np.float32))


def _pair(view: CapturedView) -> tuple[int, int]:
    for pair in view.scene.pairs:
        if view.camera in pair:
            return pair
    raise EngineError(
        f"{view.scene.camera_paths[view.camera]} is no eye of a stereo pair; give another camera "
        "stereo: {left: <this one>, baseline: <metres>} in a spec, or the relationship stereo:left on a stage"
    )
