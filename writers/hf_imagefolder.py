"""The writer ``hf_imagefolder``: images and metadata that Hugging Face's ``datasets`` loads as they lie."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

from replicator_dr.dataset.assembly import Assembly
from replicator_dr.dataset.format import DatasetFormat
from replicator_dr.dataset.labelled import LabelledImage
from replicator_dr.labels.content import Content
from replicator_dr.storage.json_numbers import copy_of, dumps
from writers.coco_annotations import xywh
from writers.image_files import ColorOptions, colors

_FOLDERS = {"val": "validation", "valid": "validation", "dev": "validation"}
"""Splits that ``datasets`` calls by another name."""


class HfImagefolder(ColorOptions):
    """Hugging Face image folder: an image folder for each split with metadata.jsonl, for object detection."""

    license: str = "other"
    """The licence that the dataset card names, by its identifier on the Hub."""

    def format(self) -> DatasetFormat:
        """The format with these options."""
        return HfImagefolderFormat(self)


@dataclass(frozen=True)
class HfImagefolderFormat(DatasetFormat):
    """Images by split, and what is known of them in JSON lines."""

    options: HfImagefolder

    tables: ClassVar[tuple[str, ...]] = ("README.md",)

    @property
    def folders(self) -> tuple[str, ...]:  # type: ignore[override]
        """One for each split."""
        return tuple(_folder(split) for split in self.options.splits or ("train",))

    def files(self, image: LabelledImage) -> dict[str, Content]:
        """The colours."""
        own = self.options
        color = colors(image.batch, own)[image.index]
        return {f"{_folder(image.split)}/{self._name(image)}": color}

    def record(self, image: LabelledImage) -> Any:
        """The image's line of metadata.jsonl, with the categories' names in place of their numbers."""
        records, rows = image.batch.records, image.rows
        return {
            "file_name": self._name(image),
            "image_id": image.id,
            "width": image.camera.width,
            "height": image.camera.height,
            "objects": {
                "id": image.object_ids(rows.tolist()),
                "area": records.area[rows].tolist(),
                "bbox": xywh(records.box[rows]),
                "categories": image.category_names,
            },
        }

    def assemble(self, dataset: Assembly) -> None:
        """metadata.jsonl of each split, and the dataset card."""
        sizes = {}
        for split in dataset.splits or (None,):
            sizes[_folder(split)] = 0
            with dataset.file(f"{_folder(split)}/metadata.jsonl") as file:
                for text in _lines(dataset, split):
                    file.write(text)
                    sizes[_folder(split)] += 1
        with dataset.file("README.md") as file:
            file.write(_card(dataset, sizes, self.options.license).encode())

    def _name(self, image: LabelledImage) -> str:
        return f"{image.product}/{image.frame:06d}.{self.options.image_format}"


def _folder(split: str | None) -> str:
    return "train" if split is None else _FOLDERS.get(split, split)


def _lines(dataset: Assembly, split: str | None) -> Iterator[bytes]:
    for line in dataset.lines(split):
        record = line.value
        # ClassLabel counts from 0.
        names = record["objects"]["categories"]
        record["objects"]["categories"] = [dataset.categories[name] - 1 for name in names]
        yield copy_of(record) + b"\n"


def _card(dataset: Assembly, sizes: dict[str, int], licence: str) -> str:
    """README.md: what the Hub and ``datasets`` read of it stands in its YAML head."""
    title = str(dataset.info.get("name") or "synthetic dataset")
    splits = [split for split, size in sizes.items() if size]
    names = "".join(f"\n            '{name - 1}': {dumps(label)}" for label, name in dataset.categories.items())
    files = "".join(f"\n  - split: {split}\n    path: {split}/**" for split in splits)
    counts = "".join(f"| {split} | {sizes[split]} |\n" for split in splits)
    return f"""---
license: {dumps(licence)}
pretty_name: {dumps(title)}
task_categories:
- object-detection
tags:
- synthetic
configs:
- config_name: default
  data_files:{files}
dataset_info:
  features:
  - name: image
    dtype: image
  - name: image_id
    dtype: int64
  - name: width
    dtype: int64
  - name: height
    dtype: int64
  - name: objects
    struct:
    - name: id
      list: int64
    - name: area
      list: int64
    - name: bbox
      list:
        list: float64
        length: 4
    - name: categories
      list:
        class_label:
          names:{names or " {}"}
---

# {title}

Synthetic images, made by replicator_dr. Boxes are `[x, y, width, height]` in pixels, of what is visible of each object;
`area` counts its visible pixels.

| split | images |
|---|---|
{counts}"""
