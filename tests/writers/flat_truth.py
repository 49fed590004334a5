"""What the flat world shows, drawn anew: the truth that files are held against."""

from __future__ import annotations

import numpy as np

from replicator_dr.render.scene import View
from tests.flat_world import FlatRenderer, flat_scene, flat_state, frame_rectangles

SIZES = {"left": (64, 48), "right": (240, 180)}
"""Width and height of the products of ``every_writer.run``."""
NAMES = ("box", "ball", "mug")
"""The category of each entity."""


def entities(frame: int, product: str) -> np.ndarray:
    """(H, W) which entity each pixel shows, -1 elsewhere."""
    frames = np.array([frame])
    state = flat_state(frames, frame_rectangles(frames))
    part = FlatRenderer(flat_scene()).render(state.arrays, View(0, *SIZES[product])).part[0]
    return np.where(part >= 0, flat_scene().arrays.part_entity[part], -1)


def masks(frame: int, product: str) -> list[tuple[str, np.ndarray]]:
    """(category, mask) of each entity that is seen."""
    seen = entities(frame, product)
    return [(name, seen == row) for row, name in enumerate(NAMES) if (seen == row).any()]
