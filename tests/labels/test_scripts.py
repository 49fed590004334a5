"""Scripts in the style of Isaac Sim's examples, from the first call to the files, on the real engine and renderer."""

from __future__ import annotations

import contextlib
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from pycocotools.coco import COCO

from replicator_dr.engines.embedded.runtime import Runtime, activate
from replicator_dr.rep import rep
from writers.coco_depth import CocoDepth


@pytest.fixture(autouse=True)
def session() -> Iterator[Runtime]:
    with activate(Runtime()) as runtime:
        yield runtime


def table_top() -> Any:
    """A floor, a cube and a sphere seen from straight above: every depth is known."""
    rep.set_global_seed(11)
    rep.create.plane(scale=4, semantics={"class": "Floor"})
    rep.create.cube(position=(-0.8, 0, 0.25), scale=0.5, semantics={"class": "cube"}, name="cube")
    rep.create.sphere(position=(0.8, 0, 0.4), scale=0.8, semantics={"class": "ball"}, name="ball")
    rep.create.light(light_type="distant", intensity=1000)
    camera = rep.create.camera(
        position=(0, 0, 5), look_at=(0, 0, 0), look_at_up_axis=(0, 1, 0), clipping_range=(0.1, 100)
    )
    return rep.create.render_product(camera, (320, 240), name="top")


class Keeper(rep.Writer):  # type: ignore[misc, name-defined]
    def __init__(self, names: tuple[str, ...]) -> None:
        self.annotators = list(names)
        self.data_structure = "renderProduct"
        self.frames: list[dict[str, Any]] = []

    def write(self, data: dict[str, Any]) -> None:
        self.frames.append(data)


def test_depths_are_the_analytic_ones() -> None:
    product = table_top()
    depth = rep.annotators.get("distance_to_image_plane").attach(product)
    instances = rep.annotators.get("instance_segmentation_fast").attach(product)
    rep.orchestrator.step()
    image, labels = depth.get_data(), instances.get_data()
    ids = {path.rsplit("/", 1)[-1]: number for number, path in labels["info"]["idToLabels"].items()}
    seen = labels["data"]
    assert image[seen == ids["Plane_Xform"]] == pytest.approx(5.0, abs=1e-4)
    assert image[seen == ids["cube"]].min() == pytest.approx(4.5, abs=1e-4)
    # The ray through the centre of pixel (x, y) meets the sphere where |o + t d - c| = r.
    rows, columns = np.nonzero(seen == ids["ball"])
    focal = 320 * 24.0 / 20.955
    x, y = (columns + 0.5 - 160) / focal, -(rows + 0.5 - 120) / focal
    direction = np.stack([x, y, -np.ones_like(x)], axis=-1)
    offset = np.array([0, 0, 5]) - np.array([0.8, 0, 0.4])
    a, b, c = (direction**2).sum(-1), direction @ offset, offset @ offset - 0.4**2
    inside = b**2 - a * c > 0.02  # away from the silhouette, where facets show most
    expected = ((-b - np.sqrt(np.maximum(b**2 - a * c, 0))) / a)[inside]
    assert len(expected) > 500
    assert image[rows, columns][inside] == pytest.approx(expected, abs=0.004)


def test_labels_are_lower_case_and_boxes_name_the_wrapper() -> None:
    product = table_top()
    tight = rep.annotators.get("bounding_box_2d_tight").attach(product)
    rep.orchestrator.step()
    data = tight.get_data()
    names = {label["class"] for label in data["info"]["idToLabels"].values()}
    assert names == {"floor", "cube", "ball"}
    assert set(data["info"]["primPaths"]) == {"/Replicator/Plane_Xform", "/Replicator/cube", "/Replicator/ball"}
    row = data["info"]["primPaths"].index("/Replicator/cube")
    # The top face spans x -1.05..-0.55, y -0.25..0.25 at 4.5 m; the bottom is hidden beneath it on the left edge only.
    focal = 320 * 24.0 / 20.955
    box = data["data"][row]
    assert box["y_min"] == np.ceil(120 - focal * 0.25 / 4.5 - 0.5)
    assert box["y_max"] == np.ceil(120 + focal * 0.25 / 4.5 - 0.5) - 1
    assert box["x_min"] == np.ceil(160 - focal * 1.05 / 4.5 - 0.5)


def test_randomized_frames_through_every_layout_and_writer(tmp_path: Path) -> None:
    product = table_top()
    cubes = rep.create.cube(count=3, scale=0.2, semantics={"class": "bit"})
    with rep.trigger.on_frame(max_execs=4), cubes:
        rep.modify.pose(position=rep.distribution.uniform((-1, -0.8, 0.1), (1, 0.8, 1.2), name="where"))
    keeper = Keeper(("rgb", "camera_params", "bounding_box_3d"))
    keeper.attach(product)
    basic = rep.WriterRegistry.get("BasicWriter")
    basic.initialize(
        output_dir=str(tmp_path / "basic"), rgb=True, bounding_box_2d_tight=True, semantic_segmentation=True
    )
    basic.attach([product])
    rep.orchestrator.run_until_complete()
    assert len(keeper.frames) == 4
    assert len(list((tmp_path / "basic").glob("rgb_*.png"))) == 4
    assert json.loads((tmp_path / "basic" / "metadata.txt").read_text())["seed"] == 11
    where = [np.array(data["distribution_outputs"]["where"]) for data in keeper.frames]
    assert where[0].shape == (3, 3)
    assert not np.allclose(where[0], where[1])
    for data, positions in zip(keeper.frames, where):
        boxes = data["renderProducts"]["top"]["bounding_box_3d"]
        bits = [row for row, path in enumerate(boxes["primPaths"]) if "Cube_Xform" in path]
        found = boxes["data"]["transform"][bits][:, 3, :3]
        for position in found:
            assert np.abs(positions - position).sum(axis=1).min() < 1e-5


