"""Launching kernels over NumPy arrays in place, and memory that they may use meanwhile."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

import numpy as np
import warp as wp
from numpy.typing import DTypeLike, NDArray

from replicator_dr.render.start import start_warp

_OWN = threading.local()


def launch(kernel: wp.Kernel, dim: int, inputs: Sequence[Any]) -> None:
    """Run a kernel on the CPU, in the calling thread, one index after the other; NumPy arrays are used where they are.

    Other threads run meanwhile: the interpreter lock is released.
    """
    start_warp()
    wp.launch(kernel, dim, [_in_place(value) for value in inputs], device="cpu")


def _in_place(value: Any) -> Any:
    return wp.array(value, copy=False, device="cpu") if isinstance(value, np.ndarray) else value


def workspace(name: str, shape: tuple[int, ...], dtype: DTypeLike) -> NDArray[Any]:
    """An array of undefined content, the calling thread's own until it asks for the same name again.

    Fresh memory comes a page at a time, each with an interruption that costs as much as filling the page: what every
    image needs again is kept.
    """
    kept: dict[str, NDArray[np.uint8]] = _OWN.__dict__
    size = int(np.prod(shape)) * np.dtype(dtype).itemsize
    if name not in kept or len(kept[name]) < size:
        kept[name] = np.empty(size, np.uint8)
    return kept[name][:size].view(dtype).reshape(shape)
