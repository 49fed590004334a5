"""Textures on a device: all images with their mipmaps in one array of packed texels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import warp as wp
from numpy.typing import NDArray

from replicator_dr.render.color import to_linear, to_srgb
from replicator_dr.render.scene import Texture

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
    return TextureAtlas(
        texels=wp.array(texels, dtype=wp.uint32, device=device),
        levels=wp.array(levels, dtype=wp.vec3i, device=device),
        decode=wp.array(_DECODED, dtype=wp.float32, device=device),
    )


_DECODED = to_linear(np.arange(256) / 255.0).astype(np.float32)
_ENCODED = (to_srgb(np.linspace(0.0, 1.0, 1 << 14)) * 255.0 + 0.5).astype(np.uint8)
"""Byte of a linear value v at round(v * (length - 1)): exact enough that no byte is off by more than one."""


def _pyramid(pixels: NDArray[np.uint8]) -> list[NDArray[np.uint8]]:
    result = [pixels]
    linear = _DECODED[pixels]
    linear[..., 3] = pixels[..., 3] / np.float32(255.0)
    while max(linear.shape[:2]) > 1 and len(result) < LEVELS:
        linear = _halve(_halve(linear, 0), 1)
        coded = _ENCODED[(linear * (len(_ENCODED) - 1) + 0.5).astype(np.int32)]
        coded[..., 3] = linear[..., 3] * 255.0 + 0.5
        result.append(coded)
    return result


def _halve(image: NDArray[np.float32], axis: int) -> NDArray[np.float32]:
    size = image.shape[axis]
    if size == 1:
        return image
    even = size // 2 * 2
    halves = image[:even] if axis == 0 else image[:, :even]
    first, second = (halves[::2], halves[1::2]) if axis == 0 else (halves[:, ::2], halves[:, 1::2])
    mean: NDArray[np.float32] = np.float32(0.5) * (first + second)
    return mean
