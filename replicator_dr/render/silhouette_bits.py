"""Where bands gather silhouettes of some entities: a few bytes a pixel, in a part of the image."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import warp as wp
from numpy.typing import NDArray

from replicator_dr.render.coverage import Images


@dataclass(frozen=True)
class Silhouettes:
    """A row each a frame. size: bytes of a pixel.

    slot: (B, E) int32, the bit of each entity in them, -1 = not wanted. owner: (B, 8 size) int32, the entity of each
    bit, -1 = none. region: (B,) vec4i, from x, y to before x, y: where they lie.
    """

    size: int
    slot: wp.array
    owner: wp.array
    region: wp.array

    def put(self, target: Images, first: int, images: int) -> None:
        """Tell a pass of so many images what it draws."""
        rows = slice(first, first + images)
        target.silhouettes, target.region = self.size, self.region[rows]
        target.slot, target.owner = self.slot[rows], self.owner[rows]


def silhouettes_of(wanted: NDArray[np.bool_], region: NDArray[np.int64], device: wp.Device) -> Silhouettes:
    """Slots for the wanted entities (B, E), in their order. region: (B, 4)."""
    slot = np.where(wanted, np.cumsum(wanted, axis=1) - 1, -1).astype(np.int32)
    size = int(slot.max(initial=0)) // 8 + 1
    owner = np.full((len(wanted), 8 * size), -1, np.int32)
    frame, entity = np.nonzero(wanted)
    owner[frame, slot[frame, entity]] = entity
    return Silhouettes(
        size,
        wp.array(slot, dtype=wp.int32, device=device),
        wp.array(owner, dtype=wp.int32, device=device),
        wp.array(region.astype(np.int32), dtype=wp.vec4i, device=device),
    )
