"""RGB files of the native encoder against Pillow's and zlib's decoders."""

from __future__ import annotations

import io
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from replicator_dr.encode.rgb_png import encode_rgb
from replicator_dr.storage.png import encode_png_rgb


def check(rgba: np.ndarray) -> list[bytes]:
    files, with_alpha = encode_rgb(rgba), encode_rgb(rgba, channels=4)
    assert len(files) == len(with_alpha) == len(rgba)
    for content, whole, pixels in zip(files, with_alpha, rgba, strict=True):
        assert np.array_equal(np.asarray(Image.open(io.BytesIO(whole))), pixels)
        image = Image.open(io.BytesIO(content))
        image.verify()  # chunk checksums
        decoded = Image.open(io.BytesIO(content))
        assert decoded.mode == "RGB"
        assert np.array_equal(np.asarray(decoded), pixels[..., :3])
    return files


@settings(max_examples=80, deadline=None)
@given(
    shape=st.tuples(st.integers(1, 3), st.integers(1, 70), st.integers(1, 60)),
    values=st.sampled_from([1, 2, 3, 20, 256]),
    repeat=st.integers(1, 9),
    seed=st.integers(0, 2**32 - 1),
)
def test_random_images(shape: tuple[int, int, int], values: int, repeat: int, seed: int) -> None:
    pixels = np.random.default_rng(seed).integers(0, values, (*shape, 4)).astype(np.uint8)
    check(pixels.repeat(repeat, axis=1).repeat(repeat, axis=2))


def gradients(height: int, width: int) -> np.ndarray:
    y, x = np.mgrid[:height, :width]
    return np.stack([x // 3, y // 2, x + y, 0 * x], axis=-1).astype(np.uint8)[None]


@pytest.mark.parametrize(
    "rgba",
    [
        pytest.param(np.full((2, 480, 640, 4), 77, np.uint8), id="one colour: long matches at distance one"),
        pytest.param(np.random.default_rng(0).integers(0, 256, (1, 480, 640, 4), np.uint8), id="nothing to gain"),
        pytest.param(gradients(700, 500), id="equal rows, several bands"),
        pytest.param(gradients(9, 12_000), id="rows longer than the window"),
        pytest.param(
            (2 ** np.random.default_rng(1).geometric(0.4, (1, 300, 400, 4)).clip(max=20) % 251).astype(np.uint8),
            id="weights that grow by powers of two: codes that must be cut",
        ),
    ],
)
def test_extremes(rgba: np.ndarray) -> None:
    check(rgba)


def test_the_checksum_of_a_long_row_does_not_overflow() -> None:
    rgba = np.zeros((1, 3, 20_000, 4), np.uint8)
    rgba[:, :, ::2] = 255
    content = check(rgba)[0]
    at = content.index(b"IDAT") + 4
    assert len(zlib.decompress(content[at : at + int.from_bytes(content[at - 8 : at - 4], "big")])) == 3 * 60_001


def test_the_batch_changes_nothing_and_files_are_about_as_small_as_isa_l_makes_them() -> None:
    rng = np.random.default_rng(2)
    y, x = np.mgrid[:240, :320]
    smooth = np.stack([100 + 50 * np.sin(x / 20), 90 + y / 4, 80 + x / 5, 0 * x], axis=-1)
    rgba = (smooth + rng.normal(0, 3, (3, 240, 320, 4))).astype(np.uint8)
    files = check(rgba)
    assert files == [encode_rgb(image[None])[0] for image in rgba]
    assert sum(map(len, files)) < 1.05 * sum(len(encode_png_rgb(image)) for image in rgba)
