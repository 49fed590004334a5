"""What a dataset's writer does with a batch: annotate, encode, write; on any thread, or in another process."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from replicator_dr.dataset.folder import Places
from replicator_dr.dataset.format import DatasetFormat
from replicator_dr.dataset.labelled import LabelledBatch, LabelledImage
from replicator_dr.dataset.lines import TextLine
from replicator_dr.dataset.splits import Splits
from replicator_dr.labels.content import Content
from replicator_dr.labels.encoders import Encoders
from replicator_dr.labels.images import Batch, ProductImages, of_batch, of_payload
from replicator_dr.labels.redraws import ATTEMPT, FAILED
from replicator_dr.labels.selection import THRESHOLDS, Rules
from replicator_dr.labels.shared import Shared
from replicator_dr.storage.atomic import write_file
from replicator_dr.storage.json_numbers import line

Record = dict[str, Any]
"""An image that is written: its ``id``, its ``bytes``, the ``sha256`` of its files, and its ``line`` of the journal."""

Frame = tuple[int, dict[str, Any]]
"""A frame's number, and what was drawn for it, by name."""

LAYOUT = "renderProduct"


class Clock(Protocol):
    """Where work is counted."""

    def measure(self, stage: str) -> AbstractContextManager[None]:
        """Count the block's time under a stage."""


class NoClock:
    """Counts nothing."""

    def measure(self, stage: str) -> AbstractContextManager[None]:  # noqa: ARG002
        """A block like any other."""
        return nullcontext()


class TimedBatch(Batch, Protocol):
    """A batch with a clock, that may be asked for single frames. shared: what its writers work out together."""

    clock: Clock
    shared: Shared

    def payload(self, index: int, annotators: Sequence[Any], data_structure: str) -> Mapping[str, Any]:
        """One frame as ``write`` gets it."""


@dataclass(frozen=True)
class DatasetJob:
    """Writes images into a dataset folder. It can be pickled where its annotators can.

    categories: all that there may be, in the order of their numbers; empty where the runtime does not know them.
    """

    places: Places
    format: DatasetFormat
    rules: Rules
    splits: Splits
    encoders: Encoders
    annotators: tuple[Any, ...]
    categories: tuple[str, ...] = ()

    def prepare(self) -> None:
        """Compile what the first image would have to wait for, once for all processes."""
        self.format.warm_up(self.encoders)

    def __call__(self, batch: TimedBatch) -> list[Record]:
        """Write the images of a batch; their records are to be committed. After an error no new file is left."""
        fresh: list[str] = []
        try:
            if hasattr(batch, "annotation"):
                return self._captured(batch, fresh)
            frames = (batch.payload(index, self.annotators, LAYOUT) for index in range(len(batch)))
            return [
                record for frame in frames for record in self._frame(frame, int(frame["frame"]), batch.clock, fresh)
            ]
        except BaseException:
            _delete(fresh)
            raise

    def one(self, data: Mapping[str, Any], frame: int) -> list[Record]:
        """The same for one frame's payload."""
        fresh: list[str] = []
        try:
            return self._frame(data, frame, NoClock(), fresh)
        except BaseException:
            _delete(fresh)
            raise

    def _captured(self, batch: TimedBatch, fresh: list[str]) -> list[Record]:
        def read() -> list[Frame]:
            return [_frame_of(batch.payload(index, (), LAYOUT)) for index in range(len(batch))]

        frames = batch.shared.once("numbers and draws of frames", read)
        columns = []
        for position, product in enumerate(batch.products):
            images = of_batch(batch, product.name, self.annotators)
            ids = [number * len(batch.products) + position + 1 for number, _ in frames]
            columns.append(self._records(images, ids, frames, len(batch.products), batch.shared, batch.clock, fresh))
        return [record for row in zip(*columns, strict=True) for record in row]

    def _frame(self, data: Mapping[str, Any], frame: int, clock: Clock, fresh: list[str]) -> list[Record]:
        products = data["renderProducts"]
        records = []
        for position, (name, values) in enumerate(products.items()):
            image_id = frame * len(products) + position + 1
            numbered = _frame_of({**data, "frame": frame})
            records += self._records(
                of_payload(name, values), [image_id], [numbered], len(products), Shared(), clock, fresh
            )
        return records

    def _records(
        self,
        images: ProductImages,
        ids: Sequence[int],
        frames: Sequence[Frame],
        products: int,
        shared: Shared,
        clock: Clock,
        fresh: list[str],
    ) -> list[Record]:
        """Write a product's images; files that are new are noted in ``fresh``, also when a later one fails.

        products: how many a frame has.
        """
        batch = LabelledBatch(images, self.rules, self.encoders, shared)
        records = []
        for index, (image_id, (frame, draws)) in enumerate(zip(ids, frames, strict=True)):
            split = self.splits.of(frame, draws)
            image = LabelledImage(batch, index, image_id, frame, split, draws, products, self.categories)
            with clock.measure("annotate"):
                own, common = self.format.line(image), self._common(image)
            with clock.measure("encode"):
                files = self.format.files(image)
            with clock.measure("write"):
                for name, content in files.items():
                    self._write(name, content, fresh)
                sums = {name: content.sha256 for name, content in files.items()}
            record = {"id": image_id, "bytes": sum(map(len, files.values())), "sha256": sums}
            with clock.measure("annotate"):
                text = self._line(image, record, {**common, **own})
            records.append({**record, "line": text})
        return records

    def _line(self, image: LabelledImage, record: Record, rest: Mapping[str, Any]) -> bytes:
        kind = self.format.line_type
        if not issubclass(kind, TextLine):
            return line({**record, **rest})
        texts = self.format.texts(image)
        lengths = [len(texts[name]) for name in kind.names]
        return kind.joined(line({"id": record["id"], "lengths": lengths, **record, **rest}), texts)

    def _common(self, image: LabelledImage) -> dict[str, Any]:
        """What every format's line has beside its files; what an image does not have is not mentioned."""
        below = Counter(image.batch.selection.failed[image.rows_below].tolist())
        filtered = {THRESHOLDS[number]: count for number, count in sorted(below.items())}
        split = {} if image.split is None else {"split": image.split}
        return {**split, **({"filtered": filtered} if filtered else {}), **_redraws(image.draws)}

    def _write(self, name: str, content: Content, fresh: list[str]) -> None:
        path = self.places.of(name)
        if not write_file(path, content.data):
            fresh.append(path)


def _frame_of(data: Mapping[str, Any]) -> Frame:
    # In full precision: what was drawn can be fed back.
    return int(data["frame"]), dict(sorted((data.get("distribution_outputs") or {}).items()))


def _redraws(draws: Mapping[str, Any]) -> dict[str, Any]:
    """How often a frame was drawn anew, where frames must meet conditions; the runtime notes it among the draws."""
    if ATTEMPT not in draws:
        return {}
    return {"require": {"attempt": draws[ATTEMPT], "failed": draws[FAILED]}}


def _delete(paths: Iterable[str]) -> None:
    for path in paths:
        Path(path).unlink(missing_ok=True)
