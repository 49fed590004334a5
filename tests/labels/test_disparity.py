"""Disparity: against projections of points into both eyes, and what is no pair."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from replicator_dr import build_graph
from replicator_dr.engines.embedded import api as rep
from replicator_dr.engines.embedded.runtime import Runtime, activate
from replicator_dr.errors import EngineError

SIZE = (96, 64)


def spec(**camera: Any) -> dict[str, Any]:
    return {
        "name": "pair",
        "seed": 2,
        "create": {
            "boxes": {"cube": {"count": 3, "scale": 0.4}, "semantics": {"class": "box"}},
            "wall": {"cube": {"position": [0, 2, 0], "scale": [3, 0.1, 1]}},
            "right": {"camera": {"stereo": {"left": "left", "baseline": 0.2}}},
            "left": {"camera": {"position": [0, -3, 0], "look_at": [0, 0, 0], **camera}},
        },
        "triggers": [{"on_frame": {}, "randomize": [
            {"pose": {"prims": "boxes", "position": {"uniform": [[-0.8, -0.5, -0.4], [0.8, 0.5, 0.4]]}}},
            {"orbit": {"cameras": "left", "distance": {"uniform": [2.5, 3.5]}, "elevation": {"uniform": [-20, 20]},
                       "azimuth": {"uniform": [-110, -70]}}},
        ]}],
        "render_products": [{"cameras": ["left", "right"], "resolution": list(SIZE)}],
    }  # fmt: skip


NAMES = ("disparity", "distance_to_image_plane")


@pytest.mark.parametrize("camera", [{}, {"fx": 80.0, "fy": 82.0, "cx": 45.0, "cy": 30.0, "resolution": list(SIZE)}])
def test_a_point_is_so_many_pixels_further_left_in_the_right_image(camera: dict[str, Any]) -> None:
    with build_graph(spec(**camera), device="cpu") as graph:
        (batch,) = graph.frames(4, annotators=NAMES, batch=4)
        world = graph.sample(range(4)).arrays.cameras.world
        ((left, right),) = graph.scene.pairs
    focal = SIZE[0] * 24 / 20.955
    fx, fy, cx, cy = (80.0, 82.0, 45.0, 30.0) if camera else (focal, focal, SIZE[0] / 2, SIZE[1] / 2)
    y, x = np.mgrid[: SIZE[1], : SIZE[0]] + 0.5
    for k in range(4):
        depth = batch["left"]["distance_to_image_plane"][k].astype(np.float64)
        hit = np.isfinite(depth)
        assert 0.1 < hit.mean() < 1
        local = np.stack([(x - cx) / fx * depth, -(y - cy) / fy * depth, -depth], axis=-1)[hit]
        point = local @ world[k, left, :3, :3] + world[k, left, 3, :3]
        other = (point - world[k, right, 3, :3]) @ world[k, right, :3, :3].T
        column, row = cx - fx * other[:, 0] / other[:, 2], cy + fy * other[:, 1] / other[:, 2]
        np.testing.assert_allclose(row, y[hit], atol=1e-3)
        np.testing.assert_allclose(batch["left"]["disparity"][k][hit], x[hit] - column, atol=1e-4)
        assert (batch["left"]["disparity"][k][~hit] == 0).all()
        assert (batch["right"]["disparity"][k][np.isfinite(batch["right"]["distance_to_image_plane"][k])] > 0).all()


def test_one_eye_carried_by_its_disparity_meets_the_other() -> None:
    with build_graph(spec(), device="cpu") as graph:
        (batch,) = graph.frames(3, annotators=NAMES, batch=3)
    for k in range(3):
        near, far = batch["left"], batch["right"]
        y, x = np.nonzero(np.isfinite(near["distance_to_image_plane"][k]))
        column = np.floor(x + 0.5 - near["disparity"][k][y, x]).astype(int)
        y, x, column = y[column >= 0], x[column >= 0], column[column >= 0]
        other = far["distance_to_image_plane"][k][y, column]
        own = near["distance_to_image_plane"][k][y, x]
        assert (np.abs(other - own) < 0.05).mean() > 0.8


def test_the_right_eye_has_the_left_ones_lens_and_draws() -> None:
    given = spec(focal_length={"uniform": [20, 40]}, clipping_range=[0.2, 50])
    with build_graph(given, device="cpu") as graph:
        cameras = graph.sample([0]).arrays.cameras
    assert cameras.focal_length[0, 0] == cameras.focal_length[0, 1]
    assert cameras.focal_length[0, 0] not in (24, 20, 40)
    np.testing.assert_allclose(cameras.clipping[0], [[0.2, 50]] * 2)


def test_the_baseline_may_vary() -> None:
    """Disparity times depth is focal length times what was drawn, in both eyes; the pair stays rectified."""
    given = spec()
    given["triggers"].append(
        {"on_frame": {}, "randomize": [{"camera": {"cameras": "right", "baseline": {"uniform": [0.05, 0.3]}}}]}
    )
    with build_graph(given, device="cpu") as graph:
        (batch,) = graph.frames(6, annotators=NAMES, batch=6)
        drawn = graph.sample(range(6)).draws["right.camera.baseline"][:, 0, 0]
        world = graph.sample(range(6)).arrays.cameras.world
        ((left, right),) = graph.scene.pairs
    apart = np.linalg.norm(world[:, right, 3, :3] - world[:, left, 3, :3], axis=1)
    np.testing.assert_allclose(apart, drawn, rtol=1e-9)
    assert np.ptp(drawn) > 0.05
    for k, baseline in enumerate(drawn):
        for eye in ("left", "right"):
            depth = batch[eye]["distance_to_image_plane"][k].astype(np.float64)
            hit = np.isfinite(depth)
            found = batch[eye]["disparity"][k][hit] * depth[hit]
            np.testing.assert_allclose(found, SIZE[0] * 24 / 20.955 * baseline, rtol=1e-4)


def test_a_baseline_is_of_a_right_eye() -> None:
    given = spec()
    entry = {"camera": {"cameras": "left", "baseline": {"uniform": [0.05, 0.3]}}}
    given["triggers"].append({"on_frame": {}, "randomize": [entry]})
    with pytest.raises(EngineError, match=r"camera.baseline: 'left' is no right eye of a pair; vary the baseline of"):
        build_graph(given, device="cpu")


def test_replicators_stereo_camera_is_a_pair() -> None:
    with activate(Runtime()) as runtime:
        rep.create.cube(position=(3, 0, 0), semantics={"class": "box"})
        rep.create.stereo_camera(0.1)
        assert runtime.scene().pairs == ((0, 1),)


def test_what_is_no_pair_is_named() -> None:
    given = spec()
    del given["create"]["right"]
    given["render_products"][0]["cameras"] = ["left"]
    with (
        build_graph(given, device="cpu") as graph,
        pytest.raises(EngineError, match="left/Camera is no eye of a stereo"),
    ):
        graph.preview(0, ("disparity",))
    turned = spec()
    turned["triggers"].append({"on_frame": {}, "randomize": [{"pose": {"prims": "boxes", "position": [0, 0, 0]}},
        {"camera": {"cameras": "right", "focal_length": 50}}]})  # fmt: skip
    with (
        build_graph(turned, device="cpu") as graph,
        pytest.raises(EngineError, match="are no rectified pair; give them"),
    ):
        graph.preview(0, ("disparity",))
