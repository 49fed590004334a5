"""The dataset that coco_depth writes, read back by pycocotools, Pillow and plain arithmetic."""

from __future__ import annotations

import contextlib
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from pycocotools import mask as coco_mask
from pycocotools.cocoeval import COCOeval
from scipy.spatial.transform import Rotation

from replicator_dr.errors import OutputError
from replicator_dr.render.scene import RenderedView, View
from tests.flat_world import ENTITIES, FlatRenderer, bounds, flat_scene, flat_state, frame_rectangles
from tests.writers.coco_run import OneByOne, WithoutCoverage, checksums, load, manifest, written

FRAMES = 20
SIZES = {"left": (64, 48), "right": (240, 180)}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("dataset") / "flat"
    written(path, FRAMES)
    return path


def rendered(frame: int, product: str) -> RenderedView:
    frames = np.array([frame])
    state = flat_state(frames, frame_rectangles(frames))
    return FlatRenderer(flat_scene()).render(state.arrays, View(0, *SIZES[product]))


def instance_image(frame: int, product: str) -> np.ndarray:
    """Rows of ENTITIES, -1 elsewhere."""
    part = rendered(frame, product).part[0]
    return np.where(part >= 0, flat_scene().arrays.part_entity[part], -1)


def test_files_and_tables_are_complete(folder: Path) -> None:
    coco = load(folder)
    assert len(coco.imgs) == 2 * FRAMES
    assert coco.dataset["licenses"] == []
    assert set(coco.dataset) == {"info", "licenses", "categories", "images", "annotations"}
    assert [(item["id"], item["name"]) for item in coco.dataset["categories"]] == [(1, "ball"), (2, "box"), (3, "mug")]
    for image in coco.imgs.values():
        assert image["id"] == image["frame"] * 2 + list(SIZES).index(image["product"]) + 1
        for name in ("file_name", "depth_file_name"):
            assert Image.open(folder / image[name]).size == SIZES[image["product"]] == (image["width"], image["height"])
    assert (folder / "rgb" / "left" / "000013.png").is_file()
    assert (folder / "depth" / "right" / "000013.png").is_file()


def test_images_are_what_was_rendered(folder: Path) -> None:
    for frame, product in ((0, "left"), (7, "right"), (14, "left")):
        view = rendered(frame, product)
        assert view.rgb is not None
        color = Image.open(folder / "rgb" / product / f"{frame:06d}.png")
        assert color.mode == "RGB"
        assert np.array_equal(np.asarray(color), view.rgb[0, ..., :3])
        depth = np.asarray(Image.open(folder / "depth" / product / f"{frame:06d}.png"))
        expected = np.where(np.isfinite(view.depth[0]), np.rint(view.depth[0].astype(np.float64) * 1000), 0)
        assert np.array_equal(depth, expected)


def test_masks_areas_and_boxes_are_those_of_the_instance_image(folder: Path) -> None:
    coco = load(folder)
    checked = 0
    for image in coco.imgs.values():
        ids = instance_image(image["frame"], image["product"])
        annotations = coco.loadAnns(coco.getAnnIds(imgIds=[image["id"]]))
        assert sorted(item["prim_path"] for item in annotations) == sorted(
            ENTITIES[row] for row in np.unique(ids).tolist() if row >= 0
        )
        for item in annotations:
            mask = ids == ENTITIES.index(item["prim_path"])
            assert np.array_equal(coco.annToMask(item).astype(bool), mask)
            assert item["area"] == mask.sum()
            x_min, y_min, x_max, y_max = bounds(mask).tolist()
            assert item["bbox"] == [x_min, y_min, x_max - x_min + 1, y_max - y_min + 1]
            assert item["bbox"] == coco_mask.toBbox(item["segmentation"]).tolist()
            assert item["iscrowd"] == 0
            checked += 1
    assert checked > 50


def test_ids_are_unique_and_from_one(folder: Path) -> None:
    dataset = load(folder).dataset
    for table in ("images", "annotations", "categories"):
        numbers = [item["id"] for item in dataset[table]]
        assert len(set(numbers)) == len(numbers)
        assert min(numbers) >= 1
        assert numbers == sorted(numbers)


