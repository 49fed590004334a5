"""The camera behind the lens, from the spec to images and files: labels and depth never change."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from replicator_dr import build_graph, load_spec
from replicator_dr.errors import EngineError, UnsupportedError
from replicator_dr.graph.isaacsim.camera_effects import refuse_camera_effects

TRUTH = ("distance_to_image_plane", "instance_segmentation", "bounding_box_2d_tight", "bounding_box_3d", "normals")
STEREO = {"stereo": {"baseline": {"uniform": [0.05, 0.1]}}, "range": [0.2, 5]}
EFFECTS = {
    "f_stop": 2.0,
    "focus_distance": 0.8,
    "shutter": 0.02,
    "sensor": {"exposure": {"uniform": [-0.5, 0.5]}, "vignetting": 1, "full_well": 8000, "read_noise": 4, "bits": 10},
    "depth_sensor": STEREO,
}


def spec(camera: dict[str, Any] | None = None, *randomize: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """A box that moves over a floor, seen by one camera."""
    eye = {"position": [1.2, 0.4, 0.6], "look_at": "box", "clipping_range": [0.05, 50]}
    box = {"size": 0.3, "position": [0, 0, 0.15], "velocity": [0, 2, 0], "angular_velocity": [0, 0, 360]}
    return {
        "seed": 5,
        "create": {
            "floor": {"plane": {"scale": 4}, "semantics": {"class": "floor"}},
            "box": {"cube": box, "semantics": {"class": "box"}},
            "sky": {"light": {"light_type": "dome", "intensity": 150}},
            "sun": {"light": {"light_type": "distant", "intensity": 500, "rotation": [30, 20, 0]}},
            "eye": {"camera": {**eye, **(camera or {})}},
        },
        "triggers": [
            {
                "on_frame": {},
                "randomize": [
                    {"pose": {"prims": "box", "rotation_z": {"uniform": [0, 90]}}},
                    *randomize,
                ],
            }
        ],
        "render_products": [{"cameras": "eye", "resolution": [96, 72]}],
        **changes,
    }


def frames(document: dict[str, Any], *annotators: str, count: int = 3, batch: int = 16) -> dict[str, Any]:
    """The arrays of the one product over all frames."""
    with build_graph(document) as graph:
        found = list(graph.frames(count, annotators=annotators, batch=batch))
    joined: dict[str, Any] = {}
    for name in annotators:
        values = [value["eye"][name] for value in found]
        joined[name] = [row for value in values for row in value]
    return joined


def test_lenses_are_meant_in_millimetres() -> None:
    with build_graph(spec({"f_stop": 2.8, "focal_length": 50})) as graph:
        cameras = graph.sample([0]).arrays.cameras
    assert cameras.lens_radius(0)[0] == pytest.approx(0.050 / 2.8 / 2)
    vary = {"camera": {"cameras": "eye", "f_stop": {"choice": [0, 1.4]}}}
    with build_graph(spec({}, vary)) as graph:
        radius = graph.sample(range(12)).arrays.cameras.lens_radius(0)
    assert set(np.round(radius, 9)) == {0.0, np.round(0.024 / 2.8, 9)}


def test_fields_reach_the_renderer() -> None:
    vary = {"camera": {"cameras": "eye", "shutter": 0.04}}
    faster = {"sensor": {"cameras": "eye", "iso": {"choice": [200, 400]}}}
    move = {"pose": {"prims": "box", "velocity": {"uniform": [[1, 0, 0], [2, 0, 0]]}}}
    with build_graph(spec(EFFECTS, vary, faster, move)) as graph:
        state = graph.sample(range(8))
    arrays = state.arrays
    assert arrays.sensors is not None
    assert arrays.motion is not None
    assert arrays.depth_sensors is not None
    assert np.allclose(arrays.sensors.shutter, [-0.02, 0.02])
    assert set(arrays.sensors.amplification[:, 0]) == {2.0, 4.0}
    assert np.allclose(np.log2(arrays.sensors.light), state.draws["eye.create.sensor.exposure"][..., 0])
    for name, value in (("vignetting", 1), ("full_well", 8000), ("read_noise", 4), ("bits", 10)):
        assert (getattr(arrays.sensors, name) == value).all()
    assert (arrays.motion.velocity[..., 0] > 1).all()
    assert len(np.unique(arrays.motion.velocity[..., 0])) == 8
    assert np.allclose(arrays.motion.spin, [0, 0, 360])
    assert np.allclose(arrays.depth_sensors.far, 5)
    assert (arrays.depth_sensors.kind == 1).all()
    assert 0.05 <= arrays.depth_sensors.baseline[0, 0] <= 0.1


@pytest.mark.parametrize("mode", ["raster", "path_traced"])
def test_labels_are_bit_for_bit_those_of_the_plain_camera(mode: str) -> None:
    renderer = {"renderer": {"mode": mode, "samples_per_pixel": 4}}
    plain = frames(spec(**renderer), "rgb", *TRUTH)
    shown = frames(spec(EFFECTS, **renderer), "rgb", *TRUTH)
    for name in TRUTH:
        for one, other in zip(plain[name], shown[name], strict=True):
            assert np.asarray(one).tobytes() == np.asarray(other).tobytes(), name
    assert all((one != other).mean() > 0.2 for one, other in zip(plain["rgb"], shown["rgb"], strict=True))


def test_images_do_not_depend_on_the_batch() -> None:
    document = spec(EFFECTS, {"camera": {"cameras": "eye", "f_stop": {"choice": [0, 8, 2]}}})
    whole = frames(document, "rgb", "sensor_depth", count=4)
    alone = frames(document, "rgb", "sensor_depth", count=4, batch=1)
    for name, images in whole.items():
        assert all((one == other).all() for one, other in zip(images, alone[name], strict=True)), name


def test_measured_depth_is_near_the_true_one_and_has_holes() -> None:
    found = frames(spec(EFFECTS), "sensor_depth", "distance_to_image_plane", count=1)
    measured, depth = found["sensor_depth"][0], found["distance_to_image_plane"][0]
    both = np.isfinite(measured) & np.isfinite(depth)
    assert 0.6 < both.mean() < np.isfinite(depth).mean()
    assert 0 < np.abs(measured[both] - depth[both]).mean() < 0.05
    assert not np.isfinite(measured[~np.isfinite(depth)]).any()


def test_cameras_without_a_depth_sensor_say_so() -> None:
    with pytest.raises(EngineError, match="has no depth sensor to measure sensor_depth with"):
        frames(spec(), "sensor_depth")


def test_path_traced_images_are_blurred_and_noisy_too() -> None:
    renderer = {"mode": "path_traced", "samples_per_pixel": 64, "max_bounces": 0}

    def seen(**changes: Any) -> NDArray[np.float64]:
        """Means over blocks of pixels, in which the paths' own noise is small."""
        camera = changes.pop("camera", {})
        document = spec(camera, **changes)
        del document["create"]["sky"]  # under the sun alone both see the same
        image = frames(document, "rgb", count=1)["rgb"][0][..., :3]
        return np.asarray(image.reshape(12, 6, 16, 6, 3).mean(axis=(1, 3)))

    raster = seen(camera={"shutter": 0.1}) - seen()
    traced = seen(camera={"shutter": 0.1}, renderer=renderer) - seen(renderer=renderer)
    assert np.abs(raster).max() > 4
    assert np.abs(traced - raster).mean() < 0.3 * np.abs(raster).mean()
    assert np.corrcoef(raster.ravel(), traced.ravel())[0, 1] > 0.9
    noisy, clean = (
        frames(spec({"sensor": {"full_well": well}}, renderer=renderer), "rgb", count=1)["rgb"][0].astype(float)
        for well in (200, 1e9)
    )
    assert np.abs(noisy - clean).mean() > 4


