"""Textures on a device: all images with their mipmaps in one array of packed texels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import warp as wp
from numpy.typing import NDArray

from replicator_dr.render.color import to_linear, to_srgb
from replicator_dr.render.scene import Texture

wp.set_module_options({"enable_backward": False})

LEVELS = 13
"""Mipmap levels kept at most: enough for 4096 texels."""


@dataclass(frozen=True)
class TextureAtlas:
    """texels: (N,) uint32, 0xAABBGGRR with sRGB colour; levels: (textures, LEVELS) vec3i: first texel, width, height.

    decode: (256,) float32, sRGB byte to linear.
    """

    texels: wp.array
    levels: wp.array
    decode: wp.array


def upload(textures: tuple[Texture, ...], device: str) -> TextureAtlas:
    """Build the mipmaps (2 x 2 means of linear colour) and put everything on the device."""
    images: list[NDArray[np.uint32]] = []
    levels = np.zeros((max(len(textures), 1), LEVELS, 3), np.int32)
    levels[..., 1:] = 1
    first = 0
    for row, texture in enumerate(textures):
        for level, pixels in enumerate(_pyramid(texture.pixels)):
            height, width = pixels.shape[:2]
            levels[row, level:] = (first, width, height)
            images.append(np.ascontiguousarray(pixels).view(np.uint32).reshape(-1))
            first += width * height
    texels = np.concatenate(images) if images else np.full(1, 0xFFFFFFFF, np.uint32)
    decode = to_linear(np.arange(256) / 255.0).astype(np.float32)
    return TextureAtlas(
        texels=wp.array(texels, dtype=wp.uint32, device=device),
        levels=wp.array(levels, dtype=wp.vec3i, device=device),
        decode=wp.array(decode, dtype=wp.float32, device=device),
    )


def _pyramid(pixels: NDArray[np.uint8]) -> list[NDArray[np.uint8]]:
    result = [pixels]
    linear = pixels / np.float32(255.0)
    linear[..., :3] = to_linear(linear[..., :3])
    while max(linear.shape[:2]) > 1 and len(result) < LEVELS:
        linear = _halve(_halve(linear, 0), 1)
        coded = linear.copy()
        coded[..., :3] = to_srgb(coded[..., :3])
        result.append((coded * 255.0 + 0.5).astype(np.uint8))
    return result


def _halve(image: NDArray[np.float32], axis: int) -> NDArray[np.float32]:
    size = image.shape[axis]
    if size == 1:
        return image
    even = size // 2 * 2
    first = np.take(image, np.arange(0, even, 2), axis)
    second = np.take(image, np.arange(1, even, 2), axis)
    return 0.5 * (first + second)  # type: ignore[no-any-return]


@wp.func_native(
    """
    union { float number; int bits; } u;
    u.number = x;
    return u.bits * 1.1920929e-7f - 127.0f;
    """
)
def fast_log2(x: float) -> float:
    """log2 of a positive number to 0.09: its exponent, and its mantissa taken as linear. It chooses mipmaps."""
    ...


@wp.func_native(
    """
    const int first = info[0], width = info[1], height = info[2];
    const float x = (u - floor(u)) * width - 0.5f;
    const float y = (1.0f - (v - floor(v))) * height - 0.5f;
    const float fx = floor(x), fy = floor(y);
    int x0 = (int)fx, y0 = (int)fy, x1 = x0 + 1, y1 = y0 + 1;
    const float right = x - fx, down = y - fy;
    if (x0 < 0) x0 = width - 1;
    if (y0 < 0) y0 = height - 1;
    if (x1 >= width) x1 = 0;
    if (y1 >= height) y1 = 0;
    const wp::uint32* upper = texels.data + first + y0 * width;
    const wp::uint32* lower = texels.data + first + y1 * width;
    const wp::uint32 a = upper[x0], b = upper[x1], c = lower[x0], d = lower[x1];
    const float wa = (1.0f - right) * (1.0f - down), wb = right * (1.0f - down);
    const float wc = (1.0f - right) * down, wd = right * down;
    const float* linear = decode.data;
    return wp::vec3(
        wa * linear[a & 255] + wb * linear[b & 255] + wc * linear[c & 255] + wd * linear[d & 255],
        wa * linear[(a >> 8) & 255] + wb * linear[(b >> 8) & 255] + wc * linear[(c >> 8) & 255]
            + wd * linear[(d >> 8) & 255],
        wa * linear[(a >> 16) & 255] + wb * linear[(b >> 16) & 255] + wc * linear[(c >> 16) & 255]
            + wd * linear[(d >> 16) & 255]);
    """
)
def sample(
    texels: wp.array(dtype=wp.uint32), decode: wp.array(dtype=wp.float32), info: wp.vec3i, u: float, v: float
) -> wp.vec3:
    """Linear colour of a texture's level (first texel, width, height), bilinear and repeating; v up from the bottom.

    Written natively: the same in Warp's Python took three times as long on a CPU.
    """
    ...
