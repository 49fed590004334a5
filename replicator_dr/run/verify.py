"""Comparing two datasets of the same frames: one from Isaac Sim, one from the embedded runtime."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from replicator_dr.errors import OutputError

Float64 = NDArray[np.float64]

BOX_IOU = 0.9
"""Median over the objects: renderers differ in the pixels of an outline."""
DEPTH_ERROR = 0.005
"""Median over the pixels [m]."""
POSITION_ERROR = 1e-4
"""Largest [m]: poses are the same numbers, in single precision."""
ROTATION_ERROR = 0.01
"""Largest [degrees]."""


@dataclass(frozen=True)
class Comparison:
    """What two datasets of one scene say.

    images, objects: compared. missing, extra: objects that only the reference, or only the dataset, has. box_iou:
    median and least. depth_error: median and 95th percentile over pixels that both measured [m]. position_error [m],
    rotation_error [degrees]: largest, objects in the camera's frame. faults: which limits are passed; empty is good.
    """

    scene: str
    images: int
    objects: int
    missing: int
    extra: int
    box_iou: tuple[float, float]
    depth_error: tuple[float, float]
    position_error: float
    rotation_error: float
    faults: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """Plain JSON."""
        return asdict(self)


def compare(scene: str, found: Path, wanted: Path) -> Comparison:
    """Compare the coco_depth dataset in ``found`` with the reference in ``wanted``.

    OutputError where one is missing, or not whole.
    """
    here, there = _read(found), _read(wanted)
    images = sorted(set(here["images"]) & set(there["images"]))
    if len(images) < len(there["images"]):
        absent = len(there["images"]) - len(images)
        raise OutputError(f"{found} lacks {absent} of the {len(there['images'])} images of {wanted}")
    objects = sorted(set(here["objects"]) & set(there["objects"]))
    pairs = [(here["objects"][key], there["objects"][key]) for key in objects]
    iou = _iou(_boxes([one for one, _ in pairs]), _boxes([other for _, other in pairs]))
    position, rotation = _pose_errors(pairs)
    depth = _depth_errors(found, wanted, [(here["images"][key], there["images"][key]) for key in images])
    missing = len(there["objects"]) - len(objects)
    extra = len(here["objects"]) - len(objects)
    numbers = {
        "box_iou": (_median(iou), float(iou.min(initial=1.0))),
        "depth_error": (_median(depth), float(np.quantile(depth, 0.95)) if len(depth) else 0.0),
        "position_error": float(position.max(initial=0.0)),
        "rotation_error": float(rotation.max(initial=0.0)),
    }
    faults = _faults(missing, extra, len(there["objects"]), numbers)
    return Comparison(scene, len(images), len(objects), missing, extra, **numbers, faults=faults)  # type: ignore[arg-type]


def _faults(missing: int, extra: int, total: int, numbers: dict[str, Any]) -> tuple[str, ...]:
    found = []
    # Objects of a few pixels may be seen by one renderer and not by the other.
    if missing + extra > 0.02 * total:
        found.append(f"{missing} objects missing and {extra} too many")
    if numbers["box_iou"][0] < BOX_IOU:
        found.append(f"median box IoU below {BOX_IOU}")
    if numbers["depth_error"][0] > DEPTH_ERROR:
        found.append(f"median depth error above {DEPTH_ERROR} m")
    if numbers["position_error"] > POSITION_ERROR:
        found.append(f"position error above {POSITION_ERROR} m")
    if numbers["rotation_error"] > ROTATION_ERROR:
        found.append(f"rotation error above {ROTATION_ERROR} degrees")
    return tuple(found)


def _read(folder: Path) -> dict[str, dict[int, Any]]:
    file = folder / "annotations.json"
    if not file.is_file():
        raise OutputError(f"{folder} holds no dataset of the writer coco_depth: there is no annotations.json")
    content = json.loads(file.read_text())
    return {
        "images": {image["id"]: image for image in content["images"]},
        "objects": {entry["id"]: entry for entry in content["annotations"]},
    }


def _boxes(entries: Sequence[dict[str, Any]]) -> Float64:
    """(N, 4): x, y, width, height."""
    return np.array([entry["bbox"] for entry in entries], np.float64).reshape(-1, 4)


def _iou(one: Float64, other: Float64) -> Float64:
    """(N,) overlap of boxes over their union."""
    low = np.maximum(one[:, :2], other[:, :2])
    high = np.minimum(one[:, :2] + one[:, 2:], other[:, :2] + other[:, 2:])
    shared = np.prod(np.maximum(high - low, 0), axis=1)
    union = np.prod(one[:, 2:], axis=1) + np.prod(other[:, 2:], axis=1) - shared
    result: Float64 = shared / np.where(union > 0, union, 1.0)
    return result


def _pose_errors(pairs: Sequence[tuple[dict[str, Any], dict[str, Any]]]) -> tuple[Float64, Float64]:
    """(N,) [m] and (N,) [degrees]."""
    places, turns = (
        np.array([[entry["pose"][name] for entry in pair] for pair in pairs], np.float64).reshape(-1, 2, width)
        for name, width in (("translation", 3), ("quaternion", 4))
    )
    position = np.linalg.norm(places[:, 0] - places[:, 1], axis=1)
    # The sine of half the angle between two quaternions keeps its digits where the cosine loses them.
    sign = np.where((turns[:, 0] * turns[:, 1]).sum(axis=1) < 0, -1.0, 1.0)[:, None]
    half = np.linalg.norm(turns[:, 0] - sign * turns[:, 1], axis=1) / 2
    return position, np.degrees(4 * np.arcsin(np.clip(half, 0, 1)))


def _depth_errors(found: Path, wanted: Path, images: Sequence[tuple[dict[str, Any], dict[str, Any]]]) -> Float64:
    """Differences over the pixels that both measured [m]; millimetres a step are taken from the references."""
    from PIL import Image

    errors: list[Float64] = [np.zeros(0)]
    for here, there in images:
        if "depth_file_name" not in here or "depth_file_name" not in there:
            continue
        one, other = (
            np.asarray(Image.open(folder / image["depth_file_name"]), np.float64)
            for folder, image in ((found, here), (wanted, there))
        )
        both = (one > 0) & (other > 0)
        errors.append(np.abs(one[both] - other[both]) / 1000)
    return np.concatenate(errors)


def _median(values: Float64) -> float:
    return float(np.median(values)) if len(values) else 0.0
