"""Placement from a spec: order of evaluation, zones by name, what each kind makes of its fields."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from replicator_dr.errors import EngineError, SpecError

pytest.importorskip("fcl")

SIZES = {"pose": {"prims": "parts", "size": 0.3}}


def placed(kind: str, **fields: Any) -> dict[str, Any]:
    return {kind: {"prims": "parts", **fields}}


def test_scatter_2d_by_hulls_keeps_balls_nearer_than_their_squares(sampled: Any) -> None:
    limits = {"min_samp": [-0.5, -0.5, None], "max_samp": [0.5, 0.5, None]}
    result = sampled(SIZES, placed("scatter_2d", surface_prims="floor", collision="hull", **limits), frames=150)
    balls = result.position("balls")
    between = balls[:, 0] - balls[:, 1]
    assert (np.linalg.norm(between, axis=-1) >= 0.298).all()
    # Squares about them would be farther apart along an axis.
    assert (np.abs(between).max(axis=-1) < 0.29).any()
    np.testing.assert_allclose(balls[..., 2], 0.15, atol=2e-3)


def test_scatter_2d_without_the_fields_is_as_it_was(sampled: Any) -> None:
    plain = placed("scatter_2d", surface_prims="floor", check_for_collisions=True)
    spelt = placed("scatter_2d", surface_prims="floor", check_for_collisions=True, collision="footprint", clearance=0)
    np.testing.assert_array_equal(
        sampled(SIZES, plain, frames=20).position("boxes"), sampled(SIZES, spelt, frames=20).position("boxes")
    )


def test_things_in_view_are_placed_after_the_cameras(sampled: Any) -> None:
    camera = {
        "camera": {
            "cameras": "rig", "position": {"uniform": [[-2, -2, 2], [2, -1, 3]]}, "look_at": [0, 0, 0],
            "focal_length": 24, "horizontal_aperture": 20.955,
        }
    }  # fmt: skip
    entry = placed("scatter_2d", surface_prims="floor", collision="none", in_view="rig", margin=0.1)
    result = sampled(SIZES, entry, camera, frames=60)
    cameras = result.state.arrays.cameras
    focal = 24 / 20.955
    for which in range(2):
        offset = result.position("balls") - cameras.world[:, None, which, 3, :3]
        local = offset @ np.swapaxes(cameras.world[:, which, :3, :3], -1, -2)
        x, y = (focal * local[..., axis] / -local[..., 2] for axis in (0, 1))
        # Half the image is 0.5 wide and 0.375 high in these units; the balls reach beyond their middles.
        assert (np.abs(x) < 0.4).all()
        assert (np.abs(y) < 0.3).all()


def test_a_camera_without_an_image_is_named(sampled: Any) -> None:
    with pytest.raises(EngineError, match="scatter_2d: no render product shows the camera 'other'"):
        sampled(placed("scatter_2d", surface_prims="floor", in_view="other"), create={"other": {"camera": {}}})


def test_zones_are_items_boxes_and_spheres(sampled: Any) -> None:
    post = {"post": {"cube": {"scale": [1, 1, 4], "position": [-1.5, -1.5, 0]}, "semantics": {"class": "post"}}}
    zones = ["post", {"box": [[0, 0, -1], [3, 3, 1]]}, {"sphere": [1.5, -1.5, 0, 1]}]
    entry = placed("scatter_2d", surface_prims="floor", collision="none", keep_out=zones)
    where = sampled(SIZES, entry, frames=300, create=post).position("balls")[..., :2]
    assert not (where > -0.145).all(axis=-1).any()
    assert (np.abs(where + 1.5).max(axis=-1) > 0.5).all()
    assert (np.linalg.norm(where - [1.5, -1.5], axis=-1) > 1).all()


def test_scatter_3d(sampled: Any) -> None:
    air = {"air": {"cube": {"scale": [1, 2, 3], "position": [0, 0, 5], "visible": False}}}
    for more in ({"collision": "none"}, {"collision": "hull", "clearance": 0.05}):
        where = sampled(SIZES, placed("scatter_3d", volume_prims="air", **more), frames=200, create=air)
        balls = where.position("balls") - [0, 0, 5]
        assert (np.abs(balls) <= [0.5, 1, 1.5]).all()
        assert (np.abs(balls).max(axis=(0, 1)) > [0.48, 0.95, 1.45]).all()
        nearest = np.linalg.norm(balls[:, 0] - balls[:, 1], axis=-1).min()
        assert (nearest > 0.345) == ("clearance" in more)


def test_poisson_disk_and_spins_that_are_recorded(sampled: Any) -> None:
    entry = placed("poisson_disk", surface_prims="floor", distance=1.5, spin={"uniform": [0, 90]})
    result = sampled(SIZES, entry, frames=40)
    where = np.concatenate([result.position("boxes"), result.position("balls")], axis=1)[..., :2]
    distance = np.linalg.norm(where[:, :, None] - where[:, None], axis=-1)
    assert distance[:, ~np.eye(5, dtype=bool)].min() >= 1.5
    first = result.world("boxes")[..., 0, :2]
    angle = np.rad2deg(np.arctan2(first[..., 1], first[..., 0]))
    np.testing.assert_allclose(angle, result.draw("boxes.poisson_disk.spin")[..., 0], atol=1e-6)


def test_grid_path_and_stack(sampled: Any) -> None:
    grid = {
        "grid": {
            "prims": "boxes",
            "counts": [3, 1, 1],
            "pitch": [1, 1, 1],
            "position": {"uniform": [[0, 0, 0], [1, 1, 0]]},
        }
    }
    path = {"along_path": {"prims": "balls", "points": [[0, 4, 0], [2, 4, 0]]}}
    result = sampled(SIZES, grid, path, frames=20)
    np.testing.assert_allclose(np.diff(result.position("boxes")[..., 0], axis=1), 1)
    np.testing.assert_allclose(result.position("balls")[..., 0], [[0, 2]] * 20, atol=1e-9)
    stack = {"stack": {"prims": "boxes", "height": 3, "position": [1, 1, 0]}}
    heights = sampled(SIZES, stack, frames=5).position("boxes")
    np.testing.assert_allclose(heights, [[[1, 1, 0.15], [1, 1, 0.45], [1, 1, 0.75]]] * 5, atol=1e-6)


def test_pack_hides_what_has_no_room(sampled: Any) -> None:
    room = {"room": {"cube": {"scale": [0.7, 0.35, 0.35], "position": [0, 0, 0.175], "visible": False}}}
    with pytest.warns(UserWarning, match="randomizer.pack: .* found no free place"):
        result = sampled(SIZES, placed("pack", into="room", no_room="hide"), frames=5, create=room)
    shown = np.concatenate([result.visible("boxes"), result.visible("balls")], axis=1)
    assert (shown.sum(axis=1) == 2).all()
    np.testing.assert_array_equal(result.draw("parts.pack.no_room")[:, 0, 0], (~shown).sum(axis=1))


@pytest.mark.parametrize("no_room", ["hide", "overlap"])
def test_how_many_find_no_room_is_recorded_with_each_frame(sampled: Any, no_room: str) -> None:
    limits = {"min_samp": [-0.3, -0.3, None], "max_samp": [0.3, 0.3, None]}
    entry = placed("scatter_2d", surface_prims="floor", collision="hull", tries=3, no_room=no_room, **limits)
    with pytest.warns(UserWarning, match="found no free place"):
        result = sampled(SIZES, entry, frames=30)
    number = result.draw("parts.scatter_2d.no_room")[:, 0, 0]
    assert len(np.unique(number)) > 1
    if no_room == "hide":
        shown = np.concatenate([result.visible("boxes"), result.visible("balls")], axis=1)
        np.testing.assert_array_equal(number, (~shown).sum(axis=1))


def test_nothing_is_recorded_where_it_would_be_an_error(sampled: Any) -> None:
    entry = placed("scatter_2d", surface_prims="floor", collision="hull")
    assert "parts.scatter_2d.no_room" not in sampled(SIZES, entry, frames=2).state.draws


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        (
            placed("scatter_2d", surface_prims="floor", keep_out=[{"box": [[0, 0, 0], [1, 0, 1]]}]),
            "not below the second",
        ),
        (placed("scatter_2d", surface_prims="floor", keep_out=[{"ball": [0, 0, 0, 1]}]), "expected a zone"),
        (placed("scatter_2d", surface_prims="floor", keep_out=["flor"]), "did you mean 'floor'"),
        (placed("along_path"), "a path is either points or a curve"),
        (placed("grid", counts=[0, 1, 1], pitch=[1, 1, 1]), "is no number of cells"),
        (placed("stack", on="floor", position=[0, 0, 1]), "on and position exclude each other"),
    ],
)
def test_faults_of_fields_are_told(sampled: Any, entry: dict[str, Any], message: str) -> None:
    with pytest.raises(SpecError, match=message):
        sampled(entry)
