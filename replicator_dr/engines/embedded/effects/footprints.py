"""Ground plans of objects, for keeping them apart: oriented rectangles in world XY with a range of heights.

A rectangle lies along the object's own X axis as seen from above, so that it is exact for boxes that stand upright and
never too small for anything else.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Float64 = NDArray[np.float64]
Bool = NDArray[np.bool_]

# Objects that only touch, as boxes side by side do, are apart.
SLACK = 1e-9


@dataclass(frozen=True)
class Footprint:
    """Any leading axes.

    centre: (..., 2) relative to the object's origin; axis: (..., 2) unit, its long direction;
    half: (..., 2) half extents along and across it; low, high: (...) heights relative to the origin [m].
    """

    centre: Float64
    axis: Float64
    half: Float64
    low: Float64
    high: Float64


def footprint(extremes: Float64, margin: Float64, linear: Float64) -> Footprint:
    """The footprints (R, n) of n objects.

    extremes: (n, K, 3) or (R, n, K, 3), points of their hulls in their own frames; margin: (n,) how far the hulls may
    reach beyond them; linear: (R, n, 3, 3), the linear parts of the objects' world matrices.
    """
    along_x = linear[..., 0, :2]
    along_y = np.stack([linear[..., 1, 1], -linear[..., 1, 0]], axis=-1)
    stretch = _length(linear[..., 0, :])
    axis = np.where(_length(along_x) < 0.5 * stretch, along_y, along_x)
    length = _length(axis)
    axis = np.where(length > 1e-12, axis / np.where(length > 1e-12, length, 1.0), [1.0, 0.0])
    # Rows: along, across and up, in world coordinates; then in the object's frame, to be met with its points.
    directions = np.zeros((*axis.shape[:-1], 3, 3))
    directions[..., 0, :2] = axis
    directions[..., 1, 0], directions[..., 1, 1] = -axis[..., 1], axis[..., 0]
    directions[..., 2, 2] = 1.0
    local = np.matmul(directions, np.swapaxes(linear, -1, -2))
    reach = np.matmul(local, np.swapaxes(extremes, -1, -2))
    most = np.max(_length(linear)[..., 0], axis=-1) * margin
    low, high = reach.min(axis=-1) - most[..., None], reach.max(axis=-1) + most[..., None]
    middle = 0.5 * (low + high)
    across = directions[..., 1, :2]
    return Footprint(
        centre=middle[..., :1] * axis + middle[..., 1:2] * across,
        axis=axis,
        half=0.5 * (high - low)[..., :2],
        low=low[..., 2],
        high=high[..., 2],
    )


def _dot(first: Float64, second: Float64) -> Float64:
    """Sums over a last axis of two or three, where NumPy's own would spend its time on counting."""
    result: Float64 = first[..., 0] * second[..., 0]
    for axis in range(1, first.shape[-1]):
        result = result + first[..., axis] * second[..., axis]
    return result


def _length(vectors: Float64) -> Float64:
    return np.sqrt(_dot(vectors, vectors))[..., None]


def overlap(first: Footprint, first_at: Float64, second: Footprint, second_at: Float64) -> Bool:
    """Whether objects at world positions (..., 3) collide, by the separating axes of two rectangles and their heights.

    All leading axes broadcast.
    """
    between = (second_at[..., :2] + second.centre) - (first_at[..., :2] + first.centre)
    apart = (first_at[..., 2] + first.high <= second_at[..., 2] + second.low + SLACK) | (
        second_at[..., 2] + second.high <= first_at[..., 2] + first.low + SLACK
    )
    cos = np.abs(_dot(first.axis, second.axis))
    sin = np.abs(first.axis[..., 0] * second.axis[..., 1] - first.axis[..., 1] * second.axis[..., 0])
    for one, other in ((first, second), (second, first)):
        along = np.abs(_dot(between, one.axis))
        across = np.abs(between[..., 1] * one.axis[..., 0] - between[..., 0] * one.axis[..., 1])
        apart = apart | (along >= one.half[..., 0] + other.half[..., 0] * cos + other.half[..., 1] * sin - SLACK)
        apart = apart | (across >= one.half[..., 1] + other.half[..., 0] * sin + other.half[..., 1] * cos - SLACK)
    return ~apart


def pick(shape: Footprint, index: tuple[object, ...]) -> Footprint:
    """The same entries of every field."""
    return Footprint(*(getattr(shape, name)[index] for name in ("centre", "axis", "half", "low", "high")))
