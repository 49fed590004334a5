"""What turns images into bytes: native code on the embedded runtime, NumPy inside Isaac Sim.

Kit brings a Warp of its own, which need not be the one that our kernels are written for. Both ways store the same
pixels and masks; only how a PNG file is compressed differs.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from replicator_dr.rep import inside_isaac_sim
from replicator_dr.storage import polygon, rle
from replicator_dr.storage.npy import encode_npy
from replicator_dr.storage.png import encode_png, encode_png_rgb
from writers.depth_image import store_depth

FASTEST = 1
"""Up to this level colours take the native way, which has one level of compression."""


@dataclass(frozen=True)
class DepthFiles:
    """Encoded depth images. missed, beyond: (B,) pixels of each without a surface, and with one out of range."""

    content: list[bytes]
    missed: list[int]
    beyond: list[int]


def encode_masks(ids: NDArray[np.integer], table: NDArray[np.integer]) -> rle.Masks:
    """Run-length masks; ids and table as in ``storage.rle.encode_masks``, background -1."""
    if inside_isaac_sim():
        return rle.encode_masks(ids, table)
    from replicator_dr.encode.masks import encode_masks as native

    return native(ids, table)


def outer_polygons(ids: NDArray[np.integer], table: NDArray[np.integer]) -> dict[tuple[int, int], list[list[int]]]:
    """Outlines; ids and table as in ``storage.polygon.outer_polygons``, background -1."""
    if inside_isaac_sim():
        return polygon.outer_polygons(ids, table)
    from replicator_dr.encode.polygons import outer_polygons as native

    return native(ids, table)


def encode_colors(rgba: NDArray[np.uint8], level: int) -> list[bytes]:
    """PNG files of the colours of (B, H, W, 4) uint8 images."""
    if inside_isaac_sim() or level > FASTEST:
        return [encode_png_rgb(image, level) for image in rgba]
    from replicator_dr.encode.rgb_png import encode_rgb

    return encode_rgb(rgba)


def encode_depth(depth: NDArray[np.float32], form: str, scale: float, level: int) -> DepthFiles:
    """Depth (B, H, W) float32 [m] as ``form`` says: "png16" in steps of ``scale`` millimetres, "npy", or "none"."""
    if form == "png16" and not inside_isaac_sim():
        from replicator_dr.encode.depth_png import encode_depth as native

        files = native(depth, scale, level)
        return DepthFiles(files.content, files.missed.tolist(), files.beyond.tolist())
    stored = [store_depth(image, scale) for image in depth]
    missed = [image.missed for image in stored]
    if form == "png16":
        return DepthFiles([encode_png(image.pixels, level) for image in stored], missed, [i.beyond for i in stored])
    content = [encode_npy(image) for image in depth] if form == "npy" else []
    return DepthFiles(content, missed, [0 if form == "npy" else image.beyond for image in stored])
