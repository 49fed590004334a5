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
    """Any leading axes. centre: (..., 2) relative to the object's origin; axis: (..., 2) unit, its long direction;
    half: (..., 2) half extents along and across it; low, high: (...) heights relative to the origin [m]."""

    centre: Float64
    axis: Float64
    half: Float64
    low: Float64
    high: Float64


def footprint(points: Float64, linear: Float64) -> Footprint:
    """points: (..., K, 3) world vectors from the origin to the object's extreme points; linear: (..., 3, 3), the linear
    part of its world matrix."""
    along_x = linear[..., 0, :2]
    along_y = np.stack([linear[..., 1, 1], -linear[..., 1, 0]], axis=-1)
    flat = _length(along_x) < 0.5 * _length(linear[..., 0, :])
    axis = np.where(flat, along_y, along_x)
    length = _length(axis)
    axis = np.where(length > 1e-12, axis / np.where(length > 1e-12, length, 1.0), [1.0, 0.0])
    across = np.stack([-axis[..., 1], axis[..., 0]], axis=-1)
    first = np.sum(points[..., :2] * axis[..., None, :], axis=-1)
    second = np.sum(points[..., :2] * across[..., None, :], axis=-1)
    low = np.stack([first.min(axis=-1), second.min(axis=-1)], axis=-1)
    high = np.stack([first.max(axis=-1), second.max(axis=-1)], axis=-1)
    middle = 0.5 * (low + high)
    heights = points[..., 2]
    return Footprint(
        centre=middle[..., :1] * axis + middle[..., 1:] * across,
        axis=axis,
        half=0.5 * (high - low),
        low=heights.min(axis=-1),
        high=heights.max(axis=-1),
    )


def _length(vectors: Float64) -> Float64:
    return np.sqrt(np.sum(vectors * vectors, axis=-1, keepdims=True))


def overlap(first: Footprint, first_at: Float64, second: Footprint, second_at: Float64) -> Bool:
    """Whether objects at world positions (..., 3) collide, by the separating axes of two rectangles and their heights.

    All leading axes broadcast.
    """
    between = (second_at[..., :2] + second.centre) - (first_at[..., :2] + first.centre)
    apart = (first_at[..., 2] + first.high <= second_at[..., 2] + second.low + SLACK) | (
        second_at[..., 2] + second.high <= first_at[..., 2] + first.low + SLACK
    )
    cos = np.abs(np.sum(first.axis * second.axis, axis=-1))
    sin = np.abs(first.axis[..., 0] * second.axis[..., 1] - first.axis[..., 1] * second.axis[..., 0])
    for one, other in ((first, second), (second, first)):
        along = np.abs(np.sum(between * one.axis, axis=-1))
        across = np.abs(between[..., 1] * one.axis[..., 0] - between[..., 0] * one.axis[..., 1])
        apart = apart | (along >= one.half[..., 0] + other.half[..., 0] * cos + other.half[..., 1] * sin - SLACK)
        apart = apart | (across >= one.half[..., 1] + other.half[..., 0] * sin + other.half[..., 1] * cos - SLACK)
    return ~apart


def pick(shape: Footprint, index: tuple[object, ...]) -> Footprint:
    """The same entries of every field."""
    return Footprint(*(getattr(shape, name)[index] for name in ("centre", "axis", "half", "low", "high")))
