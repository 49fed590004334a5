"""The writer ``parquet``: two tables, of images and of annotations, beside the image files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from pydantic import Field

from replicator_dr.dataset.assembly import Assembly
from replicator_dr.dataset.format import DatasetFormat
from replicator_dr.dataset.labelled import LabelledImage
from replicator_dr.dataset.plugin import DatasetPlugin
from replicator_dr.labels.content import Content
from replicator_dr.labels.depth import depth_description
from replicator_dr.labels.images import DEPTH, RGB
from replicator_dr.storage.flat_draws import flat_draws
from writers.coco_annotations import annotations_of, image_entry
from writers.parquet_tables import require_pyarrow, write_tables


class Parquet(DatasetPlugin):
    """Parquet: tables of images and annotations for queries, beside RGB and depth images."""

    layout: ClassVar[int] = 2
    packages: ClassVar[tuple[str, ...]] = ("pyarrow",)

    rows_per_group: int = Field(default=10_000, ge=1, le=10_000_000)
    """Rows of a row group at most: so many are held in memory at a time."""
    depth: bool = True
    """Whether depth is stored, as 16-bit PNG in steps of ``depth_scale``."""
    depth_scale: float = Field(default=1.0, gt=0.0, le=1000.0)
    """Millimetres per step of the 16-bit depth: 1.0 reaches 65.5 m, 0.1 reaches 6.55 m; beyond is stored as 0."""

    def format(self) -> DatasetFormat:
        """The format with these options."""
        return ParquetFormat(self)


@dataclass(frozen=True)
class ParquetFormat(DatasetFormat):
    """Images as files, all that is said of them in tables."""

    options: Parquet

    folders: ClassVar[tuple[str, ...]] = ("rgb", "depth")
    tables: ClassVar[tuple[str, ...]] = ("images.parquet", "annotations.parquet")

    @property
    def annotators(self) -> tuple[str, ...]:  # type: ignore[override]
        """Colours, and depth where it is wanted."""
        return (RGB, DEPTH) if self.options.depth else (RGB,)

    def opened(self, writer: Any, folder: Path, categories: Sequence[str] | None) -> DatasetFormat:
        """The same, once it is known that the tables can be written: not only after the last frame."""
        require_pyarrow()
        return self

    def files(self, image: LabelledImage) -> dict[str, Content]:
        """RGB and depth."""
        own, names = self.options, self._names(image)
        files = {names["file_name"]: image.batch.rgb(own.compression)[image.index]}
        if own.depth:
            depth = image.batch.depth("png16", own.depth_scale, own.compression)
            files[names["depth_file_name"]] = depth.files[image.index]
        return files

    def record(self, image: LabelledImage) -> Any:
        """The image's entry, with draws as columns, and its annotations, with the category's name beside no number."""
        entry = {**image_entry(image, self._names(image)), "draws": flat_draws(image.draws)}
        return {"image": entry, "annotations": annotations_of(image)}

    def assemble(self, dataset: Assembly) -> None:
        """Both tables, a row group at a time. OutputError where pyarrow is missing."""
        write_tables(dataset, self.options.rows_per_group)

    def description(self) -> dict[str, Any]:
        """The unit of depth."""
        return depth_description("png16" if self.options.depth else "none", self.options.depth_scale)

    def _names(self, image: LabelledImage) -> dict[str, str]:
        """{key of the image's entry: file}."""
        stem = f"{image.product}/{image.frame:06d}.png"
        return {"file_name": f"rgb/{stem}", **({"depth_file_name": f"depth/{stem}"} if self.options.depth else {})}
