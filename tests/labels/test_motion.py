"""Motion between frames: against projections of known points, between two frames' own images, in every batch."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from replicator_dr import build_graph
from replicator_dr.optics import Lens, LensModel

SIZE = (96, 64)
NAMES = ("motion_vectors", "optical_flow", "scene_flow", "distance_to_image_plane", "distance_to_camera",
         "instance_segmentation")  # fmt: skip
LENSES = {
    "pinhole": None,
    "opencv_pinhole": (LensModel.OPENCV_PINHOLE, {"k1": -0.15, "k2": 0.02, "p1": 0.001, "p2": -0.002}),
    "opencv_fisheye": (LensModel.OPENCV_FISHEYE, {"k1": 0.03, "k2": -0.004}),
}
FX, FY, CX, CY = 70.0, 72.0, 47.0, 33.0


def spec(lens: str) -> dict[str, Any]:
    """Boxes and a camera that stand somewhere else in each frame, before a wall; poses are known from the state."""
    camera: dict[str, Any] = {"fx": FX, "fy": FY, "cx": CX, "cy": CY, "resolution": list(SIZE)}
    given = LENSES[lens]
    if given is not None:
        camera["lens"] = {"model": lens, **given[1]}
    turn = {"uniform": [[-15, -15, -15], [15, 15, 15]]}
    return {
        "name": "motion",
        "seed": 5,
        "create": {
            "left": {"cube": {"scale": 0.7}, "semantics": {"class": "box"}},
            "right": {"cube": {"scale": 0.7}, "semantics": {"class": "box"}},
            "wall": {"cube": {"position": [0, 4, 0], "scale": [6, 0.1, 3]}, "semantics": {"class": "wall"}},
            "eye": {"camera": {**camera, "position": [0, -3, 0], "look_at": [0, 0, 0]}},
        },
        "triggers": [{"on_frame": {}, "randomize": [
            {"pose": {"prims": "left", "position": {"uniform": [[-0.8, -0.2, -0.2], [-0.5, 0.2, 0.2]]},
                      "rotation": turn}},
            {"pose": {"prims": "right", "position": {"uniform": [[0.5, -0.2, -0.2], [0.8, 0.2, 0.2]]},
                      "rotation": turn}},
            {"camera": {"cameras": "eye", "position": {"uniform": [[-0.2, -3.2, -0.2], [0.2, -2.8, 0.2]]},
                        "look_at": [0, 0, 0]}},
        ]}],
        "render_products": [{"cameras": "eye", "resolution": list(SIZE), "name": "eye"}],
    }  # fmt: skip


def optics(lens: str) -> Lens:
    given = LENSES[lens]
    if given is None:
        return Lens(LensModel.PINHOLE, (FX, FY, CX, CY))
    named = given[1]
    order = ("k1", "k2", "p1", "p2") if lens == "opencv_pinhole" else ("k1", "k2", "k3", "k4")
    return Lens(given[0], (FX, FY, CX, CY), tuple(named.get(name, 0.0) for name in order))


def shown(given: dict[str, Any], count: int, batch: int, start: int = 0) -> tuple[list[dict[str, np.ndarray]], Any]:
    with build_graph(given, device="cpu") as graph:
        parts = list(graph.frames(count, start, batch, NAMES))
        state = graph.sample(range(start, start + count + 1))
    return [{name: part["eye"][name][i] for name in NAMES} for part in parts for i in range(len(part["frames"]))], state


def cameras(state: Any) -> np.ndarray:
    """(B, 4, 4): world to camera, OpenCV axes, for column vectors."""
    matrix: np.ndarray = np.linalg.inv(np.swapaxes(state.arrays.cameras.world[:, 0], -1, -2))
    return np.diag([1.0, -1.0, -1.0, 1.0]) @ matrix


def poses(state: Any) -> np.ndarray:
    """(B, E, 4, 4): object to world, for column vectors."""
    return np.swapaxes(state.entity_world, -1, -2)


@pytest.mark.parametrize("lens", LENSES)
def test_flow_is_where_the_surface_points_are_in_the_next_frame(lens: str) -> None:
    frames, state = shown(spec(lens), 3, 3)
    view, world, optic = cameras(state), poses(state), optics(lens)
    rays = optic.directions(*SIZE)
    ys, xs = np.mgrid[: SIZE[1], : SIZE[0]] + 0.5
    for k, frame in enumerate(frames):
        here = rays * frame["distance_to_camera"][..., None]
        for number in np.unique(frame["instance_segmentation"]).tolist():
            if number < 2:
                continue
            mask = frame["instance_segmentation"] == number
            carry = view[k + 1] @ world[k + 1, number - 2] @ np.linalg.inv(view[k] @ world[k, number - 2])
            there = here[mask] @ carry[:3, :3].T + carry[:3, 3]
            np.testing.assert_allclose(frame["scene_flow"][mask], there - here[mask], atol=2e-6)
            moved = optic.project(there) - np.stack([xs[mask], ys[mask]], axis=-1)
            np.testing.assert_allclose(frame["optical_flow"][mask], moved, atol=2e-4)
        empty = frame["instance_segmentation"] == 0
        assert np.isnan(frame["optical_flow"][empty]).all()
        assert np.isnan(frame["scene_flow"][empty]).all()
        assert (frame["motion_vectors"][empty] == 0).all()


@pytest.mark.parametrize("lens", LENSES)
def test_a_pixel_carried_to_the_next_frame_meets_the_same_object_there(lens: str) -> None:
    """Forward warping: what is seen in both frames has, where it is carried to, the depth that it should."""
    frames, _ = shown(spec(lens), 4, 4)
    seen = 0
    for now, then in pairwise(frames):
        y, x = np.nonzero(now["instance_segmentation"] >= 2)
        place = np.stack([x, y], axis=-1) + 0.5 + now["optical_flow"][y, x]
        column, row = np.floor(place).astype(int).T
        within = (column >= 0) & (row >= 0) & (column < SIZE[0]) & (row < SIZE[1])
        y, x, column, row = y[within], x[within], column[within], row[within]
        same = now["instance_segmentation"][y, x] == then["instance_segmentation"][row, column]
        expected = now["distance_to_image_plane"][y, x] + now["scene_flow"][y, x, 2]
        gap = expected - then["distance_to_image_plane"][row, column]
        # Off the outlines it is not nearer than what is seen there, but by the slope of half a pixel.
        ids = np.pad(then["instance_segmentation"].astype(np.int64), 1, mode="edge")
        around = np.lib.stride_tricks.sliding_window_view(ids, (3, 3)).reshape(SIZE[1], SIZE[0], 9)
        inner = (around == around[..., :1]).all(axis=-1)[row, column]
        assert (gap[inner] > -0.25).all()
        assert same.mean() > 0.6
        assert (np.abs(gap[same]) < 0.1).mean() > 0.9
        # Motion vectors of the later frame lead back.
        back = then["motion_vectors"][row, column, :2][same & (np.abs(gap) < 0.1)]
        forth = now["optical_flow"][y, x][same & (np.abs(gap) < 0.1)]
        assert np.median(np.abs(back + forth)) < 0.1
        seen += int(same.sum())
    assert seen > 3000


def test_the_first_frame_has_not_moved_and_others_are_signed_as_replicators() -> None:
    given = spec("pinhole")
    given["create"] = {
        "box": {"cube": {"scale": 0.7}, "semantics": {"class": "box"}},
        "eye": {"camera": {"fx": 70, "cx": 48, "cy": 32, "resolution": list(SIZE), "position": [0, -3, 0],
                           "look_at": [0, 0, 0]}},
    }  # fmt: skip
    # To the right and up, then back.
    places = {"sequence": [[0, 0, 0], [0.3, 0, 0.1], [0, 0, 0]]}
    given["triggers"] = [{"on_frame": {}, "randomize": [{"pose": {"prims": "box", "position": places}}]}]
    frames, _ = shown(given, 3, 2)
    assert (frames[0]["motion_vectors"] == 0).all()
    middle = 32, 55
    depth = 3 - 0.35
    moved = 70 * 0.3 / depth, 70 * 0.1 / depth
    np.testing.assert_allclose(frames[1]["motion_vectors"][middle], [-moved[0], moved[1], 0, 0], atol=1e-4)
    np.testing.assert_allclose(frames[0]["optical_flow"][32, 48], [moved[0], -moved[1]], atol=1e-4)
    np.testing.assert_allclose(frames[0]["scene_flow"][32, 48], [0.3, -0.1, 0], atol=1e-6)
    np.testing.assert_allclose(frames[2]["motion_vectors"][32, 48], [moved[0], -moved[1], 0, 0], atol=1e-4)


@pytest.mark.parametrize("lens", LENSES)
def test_neither_batches_nor_where_a_run_begins_change_anything(lens: str) -> None:
    whole, _ = shown(spec(lens), 5, 5)
    single, _ = shown(spec(lens), 5, 1)
    late, _ = shown(spec(lens), 2, 2, start=3)
    for one, other in [*zip(whole, single, strict=True), *zip(whole[3:], late, strict=True)]:
        for name in NAMES:
            np.testing.assert_array_equal(one[name], other[name])


def test_what_falls_behind_the_next_camera_has_no_flow() -> None:
    given = spec("pinhole")
    given["triggers"] = [
        {
            "on_frame": {},
            "randomize": [
                {"camera": {"cameras": "eye", "position": {"sequence": [[0, -3, 0], [0, 3, 0]]}, "look_at": [0, 10, 0]}}
            ],
        }
    ]
    frames, _ = shown(given, 2, 2)
    box, wall = (np.isin(frames[0]["instance_segmentation"], numbers) for numbers in ([2, 3], [4]))
    assert np.isnan(frames[0]["optical_flow"][box]).all()
    assert np.isfinite(frames[0]["scene_flow"][box]).all()
    assert np.isfinite(frames[0]["optical_flow"][wall]).all()
    assert (frames[1]["motion_vectors"][frames[1]["instance_segmentation"] == 4] != 0).any()


def test_a_preview_and_a_step_know_their_neighbours() -> None:
    with build_graph(spec("pinhole"), device="cpu") as graph:
        (batch,) = graph.frames(3, annotators=NAMES)
        for k in range(3):
            alone = graph.preview(k, ("optical_flow", "motion_vectors"))["eye"]
            for name in ("optical_flow", "motion_vectors"):
                np.testing.assert_array_equal(alone[name]["data"], batch["eye"][name][k])


@pytest.mark.parametrize("lens", LENSES)
def test_points_of_a_cloud_are_seen_at_their_pixels(lens: str) -> None:
    with build_graph(spec(lens), device="cpu") as graph:
        shown = [graph.preview(k, ("pointcloud", "distance_to_camera", "instance_segmentation"))["eye"] for k in (0, 1)]
        view = cameras(graph.sample([0, 1]))
    for k, frame in enumerate(shown):
        points, seen = frame["pointcloud"]["data"], frame["instance_segmentation"]["data"] >= 2
        y, x = np.nonzero(seen)
        local = points.astype(np.float64) @ view[k, :3, :3].T + view[k, :3, 3]
        np.testing.assert_allclose(optics(lens).project(local), np.stack([x, y], axis=-1) + 0.5, atol=1e-3)
        far = frame["distance_to_camera"]["data"][seen]
        np.testing.assert_allclose(np.linalg.norm(local, axis=1), far, rtol=1e-5)
        assert frame["pointcloud"]["pointInstance"].tolist() == frame["instance_segmentation"]["data"][seen].tolist()
