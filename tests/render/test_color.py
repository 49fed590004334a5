"""The transfer curve, the tone curve and the table that joins them."""

from __future__ import annotations

import numpy as np
import pytest

from replicator_dr.render.color import SHOULDER, TABLE, encoding_table, to_linear, to_srgb, tone
from tests.render.photometry import expected_byte


def test_srgb_round_trip() -> None:
    x = np.linspace(0, 1, 1001)
    np.testing.assert_allclose(to_linear(to_srgb(x)), x, atol=1e-6)
    coded = np.arange(256) / 255.0
    np.testing.assert_array_equal(np.round(to_srgb(to_linear(coded)) * 255), np.arange(256))


@pytest.mark.parametrize(("coded", "linear"), [(0.0, 0.0), (0.04045, 0.0031308), (0.5, 0.21404114), (1.0, 1.0)])
def test_srgb_at_known_points(coded: float, linear: float) -> None:
    assert to_linear(np.array(coded)) == pytest.approx(linear, abs=1e-7)
    assert to_srgb(np.array(linear)) == pytest.approx(coded, abs=2e-6)


def test_the_tone_curve_keeps_middle_tones_and_rolls_off_smoothly() -> None:
    low = np.linspace(0, SHOULDER, 100)
    np.testing.assert_array_equal(tone(low), low)
    x = np.linspace(0, 50, 100_001)
    y = tone(x)
    slope = np.diff(y) / np.diff(x)
    assert np.all(np.diff(slope) < 1e-9)
    assert np.all(slope > 0)
    assert y.max() < 1.0
    assert tone(np.array(1e9)) == pytest.approx(1.0)


def test_the_table_gives_the_byte_of_a_radiance() -> None:
    x = np.concatenate([np.linspace(0, 2, 5000), np.geomspace(2, 1e4, 200)])
    table = encoding_table()
    assert table.shape == (TABLE,)
    byte = table[np.round(x / (1 + x) * (TABLE - 1)).astype(int)]
    np.testing.assert_allclose(byte, expected_byte(x), atol=1.0)
    assert table[0] == 0
    assert table[-1] == 255
    assert np.all(np.diff(table.astype(int)) >= 0)
