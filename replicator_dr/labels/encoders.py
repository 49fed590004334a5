"""What turns images into bytes: native code on the embedded runtime, NumPy inside Isaac Sim.

Kit brings a Warp of its own, which need not be the one that our kernels are written for. Both ways store the same
pixels and masks; only how a PNG file is compressed differs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from replicator_dr.labels.depth import store_depth
from replicator_dr.storage import polygon, rle
from replicator_dr.storage.joined_rings import joined
from replicator_dr.storage.jpeg import encode_jpeg
from replicator_dr.storage.json_numbers import line
from replicator_dr.storage.mask_png import encode_mask
from replicator_dr.storage.npy import encode_npy
from replicator_dr.storage.png import encode_png, encode_png_indexed, encode_png_rgb

FASTEST = 1
"""Up to this level colours and numbers of segments take the native way, which has one level of compression."""

Rings = dict[tuple[int, int], list[list[int]]]
"""{(image of the batch, object): its outlines}, as ``storage.polygon.outer_polygons`` gives them."""

Ways = dict[tuple[int, int], NDArray[np.int32]]
"""{(image of the batch, object): (n, 2) corners}, as ``storage.joined_rings.joined`` gives them."""


@dataclass(frozen=True)
class DepthFiles:
    """Encoded depth images. missed, beyond: (B,) pixels of each without a surface, and with one out of range."""

    content: list[bytes]
    missed: list[int]
    beyond: list[int]


class Encoders(Protocol):
    """One way of encoding."""

    def masks(self, ids: NDArray[np.integer], table: NDArray[np.integer]) -> rle.Masks:
        """Run-length masks; ids and table as in ``storage.rle.encode_masks``, background -1."""

    def outlines(self, ids: NDArray[np.integer], table: NDArray[np.integer], holes: bool = False) -> Rings:
        """Outlines; ids and table as in ``storage.polygon.outer_polygons``, background -1.

        holes: whether rings around holes come, too; the order of rings and where they begin is no one's then.
        """

    def ways(self, ids: NDArray[np.integer], table: NDArray[np.integer]) -> Ways:
        """All rings of each object as one way; ids and table as for ``outlines``."""

    def mask_files(self, counts: Sequence[str], width: int, height: int, level: int) -> list[bytes]:
        """8-bit grey PNG files of masks, 255 where an object is. counts: COCO's compressed run lengths."""

    def run_texts(self, counts: Sequence[str]) -> list[bytes]:
        """JSON lists of masks' runs, uncompressed, zeros first. counts: as of ``mask_files``."""

    def label_files(
        self, ids: NDArray[np.integer], values: NDArray[np.integer], palette: NDArray[np.uint8] | None, level: int
    ) -> list[list[bytes]]:
        """K times B PNG files of what ids stand for; arguments as of ``encode.label_png.encode_labels``."""

    def colors(self, rgba: NDArray[np.uint8], level: int) -> list[bytes]:
        """PNG files of the colours of (B, H, W, 4) uint8 images."""

    def jpeg(self, rgba: NDArray[np.uint8], quality: int) -> list[bytes]:
        """JPEG files of the colours of (B, H, W, 4) uint8 images, 4:4:4. quality: 1 to 100."""

    def depth_png(self, depth: NDArray[np.float32], scale: float, level: int) -> DepthFiles:
        """16-bit PNG files of depth (B, H, W) float32 [m], in steps of ``scale`` millimetres."""


