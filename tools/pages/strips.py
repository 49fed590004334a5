"""A spec's first frames side by side: a strip of small images."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from replicator_dr import build_graph, load_spec

GAP = 4
PAPER = (16, 18, 22)


def strip(spec: Path, frames: int, columns: int, width: int) -> Image.Image:
    """The colour images of frames 0 .. frames - 1 in rows of ``columns``; several cameras take turns.

    width: pixels of one image on the strip.
    """
    with build_graph(load_spec(spec)) as graph:
        shown = [list(graph.preview(frame, ("rgb",)).values()) for frame in range(frames)]
    pictures = [small(views[frame % len(views)]["rgb"]["data"], width) for frame, views in enumerate(shown)]
    height = max(picture.height for picture in pictures)
    rows = -(-len(pictures) // columns)
    sheet = Image.new("RGB", (columns * (width + GAP) - GAP, rows * (height + GAP) - GAP), PAPER)
    for place, picture in enumerate(pictures):
        sheet.paste(picture, (place % columns * (width + GAP), place // columns * (height + GAP)))
    return sheet


def small(pixels: NDArray[np.uint8], width: int) -> Image.Image:
    """An (H, W, 3 or 4) uint8 image at that width."""
    image = Image.fromarray(np.ascontiguousarray(pixels[..., :3]))
    return image.resize((width, round(image.height * width / image.width)), Image.Resampling.LANCZOS)


def save(picture: Image.Image, file: Path) -> int:
    """Write a JPEG; its size in bytes."""
    file.parent.mkdir(parents=True, exist_ok=True)
    picture.save(file, quality=82, optimize=True, progressive=True)
    return file.stat().st_size
