"""A batched writer whose job can be sent to other processes; for test_processes.py."""

from __future__ import annotations

import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from replicator_dr.engines.embedded.annotate.annotators_boxes import tight
from replicator_dr.engines.embedded.api.writers import Writer
from replicator_dr.engines.embedded.loop.capture import CapturedBatch


class UnreadableError(Exception):
    """An exception that pickles and does not come back."""

    def __init__(self, one: int, two: int) -> None:
        super().__init__(f"{one} and {two}")


@dataclass(frozen=True)
class SumJob:
    """Sums over an image; writes its process's number into a folder, and fails as it is told."""

    annotators: tuple[Any, ...]
    folder: Path
    fail_at: int | None
    failure: str

    def __call__(self, batch: CapturedBatch) -> list[dict[str, Any]]:
        with batch.clock.measure("encode"):
            frames = batch.state.frames.tolist()
            if self.fail_at in frames:
                self._fail()
            (self.folder / str(os.getpid())).touch()
            rgb = np.asarray(batch.annotation(self.annotators[0], batch.products[0].name).data)
            boxes = tight(batch.view(batch.products[0].name)).data
            assert boxes is not None
            return [
                {"id": frame, "sum": int(rgb[i].sum()), "boxes": boxes[i].tolist(), "bytes": 10}
                for i, frame in enumerate(frames)
            ]

    def _fail(self) -> None:
        if self.failure == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        if self.failure == "exit":
            os._exit(3)
        if self.failure == "strange":
            raise UnreadableError(1, 2)
        if self.failure == "sleep":
            time.sleep(30)
        raise ValueError("this frame is cursed")


class Remote(Writer):
    """Keeps records in memory."""

    def __init__(self, folder: Path, fail_at: int | None = None, failure: str = "raise") -> None:
        self.annotators = ["rgb", "bounding_box_2d_tight"]
        self.committed: list[dict[str, Any]] = []
        self.discarded: list[int] = []
        self.finished = 0
        self._folder, self._fail_at, self._failure = folder, fail_at, failure

    def write(self, data: dict[str, Any]) -> None:
        raise AssertionError("the batched path is taken")

    def batch_job(self) -> SumJob:
        return SumJob(tuple(self.get_annotators()), self._folder, self._fail_at, self._failure)

    def write_batch(self, batch: CapturedBatch) -> list[dict[str, Any]]:
        return self.batch_job()(batch)

    def commit(self, records: list[dict[str, Any]]) -> None:
        self.committed += records

    def discard(self, records: list[dict[str, Any]]) -> None:
        self.discarded += [record["id"] for record in records]

    def on_final_frame(self) -> None:
        self.finished += 1
