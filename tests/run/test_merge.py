"""Which datasets can be merged, and what is said of those that cannot. That bytes agree: tests/writers."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from replicator_dr.cli.app import app
from replicator_dr.errors import OutputError
from replicator_dr.run.merge import merge
from tests.writers.coco_run import load, manifest
from tests.writers.every_writer import files, plugin, run


@pytest.fixture
def parts(tmp_path: Path) -> list[Path]:
    """Frames 0 to 2, and 3 to 5."""
    found = [tmp_path / "a", tmp_path / "b"]
    for number, part in enumerate(found):
        run([plugin("coco_depth", part)], 3, start=3 * number)
    return found


def refused(output: Path, parts: list[Path], message: str) -> None:
    with pytest.raises(OutputError, match=message):
        merge(output, parts)


def test_another_setting_is_another_dataset(parts: list[Path], tmp_path: Path) -> None:
    run([plugin("coco_depth", tmp_path / "c", min_pixels=9)], 2, start=6)
    refused(
        tmp_path / "out", [*parts, tmp_path / "c"], r"c is of another dataset than .*a \(writer differ\); only runs"
    )
    assert not (tmp_path / "out").exists()


def test_other_formats_do_not_mix(parts: list[Path], tmp_path: Path) -> None:
    journal = parts[1] / "journal.jsonl"
    journal.write_text(journal.read_text().replace("coco_depth/2", "other/1", 1))
    refused(tmp_path / "out", parts, r"b is of the format replicator_dr.other/1, .*a of replicator_dr.coco_depth/2")


def test_a_format_that_is_not_installed_is_named(parts: list[Path], tmp_path: Path) -> None:
    for part in parts:
        path = part / "manifest.json"
        path.write_text(path.read_text().replace('"name":"coco_depth"', '"name":"atlas"', 1))
    refused(tmp_path / "out", parts, "was made by the writer 'atlas', which is not installed here; install it")


def test_an_unfinished_part_is_named(parts: list[Path], tmp_path: Path) -> None:
    (parts[1] / "manifest.json").unlink()
    refused(
        tmp_path / "out", parts, r"b is not finished: it has no manifest.json .* run the command that made it again"
    )


def test_a_damaged_manifest_is_named(parts: list[Path], tmp_path: Path) -> None:
    (parts[1] / "manifest.json").write_text("{\n")
    refused(tmp_path / "out", parts, r"b is not finished: it has no manifest.json that can be read")


def test_a_folder_that_is_no_dataset_is_named(parts: list[Path], tmp_path: Path) -> None:
    (tmp_path / "c").mkdir()
    refused(tmp_path / "out", [parts[0], tmp_path / "c"], "c holds no dataset of this project")
    refused(tmp_path / "out", [], "there is nothing to merge")


def test_what_lies_in_the_way_is_not_touched(parts: list[Path], tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "notes.txt").write_text("mine")
    refused(tmp_path / "out", parts, "is not empty and holds no dataset of this writer")
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["notes.txt"]


def test_missing_and_damaged_files_are_named(parts: list[Path], tmp_path: Path) -> None:
    color = parts[1] / "rgb" / "left" / "000004.png"
    content = color.read_bytes()
    color.write_bytes(content[:-1])
    refused(tmp_path / "out", parts, r"left/000004.png is damaged: its checksum is not the journal's")
    color.unlink()
    refused(tmp_path / "again", parts, r"left/000004.png is missing, though the journal of its dataset names it")
    color.write_bytes(content)
    done = merge(tmp_path / "out", parts)
    assert done.counts["images"] == 12, "what failed is continued"


def test_frames_that_differ_are_not_guessed_at(parts: list[Path], tmp_path: Path) -> None:
    shutil.copytree(parts[0], tmp_path / "c")
    journal = tmp_path / "c" / "journal.jsonl"
    journal.write_text(journal.read_text().replace('"area":', '"area":1', 1))
    refused(tmp_path / "out", [parts[0], tmp_path / "c"], r"a and .*c have both image 1, and they differ")


def test_links_share_the_bytes_and_copies_do_not(parts: list[Path], tmp_path: Path) -> None:
    merge(tmp_path / "linked", parts, link=True)
    merge(tmp_path / "copied", parts)
    assert files(tmp_path / "linked") == files(tmp_path / "copied")
    name = "rgb/left/000004.png"
    assert os.path.samefile(tmp_path / "linked" / name, parts[1] / name)
    assert not os.path.samefile(tmp_path / "copied" / name, parts[1] / name)


def test_versions_of_all_parts_are_told(parts: list[Path], tmp_path: Path) -> None:
    path = parts[1] / "manifest.json"
    path.write_text(path.read_text().replace('"versions":{"replicator_dr":"0"}', '"versions":{"replicator_dr":"1"}', 1))
    merge(tmp_path / "out", parts)
    assert manifest(tmp_path / "out")["versions"] == {"replicator_dr": "0, 1"}


def test_the_command(parts: list[Path], tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["merge", str(tmp_path / "out"), *map(str, parts)])
    assert result.exit_code == 0, result.output
    assert "12 images of 6 frames" in result.output
    assert len(load(tmp_path / "out").imgs) == 12
    refusal = CliRunner().invoke(app, ["merge", str(tmp_path / "out"), str(tmp_path)])
    assert refusal.exit_code == 4
