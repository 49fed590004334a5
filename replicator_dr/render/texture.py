"""Textures on a device: all images with their mipmaps in one array of packed texels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import warp as wp
from numpy.typing import NDArray

from replicator_dr.render.color import to_linear
from replicator_dr.render.scene import Texture

LEVELS = 13
"""Mipmap levels kept at most: enough for 4096 texels."""


@dataclass(frozen=True)
class TextureAtlas:
    """texels: (N,) uint32, red, green and blue in 10 bits each from the lowest on: square roots of linear values.

    levels: (textures, LEVELS) vec2i: first texel, width | height << 16. texture_detail: (textures,) float32, log2 of
    the geometric mean of width and height.
    """

    texels: wp.array
    levels: wp.array
    texture_detail: wp.array


def upload(textures: tuple[Texture, ...], device: str) -> TextureAtlas:
    """Build the mipmaps (2 x 2 means of linear colour) and put everything on the device."""
    images: list[NDArray[np.uint32]] = []
    levels = np.full((max(len(textures), 1), LEVELS, 2), (0, 1 | 1 << 16), np.int32)
    detail = np.zeros(max(len(textures), 1))
    first = 0
    for row, texture in enumerate(textures):
        detail[row] = 0.5 * np.log2(texture.pixels.shape[0] * texture.pixels.shape[1])
        for level, linear in enumerate(_pyramid(texture)):
            height, width = linear.shape[:2]
            levels[row, level:] = (first, width | height << 16)
            images.append(_packed(linear))
            first += width * height
    texels = np.concatenate(images) if images else np.full(1, 0x3FFFFFFF, np.uint32)
    return TextureAtlas(
        texels=wp.array(texels, dtype=wp.uint32, device=device),
        levels=wp.array(levels, dtype=wp.vec2i, device=device),
        texture_detail=wp.array(detail.astype(np.float32), dtype=wp.float32, device=device),
    )


_DECODED = to_linear(np.arange(256) / 255.0).astype(np.float32)


def _packed(linear: NDArray[np.float32]) -> NDArray[np.uint32]:
    coded = (np.sqrt(linear.reshape(-1, 3)) * np.float32(1023.0) + np.float32(0.5)).astype(np.uint32)
    packed: NDArray[np.uint32] = coded[:, 0] | coded[:, 1] << np.uint32(10) | coded[:, 2] << np.uint32(20)
    return packed


def _pyramid(texture: Texture) -> list[NDArray[np.float32]]:
    colour = texture.pixels[..., :3]
    result = [colour.astype(np.float32) / np.float32(255.0) if texture.linear else _DECODED[colour]]
    while max(result[-1].shape[:2]) > 1 and len(result) < LEVELS:
        result.append(_halve(_halve(result[-1], 0), 1))
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
