"""PNG encoding against Pillow's decoder."""

from __future__ import annotations

import io
import struct
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from replicator_dr.storage.png import encode_png, encode_png_indexed, encode_png_rgb


def decode(content: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(content)))


@settings(max_examples=60, deadline=None)
@given(
    height=st.integers(1, 70),
    width=st.integers(1, 40),
    channels=st.sampled_from([1, 3, 4]),
    seed=st.integers(0, 2**32 - 1),
    level=st.integers(0, 3),
)
def test_eight_bit_images_decode_to_their_pixels(height: int, width: int, channels: int, seed: int, level: int) -> None:
    pixels = np.random.default_rng(seed).integers(0, 256, (height, width, channels), np.uint8)
    pixels = pixels[..., 0] if channels == 1 else pixels
    assert np.array_equal(decode(encode_png(pixels, level)), pixels)


@settings(max_examples=40, deadline=None)
@given(height=st.integers(1, 70), width=st.integers(1, 40), seed=st.integers(0, 2**32 - 1))
def test_sixteen_bit_grey_keeps_all_its_bits(height: int, width: int, seed: int) -> None:
    pixels = np.random.default_rng(seed).integers(0, 65536, (height, width), np.uint16)
    image = Image.open(io.BytesIO(encode_png(pixels)))
    assert image.mode == "I;16"
    assert np.array_equal(np.asarray(image), pixels)


def test_the_alpha_of_a_rendered_image_is_left_out() -> None:
    rgba = np.random.default_rng(3).integers(0, 256, (65, 33, 4), np.uint8)
    content = encode_png_rgb(rgba)
    assert Image.open(io.BytesIO(content)).mode == "RGB"
    assert np.array_equal(decode(content), rgba[..., :3])
    assert content == encode_png(np.ascontiguousarray(rgba[..., :3])), "one image, one file, whichever way it came"


def test_arrays_that_are_views_are_encoded_as_they_look() -> None:
    wide = np.random.default_rng(4).integers(0, 65536, (20, 60), np.uint16)
    assert np.array_equal(decode(encode_png(wide[:, ::3])), wide[:, ::3])
    assert np.array_equal(decode(encode_png(wide.T)), wide.T)


@pytest.mark.parametrize("height", [1, 31, 32, 33, 64, 65])
def test_blocks_of_rows_leave_no_seam(height: int) -> None:
    rng = np.random.default_rng(height)
    for pixels in (
        rng.integers(0, 256, (height, 5, 3), np.uint8),
        rng.integers(0, 256, (height, 5), np.uint8),
        rng.integers(0, 65536, (height, 5), np.uint16),
    ):
        assert np.array_equal(decode(encode_png(pixels)), pixels)


def test_every_chunk_carries_its_checksum() -> None:
    content = encode_png(np.arange(48, dtype=np.uint8).reshape(4, 12))
    position, kinds = 8, []
    while position < len(content):
        (length,) = struct.unpack_from(">I", content, position)
        kind = content[position + 4 : position + 8]
        body = content[position + 8 : position + 8 + length]
        (checksum,) = struct.unpack_from(">I", content, position + 8 + length)
        assert checksum == zlib.crc32(kind + body)
        kinds.append(kind)
        position += 12 + length
    assert kinds == [b"IHDR", b"IDAT", b"IEND"]


@pytest.mark.parametrize(
    "pixels",
    [
        np.zeros((4, 4), np.float32),
        np.zeros((4, 4, 2), np.uint8).astype(np.int16),
        np.zeros((4, 4, 3), np.uint16),
        np.zeros((0, 4), np.uint8),
        np.zeros((4, 4, 5), np.uint8),
    ],
)
def test_what_png_cannot_hold_is_refused(pixels: np.ndarray) -> None:
    with pytest.raises(ValueError, match="no PNG can be made of shape"):
        encode_png(pixels)


def test_levels_outside_the_encoder_s_are_refused() -> None:
    with pytest.raises(ValueError, match=r"compression level 9 is not in 0\.\.3"):
        encode_png(np.zeros((2, 2), np.uint8), level=9)


def test_places_in_a_palette() -> None:
    rng = np.random.default_rng(3)
    indices, palette = rng.integers(0, 40, (13, 17), dtype=np.uint8), rng.integers(0, 256, (40, 3), dtype=np.uint8)
    content = encode_png_indexed(indices, palette)
    with Image.open(io.BytesIO(content)) as image:
        assert image.mode == "P"
        assert np.array_equal(np.asarray(image), indices)
        assert np.array_equal(np.asarray(image.convert("RGB")), palette[indices])
    with pytest.raises(ValueError, match=r"a palette of shape \(30, 3\) does not hold the colours"):
        encode_png_indexed(np.full((2, 2), 30, np.uint8), palette[:30])