ROLLING = {"render_products": [{"cameras": "eye", "resolution": {"sequence": [[96, 72], [64, 64], [48, 36]]}}]}


def test_image_sizes_roll() -> None:
    found = frames(spec(EFFECTS, **ROLLING), "rgb", "instance_segmentation", "sensor_depth", count=7)
    sizes = [image.shape[:2] for image in found["rgb"]]
    assert sizes == [(72, 96), (64, 64), (36, 48)] * 2 + [(72, 96)]
    for name in ("instance_segmentation", "sensor_depth"):
        assert [image.shape[:2] for image in found[name]] == sizes


def test_sizes_are_drawn_by_frame() -> None:
    rolling = {"render_products": [{"cameras": "eye", "resolution": {"choice": [[96, 72], [64, 48]]}}]}
    sizes = [image.shape[1] for image in frames(spec(**rolling), "rgb", count=24)["rgb"]]
    assert set(sizes) == {96, 64}
    with build_graph(spec(**rolling)) as graph:
        alone = [graph.preview(frame)["eye"]["rgb"]["data"].shape[1] for frame in (3, 11)]
        assert graph.preview(3)["eye"]["resolution"] in ((96, 72), (64, 48))
    assert alone == [sizes[3], sizes[11]]


@pytest.mark.parametrize("processes", [False, True])
def test_files_have_sizes_and_intrinsics_of_their_own(tmp_path: Path, processes: bool) -> None:
    writers = [{"coco_depth": {"output_dir": str(tmp_path / "data"), "sensor_depth": True}}]
    with build_graph(spec(EFFECTS, **ROLLING, writers=writers)) as graph:
        graph.run(4, processes=processes)
    images = json.loads((tmp_path / "data/annotations.json").read_text())["images"]
    assert [(image["width"], image["height"]) for image in images] == [(96, 72), (64, 64), (48, 36), (96, 72)]
    for image in images:
        for key in ("file_name", "depth_file_name", "sensor_depth_file_name"):
            assert Image.open(tmp_path / "data" / image[key]).size == (image["width"], image["height"])
        (fx, _, cx), (_, _, cy), _ = image["camera"]["intrinsics"]
        assert fx == pytest.approx(image["width"] * 24 / 20.955, abs=1e-5)
        assert (cx, cy) == (image["width"] / 2, image["height"] / 2)
    manifest = json.loads((tmp_path / "data/manifest.json").read_text())
    assert manifest["writer"]["sensor_depth"] is True


