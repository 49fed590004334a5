"""Kernels that write one stream of bytes behind the other, as many as there turn out to be."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import warp as wp
from numpy.typing import NDArray

from replicator_dr.encode.launch import launch, workspace

_ROOM = 1 << 16
"""Bytes for all streams, at first."""


def joined_counts(counts: Sequence[str]) -> list[NDArray[Any]]:
    """COCO's compressed run lengths for a kernel: (n,) uint8 characters, and (N,) int32 where each mask's end."""
    text = np.frombuffer("".join(counts).encode("ascii") or b"0", np.uint8)
    return [text, np.cumsum([len(one) for one in counts], dtype=np.int32)]


def streams(kernel: wp.Kernel, inputs: Sequence[Any], count: int) -> list[bytes]:
    """What a kernel writes, which is called again where there was not room for all.

    Behind ``inputs`` it takes the room, (count,) int32 where each stream ends, and (1,) int32 how much room is needed.
    """
    ends, needed = np.empty(count, np.int32), np.empty(1, np.int32)
    room = _ROOM
    while True:
        out = workspace("streams of bytes", (room,), np.uint8)
        launch(kernel, 1, [*inputs, out, ends, needed])
        if int(needed[0]) <= room:
            break
        room = int(needed[0])
    whole, last = out[: int(needed[0])].tobytes(), ends.tolist()
    return [whole[begin:end] for begin, end in zip([0, *last], last, strict=False)]
