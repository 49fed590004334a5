"""Tar shards, read with Python's tarfile and with WebDataset's own package."""

from __future__ import annotations

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
from replicator_dr.dataset.shards import shards_of
from replicator_dr.errors import OutputError
from tests.writers.every_writer import files, plugin, run
from writers.webdataset import tar_members

FRAMES = 12


def samples(path: Path) -> dict[str, dict[str, bytes]]:
    """{key: {ending: content}} of one archive; members of a key must be adjacent."""
    found: dict[str, dict[str, bytes]] = {}
    with tarfile.open(path) as archive:
        for member in archive:
            assert (member.mtime, member.uid, member.gid, member.mode, member.uname) == (0, 0, 0, 0o644, "")
            key, _, ending = member.name.partition(".")
            if key not in found:
                found[key] = {}
            assert next(reversed(found)) == key
            content = archive.extractfile(member)
            assert content is not None
            found[key][ending] = content.read()
    return found


def everything(folder: Path) -> dict[str, dict[str, bytes]]:
    return {key: one for path in sorted(folder.glob("*.tar")) for key, one in samples(path).items()}


def pixels(data: bytes) -> np.ndarray:
    with Image.open(io.BytesIO(data)) as image:
        return np.asarray(image)


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A run of this writer and of coco_depth together."""
    folder = tmp_path_factory.mktemp("web")
    run([plugin("webdataset", folder / "web", samples_per_shard=7), plugin("coco_depth", folder / "coco")], FRAMES)
    return folder / "web", folder / "coco"


def test_samples_hold_what_coco_depth_holds(both: tuple[Path, Path]) -> None:
    web, folder = both
    coco = json.loads((folder / "annotations.json").read_text())
    found = everything(web)
    assert [len(samples(path)) for path in sorted(web.glob("*.tar"))] == [7, 7, 7, 3]
    assert len(found) == len(coco["images"]) == 2 * FRAMES
    annotations: dict[int, list[dict[str, Any]]] = {}
    for one in coco["annotations"]:
        annotations.setdefault(one["image_id"], []).append(one)
    for image, (key, sample) in zip(coco["images"], found.items(), strict=True):
        assert key == f"{image['frame']:06d}_{('left', 'right').index(image['product']):02d}"
        assert list(sample) == ["rgb.png", "depth.png", "json"]
        assert sample["rgb.png"] == (folder / image["file_name"]).read_bytes()
        assert sample["depth.png"] == (folder / image["depth_file_name"]).read_bytes()
        labels = json.loads(sample["json"])
        own = labels.pop("annotations")
        assert labels == {key: value for key, value in image.items() if not key.endswith("file_name")}
        names = {entry["id"]: entry["name"] for entry in coco["categories"]}
        assert [{**one, "category": names[one["category_id"]]} for one in annotations.get(image["id"], [])] == own
        for one in own:
            assert coco_mask.area(one["segmentation"]) == one["area"]


def test_the_archives_are_posix_and_end_as_such(both: tuple[Path, Path]) -> None:
    for path in both[0].glob("*.tar"):
        content = path.read_bytes()
        assert content[257:265] == b"ustar\x0000"
        assert len(content) % 10240 == 0
        assert content[-1024:] == bytes(1024)


def test_the_webdataset_package_decodes_them(both: tuple[Path, Path]) -> None:
    package = pytest.importorskip("webdataset", reason="WebDataset's own reader is not installed")
    folder = both[0]
    urls = [str(path) for path in sorted(folder.glob("*.tar"))]
    depth = package.handle_extension("depth.png", pixels)
    decoded = list(package.WebDataset(urls, shardshuffle=False).decode(depth, "rgb8"))
    raw = everything(folder)
    assert [one["__key__"] for one in decoded] == list(raw)
    for one in decoded:
        assert one["json"] == json.loads(raw[one["__key__"]]["json"])
        assert np.array_equal(one["rgb.png"], pixels(raw[one["__key__"]]["rgb.png"]))
        assert one["depth.png"].dtype == np.uint16
        assert one["depth.png"].shape == one["rgb.png"].shape[:2]


def test_splits_have_shards_of_their_own(tmp_path: Path) -> None:
    run([plugin("webdataset", tmp_path, samples_per_shard=5, splits={"train": 0.6, "val": 0.4})], FRAMES)
    parts = {shard.split: 0 for shard in shards_of(tmp_path)}
    for shard in shards_of(tmp_path):
        assert shard.file.startswith(f"{shard.split}-00000")
        found = samples(tmp_path / shard.file)
        assert [json.loads(one["json"])["id"] for one in found.values()] == shard.ids
        assert {json.loads(one["json"])["split"] for one in found.values()} == {shard.split}
        parts[shard.split] += len(found)
    assert set(parts) == {"train", "val"}
    assert sum(parts.values()) == 2 * FRAMES


def test_jpeg_and_arrays(tmp_path: Path) -> None:
    run(
        [plugin("webdataset", tmp_path / "a", image_format="jpg", depth="npy"), plugin("webdataset", tmp_path / "b")], 3
    )
    for one, other in zip(everything(tmp_path / "a").values(), everything(tmp_path / "b").values(), strict=True):
        assert one["rgb.jpg"][:2] == b"\xff\xd8"
        assert np.abs(pixels(one["rgb.jpg"]).astype(int) - pixels(other["rgb.png"])).mean() < 12
        metres = np.load(io.BytesIO(one["depth.npy"]))
        stored = np.where(np.isfinite(metres), np.rint(metres * 1000), 0)
        assert np.array_equal(stored, pixels(other["depth.png"]))


@pytest.mark.parametrize("start", [0, 3, 9])
def test_a_dataset_grows_in_any_order(tmp_path: Path, start: int) -> None:
    run([plugin("webdataset", tmp_path / "whole", samples_per_shard=4)], FRAMES)
    run([plugin("webdataset", tmp_path / "set", samples_per_shard=4)], 3, start=start)
    run([plugin("webdataset", tmp_path / "set", samples_per_shard=4)], FRAMES)
    assert files(tmp_path / "set", "journal.jsonl") == files(tmp_path / "whole", "journal.jsonl")


def test_shards_that_stay_are_not_written_again(tmp_path: Path) -> None:
    run([plugin("webdataset", tmp_path, samples_per_shard=4)], 4)
    before = (tmp_path / "samples-000000.tar").stat().st_ino
    run([plugin("webdataset", tmp_path, samples_per_shard=4)], 4, start=4)
    assert (tmp_path / "samples-000000.tar").stat().st_ino == before
    assert len(everything(tmp_path)) == 16


def test_a_damaged_shard_is_found_when_its_samples_move(tmp_path: Path) -> None:
    run([plugin("webdataset", tmp_path / "set", samples_per_shard=5)], 6, start=3)
    shard = tmp_path / "set" / "samples-000001.tar"
    content = bytearray(shard.read_bytes())
    content[600] ^= 1
    shard.write_bytes(content)
    with pytest.raises(OutputError, match=r"samples-000001.tar is damaged: the checksum of parts/000000/000000012 is"):
        run([plugin("webdataset", tmp_path / "set", samples_per_shard=5)], 3)


def test_keypoints_are_those_of_coco_depth(tmp_path: Path) -> None:
    spec: dict[str, Any] = {
        "create": {
            "box": {
                "cube": {"size": 0.5},
                "semantics": {"class": "box"},
                "keypoints": {"low": [-0.5, -0.5, -0.5], "high": [0.5, 0.5, 0.5]},
                "skeleton": [["low", "high"]],
            },
            "eye": {"camera": {"position": [0, -4, 1], "look_at": [0, 0, 0]}},
        },
        "render_products": [{"cameras": "eye", "resolution": [160, 120]}],
        "writers": [
            {"webdataset": {"output_dir": str(tmp_path / "web")}},
            {"coco_depth": {"output_dir": str(tmp_path / "coco")}},
        ],
    }
    with build_graph(spec, device="cpu") as graph:
        graph.run(1)
    (sample,) = everything(tmp_path / "web").values()
    labels = json.loads(sample["json"])
    (wanted,) = json.loads((tmp_path / "coco" / "annotations.json").read_text())["annotations"]
    for key in ("keypoints", "num_keypoints", "keypoint_set"):
        assert labels["annotations"][0][key] == wanted[key]
    assert wanted["num_keypoints"] == 2
    assert labels["keypoint_sets"] == {
        "box": {str(wanted["keypoint_set"]): {"names": ["low", "high"], "skeleton": [[0, 1]]}}
    }


@pytest.mark.parametrize("size", [0, 1, 512, 100_000])
def test_members_are_those_of_tarfile(size: int) -> None:
    ending, data = "x" * (size % 80), bytes(range(256)) * 400
    info = tarfile.TarInfo(f"000012_03.{ending}")
    info.size, info.mode = size, 0o644
    one = info.tobuf(tarfile.USTAR_FORMAT) + data[:size] + bytes(-size % 512)
    assert tar_members("000012_03", {ending: data[:size]}) == one
    info.name, info.size = "000012_03.json", 2
    other = info.tobuf(tarfile.USTAR_FORMAT) + b"{}" + bytes(510)
    assert tar_members("000012_03", {ending: data[:size], "json": b"{}"}) == one + other


def test_a_name_that_is_too_long_is_refused() -> None:
    with pytest.raises(ValueError, match="longer than 100 characters"):
        tar_members("x" * 96, {"json": b""})
