"""Live samples equal those of the disk, frame by frame and key by key."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from replicator_dr import build_graph
from replicator_dr.data import LiveSamples, WrittenSamples
from replicator_dr.errors import UnsupportedError
from tests.data.world import FRAMES, PRODUCTS, SPEC


def same(live: dict[str, Any], disk: dict[str, Any], depth_step: float = 0.0) -> None:
    """Every key is equal, depth within half a step [m]."""
    assert list(live) == list(disk)
    for name, value in disk.items():
        if name in ("depth", "sensor_depth"):
            assert live[name].dtype == value.dtype == np.float32
            np.testing.assert_array_equal(np.isinf(live[name]), np.isinf(value))
            seen = np.isfinite(value)
            # Half a step, and the rounding of float32.
            assert np.abs(live[name][seen] - value[seen]).max(initial=0) <= depth_step / 2 + (1e-6 if depth_step else 0)
        else:
            assert np.asarray(live[name]).dtype.kind == np.asarray(value).dtype.kind, name
            np.testing.assert_array_equal(live[name], value, err_msg=name)


def test_they_are_those_of_the_disk(folder: Path, exact: Path) -> None:
    with build_graph(SPEC, device="cpu") as graph:
        live = list(LiveSamples(graph, FRAMES, batch=3))
    assert len(live) == FRAMES * PRODUCTS
    assert any(len(sample["labels"]) for sample in live)
    assert any(not len(sample["labels"]) for sample in live)
    for sample, disk, precise in zip(live, WrittenSamples(folder), WrittenSamples(exact)):
        same(sample, disk, depth_step=0.001)
        same(sample, precise)


def test_options_of_the_writer_count(tmp_path: Path) -> None:
    options = {
        "categories": ["box", "ball"],
        "min_pixels": 30,
        "min_visible_fraction": 0.5,
        "depth": "npy",
        "splits": {"train": 0.6, "val": 0.4},
    }
    spec = {**SPEC, "writers": [{"coco_depth": options}]}
    with build_graph(spec, device="cpu") as graph:
        graph.run(FRAMES, output_dir=tmp_path / "set")
        everything = LiveSamples(graph, FRAMES)
        assert [category.name for category in everything.categories] == ["box", "ball"]
        for sample, disk in zip(everything, WrittenSamples(tmp_path / "set"), strict=True):
            same(sample, disk)
        for split in ("train", "val"):
            live = list(LiveSamples(graph, FRAMES, split))
            assert 0 < len(live) < len(everything)
            for sample, disk in zip(live, WrittenSamples(tmp_path / "set", split), strict=True):
                same(sample, disk)
        with pytest.raises(ValueError, match="has no split 'test'; it has train, val"):
            LiveSamples(graph, FRAMES, "test")


def test_splits_by_a_draw_are_those_of_the_disk(tmp_path: Path) -> None:
    draw = "sun.light.intensity"
    options = {"splits": {"train": 1, "val": 1}, "split_by": draw, "depth": "none"}
    trigger = SPEC["triggers"][0]
    light = {"light": {"lights": "sun", "intensity": {"choice": [500, 1000, 2000, 4000]}}}
    triggers = [{**trigger, "randomize": [*trigger["randomize"], light]}]
    with build_graph({**SPEC, "triggers": triggers, "writers": [{"coco_depth": options}]}, device="cpu") as graph:
        graph.run(12, output_dir=tmp_path / "set")
        seen: list[set[float]] = []
        for split in ("train", "val"):
            disk = WrittenSamples(tmp_path / "set", split, pictures=[])
            live = LiveSamples(graph, 12, split, pictures=[])
            assert live.frames.tolist() == sorted(set(disk.frames.tolist()))
            seen.append({float(sample[f"draws/{draw}"][0, 0]) for sample in disk})
    assert seen[0]
    assert seen[1]
    assert not seen[0] & seen[1]


def test_sizes_that_are_drawn_and_measured_depth(tmp_path: Path) -> None:
    create = {
        **SPEC["create"],
        "front": {"camera": {**SPEC["create"]["front"]["camera"], "depth_sensor": {"stereo": {}}}},
    }
    spec = {
        **SPEC,
        "create": create,
        "render_products": [{"cameras": "front", "resolution": {"choice": [[64, 48], [48, 64], [40, 40]]}}],
        "writers": [{"coco_depth": {"depth": "npy", "sensor_depth": True}}],
    }
    with build_graph(spec, device="cpu") as graph:
        graph.run(8, output_dir=tmp_path / "set")
        live = list(LiveSamples(graph, 8, pictures=["rgb", "depth", "sensor_depth"]))
    assert len({sample["rgb"].shape for sample in live}) > 1
    for sample, disk in zip(live, WrittenSamples(tmp_path / "set"), strict=True):
        same(sample, disk)


def test_frames_come_in_the_order_asked_for(folder: Path) -> None:
    wanted = [5, 1, 6, 0]
    disk = WrittenSamples(folder)
    with build_graph(SPEC, device="cpu") as graph:
        live = LiveSamples(graph, 100, batch=2, workers=1)
        assert len(live) == 200
        taken = list(live.of_frames(wanted))
    assert [int(sample["frame"]) for sample in taken] == [frame for frame in wanted for _ in range(PRODUCTS)]
    for sample in taken:
        same(sample, disk[int(sample["image_id"]) - 1], depth_step=0.001)


def test_a_reader_may_stop_early() -> None:
    with build_graph(SPEC, device="cpu") as graph:
        samples = LiveSamples(graph, 1000, batch=2)
        first = next(iter(samples))
        again = next(iter(samples))
    np.testing.assert_array_equal(first["rgb"], again["rgb"])


def test_pictures_that_there_are_none_of() -> None:
    with build_graph(SPEC, device="cpu") as graph:
        with pytest.raises(ValueError, match="there is no picture 'normals'"):
            LiveSamples(graph, 1, pictures=["normals"])
        bare = next(iter(LiveSamples(graph, 1, pictures=[])))
    assert not {"rgb", "depth"} & set(bare)
    assert bare["masks"].shape[1:] == (48, 64)


def test_isaac_sim_says_what_to_do_instead() -> None:
    from replicator_dr.graph.isaacsim.kit_session import KitSession

    class OnKit:
        engine = "isaacsim"

    with pytest.raises(UnsupportedError, match="live samples are made by the embedded runtime"):
        LiveSamples(OnKit(), 1)  # type: ignore[arg-type]
    with pytest.raises(UnsupportedError, match="use frames, or build with engine='embedded'"):
        KitSession.captures(None)  # type: ignore[arg-type]


def test_on_a_device_they_are_the_same(exact: Path) -> None:
    with build_graph(SPEC, device="cpu") as graph:
        live = list(LiveSamples(graph, FRAMES, batch=3, on_device=True))
    for sample, disk in zip(live, WrittenSamples(exact), strict=True):
        assert not isinstance(sample["rgb"], np.ndarray)
        colors = np.from_dlpack(sample["rgb"])
        assert (colors[..., 3] == 255).all()
        on_host = {
            **sample,
            "rgb": colors[..., :3],
            "depth": np.from_dlpack(sample["depth"]),
            "masks": np.from_dlpack(sample["masks"]).astype(bool),
        }
        same(on_host, disk)


def test_images_with_effects_are_put_on_the_device() -> None:
    camera = {**SPEC["create"]["front"]["camera"], "sensor": {"read_noise": 20.0, "full_well": 2000.0}}
    spec = {**SPEC, "create": {**SPEC["create"], "front": {"camera": camera}}}
    with build_graph(spec, device="cpu") as graph:
        host, device = (list(LiveSamples(graph, 3, on_device=on_device)) for on_device in (False, True))
    with build_graph(SPEC, device="cpu") as graph:
        plain = list(LiveSamples(graph, 3))
    assert (host[0]["rgb"] != plain[0]["rgb"]).any()
    for one, other in zip(host, device, strict=True):
        np.testing.assert_array_equal(one["rgb"], np.from_dlpack(other["rgb"])[..., :3])
        np.testing.assert_array_equal(one["depth"], np.from_dlpack(other["depth"]))
        np.testing.assert_array_equal(one["masks"], np.from_dlpack(other["masks"]).astype(bool))


def test_keypoints_are_those_of_the_disk(tmp_path: Path) -> None:
    corners = {"low": [-0.5, -0.5, -0.5], "high": [0.5, 0.5, 0.5]}
    create = {
        **SPEC["create"],
        "boxes": {**SPEC["create"]["boxes"], "keypoints": corners, "skeleton": [["low", "high"]]},
        "more": {"cube": {"size": 0.3}, "semantics": {"class": "box"}, "keypoints": {"top": [0, 0, 0.5]}},
        "things": {"group": ["boxes", "balls", "more"]},
    }
    with build_graph({**SPEC, "create": create, "writers": [{"coco_depth": {"depth": "npy"}}]}, device="cpu") as graph:
        graph.run(8, output_dir=tmp_path / "set")
        live = LiveSamples(graph, 8, batch=3)
        disk = WrittenSamples(tmp_path / "set")
        assert live.categories == disk.categories
        assert disk.categories[1].keypoints == ["low", "high", "top"]
        seen = 0
        for sample, other in zip(live, disk, strict=True):
            same(sample, other)
            seen += int((sample["keypoints"][..., 2] == 2).sum())
    assert seen > 5


def test_coco_depth_decides_among_several_writers() -> None:
    from replicator_dr.plugins import register_writer
    from writers.coco_panoptic import CocoPanoptic

    register_writer(CocoPanoptic)
    panoptic = {"coco_panoptic": {"output_dir": "a", "categories": ["ball"]}}
    depth = {"coco_depth": {"output_dir": "b", "categories": ["box"]}}
    for writers, expected in (([panoptic, depth], ["box"]), ([panoptic], ["ball"]), ([], ["ball", "box"])):
        with build_graph({**SPEC, "writers": writers}, device="cpu") as graph:
            samples = LiveSamples(graph, 1)
        assert [category.name for category in samples.categories] == expected
