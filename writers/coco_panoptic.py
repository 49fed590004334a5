"""The writer ``coco_panoptic``: every pixel belongs to one segment, things and stuff alike."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from replicator_dr.dataset.assembly import Assembly, write_list
from replicator_dr.dataset.format import DatasetFormat
from replicator_dr.dataset.labelled import LabelledBatch, LabelledImage
from replicator_dr.dataset.lines import ImageLine
from replicator_dr.dataset.plugin import DatasetPlugin
from replicator_dr.errors import OutputError
from replicator_dr.labels.content import Content
from replicator_dr.labels.encoders import Encoders
from replicator_dr.storage.json_numbers import copy_of, dumps
from writers.coco_annotations import image_entry

Int64 = NDArray[np.int64]

IDS = 1 << 24
"""As many numbers as three bytes hold."""


class CocoPanoptic(DatasetPlugin):
    """COCO panoptic: a PNG image of segment ids beside each RGB image, and what each segment is.

    Objects that the options filter out, and what has no category, are void: evaluation passes over it.
    """

    stuff: tuple[str, ...] = ()
    """Categories without instances, such as floor and wall: what an image shows of one is a single segment."""

    def format(self) -> DatasetFormat:
        """The format with these options."""
        return CocoPanopticFormat(self.stuff, self.compression)


@dataclass(frozen=True)
class CocoPanopticFormat(DatasetFormat):
    """After cocodataset.org's panoptic format: id = R + 256 G + 65536 B, and a JSON file beside the folder."""

    stuff: tuple[str, ...]
    compression: int

    folders: ClassVar[tuple[str, ...]] = ("rgb", "panoptic")
    tables: ClassVar[tuple[str, ...]] = ("panoptic.json", "panoptic_*.json")

    def warm_up(self, encoders: Encoders) -> None:
        """As every format; and segmentations."""
        super().warm_up(encoders)
        encoders.label_files(np.zeros((1, 1, 1), np.int32), np.zeros((1, 1, 2), np.uint32), None, self.compression)

    def files(self, image: LabelledImage) -> dict[str, Content]:
        """RGB and ids."""
        return {
            f"rgb/{_stem(image)}.png": image.batch.rgb(self.compression)[image.index],
            f"panoptic/{_stem(image)}.png": self._painted(image.batch)[image.index],
        }

    def record(self, image: LabelledImage) -> Any:
        """The image's entry and its segments, with the category's name in place of its number."""
        return {
            "image": image_entry(image, {"file_name": f"rgb/{_stem(image)}.png"}),
            "segments": self._segments(image),
        }

    def _painted(self, batch: LabelledBatch) -> list[Content]:
        """PNG files of the segments' ids."""

        def make() -> list[Content]:
            rows, ids = self._segment_ids(batch)
            segments = np.zeros(len(batch.records), np.uint32)
            segments[rows] = ids
            return batch.label_files([segments], None, self.compression)[0]

        return batch.once(("coco panoptic", batch.rules, self.stuff, self.compression), make)

    def _segment_ids(self, batch: LabelledBatch) -> tuple[Int64, Int64]:
        """Rows of the label records that are annotated, and the segment that each is part of."""
        return batch.once(("coco panoptic ids", batch.rules, self.stuff), lambda: _segment_ids(batch, self.stuff))

    def _segments(self, image: LabelledImage) -> list[dict[str, Any]]:
        """The segments of one image, by id."""
        batch = image.batch
        rows, ids = self._segment_ids(batch)
        own = np.flatnonzero(batch.records.image[rows] == image.index)
        found: dict[int, dict[str, Any]] = {}
        for row, number in zip(rows[own].tolist(), ids[own].tolist(), strict=True):
            low, high = batch.records.box[row, :2].tolist(), batch.records.box[row, 2:].tolist()
            area = int(batch.records.area[row])
            if number in found:
                area += found[number]["area"]
                x, y, width, height = found[number]["bbox"]
                low = [min(low[0], x), min(low[1], y)]
                high = [max(high[0], x + width - 1), max(high[1], y + height - 1)]
            found[number] = {
                "id": number,
                "category": batch.selection.categories[row],
                "area": area,
                "bbox": [*low, high[0] - low[0] + 1, high[1] - low[1] + 1],
                "iscrowd": 0,
            }
        return [found[number] for number in sorted(found)]

    def assemble(self, dataset: Assembly) -> None:
        """panoptic.json, and one for each split."""
        self._write(dataset, "panoptic.json", None)
        for split in dataset.splits:
            self._write(dataset, f"panoptic_{split}.json", split)

    def _write(self, dataset: Assembly, name: str, split: str | None) -> None:
        info = {"description": str(dataset.info.get("description") or dataset.info.get("name") or "synthetic dataset")}
        above = dataset.supercategories
        categories = [
            {"id": number, "name": one, "supercategory": above[one], "isthing": int(one not in self.stuff)}
            for one, number in dataset.categories.items()
        ]
        with dataset.file(name) as file:
            file.write((dumps({"info": info, "licenses": []})[:-1] + ',"images":[').encode())
            write_list(file, ([copy_of(line.value["image"])] for line in dataset.lines(split)))
            file.write(b'],"annotations":[')
            write_list(file, _annotations(dataset.lines(split), dataset.categories))
            file.write(('],"categories":' + dumps(categories) + "}\n").encode())


def _segment_ids(batch: LabelledBatch, stuff: tuple[str, ...]) -> tuple[Int64, Int64]:
    """A thing's segment is its instance, that of stuff the lowest instance of its category in the image.

    OutputError where ids do not fit into three bytes.
    """
    records, rows = batch.records, batch.selection.kept
    ids = records.instance[rows].copy()
    if ids.max(initial=0) >= IDS:
        raise OutputError(f"instance id {int(ids.max())} does not fit into three bytes; label fewer prims")
    first: dict[tuple[int, str], int] = {}
    for place, row in enumerate(rows.tolist()):
        name = str(batch.selection.categories[row])
        if name in stuff:
            # Rows come by ascending instance.
            ids[place] = first.setdefault((int(records.image[row]), name), int(ids[place]))
    return rows, ids


def _annotations(lines: Iterator[ImageLine], categories: dict[str, int]) -> Iterator[Sequence[bytes]]:
    """What each image's PNG holds; file names are relative to the folder beside the JSON file."""
    for line in lines:
        record = line.value
        segments = []
        for segment in record["segments"]:
            name = segment.pop("category")
            segments.append({"id": segment.pop("id"), "category_id": categories[name], **segment})
        name = record["image"]["file_name"].removeprefix("rgb/")
        yield [copy_of({"image_id": record["image"]["id"], "file_name": name, "segments_info": segments})]


def _stem(image: LabelledImage) -> str:
    return f"{image.product}/{image.frame:06d}"
