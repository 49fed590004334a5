"""What a renderer has to offer to be compared."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from replicator_dr.run.bench.peers.shared_scene import SharedScene


@dataclass(frozen=True)
class Pictures:
    """Images of N views.

    rgb: (N, H, W, 3) uint8. depth: (N, H, W) float32 [m] along the optical axis, anything where nothing is hit.
    segments: (N, H, W) integers, one for each part. Both are None where they were not asked for, or are not to be had.
    """

    rgb: NDArray[np.uint8]
    depth: NDArray[np.float32] | None = None
    segments: NDArray[np.integer] | None = None


class Peer(Protocol):
    """A renderer. It is made, set up and used in one process.

    name: as the table shows it. lacks: what it does not do in this comparison, in words. serial: whether a call keeps a
    single core busy; on a CPU it is then run in as many processes as there are cores. widths: batches to try.
    """

    name: str
    lacks: str
    serial: bool
    widths: Sequence[int]

    def available(self, device: str) -> str | None:
        """Why it cannot be used here, None if it can. device: "cpu" or "cuda:0"."""

    def setup(self, scene: SharedScene, device: str) -> None:
        """Take the scene."""

    def render(self, cameras: Sequence[int], labels: bool) -> Pictures:
        """Draw the scene through these of its cameras; on the host when it returns.

        labels: whether depth and segments are wanted besides colours.
        """
