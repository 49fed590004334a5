"""The numbers that paths are made from: spread evenly, independent, and the same again."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from tests.render.path.probes import draws


@pytest.mark.parametrize("samples", [16, 64, 256])
def test_samples_of_a_pixel_are_a_net(samples: int) -> None:
    """Each elementary interval of area 1 / samples holds one point."""
    points = draws(5, 2, 8, samples)
    assert points.min() >= 0.0
    assert points.max() < 1.0
    for bits in range(int(np.log2(samples)) + 1):
        columns, rows = 2**bits, samples // 2**bits
        cell = (points[..., 0] * columns).astype(int) * rows + (points[..., 1] * rows).astype(int)
        assert all(len(set(row)) == samples for row in cell.tolist())


def test_pixels_dimensions_and_seeds_are_independent() -> None:
    a = draws(1, 0, 4000, 1)[:, 0]
    others = [draws(1, 1, 4000, 1)[:, 0], draws(2, 0, 4000, 1)[:, 0], np.roll(a, 1, axis=0), draws(1, 0, 4000, 2)[:, 1]]
    values = [stats.kstest(a[:, k], "uniform").pvalue for k in range(2)]
    values += [stats.pearsonr(a[:, 0], a[:, 1]).pvalue]
    values += [stats.pearsonr(a[:, i], b[:, j]).pvalue for b in others[:3] for i in range(2) for j in range(2)]
    # Sidak over all of them.
    assert min(values) > 1 - 0.99 ** (1 / len(values))
    # The second sample of a pixel falls into the other half.
    assert ((a[:, 0] < 0.5) != (others[3][:, 0] < 0.5)).all()


def test_the_numbers_are_a_function_of_their_place() -> None:
    np.testing.assert_array_equal(draws(7, 3, 50, 8)[20:30, 2:5], draws(7, 3, 40, 5)[20:30, 2:5])
    assert not np.array_equal(draws(7, 3, 4, 4), draws(8, 3, 4, 4))
