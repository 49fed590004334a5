from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import stats

from replicator_dr import build_graph
from replicator_dr.engines.embedded.scene.scene_sensors import white_balance
from replicator_dr.render import color

FRAMES = 2000
VARIED = {
    "exposure": {"normal": [0, 0.5]},
    "gain": {"log_uniform": [1, 16]},
    "white_balance": {"uniform": [3500, 8000]},
    "tint": {"normal": [0, 0.1]},
    "blur": {"uniform": [0, 1.5]},
    "chromatic_aberration": {"uniform": [-1, 1]},
    "vignetting": {"uniform": [0, 2]},
    "full_well": {"log_uniform": [4000, 20000]},
    "read_noise": {"uniform": [1, 8]},
    "sharpening": {"uniform": [0, 1]},
    "hot_pixels": {"log_uniform": [1.0e-6, 1.0e-3]},
    "dead_pixels": {"uniform": [0, 1.0e-4]},
    "rolling_shutter": {"uniform": [0, 5.0e-5]},
    "bits": {"choice": [8, 10, 12]},
    "jpeg_quality": {"choice": [50, 75, 95]},
}
TRUTH = ("distance_to_image_plane", "instance_segmentation", "semantic_segmentation", "bounding_box_2d_tight",
         "bounding_box_3d", "normals", "amodal_segmentation", "keypoints")  # fmt: skip


def test_draws_follow_their_distributions_and_reach_the_sensor(sampled: Any) -> None:
    made = sampled({"sensor": {"cameras": "rig", **VARIED}}, frames=FRAMES).state.arrays.sensors
    uniform = {
        "gain": np.log(made.gain) / np.log(16),
        "blur": made.blur / 1.5,
        "chromatic_aberration": (made.chromatic_aberration + 1) / 2,
        "vignetting": made.vignetting / 2,
        "full_well": np.log(made.full_well / 4000) / np.log(5),
        "read_noise": (made.read_noise - 1) / 7,
        "sharpening": made.sharpening,
        "hot_pixels": np.log(made.hot_pixels / 1e-6) / np.log(1000),
        "dead_pixels": made.dead_pixels / 1e-4,
        "rolling_shutter": made.row_time / 5e-5,
        "exposure": stats.norm.cdf(np.log2(made.light) / 0.5),
        "tint": stats.norm.cdf(-np.log2(made.balance[..., 1]) / 0.1),
    }
    for name, values in uniform.items():
        for camera in range(2):
            assert stats.kstest(values[:, camera], "uniform").pvalue > 1e-3, name
    for values, choices in ((made.bits, (8, 10, 12)), (made.jpeg_quality, (50, 75, 95))):
        counts = [(values == choice).sum() for choice in choices]
        assert sum(counts) == values.size
        assert stats.chisquare(counts).pvalue > 1e-3
    # Each draw is its own: no two fields go together.
    table = np.stack([values[:, 0] for values in uniform.values()])
    apart = np.abs(np.corrcoef(table) - np.eye(len(table)))
    assert apart.max() < 4.5 / np.sqrt(FRAMES)


def test_white_balance_is_drawn_in_kelvin(sampled: Any) -> None:
    seen = sampled({"sensor": {"cameras": "rig", "white_balance": VARIED["white_balance"]}}, frames=FRAMES)
    (kelvin,) = (draw[..., 0] for name, draw in seen.state.draws.items() if "white_balance" in name)
    assert stats.kstest((kelvin.reshape(-1) - 3500) / 4500, "uniform").pvalue > 1e-3
    assert np.allclose(seen.state.arrays.sensors.balance, white_balance(kelvin, np.zeros_like(kelvin)))


def test_without_the_randomizer_there_is_no_sensor(sampled: Any) -> None:
    assert sampled(frames=2).state.arrays.sensors is None


def document(*randomize: dict[str, Any], **camera: Any) -> dict[str, Any]:
    """A box that moves over a floor."""
    eye = {"position": [1.2, 0.4, 0.6], "look_at": [0, 0, 0.1], "clipping_range": [0.05, 50], **camera}
    box = {"size": 0.3, "position": [0, 0, 0.15], "velocity": [0, 3, 0], "keypoints": {"tip": [0, 0, 0.5]}}
    return {
        "seed": 5,
        "create": {
            "floor": {"plane": {"scale": 4}, "semantics": {"class": "floor"}},
            "box": {"cube": box, "semantics": {"class": "box"}},
            "sky": {"light": {"light_type": "dome", "intensity": 600}},
            "eye": {"camera": eye},
        },
        "triggers": [
            {
                "on_frame": {},
                "randomize": [{"pose": {"prims": "box", "rotation_z": {"uniform": [0, 90]}}}, *randomize],
            }
        ],
        "render_products": [{"cameras": "eye", "resolution": [96, 72]}],
    }


