"""Depth files of the native encoder against the NumPy way and Pillow's decoder."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from replicator_dr.encode.depth_png import encode_depth
from replicator_dr.labels.depth import store_depth


@pytest.mark.parametrize("scale", [1.0, 0.1, 3.3, 1000.0])
@pytest.mark.parametrize("level", [0, 1, 2, 3])
def test_pixels_and_counts_are_those_of_the_numpy_way(scale: float, level: int) -> None:
    rng = np.random.default_rng(int(scale * 10))
    depth = rng.uniform(0, 80, (3, 37, 53)).astype(np.float32)
    depth[0, :5] = np.inf
    depth[1, 3:6] = -np.inf
    depth[1, 7] = np.nan
    depth[2, 9] = -1
    depth[2, 10] = 3e38
    depth[2, 11] = (np.arange(53) + 0.5) / 1000  # halves, which are rounded to even
    depth[2, 12] = 65.535 + np.arange(-26, 27, dtype=np.float32) / 50_000
    depth[2, 13] = -np.arange(53, dtype=np.float32) / 50_000
    files = encode_depth(depth, scale, level)
    for index, image in enumerate(depth):
        expected = store_depth(image, scale)
        decoded = Image.open(io.BytesIO(files.content[index]))
        assert decoded.mode.startswith("I")
        assert np.array_equal(np.asarray(decoded), expected.pixels)
        assert (files.missed[index], files.beyond[index]) == (expected.missed, expected.beyond)
