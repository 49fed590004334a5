"""Draws as pure functions: a number depends on its stream's key, the execution, the element and the component only.

Each value takes exactly one 53-bit uniform, turned by the inverse of a distribution function, so that a draw never
moves because another one was added, and any batch of executions gives the same bits.
"""

from __future__ import annotations

import hashlib

import numpy as np
from numpy.typing import NDArray

from replicator_dr.engines.embedded.draws.philox import philox4x32

Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]

_UNIT = 2.0**-53
_SMALLEST = 2.0**-54
_LARGEST = 1.0 - 2.0**-53


def stream_key(*parts: str | int) -> int:
    """A 64-bit key from names and numbers (BLAKE2b of their text), stable over runs, machines and Python versions."""
    text = "\x1f".join(f"{type(part).__name__}:{part}" for part in parts)
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "little")


def uniforms(key: int, executions: Int64, elements: int, components: int) -> Float64:
    """(R, elements, components) float64 in [0, 1) for R executions of one stream.

    A counter's words are (low and high half of the execution, element, component // 2); its four output words make two
    uniforms, of the even and of the odd component.
    """
    blocks = (components + 1) // 2
    execution = np.asarray(executions, dtype=np.int64).astype(np.uint64)[:, None, None]
    counter = (
        execution & np.uint64(0xFFFFFFFF),
        execution >> np.uint64(32),
        np.arange(elements, dtype=np.uint64)[None, :, None],
        np.arange(blocks, dtype=np.uint64)[None, None, :],
    )
    shape = (len(executions), elements, blocks)
    w0, w1, w2, w3 = (np.broadcast_to(word, shape) for word in philox4x32(counter, key))
    pairs = np.empty((*shape, 2), dtype=np.float64)
    pairs[..., 0] = _to_unit(w0, w1)
    pairs[..., 1] = _to_unit(w2, w3)
    return np.ascontiguousarray(pairs.reshape(len(executions), elements, 2 * blocks)[..., :components])


def _to_unit(high: NDArray[np.uint64], low: NDArray[np.uint64]) -> Float64:
    """Two 32-bit words -> the upper 53 bits of their 64 as a number in [0, 1)."""
    bits = (high << np.uint64(21)) | (low >> np.uint64(11))
    return bits.astype(np.float64) * _UNIT


def uniform(u: Float64, lower: Float64, upper: Float64) -> Float64:
    """Uniform over [lower, upper] from uniforms; never outside, whatever the rounding."""
    return np.minimum(lower + (upper - lower) * u, upper)


def log_uniform(u: Float64, lower: Float64, upper: Float64) -> Float64:
    """Uniform in the logarithm over [lower, upper], both positive."""
    value = np.exp(uniform(u, np.log(lower), np.log(upper)))
    return np.clip(value, lower, upper)


def normal(u: Float64, mean: Float64, std: Float64) -> Float64:
    """Normal with mean and standard deviation."""
    return mean + std * inverse_normal(u)


def truncated_normal(u: Float64, mean: Float64, std: Float64, lower: Float64, upper: Float64) -> Float64:
    """Normal with mean and standard deviation *before* it is cut to [lower, upper]; std 0 gives the clipped mean."""
    with np.errstate(divide="ignore", invalid="ignore"):
        low, high = (lower - mean) / std, (upper - mean) / std
    # The upper tail is mirrored into the lower one, where the distribution function keeps its relative precision.
    mirrored = low > 0
    first = np.where(mirrored, -high, low)
    last = np.where(mirrored, -low, high)
    cdf_first, cdf_last = normal_cdf(first), normal_cdf(last)
    z = inverse_normal(cdf_first + (cdf_last - cdf_first) * np.where(mirrored, 1.0 - u, u))
    value = mean + std * np.where(mirrored, -z, z)
    return np.clip(np.where(std > 0, value, mean), lower, upper)


def choice(u: Float64, weights: Float64) -> Int64:
    """Index into weights (m,) for each uniform, with replacement."""
    edges = np.cumsum(weights / weights.sum())
    # A zero weight at the end must stay impossible although the last edge is rounded.
    last = int(np.flatnonzero(weights)[-1])
    return np.minimum(np.searchsorted(edges, u, side="right"), last).astype(np.int64)


