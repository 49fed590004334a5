"""The journal: what was appended comes back, whatever happened to its last line."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from replicator_dr.errors import OutputError
from replicator_dr.storage.journal import Journal, entries, index, read_header


def write(path: Path, *batches: list[dict[str, object]]) -> None:
    journal = Journal(path, {"format": 1})
    for batch in batches:
        journal.append(batch)
    journal.close()


def test_records_come_back_by_id_and_the_last_of_an_id_wins(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    write(path, [{"id": 5, "name": "five"}, {"id": 2, "name": "zwei"}], [], [{"id": 5, "name": "fünf"}])
    assert read_header(path) == {"format": 1}
    assert list(entries(path)) == [{"id": 2, "name": "zwei"}, {"id": 5, "name": "fünf"}]
    assert list(index(path)) == [2, 5]


def test_a_torn_last_line_is_ignored_and_cut_off(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    write(path, [{"id": 1, "a": 1}, {"id": 2, "a": 2}])
    whole = path.read_bytes()
    for cut in range(1, len(b'{"id":2,"a":2}\n') + 1):
        path.write_bytes(whole[:-cut])
        assert list(entries(path)) == [{"id": 1, "a": 1}]
        write(path, [{"id": 3, "a": 3}])
        assert list(entries(path)) == [{"id": 1, "a": 1}, {"id": 3, "a": 3}]


def test_a_torn_header_makes_a_new_journal(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    path.write_bytes(b'{"form')
    assert read_header(path) is None
    write(path, [{"id": 1}])
    assert read_header(path) == {"format": 1}
    assert list(entries(path)) == [{"id": 1}]


def test_a_torn_line_longer_than_a_block_is_cut_off(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    write(path, [{"id": 1}])
    path.write_bytes(path.read_bytes() + b'{"id":2,"x":"' + b"y" * 200_000)
    write(path, [{"id": 3}])
    assert list(index(path)) == [1, 3]


def test_every_line_is_json_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    write(path, [{"id": 1, "text": 'line\nbreak \u2028 and "quotes"'}])
    lines = path.read_text(encoding="utf-8").split("\n")
    assert len(lines) == 3
    assert json.loads(lines[1])["text"] == 'line\nbreak \u2028 and "quotes"'


def test_no_journal_no_header(tmp_path: Path) -> None:
    assert read_header(tmp_path / "journal.jsonl") is None


def test_a_journal_that_cannot_be_opened_is_an_output_error(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"cannot write .*missing"):
        Journal(tmp_path / "missing" / "journal.jsonl", {})


def test_nan_is_refused_before_anything_is_appended(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    journal = Journal(path, {})
    with pytest.raises(ValueError, match="not JSON compliant"):
        journal.append([{"id": 1}, {"id": 2, "x": float("nan")}])
    journal.close()
    assert list(entries(path)) == []


@pytest.mark.skipif(os.name == "nt", reason="open files cannot be deleted there")
def test_a_journal_that_was_deleted_is_told(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "set.jsonl", {})
    journal.append([{"id": 1}])
    (tmp_path / "set.jsonl").unlink()
    with pytest.raises(OutputError, match=r"was deleted while it was written to; run the same command again$"):
        journal.append([{"id": 2}])
    journal.close()
