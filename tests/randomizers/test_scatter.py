from __future__ import annotations

from typing import Any

import numpy as np

SIZES = {"pose": {"prims": "parts", "size": {"uniform": [0.2, 0.4]}}}


def scatter(**fields: Any) -> dict[str, Any]:
    return {"scatter_2d": {"prims": "parts", "surface_prims": "floor", "check_for_collisions": True, **fields}}


def half_extents(result: Any, name: str) -> Any:
    # Cubes and spheres that are not turned: half of the scaled metre.
    return np.linalg.norm(result.world(name)[..., :3, :3], axis=-1) / 2


def test_items_rest_on_the_surface_with_the_size_that_they_show(sampled: Any) -> None:
    # The scatter stands first in the spec, but is built after what sizes the items.
    result = sampled(scatter(), SIZES, frames=30)
    for name in ("boxes", "balls"):
        bottom = result.position(name)[..., 2] - half_extents(result, name)[..., 2]
        np.testing.assert_allclose(bottom, 0, atol=1e-3)
        assert (np.abs(result.position(name)[..., :2]) <= 3).all()


def test_items_do_not_overlap(sampled: Any) -> None:
    result = sampled(SIZES, scatter(min_samp=[-1, -1, None], max_samp=[1, 1, None]), frames=60)
    centre = np.concatenate([result.position("boxes"), result.position("balls")], axis=1)[..., :2]
    reach = np.concatenate([half_extents(result, "boxes"), half_extents(result, "balls")], axis=1)[..., :2]
    gap = np.abs(centre[:, :, None] - centre[:, None]) - (reach[:, :, None] + reach[:, None])
    overlapping = (gap < -1e-6).all(axis=-1)
    assert not overlapping[:, ~np.eye(5, dtype=bool)].any()


def test_without_the_check_some_do(sampled: Any) -> None:
    limits = {"min_samp": [-0.3, -0.3, None], "max_samp": [0.3, 0.3, None]}
    result = sampled(SIZES, scatter(check_for_collisions=False, **limits), frames=30)
    boxes = result.position("boxes")[..., :2]
    assert (np.abs(boxes) <= 0.3).all()
    assert (np.abs(boxes[:, 0] - boxes[:, 1]).max(axis=-1) < 0.2).any()


def test_later_items_do_not_move_earlier_ones(sampled: Any) -> None:
    before = sampled(SIZES, scatter(), frames=10)
    more = {
        "parts": {"group": ["boxes", "balls", "cones"]},
        "cones": {"cone": {"count": 3}, "semantics": {"class": "c"}},
    }
    after = sampled(SIZES, scatter(), frames=10, create=more)
    for name in ("boxes", "balls"):
        np.testing.assert_array_equal(before.position(name), after.position(name))