def choice_without_replacement(u: Float64, weights: Float64) -> Int64:
    """(R, m) uniforms and weights (m,) -> (R, m) indices, each once; cut it to as many as are wanted.

    Efraimidis and Spirakis 2006: the order of log(u) / weight is that of successive draws by weight without putting
    back. Zero weights come last.
    """
    with np.errstate(divide="ignore"):
        keys = np.log(np.clip(u, _SMALLEST, _LARGEST)) / weights
    return np.argsort(-keys, axis=-1, kind="stable").astype(np.int64)


def normal_cdf(z: Float64) -> Float64:
    """The standard normal distribution function, absolute error below 1e-15 (from erfc, W. J. Cody 1969)."""
    return 0.5 * _erfc(-z / np.sqrt(2.0))


def _erfc(x: Float64) -> Float64:
    """Complementary error function, from the C library; elementwise, so independent of the batch."""
    from math import erfc

    x = np.asarray(x, dtype=np.float64)
    return np.array([erfc(value) for value in x.ravel()], dtype=np.float64).reshape(x.shape)


_A = (3.3871328727963666080e0, 1.3314166789178437745e2, 1.9715909503065514427e3, 1.3731693765509461125e4,
      4.5921953931549871457e4, 6.7265770927008700853e4, 3.3430575583588128105e4, 2.5090809287301226727e3)  # fmt: skip
_B = (1.0, 4.2313330701600911252e1, 6.8718700749205790830e2, 5.3941960214247511077e3,
      2.1213794301586595867e4, 3.9307895800092710610e4, 2.8729085735721942674e4, 5.2264952788528545610e3)  # fmt: skip
_C = (1.42343711074968357734e0, 4.63033784615654529590e0, 5.76949722146069140550e0, 3.64784832476320460504e0,
      1.27045825245236838258e0, 2.41780725177450611770e-1, 2.27238449892691845833e-2,
      7.74545014278341407640e-4)  # fmt: skip
_D = (1.0, 2.05319162663775882187e0, 1.67638483018380384940e0, 6.89767334985100004550e-1,
      1.48103976427480074590e-1, 1.51986665636164571966e-2, 5.47593808499534494600e-4,
      1.05075007164441684324e-9)  # fmt: skip
_E = (6.65790464350110377720e0, 5.46378491116411436990e0, 1.78482653991729133580e0, 2.96560571828504891230e-1,
      2.65321895265761230930e-2, 1.24266094738807843860e-3, 2.71155556874348757815e-5,
      2.01033439929228813265e-7)  # fmt: skip
_F = (1.0, 5.99832206555887937690e-1, 1.36929880922735805310e-1, 1.48753612908506148525e-2,
      7.86869131145613259100e-4, 1.84631831751005468180e-5, 1.42151175831644588870e-7,
      2.04426310338993978564e-15)  # fmt: skip


def _polynomial(coefficients: tuple[float, ...], x: Float64) -> Float64:
    value = np.full_like(x, coefficients[-1])
    for coefficient in reversed(coefficients[:-1]):
        value = value * x + coefficient
    return value


def inverse_normal(u: Float64) -> Float64:
    """Quantile of the standard normal distribution, about 1 part in 1e16.

    M. J. Wichura, "Algorithm AS 241: the percentage points of the normal distribution", Applied Statistics 37 (1988).
    """
    p = np.clip(np.asarray(u, dtype=np.float64), _SMALLEST, _LARGEST)
    q = p - 0.5
    r = 0.180625 - q * q
    central = q * _polynomial(_A, r) / _polynomial(_B, r)
    r = np.sqrt(-np.log(np.minimum(p, 1.0 - p)))
    near, far = r - 1.6, r - 5.0
    tail = np.where(
        r <= 5.0, _polynomial(_C, near) / _polynomial(_D, near), _polynomial(_E, far) / _polynomial(_F, far)
    )
    return np.where(np.abs(q) <= 0.425, central, np.where(q < 0, -tail, tail))
