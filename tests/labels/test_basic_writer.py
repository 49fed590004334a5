"""BasicWriter: NVIDIA's file names, folders and contents."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from replicator_dr.engines.embedded.api.basic_writer import BasicWriter
from replicator_dr.engines.embedded.api.writers import WriterRegistry
from replicator_dr.engines.embedded.loop import pipeline
from replicator_dr.errors import UnsupportedError
from tests.flat_world import ENTITIES, FlatRuntime

EVERYTHING = {
    "rgb": True,
    "bounding_box_2d_tight": True,
    "bounding_box_2d_loose": True,
    "semantic_segmentation": True,
    "instance_id_segmentation": True,
    "instance_segmentation": True,
    "distance_to_camera": True,
    "distance_to_image_plane": True,
    "bounding_box_3d": True,
    "occlusion": True,
    "normals": True,
    "camera_params": True,
    "pointcloud": True,
}


def write(runtime: FlatRuntime, folder: Path, products: Any, frames: int = 1, **params: Any) -> BasicWriter:
    writer = WriterRegistry.get("BasicWriter")
    writer.initialize(output_dir=str(folder), **params)
    writer.attach(products)
    pipeline.run(runtime, frames)  # type: ignore[arg-type]
    assert isinstance(writer, BasicWriter)
    return writer


def files(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def test_one_product_gives_a_flat_folder_with_nvidia_s_names(runtime: FlatRuntime, tmp_path: Path) -> None:
    write(runtime, tmp_path, runtime.product("view"), **EVERYTHING, colorize_depth=True)
    boxes = ("bounding_box_2d_tight", "bounding_box_2d_loose", "bounding_box_3d")
    expected = [
        "metadata.txt",
        "rgb_0000.png",
        "normals_0000.png",
        *(f"distance_to_{kind}_0000.{suffix}" for kind in ("camera", "image_plane") for suffix in ("npy", "png")),
        "semantic_segmentation_0000.png",
        "semantic_segmentation_labels_0000.json",
        "instance_id_segmentation_0000.png",
        "instance_id_segmentation_mapping_0000.json",
        "instance_segmentation_0000.png",
        "instance_segmentation_mapping_0000.json",
        "instance_segmentation_semantics_mapping_0000.json",
        "occlusion_0000.npy",
        *(f"{name}{end}" for name in boxes for end in ("_0000.npy", "_labels_0000.json", "_prim_paths_0000.json")),
        "camera_params_0000.json",
        *(f"pointcloud{part}_0000.npy" for part in ("", "_rgb", "_normals", "_semantic", "_instance")),
    ]
    assert files(tmp_path) == sorted(expected)


def test_several_products_get_folders_of_their_own(runtime: FlatRuntime, tmp_path: Path) -> None:
    products = [runtime.product("left"), runtime.product("right")]
    write(runtime, tmp_path / "a", products, rgb=True, occlusion=True)
    assert files(tmp_path / "a") == [
        "left/occlusion/occlusion_0000.npy",
        "left/rgb/rgb_0000.png",
        "metadata.txt",
        "right/occlusion/occlusion_0000.npy",
        "right/rgb/rgb_0000.png",
    ]
    runtime.writers.clear()
    write(runtime, tmp_path / "b", products, rgb=True, use_common_output_dir=True)
    assert files(tmp_path / "b") == ["metadata.txt", "rgb/left_rgb_0000.png", "rgb/right_rgb_0000.png"]


def test_as_many_files_as_frames_numbered_from_zero(runtime: FlatRuntime, tmp_path: Path) -> None:
    write(runtime, tmp_path, runtime.product("view"), 7, rgb=True, frame_padding=3)
    assert files(tmp_path) == ["metadata.txt", *(f"rgb_{frame:03d}.png" for frame in range(7))]


def test_contents(runtime: FlatRuntime, tmp_path: Path) -> None:
    write(runtime, tmp_path, runtime.product("view"), **EVERYTHING)
    captured = runtime.products.captured
    assert captured is not None
    rendered = captured.batch.view("view").rendered
    assert rendered.rgb is not None
    assert np.array_equal(np.asarray(Image.open(tmp_path / "rgb_0000.png")), rendered.rgb[0])
    assert np.array_equal(np.load(tmp_path / "distance_to_image_plane_0000.npy"), rendered.depth[0])
    picture = np.asarray(Image.open(tmp_path / "semantic_segmentation_0000.png"))
    names = json.loads((tmp_path / "semantic_segmentation_labels_0000.json").read_text())
    centre = tuple(picture[24, 32].tolist())
    part = int(rendered.part[0, 24, 32])
    wanted = {0: "box", 1: "ball", 2: "mug,cup", 3: "mug,cup", 4: "UNLABELLED", -1: "BACKGROUND"}[part]
    assert names[f"({centre[0]}, {centre[1]}, {centre[2]}, {centre[3]})"]["class"] == wanted
    boxes = np.load(tmp_path / "bounding_box_2d_tight_0000.npy")
    paths = json.loads((tmp_path / "bounding_box_2d_tight_prim_paths_0000.json").read_text())
    assert len(boxes) == len(paths)
    assert set(paths) <= set(ENTITIES)
    camera = json.loads((tmp_path / "camera_params_0000.json").read_text())
    assert camera["renderProductResolution"] == [64, 48]
    assert len(camera["cameraViewTransform"]) == 16
    metadata = json.loads((tmp_path / "metadata.txt").read_text())
    assert (metadata["name"], metadata["seed"]) == ("BasicWriter", 7)


def test_ids_without_colours_are_sixteen_bit(runtime: FlatRuntime, tmp_path: Path) -> None:
    write(runtime, tmp_path, runtime.product("view"), instance_segmentation=True, colorize_instance_segmentation=False)
    image = Image.open(tmp_path / "instance_segmentation_0000.png")
    assert image.mode == "I;16"
    names = json.loads((tmp_path / "instance_segmentation_mapping_0000.json").read_text())
    assert {names[str(number)] for number in np.unique(np.asarray(image)).tolist()} <= {
        "BACKGROUND",
        "UNLABELLED",
        *ENTITIES,
    }


def test_only_prims_with_a_class_are_labelled_unless_told_otherwise(runtime: FlatRuntime, tmp_path: Path) -> None:
    write(runtime, tmp_path / "a", runtime.product("view"), 4, bounding_box_2d_loose=True, semantic_types=["shape"])
    labels = [json.loads(path.read_text()) for path in sorted((tmp_path / "a").glob("*labels*"))]
    assert {tuple(label.items()) for names in labels for label in names.values()} == {(("shape", "round"),)}


def test_arguments_that_cannot_be_honoured_are_named(runtime: FlatRuntime, tmp_path: Path) -> None:
    for name in ("s3_bucket", "s3_region", "s3_endpoint"):
        with pytest.raises(UnsupportedError, match=f"BasicWriter: {name} is not supported here"):
            BasicWriter(output_dir=str(tmp_path), **{name: "x"})
    with pytest.raises(UnsupportedError, match="BasicWriter: skeleton_data is not available on the embedded runtime"):
        BasicWriter(output_dir=str(tmp_path), skeleton_data=True)
    with pytest.raises(ValueError, match="exclude each other"):
        BasicWriter(output_dir=str(tmp_path), semantic_types=["class"], semantic_filter_predicate="class:*")
    with pytest.raises(ValueError, match="nowhere to write to; give output_dir or backend"):
        BasicWriter(rgb=True)
