"""What a contact sheet shows of one image: pictures as arrays, and the objects labelled in it."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class PreviewObject:
    """One labelled object.

    category: its class name. box: x, y, width, height [pixels] from the top left. mask: (H, W) bool, the pixels where
    it is seen. visible_fraction: 0..1, share of its pixels that nothing hides; None where it was not recorded.
    """

    category: str
    box: tuple[float, float, float, float]
    mask: NDArray[np.bool_]
    visible_fraction: float | None = None


@dataclass(frozen=True)
class PreviewFrame:
    """One image with its labels.

    frame: its number in the dataset; product: the render product's name. rgb: (H, W, 3) uint8, sRGB. depth: (H, W)
    float32 [m] along the optical axis, inf where nothing was measured; None where no depth was written. normals:
    (H, W, 3) float32, unit, world frame, zeros where nothing is hit; None where they are not known.
    """

    frame: int
    product: str
    rgb: NDArray[np.uint8]
    depth: NDArray[np.float32] | None = None
    normals: NDArray[np.float32] | None = None
    objects: tuple[PreviewObject, ...] = field(default=())

    @property
    def size(self) -> tuple[int, int]:
        """Width and height [pixels]."""
        height, width = self.rgb.shape[:2]
        return width, height
