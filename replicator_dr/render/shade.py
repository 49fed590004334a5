"""Colour: metallic-roughness shading of what is visible, and the mean of each pixel's samples.

Each surface in a pixel is shaded once, at its first sample, and counts with its number of samples. The shading itself
is native code (native/shade_*.cpp), the same for CPU and CUDA: written as passes over small arrays it becomes vector
instructions on a CPU, which a kernel in Warp's Python, scalar by nature, can't.
"""

from __future__ import annotations

from importlib.resources import files

import warp as wp

from replicator_dr.render import pattern
from replicator_dr.render.arrays import FrameRecords, GeometryArrays, PassBuffers, SurroundingArrays
from replicator_dr.render.start import CROWDED, WIDE_VECTORS

wp.set_module_options({"enable_backward": False, "fast_math": True, "optimization_level": 3, **WIDE_VECTORS})

_NATIVE = files("replicator_dr.render") / "native"
_FRAGMENTS = (
    "1_common",
    "1_pattern",
    "2_gather",
    "{put}",
    "3_sky",
    "4_material",
    "5_ground",
    "6_dome",
    "7_shadow",
    "8_lamp",
    "9_mirror",
    "10_rows",
)


def shading(put: str, plain: bool = False, patterned: bool = False) -> str:
    """The native code; ``put`` names the fragment that says what becomes of radiance.

    plain: for pinholes, lights that are parallel or domes, and materials without pictures but that of their colour.
    patterned: for materials with patterns.
    """
    common, *others = ((_NATIVE / f"shade_{name.format(put=put)}.cpp").read_text() for name in _FRAGMENTS)
    switches = f"constexpr bool PLAIN = {str(plain).lower()}, PATTERNED = {str(patterned).lower()};\n"
    return switches + common + pattern.NATIVE + "".join(others)


@wp.func_native(shading("put_bytes"))
def shade_rows(
    image: int,
    frame: int,
    listed: int,
    y_begin: int,
    y_end: int,
    x_begin: int,
    x_end: int,
    geometry: GeometryArrays,
    frames: FrameRecords,
    surroundings: SurroundingArrays,
    buffers: PassBuffers,
    encode: wp.array(dtype=wp.int32),
    rgb: wp.array4d(dtype=wp.uint8),
):
    """Shade pixels x_begin to x_end - 1 of rows y_begin to y_end - 1.

    image: row of the pass's buffers; frame: row of the batch's arrays; encode: color.encoding_table. listed: on CUDA,
    the surface to shade, as in labels.PixelArrays.mixed, or -1 for a pixel that shows only one.
    """


@wp.func
def span_of(image: int, thread: int, rows: int, width: int, height: int, buffers: PassBuffers) -> tuple[bool, int, int]:
    """Whether a thread shades surfaces of pixels with several; its first number of what it shades, and their end."""
    if rows > 0 or thread < width * height:
        return False, thread, thread + 1
    return True, thread - width * height, buffers.mixed_length[image]


@wp.func
def block_of(
    image: int, n: int, rows: int, several: bool, width: int, height: int, buffers: PassBuffers
) -> tuple[int, int, int, int, int]:
    """What a thread shades: listed, y_begin, y_end, x_begin and x_end, as shade_rows takes them."""
    if rows > 0:
        return -1, n * rows, wp.min(n * rows + rows, height), 0, width
    listed = int(-1)
    pixel = n
    if several:
        listed = buffers.mixed[image, n]
        pixel = listed >> 4
    y = pixel // width
    x = pixel - y * width
    return listed, y, y + 1, x, x + 1


@wp.kernel(enable_backward=False, launch_bounds=CROWDED)
def shade_images(
    first: int,
    rows: int,
    mixed_threads: int,
    geometry: GeometryArrays,
    frames: FrameRecords,
    surroundings: SurroundingArrays,
    buffers: PassBuffers,
    encode: wp.array(dtype=wp.int32),
    rgb: wp.array4d(dtype=wp.uint8),
):
    """All images of a pass: ``rows`` (> 0) rows a thread, or with rows = 0, on CUDA, a pixel a thread.

    There the surfaces of pixels with several are shaded by ``mixed_threads`` threads more.
    """
    image, n = wp.tid()
    height = rgb.shape[1]
    width = rgb.shape[2]
    several, n, last = span_of(image, n, rows, width, height, buffers)
    while n < last:
        listed, y, y_end, x, x_end = block_of(image, n, rows, several, width, height, buffers)
        shade_rows(
            image, first + image, listed, y, y_end, x, x_end, geometry, frames, surroundings, buffers, encode, rgb
        )  # fmt: skip
        n += mixed_threads


@wp.func_native("""
#if defined(__CUDA_ARCH__)
const wp::int64* light = keys.data + (long long)image * keys.shape[1] + (long long)pixel * 4;
const wp::int64 sum = light[0] + light[1] + light[2] + light[3];
const auto code = [&](int shift) {
    const float value = (float)((sum >> shift) & 0x1FFFFF) / 1048576.0f;
    return encode.data[(int)((value < 1.0f ? value : 1.0f) * 4095.0f + 0.5f)];
};
((wp::uint32*)rgb.data)[(long long)frame * rgb.shape[1] * rgb.shape[2] + pixel] =
    (wp::uint32)(code(0) | code(21) << 8 | code(42) << 16 | 255 << 24);
#endif
""")
def blend_pixel(
    image: int,
    frame: int,
    pixel: int,
    keys: wp.array2d(dtype=wp.int64),
    encode: wp.array(dtype=wp.int32),
    rgb: wp.array4d(dtype=wp.uint8),
):
    """The mean of a pixel's samples, from the shares that wait in place of its keys (shade_10_rows.cpp)."""


@wp.kernel(enable_backward=False)
def blend_mixed(
    first: int,
    threads: int,
    buffers: PassBuffers,
    encode: wp.array(dtype=wp.int32),
    rgb: wp.array4d(dtype=wp.uint8),
):
    """All pixels with several surfaces, on CUDA, once these are shaded; ``threads`` an image."""
    image, n = wp.tid()
    last = buffers.mixed_length[image]
    while n < last:
        listed = buffers.mixed[image, n]
        if (listed & 12) == 0:  # each pixel once
            blend_pixel(image, first + image, listed >> 4, buffers.keys, encode, rgb)
        n += threads
