"""Which folders are taken, continued, replaced or refused, and what a run that fails leaves behind."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from replicator_dr.dataset.lines import JournalLine
from replicator_dr.engines.embedded.api import orchestrator
from replicator_dr.engines.embedded.loop import pipeline
from replicator_dr.engines.embedded.loop.statistics import Committed
from replicator_dr.errors import OutputError
from replicator_dr.rep import rep
from tests.flat_world import FlatRuntime
from tests.writers.coco_run import CocoDepthWriter, attached, checksums, load, manifest, written
from writers.coco_depth import CocoDepth

ROOT = Path(__file__).resolve().parents[2]


def test_the_same_run_again_gives_the_same_bytes(tmp_path: Path) -> None:
    written(tmp_path, 6)
    before = checksums(tmp_path)
    written(tmp_path, 6)
    assert checksums(tmp_path) == before


def test_runs_of_one_spec_make_one_dataset_in_any_order(tmp_path: Path) -> None:
    written(tmp_path / "whole", 12)
    for start, frames in ((8, 4), (0, 5), (4, 5)):
        written(tmp_path / "parts", frames, start=start)
    assert checksums(tmp_path / "parts") == checksums(tmp_path / "whole")


def test_frames_that_are_missing_show_in_the_manifest(tmp_path: Path) -> None:
    written(tmp_path, 2)
    written(tmp_path, 3, start=7)
    assert manifest(tmp_path)["frames"] == [[0, 1], [7, 9]]


def test_another_setting_is_another_dataset(tmp_path: Path) -> None:
    written(tmp_path, 3)
    before = checksums(tmp_path)
    with pytest.raises(OutputError, match=r"holds a dataset of another spec, seed or writer setting \(flat\); choose"):
        written(tmp_path, 3, depth="npy")
    assert checksums(tmp_path) == before
    written(tmp_path, 2, depth="npy", overwrite=True)
    assert not list(tmp_path.rglob("depth/*/*.png"))
    assert len(load(tmp_path).imgs) == 4


def test_scripts_without_a_spec_do_not_mix_their_datasets(runtime: FlatRuntime, tmp_path: Path) -> None:
    def run(**options: Any) -> None:
        writer = rep.WriterRegistry.get("CocoDepthWriter")
        writer.initialize(output_dir=str(tmp_path / "set"), **options)
        writer.attach(runtime.product())
        pipeline.run(runtime, 2)  # type: ignore[arg-type]
        pipeline.run(runtime, 2, start=2)  # type: ignore[arg-type]
        writer.detach()

    run()
    assert manifest(tmp_path / "set")["frames"] == [[0, 3]]
    with pytest.raises(OutputError, match="holds a dataset of another spec"):
        run()
    runtime.writers.clear()
    run(overwrite=True)
    assert manifest(tmp_path / "set")["frames"] == [[0, 3]]


def test_files_of_others_are_never_touched(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("five years of work")
    for overwrite in (False, True):
        with pytest.raises(
            OutputError, match=r"is not empty and holds no dataset of this writer \(there is thesis.tex"
        ):
            written(tmp_path, 1, overwrite=overwrite)
    assert (tmp_path / "thesis.tex").read_text() == "five years of work"
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "set").write_text("a file")
    with pytest.raises(OutputError, match=r"the output folder .*set is a file; choose another output_dir"):
        written(tmp_path / "set", 1)


def test_a_folder_that_cannot_be_made_stops_before_anything_is_rendered(runtime: FlatRuntime, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    attached(runtime, tmp_path / "file" / "below")
    with pytest.raises(
        OutputError, match=r"the output folder .*below cannot be written to: .*choose another output_dir"
    ):
        pipeline.run(runtime, 3)  # type: ignore[arg-type]
    assert runtime.sampled == []


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_folder_is_told(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(OutputError, match="cannot be written to: Permission denied"):
        written(tmp_path / "set", 1)


def test_building_and_attaching_touch_no_disk(runtime: FlatRuntime, tmp_path: Path) -> None:
    attached(runtime, tmp_path / "set")
    assert not (tmp_path / "set").exists()


def test_steps_make_the_same_dataset_as_a_run(runtime: FlatRuntime, tmp_path: Path) -> None:
    attached(runtime, tmp_path / "steps")
    for _ in range(3):
        orchestrator.step()
    orchestrator.wait_until_complete()
    written(tmp_path / "run", 3)
    assert checksums(tmp_path / "steps") == checksums(tmp_path / "run")


def test_a_killed_run_is_continued_and_ends_with_the_same_bytes(tmp_path: Path) -> None:
    # The child dies in the middle of frame 7's second file, with a torn journal line, as after kill -9.
    script = (
        "import os, sys\nfrom pathlib import Path\nsys.path.insert(0, sys.argv[2])\n"
        "import replicator_dr.dataset.job as module\nfrom tests.writers.coco_run import written\n"
        "write = module.write_file\n"
        "def dying(name, content):\n"
        "    path = Path(name)\n"
        "    if path.name == '000007.png' and path.parent.name == 'right':\n"
        "        path.with_name('.000007.png.1-1.part').write_bytes(content[:50])\n"
        "        with open(Path(sys.argv[1]) / 'journal.jsonl', 'ab') as journal:\n"
        '            journal.write(b\'{"id":15,"by\')\n'
        "        os._exit(9)\n"
        "    return write(name, content)\n"
        "module.write_file = dying\nwritten(Path(sys.argv[1]), 12, batch=2)\n"
    )
    command = [sys.executable, "-c", script, str(tmp_path / "killed"), str(ROOT)]
    assert subprocess.run(command, check=False, cwd=ROOT).returncode == 9
    assert not (tmp_path / "killed" / "annotations.json").exists()
    written(tmp_path / "killed", 12)
    written(tmp_path / "whole", 12)
    assert checksums(tmp_path / "killed", "**/*") == checksums(tmp_path / "whole", "**/*")
    assert not list((tmp_path / "killed").rglob("*.part"))


def assert_valid_prefix(folder: Path, frames: int) -> None:
    """What a run that ended early has left: whole images, and annotations for exactly those."""
    coco = load(folder)
    assert sorted({image["frame"] for image in coco.imgs.values()}) == list(range(frames))
    for image in coco.imgs.values():
        for name in ("file_name", "depth_file_name"):
            np.asarray(Image.open(folder / image[name]))
    on_disk = {path.relative_to(folder).as_posix() for path in folder.rglob("*.png")}
    assert on_disk == {image[name] for image in coco.imgs.values() for name in ("file_name", "depth_file_name")}
    assert not list(folder.rglob("*.part"))


def test_a_disk_that_runs_full_keeps_what_was_committed(
    runtime: FlatRuntime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import replicator_dr.dataset.job as module
    from replicator_dr.storage.atomic import write_file

    def full_at_frame_9(name: str, content: bytes) -> bool:
        path = Path(name)
        if path.stem == "000009" and path.parent.name == "right":
            raise OutputError(
                f"cannot write {path.name}: No space left on device; folder {path.parent} has 0.0 MB free"
            )
        return write_file(path, content)

    monkeypatch.setattr(module, "write_file", full_at_frame_9)
    attached(runtime, tmp_path / "set")
    with pytest.raises(
        OutputError, match=r"No space left on device; .* MB free; 9 of 60 frames are committed and valid"
    ):
        pipeline.run(runtime, 60, batch=1, workers=3)  # type: ignore[arg-type]
    assert_valid_prefix(tmp_path / "set", 9)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 300 kB."""
    if os.geteuid() != 0 or shutil.which("mount") is None:
        pytest.skip("mounting a small disk needs root")
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=300k", "tmpfs", str(disk)], check=False)
    if mounted.returncode:
        pytest.skip("this system does not let tests mount a tmpfs")
    yield disk
    subprocess.run(["umount", "-l", str(disk)], check=True)


