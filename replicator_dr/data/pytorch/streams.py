"""One order for what Warp draws and what PyTorch does with it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch


@contextmanager
def warp_in_order(device: str) -> Iterator[None]:
    """Have Warp work on the stream that is PyTorch's current one on a CUDA device; on a CPU there is nothing to order.

    Warp gives memory back in the order of its own stream. Were that another one, an image that is let go of could be
    drawn over while PyTorch has yet to read it.
    """
    if not device.startswith("cuda"):
        yield
        return
    import warp as wp

    drawing = wp.get_device(device)
    before = drawing.stream
    drawing.set_stream(wp.stream_from_torch(torch.cuda.current_stream(wp.device_to_torch(drawing))))
    try:
        yield
    finally:
        drawing.set_stream(before)
