"""Patterns: a second look over a material, laid on by a formula that is worked out where the surface is seen.

In repeats (x, y, z) of the pattern, with the pixel's reach w along each axis, f(x) = x - floor(x), a = amount:

| kind | share of the second look |
|---|---|
| stripes | 1 where f(x) < a, else 0; the mean over max(w_x, softness) |
| checker | (1 + s(x) s(y) s(z)) / 2, s being 1 where f < 1/2 and else -1; each the mean over max(w, softness) |
| gradient | 1 - abs(2 f(x) - 1): from none to all and back |
| dots | 1 within a / 2 of the middles of the cells of two axes: not of that to which the surface's normal is nearest |
| noise | 1 where the sum of octaves is below the a-quantile of a normal distribution of its variance |
| marble | stripes at x + bend, a sum of octaves of standard deviation 0.35; the mean over max(3 w_x, softness) |

Over texture coordinates z counts as 0 and has no part. An octave is Perlin's improved noise (2002) with hashed
gradients, of mean 0 and standard deviation SPREAD; each next one is twice as fine and half as strong, and fades where
its cells get as small as a pixel.
"""

from __future__ import annotations

from importlib.resources import files
from statistics import NormalDist
from typing import Any

import numpy as np
import warp as wp
from numpy.typing import NDArray

from replicator_dr.render.finite import tamed
from replicator_dr.render.pattern_arrays import Float32, PatternArrays
from replicator_dr.render.structs import numpy_dtype, put_records

SPREAD = 0.27
"""Standard deviation of one octave."""
MOST_OCTAVES = 8
_FAR = 4.0
"""Standard deviations beyond which no noise lies: amounts of 0 and 1 are none and all."""
NATIVE = (files("replicator_dr.render") / "native" / "pattern_share.cpp").read_text()


@wp.struct
class PatternState:
    """A material's pattern in one frame; kind -1 where it has none."""

    kind: wp.int32
    solid: wp.int32
    octaves: wp.int32
    amount: wp.float32
    softness: wp.float32
    threshold: wp.float32
    """Noise: heights below this show the second look."""
    noise_edge: wp.float32
    """Heights over which they turn into each other."""
    noise_variance: wp.float32
    """Of the first octave."""
    noise_spread: wp.float32
    """Standard deviation of all octaves."""
    matrix: wp.mat33
    """Column vectors: metres or texture coordinates to repeats."""
    offset: wp.vec3
    color: wp.vec3
    roughness: wp.float32
    metallic: wp.float32


_RECORD = numpy_dtype(PatternState)


def pattern_records(patterns: PatternArrays) -> NDArray[Any]:
    """(B, M) PatternState records."""
    records: NDArray[Any] = np.zeros(patterns.kind.shape, _RECORD)
    octaves = np.clip(patterns.octaves, 1, MOST_OCTAVES)
    amount = tamed(patterns.amount, 0.0, 1.0)
    spread = SPREAD * np.sqrt((1.0 - 0.25**octaves) / 0.75)
    inverse = np.vectorize(NormalDist().inv_cdf, otypes=[np.float64])
    level = inverse(np.clip(amount, 1e-5, 1.0 - 1e-5)) if amount.size else amount
    inside = (amount > 0.0) & (amount < 1.0)
    records["kind"], records["solid"], records["octaves"] = patterns.kind, patterns.solid, octaves
    records["amount"], records["softness"] = amount, tamed(patterns.softness, 0.0, 1.0)
    records["threshold"] = spread * np.where(inside, np.clip(level, -_FAR, _FAR), (2.0 * amount - 1.0) * 4.0 * _FAR)
    # The edge of an amount of a half then spans that share of the surface.
    records["noise_edge"] = records["softness"] * spread * np.sqrt(2.0 * np.pi)
    records["noise_variance"], records["noise_spread"] = SPREAD**2, spread
    records["matrix"] = patterns.scale[..., :, None] * _turned_back(patterns.rotation)
    for name in ("offset", "color", "roughness", "metallic"):
        records[name] = getattr(patterns, name)
    return records


def pattern_table(patterns: PatternArrays | None, device: Any) -> wp.array:
    """(B, M) PatternState on a device; of no size where no material has a pattern."""
    none = np.zeros((0, 0), _RECORD)
    return put_records(none if patterns is None else pattern_records(patterns), PatternState, device)


def _turned_back(rotation: Float32) -> NDArray[np.float64]:
    """(..., 3, 3), column vectors: out of axes turned by Euler angles [degrees], first about X, last about Z."""
    (cx, cy, cz), (sx, sy, sz) = (
        np.moveaxis(f(np.radians(rotation.astype(np.float64))), -1, 0) for f in (np.cos, np.sin)
    )
    forth = [
        [cy * cz, sx * sy * cz - cx * sz, cx * sy * cz + sx * sz],
        [cy * sz, sx * sy * sz + cx * cz, cx * sy * sz - sx * cz],
        [-sy, sx * cy, cx * cy],
    ]
    # Transposed: columns of the rotation are rows here.
    return np.stack([np.stack([forth[j][i] for j in range(3)], axis=-1) for i in range(3)], axis=-2)


@wp.func_native(NATIVE + "return share_at(pattern, place, reach, side);")
def share_of(pattern: PatternState, place: wp.vec3, reach: wp.vec3, side: int) -> float:  # type: ignore[empty-body]
    """The share of the second look at a place [repeats], as a mean over ``reach`` along each axis.

    side: the axis along which dots are looked at.
    """


@wp.func
def side_of(normal: wp.vec3) -> int:
    """The axis to which a normal is nearest."""
    n = wp.vec3(wp.abs(normal[0]), wp.abs(normal[1]), wp.abs(normal[2]))
    side = int(2)
    if n[0] > n[1] and n[0] > n[2]:
        side = 0
    elif n[1] > n[2]:
        side = 1
    return side