def arrays(spec: dict[str, Any], *names: str, count: int = 4, batch: int = 16) -> dict[str, list[Any]]:
    with build_graph(spec) as graph:
        found = list(graph.frames(count, annotators=names, batch=batch))
    return {name: [row for value in found for row in value["eye"][name]] for name in names}


ALL_ON = {"sensor": {"cameras": "eye", **VARIED, "hot_pixels": 0.01, "rolling_shutter": 2e-4}}


@pytest.mark.parametrize("mode", ["raster", "path_traced"])
def test_truth_is_byte_for_byte_that_without_effects(mode: str) -> None:
    renderer = {"renderer": {"mode": mode, "samples_per_pixel": 4}}
    plain = arrays({**document(), **renderer}, "rgb", *TRUTH)
    shown = arrays({**document(ALL_ON), **renderer}, "rgb", *TRUTH)
    for name in TRUTH:
        for one, other in zip(plain[name], shown[name], strict=True):
            assert np.asarray(one).tobytes() == np.asarray(other).tobytes(), name
    assert all((one != other).mean() > 0.2 for one, other in zip(plain["rgb"], shown["rgb"], strict=True))


def test_a_frame_alone_is_the_frame_of_a_run() -> None:
    whole = arrays(document(ALL_ON), "rgb", count=5)["rgb"]
    for width in (1, 2):
        again = arrays(document(ALL_ON), "rgb", count=5, batch=width)["rgb"]
        assert all((one == other).all() for one, other in zip(whole, again, strict=True))
    with build_graph(document(ALL_ON)) as graph:
        alone = next(iter(graph.frames(1, start=3, annotators=("rgb",))))["eye"]["rgb"][0]
    assert (alone == whole[3]).all()


@pytest.mark.parametrize("mode", ["raster", "path_traced"])
def test_a_rolling_shutter_leans_what_moves(mode: str) -> None:
    """The box's upright edges lean by its velocity over the image times the row time."""
    spec = document(position=[2.0, 0, 0.15], look_at=[0, 0, 0.15])
    box = {"scale": [0.01, 0.2, 3.0], "position": [0, 0, 0.15], "velocity": [0, 3, 0], "material": "shining"}
    spec["create"]["box"] = {"cube": box}
    spec["create"]["shining"] = {"material": {"emissive_color": [1, 1, 1], "emissive_intensity": 500}}
    del spec["create"]["sky"]
    del spec["create"]["floor"]
    spec["triggers"][0]["randomize"] = [{"sensor": {"cameras": "eye", "rolling_shutter": 4e-4}}]
    image = arrays({**spec, "renderer": {"mode": mode, "samples_per_pixel": 32}}, "rgb", count=1)["rgb"][0]
    light = color.to_linear(image[..., 0] / 255.0)
    where = (light * (np.arange(96) + 0.5)).sum(axis=1) / light.sum(axis=1)
    focal = 96 * 24 / 20.955
    # +y of the world is to the right of a camera that looks along -x.
    assert np.polyfit(np.arange(72), where, 1)[0] == pytest.approx(focal * 3 / 1.995 * 4e-4, rel=0.05)


def test_depth_has_holes_and_its_truth_has_none() -> None:
    sensor = {"time_of_flight": {}, "range": [0.2, 5], "dropout": {"uniform": [0.1, 0.3]}, "edge_dropout": 0.5,
              "max_incidence": 80, "min_reflectance": 0.01, "depth_step": {"choice": [0.001, 0.01]}}  # fmt: skip
    names = ("sensor_depth", "distance_to_image_plane")
    found = arrays(document(depth_sensor=sensor), *names)
    plain = arrays(document(), "distance_to_image_plane")
    for measured, depth, other in zip(found[names[0]], found[names[1]], plain[names[1]], strict=True):
        assert depth.tobytes() == other.tobytes()
        share = np.isinf(measured)[np.isfinite(depth) & (depth < 5)].mean()
        assert 0.08 < share < 0.5
