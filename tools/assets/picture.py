"""Colour work: ramps, blends, masks, scratches, and writing a picture to a file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Colour = tuple[int, int, int]

JPEG_QUALITY = 86


def flat(size: int, colour: Colour) -> Array:
    """(size, size, 3) of one sRGB colour given in 0..255; pictures here are float in 0..1, sRGB-encoded."""
    return np.broadcast_to(np.array(colour) / 255.0, (size, size, 3)).copy()


def ramp(value: Array, stops: list[tuple[float, Colour]]) -> Array:
    """A colour for each value, linear between stops (position, colour)."""
    positions = [position for position, _ in stops]
    colours = np.array([colour for _, colour in stops]) / 255.0
    return np.stack([np.interp(value, positions, colours[:, channel]) for channel in range(3)], axis=-1)


def blend(below: Array, above: Array | Colour, amount: NDArray[Any]) -> Array:
    """``above`` over ``below`` where amount, (H, W) numbers or truth values, is 1."""
    top = np.array(above) / 255.0 if isinstance(above, tuple) else above
    weight = np.clip(amount, 0.0, 1.0)[..., None]
    return np.asarray(below * (1 - weight) + top * weight)


def shade(picture: Array, factor: Array) -> Array:
    """Lighter or darker by a factor for each pixel."""
    return np.asarray(picture * factor[..., None])


def step(edge: float, width: float, value: Array) -> Array:
    """0 below ``edge``, 1 above, smooth over ``width`` (negative: the other way round)."""
    t = np.clip((value - edge) / width + 0.5, 0.0, 1.0)
    return t * t * (3 - 2 * t)


def scratches(u: Array, v: Array, count: int, length: tuple[float, float], width: float, seed: int) -> Array:
    """Thin straight marks at random places and angles, 0..1 (H, W), wrapping round the borders."""
    random = np.random.default_rng(seed)
    mark = np.zeros(u.shape)
    for _ in range(count):
        centre, angle = random.random(2), random.uniform(0, np.pi)
        half = 0.5 * random.uniform(*length)
        strength = random.uniform(0.3, 1.0)
        du = (u - centre[0] + 0.5) % 1.0 - 0.5
        dv = (v - centre[1] + 0.5) % 1.0 - 0.5
        along = du * np.cos(angle) + dv * np.sin(angle)
        across = np.abs(dv * np.cos(angle) - du * np.sin(angle))
        thin = np.clip(1.0 - across / width, 0.0, 1.0) * np.clip((half - np.abs(along)) / (0.3 * half), 0.0, 1.0)
        mark = np.maximum(mark, strength * thin)
    return mark


def to_bytes(picture: Array) -> NDArray[np.uint8]:
    """Float 0..1 to 8 bits a channel."""
    return np.round(np.clip(picture, 0.0, 1.0) * 255.0).astype(np.uint8)


def save(picture: Array, path: Path) -> None:
    """PNG for drawings with flat colours, JPEG for materials: the suffix says which."""
    from PIL import Image

    image = Image.fromarray(to_bytes(picture))
    if path.suffix == ".png":
        image.quantize(64, dither=Image.Dither.NONE).save(path, optimize=True)
    else:
        image.save(path, quality=JPEG_QUALITY, optimize=True)
