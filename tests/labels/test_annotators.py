"""Every annotator against arithmetic on the flat world's rectangles."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from replicator_dr.engines.embedded.annotate import annotators
from replicator_dr.engines.embedded.loop.capture import CapturedBatch, capture
from replicator_dr.engines.embedded.products import ProductPool
from replicator_dr.engines.embedded.scene.labels import palette
from replicator_dr.errors import EngineError, UnsupportedError
from replicator_dr.render.moment import Moment
from tests.flat_world import (
    CAMERA,
    ENTITIES,
    PART_ENTITY,
    PRIMS,
    FlatRenderer,
    bounds,
    flat_scene,
    flat_state,
    frame_rectangles,
)

SIZE = (64, 48)
FOCAL = 64.0  # width * focal length / aperture


def captured(
    rectangles: np.ndarray,
    *,
    labels: np.ndarray | None = None,
    tiled: bool = False,
    cameras: int = 1,
    extras: tuple[str, ...] = ("amodal", "silhouette", "previous", "next"),
) -> CapturedBatch:
    scene = flat_scene()
    product = ProductPool().add((CAMERA,) * cameras, SIZE, name="view", tiled=tiled)
    state = flat_state(np.arange(len(rectangles)), rectangles, labels)
    moment = Moment(state.arrays.world, state.arrays.cameras)
    state = replace(state, neighbours={-1: moment, 1: moment})
    renderer = FlatRenderer(scene)
    return capture(renderer, scene, state, [product], normals=("view",), extras={"view": extras})  # type: ignore[arg-type]


@pytest.fixture
def batch() -> CapturedBatch:
    return captured(frame_rectangles(np.arange(6)))


def two_boxes(apart: float = 0.0) -> np.ndarray:
    """A box at 2 m whose edges fall between pixel centres, a larger ball behind it at 4 m, nothing else."""
    rectangles = np.zeros((1, len(PRIMS), 5))
    rectangles[0, :, 0] = 1000.0  # out of sight
    rectangles[0, :, 2:] = [5.0, 0.1, 0.1]
    rectangles[0, 0] = (0.0, 0.0, 2.0, 0.5, 0.25)
    rectangles[0, 1] = (apart, 0.0, 4.0, 1.2, 0.4)
    return rectangles


def test_maxima_of_tight_boxes_are_inclusive() -> None:
    data = captured(two_boxes()).annotator("bounding_box_2d_tight", "view").data[0]  # type: ignore[index]
    # Edges at 32 -+ 64 * 0.25 / 2 = 24 and 40, 20 and 28: pixel centres 24.5 to 39.5 and 20.5 to 27.5 are covered.
    assert data[0][["x_min", "y_min", "x_max", "y_max"]].tolist() == (24, 20, 39, 27)
    assert data.dtype.names == ("semanticId", "x_min", "y_min", "x_max", "y_max", "occlusionRatio")
    assert [data.dtype[name].str for name in data.dtype.names] == ["<u4", "<i4", "<i4", "<i4", "<i4", "<f4"]


def test_occlusion_is_the_hidden_share_of_the_pixels() -> None:
    batch = captured(two_boxes(apart=0.5))
    loose = batch.annotator("bounding_box_2d_loose", "view").data[0]  # type: ignore[index]
    # The ball: 64 * 1.2 / 4 = 19.2 pixels wide around 40, 6.4 high: columns 30.4 to 49.6, rows 20.8 to 27.2.
    assert loose[1][["x_min", "y_min", "x_max", "y_max"]].tolist() == (30, 21, 49, 26)
    hidden = 10 / 20  # columns 30 to 39 of 30 to 49 lie behind the box
    assert loose[1]["occlusionRatio"] == np.float32(hidden)
    ratio = batch.annotator("occlusion", "view").data[0]  # type: ignore[index]
    assert ratio["occlusionRatio"].tolist() == [0.0, hidden]
    assert ratio["instanceId"].tolist() == [2, 3]


def test_a_hidden_prim_has_a_loose_row_and_no_tight_one() -> None:
    rectangles = two_boxes()
    rectangles[0, 1] = (0.0, 0.0, 4.0, 0.4, 0.2)
    batch = captured(rectangles)
    tight = batch.annotator("bounding_box_2d_tight", "view").frame(0)
    loose = batch.annotator("bounding_box_2d_loose", "view").frame(0)
    assert tight[1]["primPaths"] == [ENTITIES[0]]
    assert loose[1]["primPaths"] == [ENTITIES[0], ENTITIES[1]]
    assert loose[0]["occlusionRatio"].tolist() == [0.0, 1.0]  # type: ignore[index]


def test_boxes_are_the_bounds_of_the_instance_image(batch: CapturedBatch) -> None:
    ids = np.asarray(batch.annotator("instance_segmentation", "view").data)
    rows = 0
    for frame in range(len(batch)):
        data, info = batch.annotator("bounding_box_2d_tight", "view").frame(frame)
        assert data is not None
        for row, number in zip(data, info["bboxIds"]):
            expected = bounds(ids[frame] == number)
            assert [row[name] for name in ("x_min", "y_min", "x_max", "y_max")] == expected.tolist()
            rows += 1
        assert sorted(info["bboxIds"].tolist()) == sorted(set(np.unique(ids[frame]).tolist()) - {0, 1})
        assert info["bboxIds"].dtype == np.uint32
    assert rows > 8


def test_images_have_rows_first() -> None:
    batch = captured(two_boxes())
    shapes = {
        name: np.asarray(batch.annotator(name, "view").data).shape
        for name in ("rgb", "distance_to_image_plane", "distance_to_camera", "normals", "semantic_segmentation")
    }
    assert shapes["rgb"] == shapes["normals"] == (1, 48, 64, 4)
    assert shapes["distance_to_image_plane"] == shapes["distance_to_camera"] == (1, 48, 64)
    assert shapes["semantic_segmentation"] == (1, 48, 64)


def test_dtypes() -> None:
    batch = captured(two_boxes())
    wanted = {
        "rgb": np.uint8,
        "normals": np.float32,
        "distance_to_image_plane": np.float32,
        "distance_to_camera": np.float32,
        "semantic_segmentation": np.uint32,
        "instance_segmentation_fast": np.uint32,
        "instance_id_segmentation": np.uint32,
    }
    for name, dtype in wanted.items():
        assert np.asarray(batch.annotator(name, "view").data).dtype == dtype, name


def test_missed_depth_is_infinite_and_the_distance_is_along_the_ray() -> None:
    batch = captured(two_boxes())
    plane = np.asarray(batch.annotator("distance_to_image_plane", "view").data)[0]
    ray = np.asarray(batch.annotator("distance_to_camera", "view").data)[0]
    assert np.isinf(plane[0, 0])
    assert np.isinf(ray[0, 0])
    assert plane[24, 39] == 2.0
    # Pixel (39, 24): centre 39.5, 24.5; 7.5 and 0.5 pixels off the axis at a focal length of 64.
    assert ray[24, 39] == pytest.approx(2.0 * np.sqrt(1 + (7.5 / FOCAL) ** 2 + (0.5 / FOCAL) ** 2), rel=1e-6)


def test_semantic_ids_start_at_two_and_are_stable(batch: CapturedBatch) -> None:
    annotation = batch.annotator("semantic_segmentation", "view")
    ids = np.asarray(annotation.data)
    tables = [annotation.info(frame)["idToLabels"] for frame in range(len(batch))]
    assert all(table == tables[0] for table in tables)
    assert tables[0] == {
        "0": {"class": "BACKGROUND"},
        "1": {"class": "UNLABELLED"},
        "2": {"class": "box"},
        "3": {"class": "ball", "shape": "round"},
        "4": {"class": "mug,cup"},
    }
    part = batch.view("view").rendered.part
    assert np.array_equal(ids == 0, part == -1)
    assert np.array_equal(ids == 1, part == 4)
    assert np.array_equal(ids == 4, (part == 2) | (part == 3))


def test_key_types_differ_between_the_plain_and_the_fast_names(batch: CapturedBatch) -> None:
    for name in ("instance_segmentation", "semantic_segmentation", "bounding_box_2d_tight", "bounding_box_3d"):
        plain = batch.annotator(name, "view").info(0)["idToLabels"]
        fast = batch.annotator(f"{name}_fast", "view").info(0)["idToLabels"]
        assert {type(key) for key in plain} == {str}
        assert {type(key) for key in fast} == {int}
        assert {int(key): value for key, value in plain.items()} == fast


def test_instances_are_the_lowest_labelled_prims(batch: CapturedBatch) -> None:
    annotation = batch.annotator("instance_segmentation_fast", "view")
    info = annotation.info(0)
    assert info["idToLabels"] == {0: "BACKGROUND", 1: "UNLABELLED", 2: ENTITIES[0], 3: ENTITIES[1], 4: ENTITIES[2]}
    assert info["idToSemantics"][4] == {"class": "mug,cup"}
    part = batch.view("view").rendered.part
    expected = np.where(part < 0, 0, np.where(PART_ENTITY[part] < 0, 1, PART_ENTITY[part] + 2))
    assert np.array_equal(np.asarray(annotation.data), expected)


def test_leaf_prims_need_no_labels(batch: CapturedBatch) -> None:
    annotation = batch.annotator("instance_id_segmentation_fast", "view")
    table = annotation.info(0)["idToLabels"]
    assert table[0] == "INVALID"
    ids, part = np.asarray(annotation.data), batch.view("view").rendered.part
    assert {table[number] for number in np.unique(ids).tolist()} <= {"INVALID", *PRIMS}
    assert np.array_equal(ids, part + 2 * (part >= 0) + (part < 0))


def test_a_filter_makes_the_other_prims_unlabelled(batch: CapturedBatch) -> None:
    parameters = {"semanticFilter": "class:box|mug"}
    ids = np.asarray(batch.annotator("instance_segmentation", "view", **parameters).data)
    assert set(np.unique(ids).tolist()) == {0, 1, 2, 4}
    paths = [batch.annotator("bounding_box_2d_tight", "view", **parameters).info(f)["primPaths"] for f in range(6)]
    assert {path for frame in paths for path in frame} == {ENTITIES[0], ENTITIES[2]}
    assert batch.annotator("semantic_segmentation", "view", semanticTypes=["shape"]).info(0)["idToLabels"] == {
        "0": {"class": "BACKGROUND"},
        "1": {"class": "UNLABELLED"},
        "2": {"shape": "round"},
    }


def test_labels_may_change_from_frame_to_frame() -> None:
    labels = np.array([[0, 1, 2], [1, -1, 2]])
    batch = captured(np.repeat(frame_rectangles(np.array([0])), 2, axis=0), labels=labels)
    annotation = batch.annotator("semantic_segmentation", "view")
    part = batch.view("view").rendered.part
    ids = np.asarray(annotation.data)
    assert set(ids[0][part[0] == 0].tolist()) == {2}
    assert set(ids[1][part[1] == 0].tolist()) == {3}
    assert set(ids[1][part[1] == 1].tolist()) <= {1}
    assert ENTITIES[1] not in batch.annotator("bounding_box_2d_loose", "view").info(1)["primPaths"]
    assert 3 not in batch.annotator("instance_segmentation_fast", "view").info(1)["idToLabels"]


def test_colours_are_distinct_and_key_the_table(batch: CapturedBatch) -> None:
    annotation = batch.annotator("instance_segmentation", "view", colorize=True)
    picture, info = annotation.frame(0)
    ids = np.asarray(batch.annotator("instance_segmentation", "view").data)[0]
    assert picture is not None
    assert picture.dtype == np.uint8
    assert picture.shape == (48, 64, 4)
    for row, column in ((0, 0), (24, 32), (10, 20)):
        name = batch.annotator("instance_segmentation_fast", "view").info(0)["idToLabels"][int(ids[row, column])]
        assert info["idToLabels"][tuple(picture[row, column].tolist())] == name
    many = palette(np.arange(70000, dtype=np.uint32))
    assert len(np.unique(many.view(np.uint32))) == len(many)
    assert many[:2].tolist() == [[0, 0, 0, 0], [0, 0, 0, 255]]


def test_boxes_in_space_go_from_local_to_world_by_rows(batch: CapturedBatch) -> None:
    data, info = batch.annotator("bounding_box_3d", "view").frame(0)
    assert data is not None
    row = info["primPaths"].index(ENTITIES[0])
    corner = np.array([data[row]["x_min"], data[row]["y_min"], data[row]["z_min"], 1.0]) @ data[row]["transform"]
    x, y, distance, width, height = frame_rectangles(np.array([0]))[0, 0]
    assert corner[:3] == pytest.approx([x - width / 2, y - height / 2, -distance], abs=1e-6)
    assert data[row]["transform"][3, :3] == pytest.approx([x, y, -distance], abs=1e-6)
    assert data.dtype["transform"].shape == (4, 4)


def test_the_360_form_keeps_boxes_out_of_view() -> None:
    batch = captured(two_boxes())
    inside = batch.annotator("bounding_box_3d", "view").info(0)["primPaths"]
    everywhere = batch.annotator("bounding_box_3d_360", "view").frame(0)
    assert len(inside) == 2
    assert everywhere[1]["primPaths"] == list(ENTITIES)
    assert np.isnan(everywhere[0]["occlusionRatio"][2])  # type: ignore[index]


def test_coverage_is_exact(batch: CapturedBatch) -> None:
    entities = batch.view("view").rendered.entities
    for frame in range(len(batch)):
        data, info = batch.annotator("coverage", "view").frame(frame)
        assert data is not None
        for row, path in zip(data, info["primPaths"]):
            entity = ENTITIES.index(path)
            assert row["visible"] == entities.visible[frame, entity]
            assert row["amodal"] == entities.amodal[frame, entity]
            assert row["extent"].tolist() == entities.extent[frame, entity].tolist()


def test_points_of_the_cloud_project_to_pixel_centres(batch: CapturedBatch) -> None:
    points, info = batch.annotator("pointcloud", "view").frame(1)
    everything, _ = batch.annotator("pointcloud", "view", includeUnlabelled=True).frame(1)
    part = batch.view("view").rendered.part[1]
    assert points is not None
    assert everything is not None
    assert len(points) == int(((part >= 0) & (part != 4)).sum())
    assert len(everything) == int((part >= 0).sum())
    x = FOCAL * everything[:, 0] / -everything[:, 2] + 32 - 0.5
    y = FOCAL * -everything[:, 1] / -everything[:, 2] + 24 - 0.5
    assert np.allclose(x, np.rint(x), atol=1e-3)
    assert np.allclose(y, np.rint(y), atol=1e-3)
    seen = set(zip(np.rint(x).astype(int).tolist(), np.rint(y).astype(int).tolist()))
    rows, columns = np.nonzero(part >= 0)
    assert seen == set(zip(columns.tolist(), rows.tolist()))
    assert len(info["pointRgb"]) == 4 * len(points)
    assert len(info["pointSemantic"]) == len(points)


def test_unknown_annotators_and_parameters_name_the_alternative(batch: CapturedBatch) -> None:
    with pytest.raises(UnsupportedError, match=r"'skeleton_data' is not available .*; skeletons are not"):
        batch.annotator("skeleton_data", "view")
    with pytest.raises(UnsupportedError, match=r"'rbg' is not available .*; available are: .*rgb"):
        batch.annotator("rbg", "view")
    with pytest.raises(UnsupportedError, match="'mapping' is not supported here; it takes colorize"):
        batch.annotator("semantic_segmentation", "view", mapping={})


def test_what_was_not_rendered_cannot_be_had() -> None:
    scene = flat_scene()
    product = ProductPool().add((CAMERA,), SIZE, name="view")
    state = flat_state(np.arange(1), two_boxes())
    dark = capture(FlatRenderer(scene), scene, state, [product], rgb=())  # type: ignore[arg-type]
    with pytest.raises(EngineError, match="colours were not rendered"):
        dark.annotator("rgb", "view")
    with pytest.raises(EngineError, match="'other' was not captured; captured were: view"):
        dark.annotator("rgb", "other")


def test_tiles_are_filled_row_by_row() -> None:
    batch = captured(two_boxes(), tiled=True, cameras=3)
    plain = captured(two_boxes())
    depth = np.asarray(batch.annotator("distance_to_image_plane", "view").data)
    one = np.asarray(plain.annotator("distance_to_image_plane", "view").data)[0]
    assert depth.shape == (1, 96, 128)
    assert np.array_equal(depth[0, :48, :64], one)
    assert np.array_equal(depth[0, :48, 64:], one)
    assert np.array_equal(depth[0, 48:, :64], one)
    assert not depth[0, 48:, 64:].any()
    with pytest.raises(UnsupportedError, match="not there for the tiled render product"):
        batch.annotator("bounding_box_2d_tight", "view")


def test_every_name_of_the_table_can_be_computed(batch: CapturedBatch) -> None:
    for name in annotators.names():
        lacking = {"sensor_depth": "has no depth sensor", "disparity": "is no eye of a stereo pair"}
        if name in lacking:
            with pytest.raises(EngineError, match=lacking[name]):
                batch.annotator(name, "view")
            continue
        data, info = batch.annotator(name, "view").frame(0)
        assert data is not None or info


def test_amodal_masks_are_those_of_the_whole_rectangles() -> None:
    mask = pytest.importorskip("pycocotools.mask")
    batch = captured(two_boxes(apart=0.5))
    annotation = batch.annotator("amodal_segmentation", "view")
    data, info = annotation.frame(0)
    assert data is not None
    assert data["instanceId"].tolist() == [2, 3]
    assert data["area"].tolist() == [16 * 8, 20 * 6]
    assert data[1][["x_min", "y_min", "x_max", "y_max"]].tolist() == (30, 21, 49, 26)
    assert info["primPaths"] == [ENTITIES[0], ENTITIES[1]]
    whole = mask.decode({"size": info["size"], "counts": info["counts"][1]})
    expected = np.zeros((48, 64), np.uint8)
    expected[21:27, 30:50] = 1  # columns 30 to 39 are behind the box
    np.testing.assert_array_equal(whole, expected)
    assert annotation.masks is not None
    assert annotation.masks.value.tolist() == [2, 3]
    balls = batch.annotator("amodal_segmentation", "view", semanticTypes=["shape"])
    assert balls.masks is not None
    assert balls.masks.value.tolist() == [3]


def test_amodal_masks_have_to_be_asked_for() -> None:
    with pytest.raises(EngineError, match="attach amodal_segmentation before capturing"):
        captured(two_boxes(), extras=()).annotator("amodal_segmentation", "view")
    with pytest.raises(EngineError, match="attach silhouette before capturing"):
        captured(two_boxes(), extras=()).annotator("silhouette", "view")


def test_every_annotator_stands_in_the_conventions() -> None:
    text = (Path(__file__).parents[2] / "docs" / "conventions.md").read_text(encoding="utf-8")
    assert [name for name in annotators.names() if f"`{name.removesuffix('_fast')}`" not in text] == []
