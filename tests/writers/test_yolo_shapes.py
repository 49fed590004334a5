"""Masks as one way, and the rectangles around them: against other rasterisers, and every other rectangle."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pycocotools import mask as coco_mask
from scipy.spatial import ConvexHull

from replicator_dr.storage.joined_rings import joined
from replicator_dr.storage.polygon import outer_polygons
from writers.smallest_rectangle import convex_hull, smallest_rectangle


def random_mask(seed: int, height: int, width: int, coarse: bool) -> np.ndarray:
    mask = np.random.default_rng(seed).random((height, width)) < 0.5
    mask[height // 2, width // 2] = True
    return mask.repeat(5, axis=0).repeat(7, axis=1) if coarse else mask


def rings_of(mask: np.ndarray) -> list[list[int]]:
    return outer_polygons(np.where(mask, 0, -1)[None], holes=True)[0, 0]


def inside_by_winding(way: list[int], height: int, width: int) -> np.ndarray:
    """(H, W) how often a way of upright and level steps, and bridges, goes around each pixel's centre."""
    points = np.array(way, np.float64).reshape(-1, 2)
    ahead = np.roll(points, -1, axis=0)
    x, y = np.meshgrid(np.arange(width) + 0.5, np.arange(height) + 0.5)
    turns = np.zeros((height, width))
    for (x0, y0), (x1, y1) in zip(points, ahead, strict=True):
        if y0 != y1:
            crossing = x0 + (y - y0) / (y1 - y0) * (x1 - x0)
            between = (y > min(y0, y1)) & (y < max(y0, y1)) & (crossing > x)
            turns += between * np.sign(y1 - y0)
    return turns


@settings(max_examples=120, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1), height=st.integers(1, 14), width=st.integers(1, 14), coarse=st.booleans()
)  # fmt: skip
def test_one_way_encloses_a_mask_with_its_holes(seed: int, height: int, width: int, coarse: bool) -> None:
    mask = random_mask(seed, height, width, coarse)
    way = joined(rings_of(mask))
    encoded = coco_mask.frPyObjects([[float(number) for number in way]], *mask.shape)
    assert np.array_equal(coco_mask.decode(encoded)[..., 0].astype(bool), mask)
    assert np.array_equal(inside_by_winding(way, *mask.shape), mask.astype(float))


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), height=st.integers(1, 14), width=st.integers(1, 14))
def test_the_way_does_not_depend_on_how_rings_come(seed: int, height: int, width: int) -> None:
    rings = rings_of(random_mask(seed, height, width, coarse=False))
    rng = np.random.default_rng(seed)
    turned = [np.roll(ring, 2 * int(rng.integers(len(ring)))).tolist() for ring in rings]
    if len(rings) > 1:
        assert joined([turned[place] for place in rng.permutation(len(turned))]) == joined(rings)


def test_bridges_are_the_shortest() -> None:
    square = [0, 0, 4, 0, 4, 4, 0, 4]
    near = [6, 0, 7, 0, 7, 1, 6, 1]
    far = [9, 0, 12, 0, 12, 1, 9, 1]
    assert joined([far, square, near]) == [
        0, 0, 4, 0, 6, 0, 7, 0, 9, 0, 12, 0, 12, 1, 9, 1, 9, 0, 7, 0, 7, 1, 6, 1, 6, 0, 4, 0, 4, 4, 0, 4,
    ]  # fmt: skip


@settings(max_examples=120, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1), height=st.integers(1, 14), width=st.integers(1, 14), coarse=st.booleans()
)  # fmt: skip
def test_no_rectangle_around_a_mask_is_smaller(seed: int, height: int, width: int, coarse: bool) -> None:
    rings = rings_of(random_mask(seed, height, width, coarse))
    points = np.concatenate([np.array(ring).reshape(-1, 2) for ring in rings])
    corners = smallest_rectangle(rings)
    sides = np.roll(corners, -1, axis=0) - corners
    lengths = np.linalg.norm(sides, axis=1)
    assert np.allclose((sides * np.roll(sides, -1, axis=0)).sum(axis=1), 0, atol=1e-9)
    turn = sides[:, 0] * np.roll(sides, -1, axis=0)[:, 1] - sides[:, 1] * np.roll(sides, -1, axis=0)[:, 0]
    assert (turn > 0).all(), "clockwise on screen"
    assert corners[0, 1] == corners[:, 1].min()
    # Every point is on the inner side of every side.
    offsets = points[:, None] - corners[None]
    assert (sides[:, 0] * offsets[..., 1] - sides[:, 1] * offsets[..., 0] >= -1e-6 * lengths).all()
    angles = np.linspace(0, np.pi / 2, 3601)
    turned = np.stack([np.cos(angles), np.sin(angles)]), np.stack([-np.sin(angles), np.cos(angles)])
    areas = np.ptp(points @ turned[0], axis=0) * np.ptp(points @ turned[1], axis=0)
    assert lengths[0] * lengths[1] <= areas.min() + 1e-9


def test_opencv_finds_the_same_areas() -> None:
    cv2 = pytest.importorskip("cv2", reason="OpenCV is not installed")
    for seed in range(200):
        rings = rings_of(random_mask(seed, 2 + seed % 11, 3 + seed % 7, seed % 2 == 0))
        points = np.concatenate([np.array(ring).reshape(-1, 2) for ring in rings])
        lengths = np.linalg.norm(np.diff(smallest_rectangle(rings)[:3], axis=0), axis=1)
        _, size, _ = cv2.minAreaRect(points.astype(np.float32))
        assert lengths[0] * lengths[1] == pytest.approx(size[0] * size[1], rel=1e-4)


def test_a_filled_polygon_of_opencv_differs_by_its_border_only() -> None:
    """OpenCV paints the outline, too: pixels beside the mask, never one less."""
    cv2 = pytest.importorskip("cv2", reason="OpenCV is not installed")
    mask = np.zeros((100, 120), bool)
    mask[10:70, 20:100] = True
    mask[30:50, 40:80] = False
    mask[80:95, 30:60] = True
    way = np.array(joined(rings_of(mask)), np.int32).reshape(-1, 2)
    painted = cv2.fillPoly(np.zeros(mask.shape, np.uint8), [way], 1).astype(bool)
    assert painted[mask].all()
    assert (mask & painted).sum() / (mask | painted).sum() > 0.9


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), number=st.integers(4, 200))
def test_hulls_are_scipy_s(seed: int, number: int) -> None:
    points = np.random.default_rng(seed).integers(0, 30, (number, 2))
    points = np.concatenate([points, [[0, 0], [1, 0], [0, 1]]])
    expected = {tuple(points[index]) for index in ConvexHull(points).vertices}
    assert {tuple(corner) for corner in convex_hull(points).tolist()} == expected