def test_a_small_disk_runs_full(runtime: FlatRuntime, small_disk: Path) -> None:
    attached(runtime, small_disk / "set", [runtime.product("left")])
    with pytest.raises(OutputError) as caught:
        pipeline.run(runtime, 2000, batch=1)  # type: ignore[arg-type]
    message = str(caught.value)
    assert "No space left on device" in message
    assert f"folder {small_disk / 'set'}" in message
    assert "free. Free some space or choose another output folder, then run the same command again" in message
    journal = [json.loads(line) for line in (small_disk / "set" / "journal.jsonl").read_text().splitlines()[1:]]
    assert f"; {len(journal)} of 2000 frames are committed" in message
    assert len(journal) > 5
    assert [record["id"] for record in journal] == list(range(1, len(journal) + 1))
    for record in journal:
        for name in record["sha256"]:
            np.asarray(Image.open(small_disk / "set" / name))
    # With more space the same command finishes the dataset.
    subprocess.run(["mount", "-o", "remount,size=30m", str(small_disk)], check=True)
    pipeline.run(runtime, len(journal) + 5)  # type: ignore[arg-type]
    assert_valid_prefix(small_disk / "set", len(journal) + 5)


def test_a_limit_on_file_size_ends_the_run_cleanly(tmp_path: Path) -> None:
    # The journal meets the limit first: the child's error names it, and the images committed so far are whole.
    script = (
        "import resource, signal, sys\nfrom pathlib import Path\nsys.path.insert(0, sys.argv[2])\n"
        "from replicator_dr.errors import OutputError\nfrom tests.writers.coco_run import written\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, resource.RLIM_INFINITY))\n"
        "try:\n    written(Path(sys.argv[1]), 200, batch=1)\n"
        "except OutputError as error:\n    print(error)\n"
    )
    command = [sys.executable, "-c", script, str(tmp_path / "set"), str(ROOT)]
    done = subprocess.run(command, check=True, cwd=ROOT, capture_output=True, text=True)
    assert done.stdout.startswith("cannot write journal.jsonl: File too large; folder ")
    written(tmp_path / "set", 20)
    assert_valid_prefix(tmp_path / "set", 20)


