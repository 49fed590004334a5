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


def tensor(value: Any, device: torch.device | None = None) -> torch.Tensor:
    """An array as a tensor that shares its memory, on its own device; a copy where another device is asked for.

    value: NumPy's, or any that speaks DLPack.
    """
    if isinstance(value, np.ndarray | np.generic):
        array = np.asarray(value)
        made = torch.from_numpy(array if array.flags.writeable else array.copy())
    else:
        made = torch.from_dlpack(value)
    return made if device is None else made.to(device, non_blocking=True)


def tensors(sample: Sample) -> dict[str, Any]:
    """The whole sample: numbers as tensors, on the device that its masks are on, texts as str and lists of str.

    rgb: (3, H, W) uint8 tv_tensors.Image; depth, sensor_depth: (H, W) float32; masks: (N, H, W) uint8
    tv_tensors.Mask; boxes, boxes_amodal: (N, 4) float32 tv_tensors.BoundingBoxes, XYXY; the others as in the sample.
    """
    masks = _masks(sample)
    result = {name: _plain(value, masks.device) for name, value in sample.items()}
    if "rgb" in sample:
        result["rgb"] = _image(sample)
    result["masks"] = masks
    for name in ("boxes", "boxes_amodal"):
        result[name] = _boxes(sample[name], masks)
    return result


def detection(sample: Sample) -> tuple[tv_tensors.Image, dict[str, Any]]:
    """(image, target) as torchvision's detection models and v2 transforms take them, on the image's device.

    image: (3, H, W) uint8. target: boxes (N, 4) float32 XYXY, masks (N, H, W) uint8, labels (N,) int64 from 1,
    image_id int, area (N,) float32, iscrowd (N,) int64; keypoints (N, K, 3) float32 where the dataset has them.
    """
    image, masks = _image(sample), _masks(sample)
    target = {
        "boxes": _boxes(sample["boxes"], masks),
        "masks": masks,
        "labels": tensor(sample["labels"], image.device),
        "image_id": int(sample["image_id"]),
        "area": tensor(sample["areas"], image.device).to(torch.float32),
        "iscrowd": tensor(sample["iscrowd"], image.device),
    }
    if "keypoints" in sample:
        target["keypoints"] = tensor(sample["keypoints"], image.device)
    return image, target


def _image(sample: Sample) -> tv_tensors.Image:
    return tv_tensors.Image(tensor(sample["rgb"])[..., :3].permute(2, 0, 1))


def _masks(sample: Sample) -> tv_tensors.Mask:
    return tv_tensors.Mask(tensor(sample["masks"]).view(torch.uint8))


def _boxes(boxes: Any, masks: torch.Tensor) -> tv_tensors.BoundingBoxes:
    size = tuple(masks.shape[1:])
    return tv_tensors.BoundingBoxes(tensor(boxes, masks.device), format="XYXY", canvas_size=size)


def _plain(value: Any, device: torch.device) -> Any:
    if isinstance(value, str):
        return value
    if isinstance(value, np.ndarray) and value.dtype.kind == "U":
        return value.tolist()
    return tensor(value, device)
