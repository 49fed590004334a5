"""Memory of images, used again once nobody looks at it any more.

Fresh memory costs more than filling it: its pages have to be made, one by one, and taken away again. What a GPU writes
to is page-locked besides; otherwise the driver would copy through a buffer of its own.
"""

from __future__ import annotations

import threading
import weakref
from typing import Any

import numpy as np
import warp as wp
from numpy.typing import NDArray

KEPT, KEPT_PINNED = 1 << 30, 4 << 30
"""Bytes that are kept for later use at most: what a few batches of a run take."""


class HostMemory:
    """Blocks of memory, page-locked or not. kept: bytes. Safe to use from several threads."""

    def __init__(self, pinned: bool, kept: int) -> None:
        self._pinned = pinned
        self._kept = kept
        # Memory may come back while the lock is held: when what is allocated meanwhile sets off a garbage collection.
        self._lock = threading.RLock()
        self._free: list[wp.array] = []

    def take(self, shape: tuple[int, ...], dtype: np.dtype[Any]) -> NDArray[Any]:
        """An array with any content. Its memory is taken back when the array and all views of it are gone."""
        size = int(np.prod(shape)) * dtype.itemsize
        block = self._block(max(size, 1))
        whole = block.numpy()
        weakref.finalize(whole, self._give_back, block).atexit = False
        return whole[:size].view(dtype).reshape(shape)

    def _block(self, size: int) -> wp.array:
        with self._lock:
            fitting = [block for block in self._free if size <= block.shape[0] <= 2 * size]
            if fitting:
                smallest = min(fitting, key=lambda block: int(block.shape[0]))
                self._free = [block for block in self._free if block is not smallest]
                return smallest
        return wp.empty(size, dtype=wp.uint8, device="cpu", pinned=self._pinned)

    def _give_back(self, block: wp.array) -> None:
        with self._lock:
            if sum(int(held.shape[0]) for held in self._free) + int(block.shape[0]) <= self._kept:
                self._free.append(block)


_PLAIN, _PINNED = HostMemory(pinned=False, kept=KEPT), HostMemory(pinned=True, kept=KEPT_PINNED)


def new_image(shape: tuple[int, ...], dtype: Any, device: wp.Device) -> wp.array:
    """An array with any content, for ``fetched``."""
    if not device.is_cpu:
        return wp.empty(shape, dtype=dtype, device=device)
    host = _PLAIN.take(shape, np.dtype(wp.dtype_to_numpy(dtype)))
    image = wp.array(ptr=host.ctypes.data, dtype=dtype, shape=shape, device=device)
    image.on_host = host  # which keeps the memory
    return image


def fetched(arrays: list[wp.array]) -> list[NDArray[Any]]:
    """The arrays on the host. Those of a CPU are shared, not copied; of a GPU the result is the caller's own."""
    if not arrays or arrays[0].device.is_cpu:
        return [array.on_host if hasattr(array, "on_host") else array.numpy() for array in arrays]
    copies = []
    for array in arrays:
        host = _PINNED.take(tuple(array.shape), np.dtype(wp.dtype_to_numpy(array.dtype)))
        target = wp.array(ptr=host.ctypes.data, dtype=array.dtype, shape=array.shape, device="cpu", pinned=True)
        wp.copy(target, array)
        copies.append(host)
    wp.synchronize_stream(arrays[0].device)
    return copies