def test_annotations_are_read_one_record_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import replicator_dr.dataset.assembly as assembly

    written(tmp_path, 10)
    events: list[str] = []
    lines, decoded = assembly.lines, assembly.decoded

    def counted(path: Path, offsets: Iterable[int]) -> Iterator[bytes]:
        for line in lines(path, offsets):
            events.append("line")
            yield line

    def parsed(found: Iterable[bytes], kind: type[JournalLine]) -> Iterator[Any]:
        for line in decoded(found, kind):
            events.append("record")
            yield line

    monkeypatch.setattr(assembly, "lines", counted)
    monkeypatch.setattr(assembly, "decoded", parsed)
    before = (tmp_path / "annotations.json").read_bytes()
    info = {key: value for key, value in manifest(tmp_path).items() if key not in ("counts", "frames", "sha256")}
    plugin = CocoDepth()
    assembly.assemble(tmp_path, plugin.format(), info, ["ball", "box", "mug"])
    assert (tmp_path / "annotations.json").read_bytes() == before
    assert events == ["line", "record"] * 20 * 3, "counts, images, annotations"


def test_categories_that_came_up_later_follow_the_declared_ones(runtime: FlatRuntime, tmp_path: Path) -> None:
    writer = CocoDepthWriter(output_dir=str(tmp_path / "set"))
    writer.attach(runtime.product("left"))
    writer.prepare()
    writer._categories = ["mug"]  # as a script may have relabelled prims since
    pipeline.run(runtime, 4)  # type: ignore[arg-type]
    names = {item["id"]: item["name"] for item in load(tmp_path / "set").dataset["categories"]}
    assert names == {1: "mug", 2: "ball", 3: "box"}


def delete_folder(folder: Path) -> None:
    """Take a folder away at once: its writing threads still make and remove files in it."""
    shutil.rmtree(folder.rename(folder.with_name("deleted")))


@pytest.mark.skipif(os.name == "nt", reason="open files cannot be deleted there")
def test_a_folder_that_is_deleted_ends_the_run(runtime: FlatRuntime, tmp_path: Path) -> None:
    attached(runtime, tmp_path / "set", [runtime.product("left")])

    def delete(committed: Committed) -> None:
        if committed.frames == 2:
            delete_folder(tmp_path / "set")

    with pytest.raises(OutputError, match=r"was deleted while it was written to|cannot write"):
        pipeline.run(runtime, 50, batch=1, workers=1, listener=delete)  # type: ignore[arg-type]


@pytest.mark.skipif(os.name == "nt", reason="open files cannot be deleted there")
def test_a_folder_that_is_deleted_at_the_end_is_told(runtime: FlatRuntime, tmp_path: Path) -> None:
    attached(runtime, tmp_path / "set", [runtime.product("left")])

    def delete(committed: Committed) -> None:
        if committed.frames == 3:
            delete_folder(tmp_path / "set")

    with pytest.raises(OutputError, match=r"set was deleted while it was written to"):
        pipeline.run(runtime, 3, batch=3, listener=delete)  # type: ignore[arg-type]


@pytest.mark.skipif(os.name == "nt", reason="open files cannot be deleted there")
def test_images_are_taken_back_from_a_folder_that_is_deleted(runtime: FlatRuntime, tmp_path: Path) -> None:
    writer = attached(runtime, tmp_path / "set", [runtime.product("left")])
    writer.prepare()
    delete_folder(tmp_path / "set")
    writer.discard([{"id": 1, "sha256": {"rgb/left/000000.png": "0"}}])
    with pytest.raises(OutputError, match="was deleted while it was written to"):
        writer.on_final_frame()
