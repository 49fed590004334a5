"""Atomic files: whole or absent, and clear about a disk that is full."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from replicator_dr.errors import OutputError
from replicator_dr.storage.atomic import atomic_file, make_folder, output_error, remove_leftovers, write_file


def test_a_written_file_is_whole_and_tells_whether_there_was_one(tmp_path: Path) -> None:
    content = bytes(range(256)) * 40
    assert not write_file(tmp_path / "a.bin", content)
    assert (tmp_path / "a.bin").read_bytes() == content
    assert write_file(str(tmp_path / "a.bin"), b"new")
    assert (tmp_path / "a.bin").read_bytes() == b"new"
    assert [path.name for path in tmp_path.iterdir()] == ["a.bin"]


def test_a_failed_block_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    write_file(tmp_path / "a.json", b"old")

    def fail_half_way() -> None:
        with atomic_file(tmp_path / "a.json", durable=True) as file:
            file.write(b"half of the new")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail_half_way()
    assert (tmp_path / "a.json").read_bytes() == b"old"
    assert [path.name for path in tmp_path.iterdir()] == ["a.json"]


def test_a_folder_that_is_a_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(OutputError, match=r"the output folder .*taken cannot be written to: .*choose another"):
        make_folder(tmp_path / "taken")


def test_a_new_folder_is_made_and_left_empty(tmp_path: Path) -> None:
    make_folder(tmp_path / "a" / "b")
    assert list((tmp_path / "a" / "b").iterdir()) == []


def test_leftovers_of_a_killed_run_go_away(tmp_path: Path) -> None:
    (tmp_path / ".000003.png.77-1.part").write_bytes(b"half")
    (tmp_path / "000002.png").write_bytes(b"whole")
    remove_leftovers(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["000002.png"]


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG])
def test_a_full_disk_is_told_with_the_free_space_and_the_remedy(tmp_path: Path, number: int) -> None:
    message = str(output_error(OSError(number, "x"), tmp_path / "000007.png"))
    assert message.startswith(f"cannot write 000007.png: {os.strerror(number)}; folder {tmp_path} has ")
    assert message.endswith(
        "MB free. Free some space or choose another output folder, then run the same command again: "
        "what was committed stays"
    )


def test_a_size_limit_met_in_the_middle_of_a_file_leaves_no_part_behind(tmp_path: Path) -> None:
    # RLIMIT_FSIZE holds for a whole process: a child meets it, as a full disk, in the middle of its second file.
    script = (
        "import resource, signal, sys\nfrom pathlib import Path\n"
        "from replicator_dr.errors import OutputError\nfrom replicator_dr.storage.atomic import write_file\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (5000, resource.RLIM_INFINITY))\n"
        "folder = Path(sys.argv[1])\nwrite_file(folder / 'small', b'x' * 4000)\n"
        "try:\n    write_file(folder / 'large', b'x' * 9000)\n"
        "except OutputError as error:\n    print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", script, str(tmp_path)], capture_output=True, text=True, check=True)
    assert done.stdout.startswith(f"cannot write large: File too large; folder {tmp_path} has ")
    assert [path.name for path in tmp_path.iterdir()] == ["small"]


def test_why_a_file_was_not_written_is_told_where_nothing_can_be_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on a disk that is mounted for reading only."""

    def refused(*_: object, **__: object) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    for name in ("open", "unlink"):
        monkeypatch.setattr(Path, name, refused)
    with (
        pytest.raises(OutputError, match=r"^cannot write .*a\.html: Read-only file system; choose"),
        atomic_file(tmp_path / "a.html") as file,
    ):
        file.write(b"text")
