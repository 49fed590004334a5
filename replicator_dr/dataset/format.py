"""What a dataset format says: files of an image, what the journal keeps of it, what is assembled at the end."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from replicator_dr.dataset.labelled import LabelledImage
from replicator_dr.dataset.lines import ImageLine, JournalLine
from replicator_dr.errors import UnsupportedError
from replicator_dr.labels.content import Content
from replicator_dr.labels.encoders import Encoders
from replicator_dr.labels.images import DEPTH, RGB

if TYPE_CHECKING:
    from replicator_dr.dataset.assembly import Assembly
    from replicator_dr.dataset.shards import Span


class DatasetFormat(ABC):
    """One format with its options. It is sent to worker processes: it must be picklable, and hold no open files.

    annotators: the images that it is made from, beside what label records need. optional: others that it takes where
    the runtime has them, such as ``keypoints``, ``amodal_segmentation`` and ``silhouette``. folders, tables: the
    top-level folders that it makes, and glob patterns of the files that it assembles: what is deleted with a dataset.
    line_type: how its lines of the journal are read. names_classes: whether an image's own files number the categories,
    so that these must be known before the first image. needs_hidden_parts: whether it needs amodal boxes, which tiles
    do not have. keeps_files: whether the files of the images stay after assembly; where not, the manifest leaves them
    out.
    """

    annotators: tuple[str, ...] = (RGB,)
    optional: tuple[str, ...] = ()
    folders: ClassVar[tuple[str, ...]] = ()
    tables: ClassVar[tuple[str, ...]] = ()
    line_type: ClassVar[type[JournalLine]] = ImageLine
    names_classes: ClassVar[bool] = False
    needs_hidden_parts: ClassVar[bool] = False
    keeps_files: ClassVar[bool] = True

    @property
    def lens_refusal(self) -> str:
        """Why images through a lens that distorts cannot be described, and what to do; empty where they can."""
        return ""

    def refuse_lens(self, product: str, model: str) -> None:
        """UnsupportedError with ``lens_refusal``. product: whose camera has a lens of that model."""
        raise UnsupportedError(f"the camera of {product} has a lens that distorts ({model}); {self.lens_refusal}")

    def opened(self, writer: Any, folder: Path, categories: Sequence[str] | None) -> DatasetFormat:  # noqa: ARG002
        """The format as it is used from here on: called once, with the folder taken and nothing rendered.

        writer: the rep Writer, for what it may ask of its runtime. categories: in the order of their numbers, None
        where nobody knows them yet.
        """
        return self

    @abstractmethod
    def files(self, image: LabelledImage) -> Mapping[str, Content]:
        """{name relative to the dataset, with "/": content} of one image."""

    def record(self, image: LabelledImage) -> Any:  # noqa: ARG002 - formats may have none
        """What the journal keeps of an image for :meth:`assemble`: plain JSON, None for nothing."""
        return None

    def counts(self, image: LabelledImage) -> dict[str, int]:  # noqa: ARG002
        """Further numbers of an image that the manifest sums up."""
        return {}

    def line(self, image: LabelledImage) -> dict[str, Any]:
        """The format's part of an image's line in the journal, as ``line_type`` reads it."""
        if self.lens_refusal and image.camera.lenses:
            self.refuse_lens(image.product, image.camera.lenses[0].model.name.lower())
        counts = {name: number for name, number in self.counts(image).items() if number}
        record = self.record(image)
        return {
            "frame": image.frame,
            "product": image.product,
            "objects": dict(sorted(Counter(image.category_names).items())),
            **({"counts": counts} if counts else {}),
            **({} if record is None else {"record": record}),
        }

    def texts(self, image: LabelledImage) -> Mapping[str, bytes]:  # noqa: ARG002 - most formats have none
        """JSON texts that end an image's line, for formats whose ``line_type`` is a ``TextLine``."""
        return {}

    @abstractmethod
    def assemble(self, dataset: Assembly) -> None:
        """Write the files about the whole dataset, from the journal alone, one line at a time.

        It is called at the end of every run, with all images that are committed so far, and when datasets are merged.
        """

    def adopt(self, folder: Path, shards: Sequence[Path]) -> None:  # noqa: B027 - formats may have nothing
        """Take over what parts of a dataset hold beside their images' files, such as models; before ``assemble``."""

    def spans(self, folder: Path) -> Mapping[str, Span]:  # noqa: ARG002 - only of formats that do not keep files
        """{file of an image: where it lies now} of a finished dataset, for files that assembly took in."""
        return {}

    def description(self) -> dict[str, Any]:
        """Keys of the manifest that say how its files are read, such as the unit of depth."""
        return {}

    def warm_up(self, encoders: Encoders) -> None:
        """Compile what the first image would have to wait for, once for all processes."""
        encoders.masks(np.zeros((1, 1, 1), np.int32), np.zeros(1, np.int64))
        if RGB in self.annotators:
            encoders.colors(np.zeros((1, 1, 1, 4), np.uint8), 1)
        if DEPTH in self.annotators:
            encoders.depth_png(np.zeros((1, 1, 1), np.float32), 1.0, 1)
