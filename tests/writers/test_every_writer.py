"""What every writer of datasets keeps, whatever its format: bytes, checksums, folders, options."""

from __future__ import annotations

import json
from functools import partial
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import pytest

from replicator_dr.dataset.plugin import DatasetPlugin
from replicator_dr.labels.cameras import Camera
from replicator_dr.labels.encoders import NativeEncoders
from replicator_dr.labels.records import LabelRecords
from replicator_dr.run.merge import merge
from replicator_dr.spec.registry import WRITERS
from tests.flat_world import RigidRuntime
from tests.writers import every_writer
from tests.writers.every_writer import DATASETS, DECLARED, declared, files, plugin

FRAMES = 24

# Objects keep their size: some formats hold models of them.
run = partial(every_writer.run, world=RigidRuntime)


@pytest.fixture(scope="module")
def whole(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The dataset of one run over all frames."""
    folder = tmp_path_factory.mktemp(request.param) / "whole"
    run([plugin(request.param, folder)], FRAMES)
    return folder


def kind_of(folder: Path) -> str:
    """The writer that made a dataset."""
    return str(json.loads((folder / "manifest.json").read_text())["writer"]["name"])


every = pytest.mark.parametrize("whole", DATASETS, indirect=True)


def test_installed_writers_are_the_declared_ones() -> None:
    installed = {point.name: point.value for point in entry_points(group="replicator_dr.writers")}
    assert installed.items() <= DECLARED.items()
    for kind in DECLARED:
        assert declared(kind).__name__.lower() == kind.replace("_", "")


@every
def test_the_manifest_has_every_file_s_checksum(whole: Path) -> None:
    manifest = json.loads((whole / "manifest.json").read_text())
    assert manifest["sha256"] == files(whole, "manifest.json", "journal.jsonl")
    assert manifest["frames"] == [[0, FRAMES - 1]]
    assert manifest["counts"]["images"] == 2 * FRAMES
    assert manifest["counts"]["annotations"] == sum(manifest["counts"]["annotations_by_category"].values()) > 0
    assert manifest["counts"]["filtered"] == {}
    assert manifest["writer"]["name"] == kind_of(whole)


@every
@pytest.mark.parametrize("shards", [1, 3, 8])
def test_shards_merge_into_the_bytes_of_one_run(whole: Path, tmp_path: Path, shards: int) -> None:
    kind = kind_of(whole)
    width = FRAMES // shards
    parts = [tmp_path / f"part_{number}" for number in range(shards)]
    for number, part in enumerate(parts):
        run([plugin(kind, part)], width, start=number * width, batch=3)
    before = [files(part) for part in parts]
    done = merge(tmp_path / "merged", parts[::-1], link=shards == 3)
    assert files(tmp_path / "merged") == files(whole)
    assert [files(part) for part in parts] == before
    assert (done.counts["images"], done.shards) == (2 * FRAMES, shards)


@every
def test_overlapping_shards_merge_and_a_merge_continues(whole: Path, tmp_path: Path) -> None:
    kind = kind_of(whole)
    for name, start, frames in (("a", 0, 14), ("b", 10, 14)):
        run([plugin(kind, tmp_path / name)], frames, start=start)
    merge(tmp_path / "merged", [tmp_path / "a"])
    merge(tmp_path / "merged", [tmp_path / "a", tmp_path / "b"])
    assert files(tmp_path / "merged", "journal.jsonl") == files(whole, "journal.jsonl")


@pytest.fixture(scope="module")
def in_processes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The datasets of one run through all writers, which processes write; some are alone in them in their own tests."""
    folder = tmp_path_factory.mktemp("processes")
    kinds = [kind for kind in DATASETS if _available(kind, folder)]
    run([plugin(kind, folder / kind) for kind in kinds], FRAMES, batch=7, processes=True)
    return folder


@every
def test_the_ordinary_way_and_processes_give_the_same_bytes(whole: Path, in_processes: Path, tmp_path: Path) -> None:
    kind = kind_of(whole)
    run([plugin(kind, tmp_path / "ordinary")], FRAMES, one_by_one=True)
    assert files(tmp_path / "ordinary") == files(whole)
    assert files(in_processes / kind) == files(whole)


@every
def test_a_dataset_that_is_overwritten_leaves_nothing_behind(whole: Path, tmp_path: Path) -> None:
    kind = kind_of(whole)
    run([plugin(kind, tmp_path / "set", min_pixels=30)], FRAMES + 9, start=5)
    run([plugin(kind, tmp_path / "set", overwrite=True)], FRAMES)
    assert files(tmp_path / "set") == files(whole)


@every
def test_what_is_filtered_out_is_counted(whole: Path, tmp_path: Path) -> None:
    kind = kind_of(whole)
    rules: dict[str, Any] = {"min_pixels": 60, "min_visible_fraction": 0.5, "max_truncation": 0.3}
    run([plugin(kind, tmp_path / "set", **rules)], FRAMES)
    counts = json.loads((tmp_path / "set" / "manifest.json").read_text())["counts"]
    everything = json.loads((whole / "manifest.json").read_text())["counts"]
    assert set(counts["filtered"]) == set(rules)
    assert counts["annotations"] + sum(counts["filtered"].values()) == everything["annotations"]
    assert counts["annotations"] > 0


def test_all_writers_at_once_write_what_each_writes_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Label records, cameras, masks and colours are worked out once, however many writers there are."""
    asked: list[str] = []

    def counted(name: str) -> Any:
        original = getattr(NativeEncoders, name)

        def work(self: NativeEncoders, *arguments: Any) -> Any:
            # Id images go the same way; those that were rendered are opaque.
            if name == "masks" or arguments[0][..., 3].all():
                asked.append(name)
            return original(self, *arguments)

        return work

    made: list[LabelRecords] = []
    prepared = LabelRecords.__init__
    recorded: list[Camera] = []
    described = Camera.record

    def noted(self: LabelRecords, *arguments: Any) -> None:
        made.append(self)
        prepared(self, *arguments)

    def told(self: Camera) -> dict[str, Any]:
        recorded.append(self)
        return described(self)

    writers = [plugin(kind, tmp_path / "together" / kind) for kind in DATASETS if _available(kind, tmp_path)]
    writers.append(plugin("coco_depth", tmp_path / "together" / "twice", label_type="shape"))
    with monkeypatch.context() as patched:
        for name in ("masks", "colors"):
            patched.setattr(NativeEncoders, name, counted(name))
        patched.setattr(LabelRecords, "__init__", noted)
        patched.setattr(Camera, "record", told)
        run(writers, 12, batch=4)
    assert len(made) == 3 * 2, "three batches of two products"
    assert len(recorded) == 12 * 2
    assert asked.count("masks") == asked.count("colors") == 3 * 2
    for writer in writers[:-1]:
        run([plugin(writer.kind(), tmp_path / "alone" / writer.kind())], 12, batch=4)
        assert files(Path(writer.output_dir)) == files(tmp_path / "alone" / writer.kind())


def _available(kind: str, folder: Path) -> bool:
    try:
        plugin(kind, folder)
    except pytest.skip.Exception:
        return False
    return True


def test_the_registry_serves_them() -> None:
    for kind in WRITERS.kinds():
        model = WRITERS.get(kind)
        if issubclass(model, DatasetPlugin):
            assert model.kind() == kind