class NumpyEncoders:
    """Encoding with NumPy alone."""

    def masks(self, ids: NDArray[np.integer], table: NDArray[np.integer]) -> rle.Masks:
        """As in :class:`Encoders`."""
        return rle.encode_masks(ids, table)

    def outlines(self, ids: NDArray[np.integer], table: NDArray[np.integer], holes: bool = False) -> Rings:
        """As in :class:`Encoders`."""
        return polygon.outer_polygons(ids, table, holes=holes)

    def ways(self, ids: NDArray[np.integer], table: NDArray[np.integer]) -> Ways:
        """As in :class:`Encoders`."""
        rings = self.outlines(ids, table, holes=True)
        return {pair: np.array(joined(own), np.int32).reshape(-1, 2) for pair, own in rings.items()}

    def mask_files(self, counts: Sequence[str], width: int, height: int, level: int) -> list[bytes]:
        """As in :class:`Encoders`."""
        return [encode_mask(rle.painted(one, width, height), level) for one in counts]

    def run_texts(self, counts: Sequence[str]) -> list[bytes]:
        """As in :class:`Encoders`."""
        return [line(runs) for runs in rle.run_lengths(counts)]

    def label_files(
        self, ids: NDArray[np.integer], values: NDArray[np.integer], palette: NDArray[np.uint8] | None, level: int
    ) -> list[list[bytes]]:
        """As in :class:`Encoders`."""
        painted = [np.stack([row[seen] for row, seen in zip(kind, ids, strict=True)]) for kind in values]
        if palette is not None:
            return [[encode_png_indexed(one.astype(np.uint8), palette, level) for one in kind] for kind in painted]
        # The three lower bytes of a little-endian number are R, G and B.
        shape = (*ids.shape, 4)
        return [self.colors(kind.astype("<u4").view(np.uint8).reshape(shape), level) for kind in painted]

    def colors(self, rgba: NDArray[np.uint8], level: int) -> list[bytes]:
        """As in :class:`Encoders`."""
        return [encode_png_rgb(image, level) for image in rgba]

    def jpeg(self, rgba: NDArray[np.uint8], quality: int) -> list[bytes]:
        """As in :class:`Encoders`."""
        return [encode_jpeg(image, quality, subsampling=0) for image in rgba]

    def depth_png(self, depth: NDArray[np.float32], scale: float, level: int) -> DepthFiles:
        """As in :class:`Encoders`."""
        stored = [store_depth(image, scale) for image in depth]
        content = [encode_png(image.pixels, level) for image in stored]
        return DepthFiles(content, [image.missed for image in stored], [image.beyond for image in stored])


class NativeEncoders:
    """Encoding with Warp kernels on the CPU. They are imported when they are first used."""

    def masks(self, ids: NDArray[np.integer], table: NDArray[np.integer]) -> rle.Masks:
        """As in :class:`Encoders`."""
        from replicator_dr.encode.masks import encode_masks

        return encode_masks(ids, table)

    def outlines(self, ids: NDArray[np.integer], table: NDArray[np.integer], holes: bool = False) -> Rings:
        """As in :class:`Encoders`."""
        from replicator_dr.encode.polygons import outer_polygons

        return outer_polygons(ids, table, holes)

    def ways(self, ids: NDArray[np.integer], table: NDArray[np.integer]) -> Ways:
        """As in :class:`Encoders`."""
        from replicator_dr.encode.ways import joined_ways

        return joined_ways(ids, table)

    def mask_files(self, counts: Sequence[str], width: int, height: int, level: int) -> list[bytes]:  # noqa: ARG002
        """As in :class:`Encoders`. They are smaller than at any level."""
        from replicator_dr.encode.mask_png import encode_mask_files

        return encode_mask_files(counts, width, height)

    def run_texts(self, counts: Sequence[str]) -> list[bytes]:
        """As in :class:`Encoders`."""
        from replicator_dr.encode.run_texts import encode_run_texts

        return encode_run_texts(counts)

    def label_files(
        self, ids: NDArray[np.integer], values: NDArray[np.integer], palette: NDArray[np.uint8] | None, level: int
    ) -> list[list[bytes]]:
        """As in :class:`Encoders`. Those with a palette are smaller than at any level."""
        if palette is None and level > FASTEST:
            return NumpyEncoders().label_files(ids, values, palette, level)
        from replicator_dr.encode.label_png import encode_labels

        return encode_labels(ids, values, palette)

    def colors(self, rgba: NDArray[np.uint8], level: int) -> list[bytes]:
        """As in :class:`Encoders`."""
        if level > FASTEST:
            return [encode_png_rgb(image, level) for image in rgba]
        from replicator_dr.encode.rgb_png import encode_rgb

        return encode_rgb(rgba)

    def jpeg(self, rgba: NDArray[np.uint8], quality: int) -> list[bytes]:
        """As in :class:`Encoders`."""
        return [encode_jpeg(image, quality, subsampling=0) for image in rgba]

    def depth_png(self, depth: NDArray[np.float32], scale: float, level: int) -> DepthFiles:
        """As in :class:`Encoders`."""
        from replicator_dr.encode.depth_png import encode_depth

        files = encode_depth(depth, scale, level)
        return DepthFiles(files.content, files.missed.tolist(), files.beyond.tolist())


def encode_depth(encoders: Encoders, depth: NDArray[np.float32], form: str, scale: float, level: int) -> DepthFiles:
    """Depth (B, H, W) float32 [m] as ``form`` says: "png16" in steps of ``scale`` millimetres, or "npy", or "none".

    With "none" nothing but the counts comes.
    """
    if form == "png16":
        return encoders.depth_png(depth, scale, level)
    content = [encode_npy(image) for image in depth] if form == "npy" else []
    stored = [store_depth(image, scale) for image in depth]
    missed, beyond = [image.missed for image in stored], [image.beyond for image in stored]
    return DepthFiles(content, missed, [0] * len(stored) if form == "npy" else beyond)
