"""The base of every dataset writer as a spec names it: the options that all of them have."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from types import ModuleType
from typing import Annotated, Any, ClassVar

from pydantic import Field, model_validator

from replicator_dr.dataset.format import DatasetFormat
from replicator_dr.dataset.splits import Splits
from replicator_dr.labels.selection import Rules
from replicator_dr.plugins import WriterPlugin, kind_of
from replicator_dr.spec.model import fault, faults

Share = Annotated[float, Field(gt=0.0)]


class DatasetPlugin(WriterPlugin):
    """A writer of datasets: its fields, and the format that they make.

    version: of the writer, in the manifest. layout: of its files; datasets of another one are not continued. packages:
    that it imports and a base install does not have.
    """

    version: ClassVar[str] = "1.0.0"
    layout: ClassVar[int] = 1
    packages: ClassVar[tuple[str, ...]] = ()

    label_type: str = "class"
    """The type of semantic label that names the category."""
    categories: tuple[str, ...] | None = None
    """The categories to annotate, in the order of their numbers; by default all of the scene, by name."""
    min_pixels: int = Field(default=1, ge=1)
    """Objects with fewer visible pixels are filtered out."""
    min_visible_fraction: float = Field(default=0.0, ge=0.0, le=1.0)
    """Objects of which less than this share is visible are filtered out."""
    max_truncation: float = Field(default=1.0, ge=0.0, le=1.0)
    """Objects of which more than this share lies outside the image are filtered out."""
    splits: dict[str, Share] | None = None
    """Parts of the dataset and their shares, such as ``{train: 0.8, val: 0.2}``; all images of a frame go together."""
    split_by: str | None = None
    """A draw with one value a frame: frames that drew the same go to the same part, so that nothing leaks."""
    compression: int = Field(default=1, ge=0, le=3)
    """Level of the PNG files' compression: 0 is fastest, 3 smallest."""
    overwrite: bool = False
    """Whether a dataset of another spec in the same folder is deleted first."""

    @model_validator(mode="after")
    def _options_fit(self) -> DatasetPlugin:
        found = [
            fault(
                "the name of a split becomes a file's", "use letters, digits, - and _", at=("splits", name), on_key=True
            )
            for name in self.splits or {}
            if not name.replace("_", "").replace("-", "").isalnum()
        ]
        for index, name in enumerate(self.categories or ()):
            if name in (self.categories or ())[:index]:
                found.append(fault(f"{name!r} is given twice", "remove one of them", at=("categories", index)))
        if self.split_by is not None and not self.splits:
            found.append(fault("split_by without splits", "give both, or neither", ("split_by",), on_key=True))
        if found:
            raise faults(found)
        return self

    @classmethod
    def kind(cls) -> str:
        """The name under which specs use it."""
        return kind_of(cls)

    @classmethod
    def format_name(cls) -> str:
        """What the journal calls the format."""
        return f"replicator_dr.{cls.kind()}/{cls.layout}"

    @abstractmethod
    def format(self) -> DatasetFormat:
        """The format with these options."""

    @property
    def device_jpeg(self) -> int | None:
        """The quality of JPEG images that the renderer's device is to make; None where it makes none."""
        return None

    def settings(self) -> dict[str, Any]:
        """What tells two datasets of a spec apart: plain JSON, in the manifest."""
        fields = self.model_dump(mode="json", exclude={"output_dir", "overwrite"})
        return {name: value for name, value in fields.items() if value is not None or name == "categories"}

    def rules(self) -> Rules:
        """Which objects are annotated."""
        return Rules(
            self.label_type,
            None if self.categories is None else frozenset(self.categories),
            self.min_pixels,
            self.min_visible_fraction,
            self.max_truncation,
        )

    def divided(self) -> Splits:
        """Which part of the dataset a frame belongs to."""
        return Splits(tuple((self.splits or {}).items()), self.split_by)

    @classmethod
    def register(cls, rep: ModuleType) -> None:
        """Under the class's name and ``Writer``, such as ``CocoDepthWriter``."""
        from replicator_dr.dataset.writer import writer_class

        rep.WriterRegistry.register(writer_class(cls))

    def build(self, rep: ModuleType, dataset_info: Mapping[str, Any]) -> Any:
        """The initialised writer. rep: the active runtime's ``omni.replicator.core``."""
        self.register(rep)
        writer = rep.WriterRegistry.get(f"{type(self).__name__}Writer")
        fields = {name: getattr(self, name) for name in type(self).model_fields}
        writer.initialize(**fields, dataset_info=dict(dataset_info))
        return writer
