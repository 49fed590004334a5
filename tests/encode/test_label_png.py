"""Native label images, read by Pillow, against arrays painted by NumPy."""

from __future__ import annotations

import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from replicator_dr.encode.label_png import encode_labels
from replicator_dr.labels.encoders import NativeEncoders, NumpyEncoders
from replicator_dr.storage.png import encode_png_indexed
from tests.encode.id_images import RandomIds, any_ids

PALETTE = np.random.default_rng(0).integers(0, 256, (256, 3), np.uint8)


def check(ids: np.ndarray, values: np.ndarray, palette: np.ndarray | None) -> None:
    native, plain = encode_labels(ids, values, palette), NumpyEncoders().label_files(ids, values, palette, 1)
    for kind, *files in zip(values, native, plain, strict=True):
        for table, seen, *both in zip(kind, ids, *files, strict=True):
            numbers = table[seen]
            for file in both:
                image = Image.open(io.BytesIO(file))
                if palette is not None:
                    assert image.mode == "P"
                    assert np.array_equal(np.asarray(image), numbers)
                    assert np.array_equal(np.asarray(image.convert("RGB")), palette[numbers])
                else:
                    assert image.mode == "RGB"
                    pixels = np.asarray(image).astype(np.int64)
                    assert np.array_equal(pixels @ [1, 256, 65536], numbers)


@settings(max_examples=150, deadline=None)
@given(any_ids(height=30, width=70, objects=6), st.booleans())
def test_random_images(images: RandomIds, palette: bool) -> None:
    ids, objects, rng = images
    values = rng.integers(0, 256 if palette else 1 << 24, (2, len(ids), objects + 1))
    values[1] %= 2  # neighbours of other ids that look alike
    check(ids, values, PALETTE if palette else None)


@pytest.mark.parametrize("palette", [None, PALETTE])
@pytest.mark.parametrize("size", [(3, 40000), (2, 11000), (40000, 1)])
def test_lines_beyond_the_window(size: tuple[int, int], palette: np.ndarray | None) -> None:
    ids = np.random.default_rng(2).integers(-1, 2, (1, *size)).astype(np.int32)
    check(ids.repeat(3, axis=2), np.array([[[7, 200, 0]]]), palette)


def test_files_are_small_and_always_the_same() -> None:
    y, x = np.mgrid[:480, :640]
    ids = (np.hypot(x - 300, y - 200) // 60).astype(np.int32)[None]
    values = np.random.default_rng(4).integers(1, 200, (1, 1, int(ids.max()) + 2))
    painted = values[0, 0][ids[0]].astype(np.uint8)
    file = encode_labels(ids, values, PALETTE)[0][0]
    assert file == encode_labels(ids.repeat(2, axis=0), values.repeat(2, axis=1), PALETTE)[0][1]
    assert len(file) < len(encode_png_indexed(painted, PALETTE, 3))
    rgba = np.stack([painted, painted // 2, painted // 3, painted], axis=-1)
    numbers = values + (values // 2 << 8) + (values // 3 << 16)
    assert len(encode_labels(ids, numbers)[0][0]) < len(NativeEncoders().colors(rgba[None], 1)[0])
