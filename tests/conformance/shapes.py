"""Things whose image is known beforehand: flat shapes that face the camera, given in the pixels that they cover."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

WIDTH, HEIGHT = 320, 240
DISTANCE = 3.2
"""Metres from the camera to the plane z = 0; a pixel there is a centimetre."""
FOCAL = 320.0
"""Pixels: the aperture is as wide as the focal length is long."""

Polygon = tuple[tuple[float, float], ...]
"""Corners in continuous pixels, convex."""


def rect(x: float, y: float, width: float, height: float) -> Polygon:
    """A rectangle by its top left corner."""
    return ((x, y), (x, y + height), (x + width, y + height), (x + width, y))


def frame(x: int, y: int, size: int, border: int) -> tuple[Polygon, ...]:
    """A square ring."""
    inner = size - 2 * border
    return (
        rect(x, y, size, border),
        rect(x, y + size - border, size, border),
        rect(x, y + border, border, inner),
        rect(x + size - border, y + border, border, inner),
    )


@dataclass(frozen=True)
class Flat:
    """A flat thing. category: None where it is no part of a dataset. faces: what it covers in the first frame.

    above: metres from the plane z = 0 toward the camera. labels: by type; none of its own where it is empty. parent:
    the thing below which it stands on the stage. parts: in how many prims of its own its faces are. mirrored: whether
    its prim has a negative scale. keypoints: {name: pixels}.
    """

    name: str
    category: str | None
    faces: tuple[Polygon, ...]
    labels: dict[str, tuple[str, ...]] = field(default_factory=dict)
    above: float = 0.0
    parent: str | None = None
    parts: int = 1
    mirrored: bool = False
    keypoints: dict[str, tuple[float, float]] = field(default_factory=dict)

    @property
    def distance(self) -> float:
        """Metres along the optical axis; negative behind the camera."""
        return DISTANCE - self.above

    def world(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """(n, 3) [m] places in the world that (n, 2) pixels of the first frame show at this thing's distance."""
        offset = (points - [WIDTH / 2, HEIGHT / 2]) * self.distance / FOCAL
        return np.column_stack([offset[:, 0], -offset[:, 1], np.full(len(points), self.above)])

    def mask(self) -> NDArray[np.bool_]:
        """(H, W): pixels whose centres it covers, whatever is in front."""
        x, y = np.meshgrid(np.arange(WIDTH) + 0.5, np.arange(HEIGHT) + 0.5)
        covered = np.zeros((HEIGHT, WIDTH), np.bool_)
        for corners in self.faces if self.distance > 0 else ():
            sides = [
                (bx - ax) * (y - ay) - (by - ay) * (x - ax)
                for (ax, ay), (bx, by) in zip(corners, corners[1:] + corners[:1])
            ]
            covered |= np.all([side > 0 for side in sides], axis=0) | np.all([side < 0 for side in sides], axis=0)
        return covered


def first_image(things: tuple[Flat, ...]) -> dict[str, NDArray[np.bool_]]:
    """{name: (H, W) visible pixels} of the first frame: each pixel shows the nearest thing that covers its centre."""
    nearest = np.full((HEIGHT, WIDTH), np.inf)
    shown = np.full((HEIGHT, WIDTH), -1)
    for number, thing in enumerate(things):
        closer = thing.mask() & (thing.distance < nearest)
        nearest[closer], shown[closer] = thing.distance, number
    return {thing.name: shown == number for number, thing in enumerate(things)}
