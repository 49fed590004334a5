"""Lateral chromatic aberration: a lens magnifies red, green and blue a little differently.

Green stays; what green shows at the distance r from the principal point red shows at r (1 + s) and blue at r (1 - s),
with s = pixels / (distance of the farthest corner).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import warp as wp
from numpy.typing import NDArray

from replicator_dr.render.structs import numpy_dtype, put_records

wp.set_module_options({"enable_backward": False})

STRONGEST = 0.5
"""Scales are cut off here on either side of 1."""


@wp.struct
class Magnification:
    """One image. row: of the film. centre: the principal point [pixels]. red, blue: scales over that of green."""

    row: wp.int32
    centre: wp.vec2
    red: wp.float32
    blue: wp.float32


@wp.func
def between(film: wp.array4d(dtype=wp.float32), b: int, place: wp.vec2, channel: int) -> float:
    """Bilinear in the light; place: [pixels] from the image's corner; beyond the border lies what is on it."""
    x = wp.clamp(place[0] - 0.5, 0.0, wp.float32(film.shape[2] - 1))
    y = wp.clamp(place[1] - 0.5, 0.0, wp.float32(film.shape[1] - 1))
    column = wp.int32(x)
    row = wp.int32(y)
    right = wp.min(column + 1, film.shape[2] - 1)
    below = wp.min(row + 1, film.shape[1] - 1)
    upper = wp.lerp(film[b, row, column, channel], film[b, row, right, channel], x - wp.float32(column))
    lower = wp.lerp(film[b, below, column, channel], film[b, below, right, channel], x - wp.float32(column))
    return wp.lerp(upper, lower, y - wp.float32(row))


@wp.kernel(enable_backward=False)
def magnify_colors(
    lenses: wp.array(dtype=Magnification), sharp: wp.array4d(dtype=wp.float32), film: wp.array4d(dtype=wp.float32)
):
    """film: (B, H, W, 4), of which red and blue are made anew from ``sharp``, the same before."""
    n, y, x = wp.tid()
    lens = lenses[n]
    off = wp.vec2(wp.float32(x) + 0.5, wp.float32(y) + 0.5) - lens.centre
    film[lens.row, y, x, 0] = between(sharp, lens.row, lens.centre + off / lens.red, 0)
    film[lens.row, y, x, 2] = between(sharp, lens.row, lens.centre + off / lens.blue, 2)


def separate(film: wp.array, rows: NDArray[np.intp], pixels: NDArray[np.float64], centres: NDArray[np.float64]) -> None:
    """Displace red and blue of images ``rows`` of a film, (B, H, W, 4) float32, in place.

    pixels: (N,) that red lies outward in the farthest corner, blue inward. centres: (N, 2) principal points [pixels].
    """
    size = np.array([film.shape[2], film.shape[1]], np.float64)
    farthest = np.linalg.norm(np.maximum(np.abs(centres), np.abs(size - centres)), axis=1)
    scale = np.clip(pixels / farthest, -STRONGEST, STRONGEST)
    lenses: NDArray[Any] = np.zeros(len(rows), numpy_dtype(Magnification))
    lenses["row"], lenses["centre"], lenses["red"], lenses["blue"] = rows, centres, 1.0 + scale, 1.0 - scale
    put = put_records(lenses, Magnification, film.device)
    threads = (len(rows), film.shape[1], film.shape[2])
    wp.launch(magnify_colors, threads, [put, wp.clone(film), film], device=film.device)