def test_stepping_matches_running_and_the_camera_projects_the_boxes() -> None:
    product = table_top()
    keeper = Keeper(("camera_params", "bounding_box_3d", "bounding_box_2d_loose"))
    keeper.attach(product)
    rep.orchestrator.step()
    rep.orchestrator.wait_until_complete()
    rep.orchestrator.run_until_complete(num_frames=1)
    stepped, ran = (data["renderProducts"]["top"] for data in keeper.frames)
    assert np.array_equal(stepped["bounding_box_3d"]["data"], ran["bounding_box_3d"]["data"])
    camera, boxes, loose = ran["camera_params"], ran["bounding_box_3d"], ran["bounding_box_2d_loose"]
    row = boxes["primPaths"].index("/Replicator/cube")
    box = boxes["data"][row]
    ends = np.array([[box[f"{axis}_{end}"] for axis in "xyz"] for end in ("min", "max")], np.float64)
    corners = np.array([[*ends[[i, j, k], [0, 1, 2]], 1] for i in (0, 1) for j in (0, 1) for k in (0, 1)])
    clip = corners @ box["transform"].astype(np.float64)
    clip = clip @ camera["cameraViewTransform"].reshape(4, 4) @ camera["cameraProjection"].reshape(4, 4)
    x, y = (clip[:, 0] / clip[:, 3] + 1) * 160, (1 - clip[:, 1] / clip[:, 3]) * 120
    flat = loose["data"][loose["primPaths"].index("/Replicator/cube")]
    # Pixel i belongs to the box when its centre i + 0.5 is covered.
    low, high = np.ceil(np.array([x.min(), y.min()]) - 0.5), np.ceil(np.array([x.max(), y.max()]) - 0.5) - 1
    assert [flat["x_min"], flat["y_min"], flat["x_max"], flat["y_max"]] == [*low, *high]


def test_a_custom_event_writes_the_frame_after_it() -> None:
    product = table_top()
    keeper = Keeper(("rgb",))
    keeper.attach(product, trigger=rep.trigger.on_custom_event(event_name="shoot"))
    rep.orchestrator.step()
    rep.utils.send_og_event("shoot")
    rep.orchestrator.step()
    rep.orchestrator.step()
    rep.orchestrator.wait_until_complete()
    assert [data["frame"] for data in keeper.frames] == [1]


def test_coco_depth_from_a_script(tmp_path: Path) -> None:
    CocoDepth.register(rep)
    product = table_top()
    writer = rep.WriterRegistry.get("CocoDepthWriter")
    writer.initialize(output_dir=str(tmp_path / "set"), categories=["ball", "cube"])
    writer.attach(product)
    rep.orchestrator.run_until_complete(num_frames=2)
    with contextlib.redirect_stdout(io.StringIO()):
        coco = COCO(str(tmp_path / "set" / "annotations.json"))
    depth = np.asarray(Image.open(tmp_path / "set" / "depth" / "top" / "000000.png"))
    assert len(coco.imgs) == 2
    for annotation in coco.loadAnns(coco.getAnnIds(imgIds=[1])):
        mask = coco.annToMask(annotation).astype(bool)
        assert annotation["area"] == mask.sum()
        near, far = annotation["depth_range"]
        assert depth[mask].min() == round(near * 1000)
        assert depth[mask].max() == round(far * 1000)
        if annotation["category_id"] == 2:
            assert depth[mask].min() == 4500
            assert annotation["pose"]["translation"] == pytest.approx([-0.8, 0, 4.75], abs=1e-5)
            assert annotation["bbox_3d"]["max"] == pytest.approx([0.25, 0.25, 0.25], abs=1e-5)


def test_tiles_hold_what_single_products_show() -> None:
    table_top()
    cameras = rep.create.camera(position=(0, 0, 6), look_at=(0, 0, 0), look_at_up_axis=(0, 1, 0), count=3)
    tiled = rep.create.render_product_tiled(cameras, (64, 48))
    single = rep.create.render_product(cameras, (64, 48), force_new=True)
    whole = rep.annotators.get("distance_to_image_plane").attach(tiled)
    one = rep.annotators.get("distance_to_image_plane").attach(single[2])
    rep.orchestrator.step()
    assert whole.get_data().shape == (96, 128)
    assert np.array_equal(whole.get_data()[48:, :64], one.get_data())