@pytest.mark.parametrize("kind", ["bbox", "segm"])
def test_the_truth_as_detections_is_perfect(folder: Path, kind: str) -> None:
    truth = load(folder)
    keys = ("image_id", "category_id", "bbox", "segmentation")
    with contextlib.redirect_stdout(io.StringIO()):
        found = truth.loadRes([{**{key: item[key] for key in keys}, "score": 1.0} for item in truth.anns.values()])
        evaluation = COCOeval(truth, found, kind)
        evaluation.evaluate()
        evaluation.accumulate()
        evaluation.summarize()
    # COCOeval's means may be off by a rounding error.
    precision, recall = np.round(evaluation.stats[:6], 12), np.round(evaluation.stats[6:], 12)
    assert precision[0] == precision[1] == recall[2] == 1.0
    areas = [item["area"] for item in truth.anns.values()]
    assert min(areas) < 32**2 < 96**2 < max(areas), "objects of every size bucket"
    assert precision[3:].tolist() == [1.0, 1.0, 1.0]


def test_images_without_objects_are_kept(folder: Path) -> None:
    coco = load(folder)
    empty = [image for image in coco.imgs if not coco.getAnnIds(imgIds=[image])]
    assert {coco.imgs[image]["frame"] for image in empty} == {4, 9, 14, 19}
    assert manifest(folder)["counts"]["images_without_objects"] == len(empty) == 8


def test_the_whole_object_is_described_beside_what_is_seen(folder: Path) -> None:
    coco = load(folder)
    hidden = 0
    for item in coco.anns.values():
        image = coco.imgs[item["image_id"]]
        entities = rendered(image["frame"], image["product"]).entities
        row = ENTITIES.index(item["prim_path"])
        assert item["area_amodal"] == entities.amodal[0, row]
        assert item["visible_fraction"] == pytest.approx(entities.visible[0, row] / entities.amodal[0, row], abs=1e-6)
        x_min, y_min, x_max, y_max = entities.amodal_box[0, row].tolist()
        assert item["bbox_amodal"] == [x_min, y_min, x_max - x_min + 1, y_max - y_min + 1]
        low, high = entities.extent[0, row, :2].astype(float), entities.extent[0, row, 2:].astype(float)
        inside = np.prod(np.minimum(high, [image["width"], image["height"]]) - np.maximum(low, 0))
        assert item["truncation"] == pytest.approx(1 - inside / np.prod(high - low), abs=1e-5)
        near, far = item["depth_range"]
        assert near == pytest.approx(entities.depth_min[0, row], abs=1e-6)
        assert far == pytest.approx(entities.depth_max[0, row], abs=1e-6)
        hidden += item["visible_fraction"] < 1
    assert hidden > 5
    assert any(item["truncation"] > 0.05 for item in coco.anns.values())


def test_poses_and_boxes_project_to_the_rectangles(folder: Path) -> None:
    coco = load(folder)
    for item in coco.anns.values():
        if item["prim_path"] == ENTITIES[2]:
            continue  # two parts: its box is that of the first only
        image = coco.imgs[item["image_id"]]
        row = ENTITIES.index(item["prim_path"])
        x, y, distance, width, height = frame_rectangles(np.array([image["frame"]]))[0, row]
        pose = item["pose"]
        assert pose["translation"] == pytest.approx([x, -y, distance], abs=2e-6)
        assert pose["scale"] == pytest.approx([width, height, 1.0], abs=2e-6)
        turn = Rotation.from_quat(np.array(pose["quaternion"])[[1, 2, 3, 0]])
        corner = turn.apply(np.array(pose["scale"]) * [0.5, 0.5, 0.0]) + pose["translation"]
        assert corner == pytest.approx([x + width / 2, -(y + height / 2), distance], abs=5e-6)
        assert item["bbox_3d"]["min"] == pytest.approx([-width / 2, -height / 2, 0], abs=2e-6)
        assert item["bbox_3d"]["max"] == pytest.approx([width / 2, height / 2, 0], abs=2e-6)
        points = np.array(item["bbox_3d"]["image_points"])
        extent = rendered(image["frame"], image["product"]).entities.extent[0, row]
        assert points.min(axis=0) == pytest.approx(extent[:2], abs=2e-3)
        assert points.max(axis=0) == pytest.approx(extent[2:], abs=2e-3)
        (focal, _, centre_x), _, _ = image["camera"]["intrinsics"]
        assert points[7, 0] == pytest.approx(focal * corner[0] / corner[2] + centre_x, abs=2e-3)