def test_measured_depth_is_not_written_unless_asked_for(tmp_path: Path) -> None:
    writers = [{"coco_depth": {"output_dir": str(tmp_path / "data")}}]
    with build_graph(spec(EFFECTS, writers=writers)) as graph:
        graph.run(1)
    assert not (tmp_path / "data/sensor_depth").exists()
    manifest = json.loads((tmp_path / "data/manifest.json").read_text())
    assert "sensor_depth" not in manifest["writer"]


def at_rest(document: dict[str, Any]) -> dict[str, Any]:
    """The same without the box's velocities."""
    for field in ("velocity", "angular_velocity"):
        del document["create"]["box"]["cube"][field]
    return document


@pytest.mark.parametrize(
    ("document", "where"),
    [
        (at_rest(spec({"shutter": 0.01})), r"create\.eye\.shutter"),
        (at_rest(spec({"sensor": {"exposure": 1}})), r"create\.eye\.sensor\.exposure"),
        (
            at_rest(spec({}, {"sensor": {"cameras": "eye", "rolling_shutter": 1e-5}})),
            r"triggers\[0\]\.randomize\[1\]\.sensor\.rolling_shutter",
        ),
        (at_rest(spec({"depth_sensor": STEREO})), r"create\.eye\.depth_sensor"),
        (spec(), r"create\.box\.velocity"),
        (
            at_rest(spec({}, {"camera": {"cameras": "eye", "shutter": 0.1}})),
            r"triggers\[0\]\.randomize\[1\]\.camera\.shutter",
        ),
        (at_rest(spec(**ROLLING)), r"render_products\[0\]\.resolution"),
    ],
)
def test_isaac_sim_refuses_what_it_cannot_render(document: dict[str, Any], where: str) -> None:
    with pytest.raises(UnsupportedError, match=f"^{where}: .*--engine embedded$"):
        refuse_camera_effects(load_spec(document))


def test_isaac_sim_takes_lenses() -> None:
    refuse_camera_effects(load_spec(at_rest(spec({"f_stop": 2.8}))))


LENS = {"fx": 110, "resolution": [96, 72], "lens": {"model": "opencv_pinhole", "k1": -0.2}}


def test_lenses_that_distort_are_blurred_by_motion_and_have_noise() -> None:
    still = frames(at_rest(spec(LENS)), "rgb", count=1)["rgb"][0].astype(float)
    moved = frames(spec({**LENS, "shutter": 0.1}), "rgb", *TRUTH, count=1)
    plain = frames(spec(LENS), "rgb", *TRUTH, count=1)
    assert np.abs(moved["rgb"][0] - still).max() > 20
    for name in TRUTH:
        assert np.asarray(moved[name][0]).tobytes() == np.asarray(plain[name][0]).tobytes(), name
    noisy = frames(spec({**LENS, "sensor": {"full_well": 200}}), "rgb", count=1)["rgb"][0].astype(float)
    assert np.abs(noisy - plain["rgb"][0]).mean() > 4


def test_lenses_that_distort_have_depth_of_field_only_path_traced() -> None:
    camera = {**LENS, "f_stop": 2, "focus_distance": 0.8}
    with pytest.raises(EngineError, match="depth of field through a lens that distorts is not drawn by the raster"):
        frames(spec(camera), "rgb", count=1)
    path = {"mode": "path_traced", "samples_per_pixel": 1, "max_bounces": 0}
    assert frames(spec(camera, renderer=path), "rgb", count=1)["rgb"][0].shape == (72, 96, 4)
