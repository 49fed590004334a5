"""Memory of images comes back when nobody looks at it any more, and not before."""

from __future__ import annotations

import gc

import numpy as np
import warp as wp

from replicator_dr.render.host_memory import HostMemory, fetched, new_image
from replicator_dr.render.start import start_warp

FLOAT = np.dtype(np.float32)


def place(array: np.ndarray) -> int:
    """Where its memory lies."""
    return int(array.ctypes.data)


def test_memory_is_used_again_once_the_array_is_gone() -> None:
    start_warp()
    memory = HostMemory(pinned=False, kept=1 << 20)
    first = memory.take((4, 5), FLOAT)
    at = place(first)
    second = memory.take((4, 5), FLOAT)
    assert place(second) != at
    del first
    assert place(memory.take((5, 4), FLOAT)) == at


def test_views_keep_the_memory() -> None:
    memory = HostMemory(pinned=False, kept=1 << 20)
    whole = memory.take((8, 8), FLOAT)
    whole[:] = 3.0
    view = whole[2:4].T.view(np.int32)
    del whole
    gc.collect()
    others = [memory.take((8, 8), FLOAT) for _ in range(8)]
    for other in others:
        other[:] = 7.0
    np.testing.assert_array_equal(view.view(FLOAT), 3.0)


def test_no_more_is_kept_than_allowed() -> None:
    memory = HostMemory(pinned=False, kept=1000)
    held = [memory.take((200,), FLOAT) for _ in range(3)]
    held.clear()
    assert sum(block.shape[0] for block in memory._free) <= 1000


def test_what_other_libraries_hold_of_an_image_stays() -> None:
    start_warp()
    device = wp.get_device("cpu")
    image = new_image((6, 7), wp.float32, device)
    image.fill_(2.0)
    held = np.from_dlpack(image)
    (on_host,) = fetched([image])
    del image
    for _ in range(4):
        new_image((6, 7), wp.float32, device).fill_(9.0)
    np.testing.assert_array_equal(on_host, 2.0)
    np.testing.assert_array_equal(held, 2.0)