def test_every_number_is_plain_and_every_file_has_its_checksum(folder: Path) -> None:
    def walk(value: Any) -> None:
        assert value is None or type(value) in (str, int, float, list, dict)
        for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
            walk(inner)

    walk(json.loads((folder / "annotations.json").read_text(), parse_constant=pytest.fail))
    found = manifest(folder)
    files = checksums(folder)
    del files["manifest.json"]
    assert found["sha256"] == files
    assert len(files) == 4 * FRAMES + 1


def test_the_manifest_says_where_it_came_from(folder: Path) -> None:
    found = manifest(folder)
    assert (found["name"], found["seed"], found["spec_hash"]) == ("flat", 7, "abc")
    assert found["spec"] == {"name": "flat"}
    assert found["versions"] == {"replicator_dr": "0"}
    assert found["frames"] == [[0, 19]]
    counts = found["counts"]
    assert (counts["frames"], counts["images"]) == (FRAMES, 2 * FRAMES)
    assert counts["annotations"] == sum(counts["annotations_by_category"].values()) == len(load(folder).anns)
    assert found["depth"]["metres_per_unit"] == 0.001
    missing = sum(int(np.isinf(rendered(frame, product).depth).sum()) for frame in range(FRAMES) for product in SIZES)
    assert counts["depth_pixels_without_surface"] == missing
    assert counts["depth_pixels_beyond_range"] == 0


def test_draws_are_recorded_with_each_image(folder: Path) -> None:
    image = load(folder).imgs[15]
    sizes = frame_rectangles(np.array([image["frame"]]))[0, :, 3:]
    assert image["draws"]["look"] == ["red", "blue"]
    assert image["draws"]["size"] == sizes.tolist()


@pytest.mark.parametrize("batch", [1, 3, 16])
def test_batch_widths_give_identical_bytes(folder: Path, tmp_path: Path, batch: int) -> None:
    written(tmp_path / "set", FRAMES, batch=batch)
    assert checksums(tmp_path / "set") == checksums(folder)


@pytest.mark.parametrize("options", [{}, {"segmentation": "polygon", "depth": "npy", "compression": 3}])
def test_processes_give_identical_bytes(tmp_path: Path, options: dict[str, Any]) -> None:
    for processes in (False, True):
        written(tmp_path / str(processes), FRAMES, batch=7, processes=processes, **options)
    assert checksums(tmp_path / "True") == checksums(tmp_path / "False")
    journals = [(tmp_path / name / "journal.jsonl").read_bytes() for name in ("True", "False")]
    assert journals[0] == journals[1]


def test_the_ordinary_way_gives_identical_bytes(folder: Path, tmp_path: Path) -> None:
    written(tmp_path / "set", FRAMES, kind=OneByOne)
    assert checksums(tmp_path / "set") == checksums(folder)


def test_a_frame_alone_is_the_frame_of_the_run(folder: Path, tmp_path: Path) -> None:
    written(tmp_path / "set", 1, start=13)
    alone = checksums(tmp_path / "set", "*/*/*.png")
    assert len(alone) == 4
    assert alone.items() <= checksums(folder).items()
    whole, single = load(folder).dataset, load(tmp_path / "set").dataset
    assert single["categories"] == whole["categories"]
    assert single["images"] == [image for image in whole["images"] if image["frame"] == 13]
    images = {image["id"] for image in single["images"]}
    assert single["annotations"] == [item for item in whole["annotations"] if item["image_id"] in images]


def test_with_nvidia_s_annotators_alone_the_records_say_the_same(folder: Path, tmp_path: Path) -> None:
    written(tmp_path / "set", FRAMES, kind=WithoutCoverage)
    ours, theirs = load(folder).anns, load(tmp_path / "set").anns
    assert ours.keys() == theirs.keys()
    for number, item in ours.items():
        other = theirs[number]
        # The two-part mug's 3D box is that of its first part in this world, so its truncation is not comparable.
        exact = set(item) - {"truncation"}
        assert {key: item[key] for key in exact} == {key: other[key] for key in exact}
        if item["prim_path"] != ENTITIES[2]:
            assert other["truncation"] == pytest.approx(item["truncation"], abs=1e-4)


