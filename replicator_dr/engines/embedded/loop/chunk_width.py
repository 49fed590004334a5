"""How many frames go through the pipeline together unless told otherwise."""

from __future__ import annotations

CHUNK = 16
"""Frames of a chunk on the CPU: fewer where they have more than CHUNK_PIXELS together."""
CHUNK_PIXELS = 2_600_000
"""About eight images of 640x480: large enough that per-call costs vanish."""
CUDA_CHUNK = 64
"""Frames of a chunk on CUDA, where a launch should fill the device."""
CUDA_BATCH = 256
"""The same where nothing but sampling needs the cores: fewer where they have more than CUDA_PIXELS together."""
CUDA_PIXELS = CUDA_BATCH * 640 * 480


def default_chunk(pixels: int, on_cpu: bool, alone: bool = False) -> int:
    """Frames of a chunk. pixels: of all images of a frame. alone: whether nothing but sampling needs the cores."""
    if not on_cpu and not alone:
        return CUDA_CHUNK
    most, room = (CHUNK, CHUNK_PIXELS) if on_cpu else (CUDA_BATCH, CUDA_PIXELS)
    return max(1, min(most, room // max(pixels, 1)))
