"""The forms that a sample takes for PyTorch: all of it as tensors, or an image with torchvision's detection target."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torchvision import tv_tensors

from replicator_dr.data.sample import Sample

Form = Callable[[Sample], Any]
"""Turns a sample into what a dataset gives. A function at the top of a module, so that workers can be sent it."""


def tensor(value: Any) -> torch.Tensor:
    """An array as a tensor that shares its memory: NumPy's, or any that speaks DLPack, on its own device."""
    if isinstance(value, np.ndarray | np.generic):
        array = np.asarray(value)
        # Images of a batch may be views that PyTorch cannot make (none of ours are), or belong to someone else.
        return torch.from_numpy(array if array.flags.writeable else array.copy())
    return value if isinstance(value, torch.Tensor) else torch.from_dlpack(value)


def tensors(sample: Sample) -> dict[str, Any]:
    """The whole sample: numbers as tensors, texts as str and lists of str.

    rgb: (3, H, W) uint8 tv_tensors.Image; depth, sensor_depth: (H, W) float32; masks: (N, H, W) uint8
    tv_tensors.Mask; boxes, boxes_amodal: (N, 4) float32 tv_tensors.BoundingBoxes, XYXY; the others as in the sample.
    """
    result = {name: _plain(value) for name, value in sample.items()}
    if "rgb" in sample:
        result["rgb"] = _image(sample)
    result["masks"] = _masks(sample)
    for name in ("boxes", "boxes_amodal"):
        result[name] = _boxes(sample, name)
    return result


def detection(sample: Sample) -> tuple[tv_tensors.Image, dict[str, Any]]:
    """(image, target) as torchvision's detection models and v2 transforms take them.

    image: (3, H, W) uint8. target: boxes (N, 4) float32 XYXY, masks (N, H, W) uint8, labels (N,) int64 from 1,
    image_id int, area (N,) float32, iscrowd (N,) int64; keypoints (N, K, 3) float32 where the dataset has them.
    """
    target = {
        "boxes": _boxes(sample, "boxes"),
        "masks": _masks(sample),
        "labels": tensor(sample["labels"]),
        "image_id": int(sample["image_id"]),
        "area": tensor(sample["areas"]).to(torch.float32),
        "iscrowd": tensor(sample["iscrowd"]),
    }
    if "keypoints" in sample:
        target["keypoints"] = tensor(sample["keypoints"])
    return _image(sample), target


def _image(sample: Sample) -> tv_tensors.Image:
    return tv_tensors.Image(tensor(sample["rgb"])[..., :3].permute(2, 0, 1))


def _masks(sample: Sample) -> tv_tensors.Mask:
    return tv_tensors.Mask(tensor(sample["masks"]).view(torch.uint8))


def _boxes(sample: Sample, name: str) -> tv_tensors.BoundingBoxes:
    size = tuple(sample["masks"].shape[1:])
    return tv_tensors.BoundingBoxes(tensor(sample[name]), format="XYXY", canvas_size=size)


def _plain(value: Any) -> Any:
    if isinstance(value, str):
        return value
    if isinstance(value, np.ndarray) and value.dtype.kind == "U":
        return value.tolist()
    return tensor(value)
