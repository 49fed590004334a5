"""Backends: folders, background writing, and the older BackendDispatch."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from replicator_dr.engines.embedded.api import backends, functional
from replicator_dr.engines.embedded.api.backends import BackendDispatch, BackendGroup, DiskBackend, Sequential
from replicator_dr.engines.embedded.loop.write_queue import WriteQueue
from replicator_dr.errors import EngineError, OutputError, UnsupportedError
from tests.flat_world import FlatRuntime

PIXELS = np.arange(48, dtype=np.uint8).reshape(4, 4, 3)


def test_get_then_initialize_or_both_at_once(tmp_path: Path) -> None:
    backend = backends.get("DiskBackend")
    backend.initialize(output_dir=str(tmp_path / "a"))
    assert backend.resolve_path("x/y.png") == str(tmp_path / "a" / "x" / "y.png")
    other = backends.get("DiskBackend", init_params={"output_dir": str(tmp_path / "b")})
    assert Path(other.resolve_path("z")).parent.is_dir()
    assert backends.BackendRegistry.get_registered_backends() == ["DiskBackend", "S3Backend"]
    with pytest.raises(EngineError, match="there is no backend 'Disk'; registered are: DiskBackend, S3Backend"):
        backends.get("Disk")
    with pytest.raises(UnsupportedError, match="write with DiskBackend and upload"):
        backends.S3Backend("prefix", "bucket")


def test_relative_folders_lie_below_the_root_setting(runtime: FlatRuntime, tmp_path: Path) -> None:
    runtime.settings["/omni/replicator/backends/disk/root_dir"] = str(tmp_path)
    assert DiskBackend("set").output_dir == str(tmp_path / "set")
    assert DiskBackend(str(tmp_path / "absolute")).output_dir == str(tmp_path / "absolute")


def test_without_overwrite_a_new_folder_is_taken(tmp_path: Path) -> None:
    names = [Path(DiskBackend(str(tmp_path / "set"), overwrite=False).output_dir).name for _ in range(3)]
    assert names == ["set", "set_0001", "set_0002"]


def test_scheduled_writes_are_there_after_waiting(tmp_path: Path) -> None:
    backend = DiskBackend(str(tmp_path))
    backend.schedule(functional.write_image, path="deep/er/a.png", data=PIXELS)
    backend.schedule(functional.write_json, path="b.json", data={"n": 1})
    backend.schedule(functional.write_np, path="c.npy", data=PIXELS)
    backend.schedule(functional.write_image, path="d.jpg", data=PIXELS)
    backend.schedule(functional.write_image, path="e.png", data=Sequential(np.flipud, np.fliplr)(PIXELS))
    BackendDispatch.wait_until_done()
    assert BackendDispatch.is_done_writing()
    assert np.array_equal(np.asarray(Image.open(tmp_path / "deep" / "er" / "a.png")), PIXELS)
    assert json.loads(backend.read_blob("b.json")) == {"n": 1}
    assert np.array_equal(np.load(tmp_path / "c.npy"), PIXELS)
    assert Image.open(tmp_path / "d.jpg").size == (4, 4)
    assert np.array_equal(np.asarray(Image.open(tmp_path / "e.png")), PIXELS[::-1, ::-1])


def test_a_failed_write_is_raised_where_its_writer_waits(tmp_path: Path) -> None:
    backend = DiskBackend(str(tmp_path))
    backend.schedule(functional.write_image, path="a.tiff", data=PIXELS)
    with pytest.raises(OutputError, match=r"a\.tiff: images are written as png, jpg or jpeg; \.tiff is none of them"):
        BackendDispatch.wait_until_done()
    BackendDispatch.wait_until_done()


def test_a_queue_stops_after_a_failure_and_says_why() -> None:
    queue = WriteQueue(threads=1, longest=4)
    done: list[int] = []

    def fail() -> None:
        raise RuntimeError("no more paper")

    queue.put(fail)
    with pytest.raises(OutputError, match="writing in the background failed: no more paper"):
        queue.wait()
    queue.put(lambda: done.append(1))
    queue.wait()
    assert done == [1]
    assert queue.idle()


def test_a_group_writes_everywhere(tmp_path: Path) -> None:
    group = BackendGroup([DiskBackend(str(tmp_path / name)) for name in ("a", "b")])
    group.schedule(functional.write_json, path="x.json", data=[1])
    BackendDispatch.wait_until_done()
    assert [(tmp_path / name / "x.json").read_text() for name in ("a", "b")] == ["[1]", "[1]"]


def test_the_older_dispatch(tmp_path: Path) -> None:
    for dispatch in (
        BackendDispatch(output_dir=str(tmp_path / "a")),
        BackendDispatch({"paths": {"out_dir": str(tmp_path / "b")}}),
    ):
        dispatch.write_image("x.png", PIXELS)
        dispatch.write_blob("y.bin", b"blob")
        dispatch.write_array("z.npy", PIXELS)
        dispatch.set_max_queue_size(100)
        dispatch.sync_pending_paths()
        assert sorted(path.name for path in Path(dispatch.output_dir).iterdir()) == ["x.png", "y.bin", "z.npy"]
    with pytest.raises(UnsupportedError, match="BackendDispatch: bucket is not supported"):
        BackendDispatch(output_dir=str(tmp_path), bucket="b")
    with pytest.raises(UnsupportedError, match="use write_array"):
        dispatch.write_exr("x.exr", PIXELS)
    with pytest.raises(EngineError, match="has no folder to write to"):
        BackendDispatch()


def test_write_functions_work_without_a_backend(tmp_path: Path) -> None:
    functional.write_image(str(tmp_path / "new" / "a.png"), PIXELS)
    functional.write_pickle(str(tmp_path / "b.pkl"), {"a": 1})
    assert np.array_equal(np.asarray(Image.open(tmp_path / "new" / "a.png")), PIXELS)
    assert (tmp_path / "b.pkl").stat().st_size > 0
    with pytest.raises(UnsupportedError, match="use write_np"):
        functional.write_image(str(tmp_path / "c.exr"), PIXELS)


def test_ids_beyond_sixteen_bits_are_not_cut(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="id 65536 does not fit 16 bits; write colours"):
        functional.write_image(str(tmp_path / "a.png"), np.full((2, 2), 65536, np.uint32))
    functional.write_image(str(tmp_path / "a.png"), np.full((2, 2), 65535, np.uint32))
    assert np.asarray(Image.open(tmp_path / "a.png")).tolist() == [[65535, 65535], [65535, 65535]]
