"""Rolling shutters: rows are read one after the other, so that what moves is skewed.

Row y of H is exposed (y + 1/2 - H / 2) row times after the middle of the image, which the shutter says. An image is
made of sharp ones at ``count`` moments from the opening of the first row to the closing of the last; each stands for
the time until halfway to its neighbours, and a row is the mean of the moments over its own exposure. Where this is
shorter than the distance of two moments, a row lies between the two that are nearest, in proportion.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from replicator_dr.render.scene import FrameArrays, View

Float64 = NDArray[np.float64]


def rolls(frames: FrameArrays, camera: int) -> NDArray[np.bool_]:
    """(B,) bool: whether rows are read one after the other, and anything moves meanwhile."""
    if frames.sensors is None or frames.motion is None:
        return np.zeros(len(frames), np.bool_)
    return np.asarray((frames.sensors.row_time[:, camera] > 0.0) & frames.motion.moves(camera))


def row_shares(frames: FrameArrays, view: View, shares: Float64) -> Float64:
    """(B, count, H): what each of the moments adds to each row; they add up to 1.

    shares: (B, count) places of the moments in the span of the exposure, 0 the first and 1 the last, in any order;
    those of frames that roll are evenly spaced with both ends.
    """
    batch, count = shares.shape
    result = np.full((batch, count, view.height), 1.0 / count)
    rolling = np.flatnonzero(rolls(frames, view.camera)) if count > 1 else np.zeros(0, np.intp)
    for row in rolling.tolist():
        assert frames.sensors is not None
        opens, closes = frames.sensors.span(view.camera, view.height)[row]
        step = (closes - opens) / (count - 1)
        length = frames.sensors.open_for(view.camera)[row]
        middle = opens + length / 2 + np.arange(view.height) * frames.sensors.row_time[row, view.camera]
        half = max(length, step) / 2
        moment = opens + shares[row, :, None] * (closes - opens)
        end = np.minimum(middle + half, moment + step / 2)
        covered = np.maximum(end - np.maximum(middle - half, moment - step / 2), 0.0)
        result[row] = covered / covered.sum(axis=0)
    return result


def moments_a_row(frames: FrameArrays, view: View, counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """(B,) how many of its ``counts``, (B,), moments a row of each frame sees, 1 or more."""
    if frames.sensors is None:
        return counts
    span = frames.sensors.span(view.camera, view.height)
    share = frames.sensors.open_for(view.camera) / np.maximum(span[:, 1] - span[:, 0], 1e-12)
    seen = np.maximum(np.ceil(counts * share), 1).astype(np.int64)
    return np.where(rolls(frames, view.camera), np.minimum(seen, counts), counts)
