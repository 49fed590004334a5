"""Lines of KITTI's label files: fifteen fields for each object."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from replicator_dr.dataset.labelled import LabelledImage
from replicator_dr.labels.records import LabelRecords

Float64 = NDArray[np.float64]

UNKNOWN = 3
"""Occlusion of objects of which nobody knows how much is hidden."""

_PLACES = 6


@dataclass(frozen=True)
class Occlusion:
    """Visible shares from which on an object is fully visible, and from which on no more than partly occluded."""

    fully_visible: float
    partly_occluded: float

    def of(self, records: LabelRecords) -> NDArray[np.int64]:
        """(N,) 0 fully visible, 1 partly occluded, 2 largely occluded, 3 unknown."""
        if not records.knows_hidden_parts:
            return np.full(len(records), UNKNOWN)
        seen = records.visible_fraction
        return np.where(seen >= self.fully_visible, 0, np.where(seen >= self.partly_occluded, 1, 2))


def object_lines(image: LabelledImage, occlusion: Occlusion) -> list[str]:
    """The objects by ascending instance, then a ``DontCare`` for each that is filtered out."""
    batch, records = image.batch, image.batch.records
    columns = batch.once("kitti objects", lambda: _columns(records))
    occluded = batch.once(("kitti occlusion", occlusion), lambda: occlusion.of(records).tolist())
    lines = []
    for row, category in zip(image.rows.tolist(), image.category_names, strict=True):
        box, size = _numbers(columns["box"][row], 2), _numbers(columns["dimensions"][row])
        place = _numbers(columns["location"][row])
        truncated, alpha, turn = (_numbers(columns[name][row]) for name in ("truncation", "alpha", "rotation_y"))
        name = "_".join(category.split())
        lines.append(f"{name} {truncated} {occluded[row]} {alpha} {box} {size} {place} {turn}")
    passed_over = (_numbers(columns["box"][row], 2) for row in image.rows_below.tolist())
    return [*lines, *(f"DontCare -1 -1 -10 {box} -1 -1 -1 -1000 -1000 -1000 -10" for box in passed_over)]


def _columns(records: LabelRecords) -> dict[str, Any]:
    """What the lines of all objects say.

    dimensions: height, width, length [m], along the object's z, y and x. location: of the middle of the box's lower
    face [m]: the centre, and half the height down the camera's y. rotation_y: how far the object's x axis, laid into
    the camera's x-z plane, is turned about y; 0 where it is upright. alpha: the same as seen along the ray to it.
    """
    extent = np.abs(records.bounds[:, 1] - records.bounds[:, 0])
    location = records.center + np.stack([np.zeros(len(extent)), extent[:, 2] / 2, np.zeros(len(extent))], axis=-1)
    ahead = records.pose.rotation[:, :, 0]
    rotation = np.arctan2(-ahead[:, 2], ahead[:, 0])
    alpha = rotation - np.arctan2(location[:, 0], location[:, 2])
    return {
        "box": (records.box_amodal if records.knows_hidden_parts else records.box).astype(np.float64),
        "truncation": records.truncation[:, None],
        "dimensions": extent[:, ::-1],
        "location": location,
        "rotation_y": rotation[:, None],
        "alpha": ((alpha + np.pi) % (2 * np.pi) - np.pi)[:, None],
    }


def _numbers(values: Float64, places: int = _PLACES) -> str:
    return " ".join(f"{number:.{places}f}" for number in (np.round(values, places) + 0.0).tolist())
