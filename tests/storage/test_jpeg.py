"""JPEG files: Pillow's, byte for byte, while other threads run."""

from __future__ import annotations

import io
import os
import sys
import threading
import time

import numpy as np
import pytest
from PIL import Image

from replicator_dr.storage.jpeg import encode_jpeg


def colours(height: int = 61, width: int = 83) -> np.ndarray:
    """Smooth colours with an edge, and an alpha that must not matter."""
    y, x = np.mgrid[:height, :width]
    image = np.stack([x * 255 / width, y * 255 / height, (x + y) % 256, x % 7], axis=-1)
    image[20:50, 30:60] = [200, 40, 90, 0]
    return image.astype(np.uint8)


def by_pillow(pixels: np.ndarray, **options: object) -> bytes:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "JPEG", **options)
    return file.getvalue()


@pytest.mark.parametrize("options", [{"quality": 98, "subsampling": 0}, {"quality": 40, "progressive": True}])
def test_files_are_those_of_pillow(options: dict[str, int]) -> None:
    rgba = colours()
    expected = by_pillow(np.ascontiguousarray(rgba[..., :3]), **options)
    for pixels in (rgba, rgba[..., :3], rgba[:, ::-1][:, ::-1]):
        assert encode_jpeg(pixels, **options) == expected
    assert encode_jpeg(rgba[..., 0], **options) == by_pillow(rgba[..., 0], **options)


def test_files_without_files_in_memory_are_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    expected = encode_jpeg(colours(), 75)
    monkeypatch.delattr(os, "memfd_create", raising=False)
    assert encode_jpeg(colours(), 75) == expected


@pytest.mark.skipif(not hasattr(os, "memfd_create"), reason="no files in memory here")
def test_nothing_stays_open() -> None:
    before = set(os.listdir("/proc/self/fd"))
    with pytest.raises(ValueError, match=r"quality"):
        encode_jpeg(colours(), "none")  # type: ignore[arg-type]
    encode_jpeg(colours(), 75)
    assert set(os.listdir("/proc/self/fd")) <= before


@pytest.mark.skipif(not hasattr(os, "memfd_create"), reason="no files in memory here")
def test_others_run_meanwhile() -> None:
    """Nobody gets the interpreter's lock but by its holder's will: a few times where files are read, else in Pillow."""
    turns, stop = 0, threading.Event()

    def count() -> None:
        nonlocal turns
        while not stop.is_set():
            turns += 1
            time.sleep(0)

    large = np.random.default_rng(1).integers(0, 256, (1500, 1500, 4), np.uint8)
    encode_jpeg(large, 95)  # imports
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1000.0)
    counter = threading.Thread(target=count)
    try:
        counter.start()
        before = turns
        encode_jpeg(large, 95)
        during = turns - before
    finally:
        sys.setswitchinterval(interval)
        stop.set()
        counter.join()
    assert during > 50
