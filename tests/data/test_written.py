"""Samples of a written dataset, held against the annotations file as JSON, pycocotools and Pillow read it."""

from __future__ import annotations

import contextlib
import io
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from pycocotools.coco import COCO
from scipy.spatial.transform import Rotation

from replicator_dr.data import WrittenSamples
from replicator_dr.errors import DatasetError
from tests.data.conftest import written
from tests.data.world import FRAMES, PRODUCTS, SPEC


@pytest.fixture(scope="module")
def coco(folder: Path) -> COCO:
    with contextlib.redirect_stdout(io.StringIO()):
        return COCO(str(folder / "annotations.json"))


def pairs(folder: Path, coco: COCO) -> list[tuple[dict[str, Any], list[dict[str, Any]], dict[str, Any]]]:
    """(image, annotations, sample) of every image."""
    images = sorted(coco.imgs.values(), key=lambda image: image["id"])
    return [(image, coco.imgToAnns[image["id"]], sample) for image, sample in zip(images, WrittenSamples(folder))]


def test_every_image_is_there_once_in_order(folder: Path, coco: COCO) -> None:
    samples = WrittenSamples(folder)
    assert len(samples) == FRAMES * PRODUCTS
    assert samples.image_ids.tolist() == sorted(coco.imgs) == [int(sample["image_id"]) for sample in samples]
    assert samples.frames.tolist() == [frame for frame in range(FRAMES) for _ in range(PRODUCTS)]
    assert [category.name for category in samples.categories] == ["ball", "box"]
    assert int(samples[-1]["image_id"]) == max(coco.imgs)
    with pytest.raises(IndexError):
        samples[len(samples)]


def test_objects_are_those_of_the_file(folder: Path, coco: COCO) -> None:
    seen = 0
    for image, objects, sample in pairs(folder, coco):
        shape = (image["height"], image["width"])
        assert sample["masks"].shape == (len(objects), *shape)
        assert sample["masks"].dtype == bool
        assert sample["annotation_ids"].tolist() == [one["id"] for one in objects]
        for row, one in enumerate(objects):
            np.testing.assert_array_equal(sample["masks"][row], coco.annToMask(one).astype(bool))
            y, x = np.nonzero(sample["masks"][row])
            assert sample["boxes"][row].tolist() == [x.min(), y.min(), x.max() + 1, y.max() + 1]
            x, y, width, height = one["bbox_amodal"]
            assert sample["boxes_amodal"][row].tolist() == [x, y, x + width, y + height]
            assert sample["labels"][row] == one["category_id"]
            assert sample["areas"][row] == one["area"]
            assert sample["areas_amodal"][row] == one["area_amodal"]
            assert sample["instance_ids"][row] == one["instance_id"]
            assert sample["prim_paths"][row] == one["prim_path"]
            for name in ("visible_fraction", "truncation"):
                assert sample[name][row] == np.float32(one[name])
            np.testing.assert_array_equal(sample["depth_range"][row], np.float32(one["depth_range"]))
            seen += 1
    assert seen > 10


def test_poses_are_rigid_and_take_the_box_to_its_image(folder: Path, coco: COCO) -> None:
    for image, objects, sample in pairs(folder, coco):
        for row, one in enumerate(objects):
            w, x, y, z = one["pose"]["quaternion"]
            expected = np.eye(4)
            expected[:3, :3] = Rotation.from_quat([x, y, z, w]).as_matrix()
            expected[:3, 3] = one["pose"]["translation"]
            np.testing.assert_allclose(sample["poses"][row], expected, atol=1e-12)
            np.testing.assert_array_equal(sample["quaternions"][row], one["pose"]["quaternion"])
            np.testing.assert_array_equal(sample["scales"][row], one["pose"]["scale"])
            if image["product"] == "front":  # a pinhole
                corner = sample["poses"][row] @ [*sample["boxes_3d"][row, 0], 1.0]
                pixel = sample["intrinsics"] @ corner[:3]
                np.testing.assert_allclose(pixel[:2] / pixel[2], sample["box_3d_points"][row, 0], atol=2e-3)


def test_cameras_and_draws_are_those_of_the_file(folder: Path, coco: COCO) -> None:
    for image, _, sample in pairs(folder, coco):
        camera = image["camera"]
        np.testing.assert_array_equal(sample["intrinsics"], camera["intrinsics"])
        np.testing.assert_array_equal(sample["camera_from_world"], camera["camera_from_world"])
        np.testing.assert_allclose(sample["camera_from_world"] @ sample["world_from_camera"], np.eye(4), atol=1e-7)
        if image["product"] == "eye":
            assert sample["distortion_model"] == "opencv_fisheye"
            assert sample["distortion"].tolist() == [camera["distortion"][name] for name in ("k1", "k2", "k3", "k4")]
            assert sample["distortion"][0] == pytest.approx(-0.02)
        else:
            assert sample["distortion_model"] == ""
            assert sample["distortion"].shape == (0,)
        drawn = {key: value for key, value in sample.items() if key.startswith("draws/")}
        assert set(drawn) == {f"draws/{name}" for name in image["draws"]}
        for name, values in image["draws"].items():
            np.testing.assert_array_equal(drawn[f"draws/{name}"], values)


