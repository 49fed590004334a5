"""Batches of samples that have different numbers of objects."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch

from replicator_dr.data.sample import PER_OBJECT


def collate(batch: Sequence[Any]) -> Any:
    """For ``DataLoader(collate_fn=collate)``.

    Of pairs (image, target) two lists: images and targets, as torchvision's detection models take them. Of
    dictionaries one dictionary: what each image has one of (images, cameras, ids, draws) stacked to (B, ...) where all
    have one shape; else, and of texts and of all that goes by object, a list with an item for each image.
    """
    if isinstance(batch[0], tuple):
        return tuple(list(column) for column in zip(*batch))
    return {name: _column(name, [sample[name] for sample in batch]) for name in batch[0]}


def _column(name: str, values: list[Any]) -> Any:
    if name in PER_OBJECT or not all(isinstance(value, torch.Tensor) for value in values):
        return values
    return torch.stack(values) if len({value.shape for value in values}) == 1 else values