def test_polygons_cover_the_mask_or_fill_its_holes(folder: Path, tmp_path: Path) -> None:
    written(tmp_path / "set", FRAMES, segmentation="polygon")
    coco, exact = load(tmp_path / "set"), load(folder)
    for number, item in coco.anns.items():
        mask, reference = coco.annToMask(item).astype(bool), exact.annToMask(exact.anns[number]).astype(bool)
        assert all(len(ring) >= 6 and len(ring) % 2 == 0 for ring in item["segmentation"])
        assert mask[reference].all()
        assert item["area"] == reference.sum()
        assert item["bbox"] == exact.anns[number]["bbox"]
        x, y, width, height = (int(number) for number in item["bbox"])
        assert bounds(mask).tolist() == [x, y, x + width - 1, y + height - 1]


def test_small_and_hidden_objects_can_be_left_out(folder: Path, tmp_path: Path) -> None:
    written(tmp_path / "set", FRAMES, min_pixels=60, min_visible_fraction=0.5)
    everything = load(folder).anns
    wanted = {n for n, item in everything.items() if item["area"] >= 60 and item["visible_fraction"] >= 0.5}
    kept = load(tmp_path / "set").anns
    assert set(kept) == wanted
    assert 0 < len(wanted) < len(everything)


def test_categories_can_be_chosen_and_ordered(folder: Path, tmp_path: Path) -> None:
    written(tmp_path / "set", FRAMES, categories=("mug", "ball"))
    coco = load(tmp_path / "set")
    assert [(item["id"], item["name"]) for item in coco.dataset["categories"]] == [(1, "mug"), (2, "ball")]
    assert {item["prim_path"] for item in coco.anns.values()} == {ENTITIES[1], ENTITIES[2]}
    whole = load(folder)
    kept = [number for number, item in whole.anns.items() if item["prim_path"] != ENTITIES[0]]
    assert list(coco.anns) == kept


def test_another_label_type_names_the_categories(tmp_path: Path) -> None:
    written(tmp_path / "set", 4, label_type="shape")
    coco = load(tmp_path / "set")
    assert [item["name"] for item in coco.dataset["categories"]] == ["round"]
    assert {item["prim_path"] for item in coco.anns.values()} == {ENTITIES[1]}


def test_depth_as_floats_or_not_at_all(tmp_path: Path) -> None:
    written(tmp_path / "npy", 2, depth="npy")
    image = load(tmp_path / "npy").imgs[1]
    assert image["depth_file_name"] == "depth/left/000000.npy"
    assert np.array_equal(np.load(tmp_path / "npy" / image["depth_file_name"]), rendered(0, "left").depth[0])
    assert manifest(tmp_path / "npy")["depth"]["no_measurement"] == "inf"
    written(tmp_path / "none", 2, depth="none")
    assert "depth_file_name" not in load(tmp_path / "none").imgs[1]
    assert not (tmp_path / "none" / "depth").exists()
    assert manifest(tmp_path / "none")["depth"] is None


def test_finer_depth_says_its_scale_and_counts_what_is_too_far(tmp_path: Path) -> None:
    written(tmp_path / "set", 2, depth_scale=0.05)
    depth = np.asarray(Image.open(tmp_path / "set" / "depth" / "left" / "000000.png"))
    expected = rendered(0, "left").depth[0]
    reachable = np.isfinite(expected) & (expected <= 65535 * 0.00005)
    assert np.allclose(depth[reachable] * 0.00005, expected[reachable], atol=0.00003)
    assert not depth[~reachable].any()
    found = manifest(tmp_path / "set")
    assert found["depth"]["metres_per_unit"] == 0.00005
    assert found["counts"]["depth_pixels_beyond_range"] > 0


def test_a_run_without_frames_is_a_valid_empty_dataset(tmp_path: Path) -> None:
    written(tmp_path / "set", 0)
    assert load(tmp_path / "set").dataset["images"] == []
    assert manifest(tmp_path / "set")["frames"] == []


def test_supercategories_come_from_labels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from tests import flat_world

    labels = ({"class": "vehicle/car"}, {"class": "ball", "supercategory": "toy"}, {"class": "mug,cup"})
    monkeypatch.setattr(flat_world, "LABELS", labels)
    written(tmp_path / "set", 3)
    found = {item["name"]: item["supercategory"] for item in load(tmp_path / "set").dataset["categories"]}
    assert found == {"ball": "toy", "mug": "object", "vehicle/car": "vehicle"}


def test_categories_that_nothing_carries_are_refused_before_anything_is_drawn(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"labelled 'mgu' or 'bal', so nothing .*categories are some of: .*mug"):
        written(tmp_path / "set", FRAMES, categories=("mgu", "bal"))
    assert not (tmp_path / "set").exists()
