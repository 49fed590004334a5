"""mask_in_box: a mask lies where the object's 3D box projects to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from replicator_dr.optics import LensModel
from replicator_dr.run.audit.check import ImageCheck
from replicator_dr.run.audit.findings import Finding
from replicator_dr.run.audit.image import AuditedImage

_PIXELS = 1.0
_BENT = 0.02
"""Through a lens the box's outline is bent: its bounds are taken from points on it, and grown by this share."""
_GRID = np.linspace(0.0, 1.0, 9)

Float64 = NDArray[np.float64]


class MaskInBox(ImageCheck):
    """Masks against poses where there is no depth to ask: the outline of the projected box, grown by a pixel."""

    name = "mask_in_box"
    meaning = "Every mask lies inside the outline of its projected 3D box, grown by a pixel."
    limits: ClassVar[dict[str, float]] = {"pixels": _PIXELS}

    def find(self, image: AuditedImage) -> Iterator[Finding]:
        """Try the ends of all runs of each mask whose box is in front of the camera as a whole."""
        geometry, masks = image.geometry, image.masks
        if geometry is None or masks is None or not image.exact or not len(geometry.posed):
            return
        bent = geometry.lens.model is not LensModel.PINHOLE
        outlines = geometry.lens.project(geometry.on_boxes(_surface()) if bent else geometry.corners)
        for place, outline in zip(geometry.posed.tolist(), outlines):
            own = masks.mask == place
            if not own.any() or not np.isfinite(outline).all():
                continue
            ends = np.concatenate([masks.start[own], masks.stop[own] - 1])
            pixels = np.stack(np.divmod(ends, masks.height), axis=-1) + 0.5
            outside = _beyond_bounds(outline, pixels) if bent else _beyond_hull(outline, pixels)
            if outside > _PIXELS:
                message = f"its mask reaches {outside:.1f} pixels out of its projected 3D box"
                yield image.finding(message, image.annotations[place], pixels=outside, allowed=_PIXELS)


def _surface() -> Float64:
    """(P, 3) points on the faces of the unit cube."""
    grid = np.stack(np.meshgrid(_GRID, _GRID, _GRID, indexing="ij"), axis=-1).reshape(-1, 3)
    shell: Float64 = grid[((grid == 0) | (grid == 1)).any(axis=1)]
    return shell


def _beyond_bounds(outline: Float64, pixels: Float64) -> float:
    low, high = outline.min(axis=0), outline.max(axis=0)
    spare = _BENT * (high - low)
    return float(np.maximum(low - spare - pixels, pixels - high - spare).max())


def _beyond_hull(corners: Float64, pixels: Float64) -> float:
    """How far the pixels reach out of the convex hull of the corners, measured across its edges."""
    hull = convex_hull(corners.tolist())
    after = np.roll(hull, -1, axis=0)
    along = after - hull
    length = np.maximum(np.linalg.norm(along, axis=1), 1e-9)
    offset = pixels[:, None] - hull[None]
    inward = (along[:, 0] * offset[..., 1] - along[:, 1] * offset[..., 0]) / length
    return float(-inward.min())


def convex_hull(points: Sequence[Sequence[float]]) -> Float64:
    """The corners of the hull in the order in which x turns toward y (Andrew's monotone chain, 1979)."""
    ordered = sorted({(point[0], point[1]) for point in points})

    def half(sequence: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
        chain: list[tuple[float, float]] = []
        for x, y in sequence:
            while len(chain) > 1:
                (ax, ay), (bx, by) = chain[-2:]
                if (bx - ax) * (y - ay) - (by - ay) * (x - ax) > 0:
                    break
                chain.pop()
            chain.append((x, y))
        return chain[:-1] or chain

    return np.array(half(ordered) + half(ordered[::-1]), np.float64)
