"""What coco_depth does with a batch of frames: annotate, encode, write; on any thread, or in a process of its own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from replicator_dr.storage.atomic import WrittenFile, write_file
from replicator_dr.storage.json_numbers import line
from writers.coco_encoding import encode_colors, encode_depth, encode_masks
from writers.coco_images import Batch, ImageBatch, of_batch, of_payload
from writers.coco_objects import ObjectRules, annotations_of_batch
from writers.dataset_folder import Places

Record = dict[str, Any]
"""An image that is written: its ``id``, its ``bytes``, the ``sha256`` of its files, and its ``line`` of the journal."""

LAYOUT = "renderProduct"


class Clock(Protocol):
    """Where work is counted."""

    def measure(self, stage: str) -> AbstractContextManager[None]:
        """Count the block's time under a stage."""


class NoClock:
    """Counts nothing."""

    def measure(self, stage: str) -> AbstractContextManager[None]:
        """A block like any other."""
        return nullcontext()


class TimedBatch(Batch, Protocol):
    """A batch with a clock, that may be asked for single frames."""

    clock: Clock

    def payload(self, index: int, annotators: Sequence[Any], data_structure: str) -> Mapping[str, Any]:
        """One frame as ``write`` gets it."""


@dataclass(frozen=True)
class CocoJob:
    """Writes images into a dataset folder. It can be pickled where its annotators can.

    depth, depth_scale, level, padding: as the writer's arguments of these names; annotators: the writer's.
    """

    places: Places
    rules: ObjectRules
    depth: str
    depth_scale: float
    level: int
    padding: int
    annotators: tuple[Any, ...]

    def prepare(self) -> None:
        """Compile what the first image would have to wait for, once for all processes."""
        encode_colors(np.zeros((1, 1, 1, 4), np.uint8), self.level)
        encode_depth(np.zeros((1, 1, 1), np.float32), self.depth, self.depth_scale, self.level)
        encode_masks(np.zeros((1, 1, 1), np.int32), np.zeros(1, np.int64))

    def __call__(self, batch: TimedBatch) -> list[Record]:
        """Write the images of a batch; their records are to be committed. After an error no new file is left."""
        fresh: list[Path] = []
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
        fresh: list[Path] = []
        try:
            return self._frame(data, frame, NoClock(), fresh)
        except BaseException:
            _delete(fresh)
            raise

    def _captured(self, batch: TimedBatch, fresh: list[Path]) -> list[Record]:
        frames = [batch.payload(index, (), LAYOUT) for index in range(len(batch))]
        columns = []
        for position, product in enumerate(batch.products):
            with batch.clock.measure("annotate"):
                images = of_batch(batch, product.name, self.annotators)
            ids = [int(frame["frame"]) * len(batch.products) + position + 1 for frame in frames]
            columns.append(self._records(images, ids, frames, batch.clock, fresh))
        return [record for row in zip(*columns, strict=True) for record in row]

    def _frame(self, data: Mapping[str, Any], frame: int, clock: Clock, fresh: list[Path]) -> list[Record]:
        products = data["renderProducts"]
        records = []
        for position, (name, values) in enumerate(products.items()):
            image_id = frame * len(products) + position + 1
            numbered = {**data, "frame": frame}
            records += self._records(of_payload(name, values), [image_id], [numbered], clock, fresh)
        return records

    def _records(
        self,
        images: ImageBatch,
        ids: Sequence[int],
        frames: Sequence[Mapping[str, Any]],
        clock: Clock,
        fresh: list[Path],
    ) -> list[Record]:
        """Write a product's images; files that are new are noted in ``fresh``, also when a later one fails."""
        with clock.measure("annotate"):
            annotations = annotations_of_batch(ids, images, self.rules)
        with clock.measure("encode"):
            colors = encode_colors(images.rgb, self.level)
            depths = encode_depth(images.depth, self.depth, self.depth_scale, self.level)
            measured = None
            if images.sensor_depth is not None:
                form = "npy" if self.depth == "npy" else "png16"
                measured = encode_depth(images.sensor_depth, form, self.depth_scale, self.level)
        records = []
        for index, (image_id, frame) in enumerate(zip(ids, frames, strict=True)):
            stem = f"{images.product}/{int(frame['frame']):0{self.padding}}"
            files = {f"rgb/{stem}.png": colors[index]}
            if self.depth != "none":
                files[f"depth/{stem}.{'npy' if self.depth == 'npy' else 'png'}"] = depths.content[index]
            names = {"depth_file_name": next(reversed(files))} if self.depth != "none" else {}
            if measured is not None:
                names["sensor_depth_file_name"] = f"sensor_depth/{stem}.{'npy' if self.depth == 'npy' else 'png'}"
                files[names["sensor_depth_file_name"]] = measured.content[index]
            with clock.measure("write"):
                written = {name: self._write(name, content, fresh) for name, content in files.items()}
            camera = images.cameras[index]
            record = {
                "id": image_id,
                "bytes": sum(file.size for file in written.values()),
                "sha256": {name: file.sha256 for name, file in written.items()},
                "depth_missed": depths.missed[index],
                "depth_beyond": depths.beyond[index],
                "image": {
                    "id": image_id,
                    "width": camera.width,
                    "height": camera.height,
                    "file_name": f"rgb/{stem}.png",
                    **names,
                    "frame": int(frame["frame"]),
                    "product": images.product,
                    "camera": camera.record(),
                    # In full precision: what was drawn can be fed back.
                    "draws": dict(sorted((frame.get("distribution_outputs") or {}).items())),
                },
                "annotations": annotations[index],
            }
            with clock.measure("annotate"):
                text = line(record)
            records.append({**{key: record[key] for key in ("id", "bytes", "sha256")}, "line": text})
        return records

    def _write(self, name: str, content: bytes, fresh: list[Path]) -> WrittenFile:
        written = write_file(self.places.of(name), content)
        if not written.replaced:
            fresh.append(written.path)
        return written


def _delete(paths: Iterable[Path]) -> None:
    for path in paths:
        path.unlink(missing_ok=True)
