"""The end of a run: every writer has its turn, datasets side by side."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest

from replicator_dr.engines.embedded.loop import finishing


class Dataset:
    """A writer of batches, which does this at the end."""

    writes_every_frame = True

    def __init__(self, end: Callable[[], object]) -> None:
        self.on_final_frame = end

    def write_batch(self, batch: Any) -> list[Any]:
        raise NotImplementedError

    def commit(self, records: list[Any]) -> None:
        raise NotImplementedError


class Single:
    """A writer of single frames."""

    def __init__(self, end: Callable[[], object]) -> None:
        self.on_final_frame = end


def failing(text: str) -> Callable[[], object]:
    def end() -> None:
        raise ValueError(text)

    return end


def test_datasets_are_finished_side_by_side(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(finishing, "cores", lambda: 2)
    both = threading.Barrier(2, timeout=30)
    assert finishing.finish([Dataset(both.wait), Dataset(both.wait)]) == []


def test_all_have_their_turn_and_errors_come_in_the_writers_order() -> None:
    turns: list[str] = []
    errors = finishing.finish(
        [
            Single(failing("first")),
            Dataset(lambda: turns.append("dataset")),
            Dataset(failing("second")),
            Single(lambda: turns.append("single")),
        ]
    )
    assert [str(error) for error in errors] == ["first", "second"]
    assert turns == ["dataset", "single"]


def test_others_are_finished_on_the_calling_thread_after_the_datasets() -> None:
    threads: list[int] = []

    def note() -> None:
        threads.append(threading.get_ident())

    finishing.finish([Single(note), Dataset(note), Single(note)])
    own = threading.get_ident()
    assert threads[0] != own
    assert threads[1:] == [own, own]
