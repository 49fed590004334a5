"""The renderers' images as files, and all of them on one sheet."""

from __future__ import annotations

from collections.abc import Mapping
from math import ceil
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

COLUMNS = 3
CAPTION = 24
"""Height of a caption [pixels]."""


def save_pictures(images: Mapping[str, tuple[str, NDArray[np.uint8]]], folder: Path) -> Path:
    """Write ``<name>.png`` of each image and ``side_by_side.png`` of all; returns the sheet's path.

    images: {caption: (name, (H, W, 3) uint8)}, all of one size.
    """
    from PIL import Image, ImageDraw

    height, width = next(iter(images.values()))[1].shape[:2]
    columns = min(COLUMNS, len(images))
    sheet = Image.new("RGB", (columns * width, ceil(len(images) / columns) * (height + CAPTION)), "white")
    draw = ImageDraw.Draw(sheet)
    for number, (caption, (name, pixels)) in enumerate(images.items()):
        picture = Image.fromarray(np.ascontiguousarray(pixels))
        picture.save(folder / f"{name}.png")
        corner = number % columns * width, number // columns * (height + CAPTION)
        draw.text((corner[0] + 6, corner[1] + 5), caption, fill="black", font_size=14)
        sheet.paste(picture, (corner[0], corner[1] + CAPTION))
    path = folder / "side_by_side.png"
    sheet.save(path)
    return path
