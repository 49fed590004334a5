"""A folder that ``coco_depth`` wrote, as samples."""

from __future__ import annotations

import os
import weakref
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from replicator_dr.data.from_annotations import objects_of
from replicator_dr.data.index import DatasetIndex, read_index
from replicator_dr.data.pictures import read_depth, read_rgb
from replicator_dr.data.records import Annotation, Category, Image
from replicator_dr.data.sample import PICTURES, Sample, sample_of
from replicator_dr.errors import DatasetError


class WrittenSamples:
    """The images of a dataset folder, by ascending image id.

    folder: of the dataset. split: only the images of that split. pictures: which image files are read, of "rgb",
    "depth" and "sensor_depth"; those that were not written are left out of the samples.

    It holds an index, no records: it is quick to open, small in memory, and it can be pickled or forked, so that each
    worker of a loader reads for itself. DatasetError, on opening or reading, for whatever is broken.
    """

    def __init__(self, folder: str | Path, split: str | None = None, pictures: Sequence[str] = PICTURES) -> None:
        unknown = sorted(set(pictures) - set(PICTURES))
        if unknown:
            raise ValueError(f"there is no picture {unknown[0]!r}; there are {', '.join(PICTURES)}")
        self.index: DatasetIndex = read_index(folder, split)
        self.split = split
        self.pictures = tuple(pictures)
        self._file: int | None = None

    @property
    def folder(self) -> Path:
        """Of the dataset."""
        return self.index.folder

    @property
    def categories(self) -> tuple[Category, ...]:
        """By ascending id, from 1; 0 is left for detectors' background."""
        return self.index.categories

    @property
    def image_ids(self) -> NDArray[np.int64]:
        """(n,) int64, ascending: ``frame * products + product index + 1``."""
        return self.index.ids

    @property
    def frames(self) -> NDArray[np.int64]:
        """(n,) int64."""
        return self.index.frames

    def __len__(self) -> int:
        return len(self.index)

    def __getitem__(self, number: int) -> Sample:
        return self.sample(number)

    def sample(self, number: int) -> Sample:
        """Image ``number``, from 0; negative numbers count from the end. IndexError beyond."""
        image, annotations = self.records(number)
        objects = objects_of(annotations, self.categories, image.height, image.width)
        return sample_of(image, objects, self._pictures(image))

    def records(self, number: int) -> tuple[Image, list[Annotation]]:
        """The same as its records, without reading images or decoding masks."""
        row = range(len(self))[number]
        image = self.index.image(row, self._text(self.index.images[row]))
        return image, self.index.annotations(row, self._text(self.index.objects[row]))

    def _pictures(self, image: Image) -> dict[str, NDArray[Any]]:
        size, folder = (image.width, image.height), self.folder
        found: dict[str, NDArray[Any]] = {}
        if "rgb" in self.pictures:
            found["rgb"] = read_rgb(folder / image.file_name, *size)
        if "depth" in self.pictures and image.depth_file_name is not None:
            found["depth"] = read_depth(folder / image.depth_file_name, *size, self.index.depth)
        if "sensor_depth" in self.pictures and image.sensor_depth_file_name is not None:
            found["sensor_depth"] = read_depth(folder / image.sensor_depth_file_name, *size, self.index.depth)
        return found

    def _text(self, span: NDArray[np.int64]) -> bytes:
        if self._file is None:
            self._file = os.open(self.index.file, os.O_RDONLY)
            weakref.finalize(self, os.close, self._file)
        begin, end = span.tolist()
        # Forked workers share the descriptor; reading at an offset moves nothing that they share.
        text = os.pread(self._file, end - begin, begin)
        if len(text) < end - begin:
            raise DatasetError(f"{self.index.file} has become shorter since it was opened; open the dataset again")
        return text.rstrip(b",\n")

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_file": None}
