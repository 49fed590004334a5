"""Gaussian blur and unsharp masking of films.

The kernel is the discrete Gaussian (T. Lindeberg, "Scale-space for discrete signals", IEEE PAMI 12(3), 1990): weights
exp(-t) I_n(t) with t = sigma^2, whose variance is sigma^2 exactly however small it is, where samples of the continuous
curve have less. Its transfer function is exp(t (cos w - 1)).
"""

from __future__ import annotations

from importlib.resources import files

import numpy as np
import warp as wp
from numpy.typing import NDArray

from replicator_dr.render.start import WIDE_VECTORS

wp.set_module_options({"enable_backward": False, "fast_math": True, "optimization_level": 3, **WIDE_VECTORS})

WIDEST = 15.0
"""Largest standard deviation [pixels]."""
TAPS = 80
"""Weights of a half: beyond five standard deviations of the widest."""
LEAST = 1e-5
"""What is left out at both ends together, of a whole of 1."""
ALONG_X, ALONG_Y = 0, 1
MASK = 1.0
"""Standard deviation [pixels] of the unsharp mask."""


def discrete_gaussians(sigmas: NDArray[np.float64]) -> tuple[NDArray[np.float32], NDArray[np.int32]]:
    """(N, TAPS) float32 weights of the taps 0, 1, ... on either side, and (N,) int32 the last tap that counts."""
    period = 4 * TAPS
    angle = np.fft.rfftfreq(period) * 2 * np.pi
    variance = np.clip(sigmas, 0.0, WIDEST)[:, None] ** 2
    weights = np.maximum(np.fft.irfft(np.exp(variance * (np.cos(angle) - 1.0)), period)[:, :TAPS], 0.0)
    rest = 1.0 - weights[:, :1] - 2.0 * np.cumsum(np.pad(weights[:, 1:], ((0, 0), (1, 0))), axis=1)
    reach = (rest > LEAST).sum(axis=1).clip(max=TAPS - 1)
    weights[np.arange(TAPS) > reach[:, None]] = 0.0
    weights /= weights[:, :1] + 2.0 * weights[:, 1:].sum(axis=1, keepdims=True)
    return weights.astype(np.float32), reach.astype(np.int32)


@wp.func_native((files("replicator_dr.render") / "native" / "gaussian_run.cpp").read_text())
def gaussian_run(
    listed: int,
    source: wp.array4d(dtype=wp.float32),
    origin: int,
    y: int,
    x_begin: int,
    x_end: int,
    down: int,
    weights: wp.array2d(dtype=wp.float32),
    reaches: wp.array(dtype=wp.int32),
    to: int,
    result: wp.array4d(dtype=wp.float32),
):
    """Pixels x_begin to x_end - 1 of row y of image ``to``, from image ``origin`` of the source."""


@wp.kernel(enable_backward=False)
def blur_images(
    run: int,
    down: int,
    source: wp.array4d(dtype=wp.float32),
    source_rows: wp.array(dtype=wp.int32),
    weights: wp.array2d(dtype=wp.float32),
    reaches: wp.array(dtype=wp.int32),
    result_rows: wp.array(dtype=wp.int32),
    result: wp.array4d(dtype=wp.float32),
):
    """Along one axis. source_rows, result_rows: (N,) the images that are read and written."""
    n, y, block = wp.tid()
    x = block * run
    end = wp.min(x + run, source.shape[2])
    gaussian_run(n, source, source_rows[n], y, x, end, down, weights, reaches, result_rows[n], result)


@wp.kernel(enable_backward=False)
def unsharp_mask(
    rows: wp.array(dtype=wp.int32),
    amounts: wp.array(dtype=wp.float32),
    blurred: wp.array4d(dtype=wp.float32),
    film: wp.array4d(dtype=wp.float32),
):
    """Add ``amounts`` times what the blur takes away; blurred: (N, H, W, 4)."""
    n, y, x = wp.tid()
    b = rows[n]
    for channel in range(3):
        value = film[b, y, x, channel]
        film[b, y, x, channel] = value + amounts[n] * (value - blurred[n, y, x, channel])


def blur(film: wp.array, rows: NDArray[np.intp], sigmas: NDArray[np.float64]) -> None:
    """Blur images ``rows`` of a film, (B, H, W, 4) float32, by ``sigmas``, (N,) [pixels]; in place."""
    _smooth(film, rows, sigmas, film, rows)


def sharpen(film: wp.array, rows: NDArray[np.intp], amounts: NDArray[np.float64]) -> None:
    """Unsharp mask: film + amounts (film - a Gaussian of MASK pixels of it), for images ``rows``; in place."""
    blurred = wp.empty((len(rows), *film.shape[1:]), dtype=wp.float32, device=film.device)
    _smooth(film, rows, np.full(len(rows), MASK), blurred, np.arange(len(rows)))
    listed = wp.array(rows.astype(np.int32), device=film.device)
    much = wp.array(amounts.astype(np.float32), device=film.device)
    wp.launch(unsharp_mask, blurred.shape[:3], [listed, much, blurred, film], device=film.device)


def _smooth(
    film: wp.array, rows: NDArray[np.intp], sigmas: NDArray[np.float64], result: wp.array, places: NDArray[np.intp]
) -> None:
    device, (_, height, width, _) = film.device, film.shape
    weights, reaches = (wp.array(values, device=device) for values in discrete_gaussians(sigmas))
    source, target, own = (
        wp.array(index.astype(np.int32), device=device) for index in (rows, places, np.arange(len(rows)))
    )
    half = wp.empty((len(rows), *film.shape[1:]), dtype=wp.float32, device=device)
    run = width if device.is_cpu else 1
    threads = (len(rows), height, -(-width // run))
    wp.launch(blur_images, threads, [run, ALONG_X, film, source, weights, reaches, own, half], device=device)
    wp.launch(blur_images, threads, [run, ALONG_Y, half, own, weights, reaches, target, result], device=device)
