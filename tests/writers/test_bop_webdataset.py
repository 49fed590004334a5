"""BOP as tar files says what BOP as folders says, image by image."""

from __future__ import annotations

import copy
import io
import json
import tarfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from pycocotools import mask as coco_mask

from replicator_dr import build_graph
from replicator_dr.storage.rle import encode_masks, run_lengths
from tests.conformance.readers.bop import run_length_mask
from tests.writers.test_bop import FRAMES, SPEC


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The same frames both ways."""
    root = tmp_path_factory.mktemp("both")
    spec = copy.deepcopy(SPEC)
    options = {"frames_per_scene": 4}
    spec["writers"] = [
        {"bop": {**options, "output_dir": str(root / "folders")}},
        {"bop_webdataset": {**options, "samples_per_shard": 5, "output_dir": str(root / "shards")}},
    ]
    with build_graph(spec, device="cpu") as graph:
        graph.run(FRAMES)
    return root / "folders", root / "shards"


def samples(folder: Path) -> dict[str, dict[str, bytes]]:
    """{key: {ending: content}} of all shards."""
    found: dict[str, dict[str, bytes]] = {}
    for path in sorted((folder / "train_pbr").glob("shard-*.tar")):
        with tarfile.open(path) as tar:
            for member in tar:
                key, _, ending = member.name.partition(".")
                content = tar.extractfile(member)
                assert content is not None
                found.setdefault(key, {})[ending] = content.read()
    return found


def test_a_sample_holds_what_the_folders_hold(folders: tuple[Path, Path]) -> None:
    plain, shards = folders
    found = samples(shards)
    seen = 0
    for scene in sorted((plain / "train_pbr").iterdir()):
        tables: dict[str, Any] = {
            name: json.loads((scene / f"{name}.json").read_text())
            for name in ("scene_camera", "scene_gt", "scene_gt_info")
        }
        for image in tables["scene_gt"]:
            sample = found.pop(f"{scene.name}_{int(image):06d}")
            for ending, table in (("camera", "scene_camera"), ("gt", "scene_gt"), ("gt_info", "scene_gt_info")):
                assert json.loads(sample[f"{ending}.json"]) == tables[table][image]
            for kind in ("rgb", "depth"):
                assert sample[f"{kind}.png"] == (scene / kind / f"{int(image):06d}.png").read_bytes()
            for kind in ("mask", "mask_visib"):
                masks = json.loads(sample[f"{kind}.json"])
                assert len(masks) == len(tables["scene_gt"][image])
                for place, rle in masks.items():
                    picture = np.asarray(Image.open(scene / kind / f"{int(image):06d}_{int(place):06d}.png"))
                    assert np.array_equal(run_length_mask(rle), picture == 255)
                    seen += 1
    assert found == {}
    assert seen > 40
    models = {path.name: path.read_bytes() for path in (plain / "models").iterdir() if path.suffix == ".ply"}
    assert models == {path.name: path.read_bytes() for path in (shards / "models").iterdir() if path.suffix == ".ply"}


def test_a_shard_has_few_samples_and_the_index_knows_where_each_is(folders: tuple[Path, Path]) -> None:
    folder = folders[1] / "train_pbr"
    index = json.loads((folder / "key_to_shard.json").read_text())
    named = {}
    for path in sorted(folder.glob("shard-*.tar")):
        with tarfile.open(path) as tar:
            keys = {name.split(".")[0] for name in tar.getnames()}
        assert len(keys) <= 5
        named.update(dict.fromkeys(keys, int(path.stem.split("-")[1])))
    assert named == index


def test_an_image_of_jpeg(tmp_path: Path) -> None:
    spec = copy.deepcopy(SPEC)
    spec["writers"] = [{"bop_webdataset": {"image_format": "jpg", "output_dir": str(tmp_path / "set")}}]
    with build_graph(spec, device="cpu") as graph:
        graph.run(1)
    (first, *_) = samples(tmp_path / "set").values()
    assert Image.open(io.BytesIO(first["rgb.jpg"])).format == "JPEG"


def test_run_lengths_are_those_of_pycocotools() -> None:
    rng = np.random.default_rng(3)
    for height, width, share in ((1, 1, 1.0), (7, 5, 0.5), (480, 640, 0.01), (300, 200, 0.98), (64, 4096, 0.3)):
        ids = np.where(rng.random((1, height, width)) < share, 0, -1)
        ids[0, :, width // 2 :] = ids[0, :1, width // 2 :]
        found = encode_masks(ids).counts
        assert run_lengths([*found, "0", *found]) == [*run_lengths(found), [0], *run_lengths(found)]
        for counts in found:
            (runs,) = run_lengths([counts])
            again = coco_mask.frPyObjects({"counts": runs, "size": [height, width]}, height, width)
            assert again["counts"].decode() == counts
            assert sum(runs) <= height * width
    assert run_lengths([]) == []