def test_images_are_those_of_the_files(folder: Path, exact: Path, coco: COCO) -> None:
    for (image, _, sample), other in zip(pairs(folder, coco), WrittenSamples(exact)):
        np.testing.assert_array_equal(sample["rgb"], np.array(Image.open(folder / image["file_name"])))
        stored = np.array(Image.open(folder / image["depth_file_name"])).astype(np.float64)
        np.testing.assert_array_equal(np.isinf(sample["depth"]), stored == 0)
        seen = stored > 0
        np.testing.assert_array_equal(sample["depth"][seen], (stored[seen] / 1000).astype(np.float32))
        assert sample["depth"].dtype == other["depth"].dtype == np.float32
        assert np.abs(sample["depth"][seen] - other["depth"][seen]).max() <= 0.0005 + 1e-6


def test_an_image_without_objects_has_arrays_without_rows(folder: Path) -> None:
    empty = [sample for sample in WrittenSamples(folder) if not len(sample["labels"])]
    full = next(sample for sample in WrittenSamples(folder) if len(sample["labels"]))
    assert empty, "the scene is to have some"
    for sample in empty:
        for name, value in full.items():
            other = sample[name]
            if isinstance(value, np.ndarray) and name != "distortion":
                assert other.ndim == value.ndim, name
                assert other.dtype.kind == value.dtype.kind, name
        assert sample["boxes"].shape == (0, 4)
        assert sample["masks"].shape == (0, *sample["rgb"].shape[:2])
        assert sample["poses"].shape == (0, 4, 4)


def test_polygons_give_the_same_objects(folder: Path, tmp_path: Path) -> None:
    outlined = WrittenSamples(written(tmp_path / "polygons", segmentation="polygon"))
    for sample, other in zip(WrittenSamples(folder), outlined):
        np.testing.assert_array_equal(sample["boxes"], other["boxes"])
        # Outlines fill holes, such as those that something in front leaves.
        assert (other["masks"] | ~sample["masks"]).all()
        assert (other["masks"] != sample["masks"]).mean() < 0.01 if len(sample["masks"]) else True


def test_only_the_pictures_asked_for_are_read(folder: Path, tmp_path: Path) -> None:
    assert set(WrittenSamples(folder, pictures=["depth"])[0]) & {"rgb", "depth"} == {"depth"}
    bare = WrittenSamples(written(tmp_path / "bare", depth="none"))
    assert "depth" not in bare[0]
    with pytest.raises(ValueError, match="there is no picture 'normals'; there are rgb, depth, sensor_depth"):
        WrittenSamples(folder, pictures=["normals"])


def test_it_can_be_sent_to_another_process(folder: Path) -> None:
    samples = WrittenSamples(folder)
    first = samples[3]  # which opens the file
    copy = pickle.loads(pickle.dumps(samples))
    np.testing.assert_array_equal(copy[3]["masks"], first["masks"])


def test_a_dataset_of_several_runs_is_one(folder: Path, tmp_path: Path) -> None:
    from replicator_dr import build_graph

    with build_graph(SPEC, device="cpu") as graph:
        graph.run(2, start=4, output_dir=tmp_path / "gaps")
        graph.run(2, output_dir=tmp_path / "gaps")
    some = WrittenSamples(tmp_path / "gaps")
    assert sorted(set(some.frames.tolist())) == [0, 1, 4, 5]
    whole = {int(sample["image_id"]): sample for sample in WrittenSamples(folder)}
    for sample in some:
        np.testing.assert_array_equal(sample["boxes"], whole[int(sample["image_id"])]["boxes"])


def test_keypoints_are_padded_to_those_of_the_category_with_most() -> None:
    from replicator_dr.data.from_annotations import objects_of
    from replicator_dr.data.records import Annotation, Category

    categories = [Category(1, "box", keypoints=["a", "b"]), Category(2, "ball", keypoints=["middle"]), Category(3, "x")]
    common = {"image_id": 1, "bbox": [0, 0, 1, 1], "area": 1, "segmentation": {"size": [4, 4], "counts": "01?"}}
    annotations = [
        Annotation(id=number, category_id=number, keypoints=points, **common)  # type: ignore[arg-type]
        for number, points in ((1, [1.5, 2, 2, 0, 0, 0]), (2, [3, 3, 1]), (3, None))
    ]
    expected = [[[2, 2.5, 2], [0, 0, 0]], [[3.5, 3.5, 1], [0, 0, 0]], [[0, 0, 0], [0, 0, 0]]]
    np.testing.assert_array_equal(objects_of(annotations, categories, 4, 4)["keypoints"], expected)
    assert objects_of([], categories, 4, 4)["keypoints"].shape == (0, 2, 3)
    assert "keypoints" not in objects_of(annotations, categories[2:], 4, 4)


def test_a_split_that_is_not_there_is_named(folder: Path) -> None:
    with pytest.raises(DatasetError, match="has no split 'train'"):
        WrittenSamples(folder, split="train")
