"""Eyes with lenses, and what stands before them."""

from __future__ import annotations

import numpy as np

from replicator_dr.optics import LensModel
from tests.render.scenes import Eye, Part, box, move, random_turn, scale, sphere

SIZE = (80, 60)
MIDDLE = (40.0, 30.0)


def lens_eye(model: LensModel, pixels: tuple[float, ...], k: tuple[float, ...], **more: object) -> Eye:
    """An eye with such a lens over an image of SIZE."""
    return Eye(opencv=pixels, nominal=SIZE, lens_model=model, lens=k, **more)  # type: ignore[arg-type]


def clutter(rng: np.random.Generator, count: int, around: bool) -> list[Part]:
    """Boxes and balls before the camera at the origin, or all around it."""
    parts = []
    for i in range(count):
        size = scale(*rng.uniform(0.2, 1.5, 3)) @ random_turn(rng)
        toward = rng.normal(size=3) if around else np.array([*rng.uniform(-0.6, 0.6, 2), -1.0])
        place = toward / np.linalg.norm(toward) * rng.uniform(2.0, 4.0)
        parts.append(Part([box(), sphere(0.5, 5)][i % 2], size @ move(*place)))
    return parts
