"""The files of Replicator's BasicWriter from a spec: the same as a script's, and numbered by frame."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from replicator_dr import build_graph
from replicator_dr.errors import UnsupportedError
from replicator_dr.plugins import WriterPlugin, register_writer
from replicator_dr.spec.registry import WRITERS
from tests.writers.every_writer import declared

ANNOTATORS = (
    "rgb", "bounding_box_2d_tight", "bounding_box_2d_loose", "bounding_box_3d", "semantic_segmentation",
    "instance_segmentation", "instance_id_segmentation", "distance_to_camera", "distance_to_image_plane", "occlusion",
    "normals", "motion_vectors", "camera_params", "pointcloud",
)  # fmt: skip

SPEC: dict[str, Any] = {
    "name": "basic",
    "create": {
        "boxes": {"cube": {"count": 3, "size": 0.5}, "semantics": {"class": "box", "shape": "square"}},
        "eye": {"camera": {"position": [0, -4, 1], "look_at": [0, 0, 0]}},
    },
    "triggers": [
        {"on_frame": {}, "randomize": [{"pose": {"prims": "boxes", "position": {"uniform": [[-1] * 3, [1] * 3]}}}]}
    ],
    "render_products": [{"cameras": "eye", "resolution": [64, 48]}],
}


def written(folder: Path, frames: int, start: int = 0, **fields: Any) -> dict[str, str]:
    """{file: checksum} after a run."""
    spec = {**SPEC, "writers": [{"basic_writer": {"output_dir": str(folder), **fields}}]}
    with build_graph(spec, device="cpu") as graph:
        graph.run(frames, start)
    return sums(folder)


def sums(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_everything_is_written_as_by_the_runtime_s_own_writer(tmp_path: Path) -> None:
    options = dict.fromkeys(ANNOTATORS, True)
    found = written(tmp_path / "spec", 3, **options)

    class AsInScripts(WriterPlugin):
        """As a script makes it."""

        def build(self, rep: ModuleType, dataset_info: Mapping[str, Any]) -> Any:
            writer = rep.WriterRegistry.get("BasicWriter")
            writer.initialize(output_dir=self.output_dir, **options)
            return writer

    register_writer(AsInScripts)
    try:
        with build_graph({**SPEC, "writers": [{"as_in_scripts": {}}]}, device="cpu") as graph:
            graph.run(3, output_dir=tmp_path / "script")
    finally:
        WRITERS.unregister("as_in_scripts")
    assert sums(tmp_path / "script") == found
    assert {name.removesuffix("_0000.npy") for name in found if name.endswith("_0000.npy")} >= {
        "motion_vectors", "occlusion", "pointcloud", "distance_to_camera", "bounding_box_3d",
    }  # fmt: skip


def test_motion_vectors_are_arrays(tmp_path: Path) -> None:
    found = written(tmp_path / "set", 2, motion_vectors=True)
    assert sorted(found) == ["metadata.txt", "motion_vectors_0000.npy", "motion_vectors_0001.npy"]
    first, second = (np.load(tmp_path / "set" / f"motion_vectors_{frame:04d}.npy") for frame in range(2))
    assert first.shape == second.shape == (48, 64, 4)
    assert np.abs(first).max() < 1e-9
    assert second[..., :2].any()


def test_a_run_in_parts_writes_the_same_files(tmp_path: Path) -> None:
    whole = written(tmp_path / "whole", 5, rgb=True, bounding_box_2d_tight=True, frame_padding=6)
    written(tmp_path / "parts", 2, rgb=True, bounding_box_2d_tight=True, frame_padding=6)
    assert written(tmp_path / "parts", 3, 2, rgb=True, bounding_box_2d_tight=True, frame_padding=6) == whole
    assert "rgb_000004.png" in whole


def test_labels_of_other_types(tmp_path: Path) -> None:
    written(tmp_path / "set", 1, bounding_box_2d_tight=True, semantic_types=["shape"])
    assert '"square"' in (tmp_path / "set" / "bounding_box_2d_tight_labels_0000.json").read_text()


def test_faults_are_named() -> None:
    with pytest.raises(ValidationError, match="nothing is written"):
        declared("basic_writer")()
    with pytest.raises(ValidationError, match="semantic_types and semantic_filter_predicate exclude each other"):
        declared("basic_writer")(rgb=True, semantic_types=["class"], semantic_filter_predicate="class:*")


def test_what_the_runtime_lacks_is_named(tmp_path: Path) -> None:
    with pytest.raises(UnsupportedError, match="skeleton_data is not available on the embedded runtime"):
        written(tmp_path / "set", 1, skeleton_data=True)
