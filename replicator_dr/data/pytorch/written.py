"""A written dataset as a map-style dataset of PyTorch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from torch.utils.data import Dataset

from replicator_dr.data.pytorch.forms import Form, detection
from replicator_dr.data.sample import PICTURES, Sample
from replicator_dr.data.written import WrittenSamples


class WrittenDataset(Dataset[Any]):
    """A folder that ``coco_depth`` wrote; item i is image i, by ascending image id.

    split, pictures: as for ``WrittenSamples``. form: what an item is, ``detection`` (an image and torchvision's
    target), ``tensors`` (everything) or a function of your own. transforms: called with the item, as torchvision's v2
    transforms are: with image and target, or with the dictionary.
    """

    def __init__(
        self,
        folder: str | Path,
        split: str | None = None,
        *,
        form: Form = detection,
        transforms: Callable[..., Any] | None = None,
        pictures: Sequence[str] | None = None,
    ) -> None:
        self.samples = WrittenSamples(folder, split, pictures or (("rgb",) if form is detection else PICTURES))
        self.form = form
        self.transforms = transforms

    @property
    def categories(self) -> dict[int, str]:
        """{label: name}, labels from 1."""
        return {category.id: category.name for category in self.samples.categories}

    def __len__(self) -> int:
        return len(self.samples)

    def __getitem__(self, number: int) -> Any:
        return formed(self.samples[number], self.form, self.transforms)


def formed(sample: Sample, form: Form, transforms: Callable[..., Any] | None) -> Any:
    """A sample as a dataset gives it."""
    item = form(sample)
    if transforms is None:
        return item
    return transforms(*item) if isinstance(item, tuple) else transforms(item)
