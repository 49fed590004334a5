"""Lateral chromatic aberration: a lens magnifies red, green and blue a little differently.

Green stays; what green shows at the distance r from the principal point red shows at r (1 + s) and blue at r (1 - s),
with s = pixels / (distance of the farthest corner).
"""

from __future__ import annotations

from importlib.resources import files
from typing import Any

import numpy as np
import warp as wp
from numpy.typing import NDArray

from replicator_dr.render.start import WIDE_VECTORS
from replicator_dr.render.structs import numpy_dtype, put_records

wp.set_module_options({"enable_backward": False, "optimization_level": 3, **WIDE_VECTORS})

STRONGEST = 0.5
"""Scales are cut off here on either side of 1."""


@wp.struct
class Magnification:
    """One image. row: of the film. centre: the principal point [pixels]. red, blue: scales over that of green."""

    row: wp.int32
    centre: wp.vec2
    red: wp.float32
    blue: wp.float32


_RECORD = numpy_dtype(Magnification)


@wp.func_native((files("replicator_dr.render") / "native" / "magnify_run.cpp").read_text())
def magnify_run(
    listed: int,
    y: int,
    x_begin: int,
    x_end: int,
    lenses: wp.array(dtype=Magnification),
    sharp: wp.array4d(dtype=wp.float32),
    film: wp.array4d(dtype=wp.float32),
):
    """Pixels x_begin to x_end - 1 of row y; beyond the border lies what is on it."""


@wp.kernel(enable_backward=False)
def magnify_colors(
    run: int,
    lenses: wp.array(dtype=Magnification),
    sharp: wp.array4d(dtype=wp.float32),
    film: wp.array4d(dtype=wp.float32),
):
    """film: (B, H, W, 4), of which red and blue are made anew from ``sharp``, the same before."""
    n, y, block = wp.tid()
    x = block * run
    magnify_run(n, y, x, wp.min(x + run, film.shape[2]), lenses, sharp, film)


def separate(film: wp.array, rows: NDArray[np.intp], pixels: NDArray[np.float64], centres: NDArray[np.float64]) -> None:
    """Displace red and blue of images ``rows`` of a film, (B, H, W, 4) float32, in place.

    pixels: (N,) that red lies outward in the farthest corner, blue inward. centres: (N, 2) principal points [pixels].
    """
    size = np.array([film.shape[2], film.shape[1]], np.float64)
    farthest = np.linalg.norm(np.maximum(np.abs(centres), np.abs(size - centres)), axis=1)
    scale = np.clip(pixels / farthest, -STRONGEST, STRONGEST)
    lenses: NDArray[Any] = np.zeros(len(rows), _RECORD)
    lenses["row"], lenses["centre"], lenses["red"], lenses["blue"] = rows, centres, 1.0 + scale, 1.0 - scale
    put = put_records(lenses, Magnification, film.device)
    run = film.shape[2] if film.device.is_cpu else 1
    threads = (len(rows), film.shape[1], -(-film.shape[2] // run))
    wp.launch(magnify_colors, threads, [run, put, wp.clone(film), film], device=film.device)
