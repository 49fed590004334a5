"""Batches of samples that have different numbers of objects."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch

_PER_IMAGE = frozenset(
    ("rgb", "depth", "sensor_depth", "image_id", "frame", "intrinsics", "camera_from_world", "world_from_camera")
)


def collate(batch: Sequence[Any]) -> Any:
    """For ``DataLoader(collate_fn=collate)``.

    Of pairs (image, target) two lists: images and targets, as torchvision's detection models take them. Of
    dictionaries one dictionary: what each image has one of (images, cameras, ids) stacked to (B, ...) where all have
    one shape, else, and for all that goes by object, a list with an item for each image.
    """
    if isinstance(batch[0], tuple):
        return tuple(list(column) for column in zip(*batch))
    return {name: _column(name, [sample[name] for sample in batch]) for name in batch[0]}


def _column(name: str, values: list[Any]) -> Any:
    if name in _PER_IMAGE and len({tuple(value.shape) for value in values}) == 1:
        return torch.stack(values)
    return values
