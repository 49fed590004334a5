"""Lines of KITTI's label files: fifteen fields for each object."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from replicator_dr.dataset.labelled import LabelledImage
from replicator_dr.labels.records import LabelRecords

Float64 = NDArray[np.float64]

UNKNOWN = 3
"""Occlusion of objects of which nobody knows how much is hidden."""

_PLACES = 6
_LINE = " ".join(("%s", "%.6f", "%d", "%.6f", *["%.2f"] * 4, *["%.6f"] * 7))
_PASSED_OVER = "DontCare -1 -1 -10 %.2f %.2f %.2f %.2f -1 -1 -1 -1000 -1000 -1000 -10"


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
        truncated, *numbers = columns[row]
        lines.append(_LINE % ("_".join(category.split()), truncated, occluded[row], *numbers))
    return [*lines, *(_PASSED_OVER % tuple(columns[row][2:6]) for row in image.rows_below.tolist())]


def _columns(records: LabelRecords) -> list[list[float]]:
    """What the lines of all objects say, but for category and occlusion.

    truncation, alpha, box, dimensions: height, width, length [m], along the object's z, y and x. location: of the
    middle of the box's lower face [m]: the centre, and half the height down the camera's y. rotation_y: how far the
    object's x axis, laid into the camera's x-z plane, is turned about y; 0 where it is upright. alpha: the same as seen
    along the ray to it.
    """
    extent = np.abs(records.bounds[:, 1] - records.bounds[:, 0])
    location = records.center + np.stack([np.zeros(len(extent)), extent[:, 2] / 2, np.zeros(len(extent))], axis=-1)
    ahead = records.pose.rotation[:, :, 0]
    rotation = np.arctan2(-ahead[:, 2], ahead[:, 0])
    alpha = rotation - np.arctan2(location[:, 0], location[:, 2])
    turned = (alpha + np.pi) % (2 * np.pi) - np.pi
    box = (records.box_amodal if records.knows_hidden_parts else records.box).astype(np.float64)
    columns = [records.truncation[:, None], turned[:, None], box, extent[:, ::-1], location, rotation[:, None]]
    # Adding zero turns -0.0 into 0.0.
    lines: list[list[float]] = (np.round(np.concatenate(columns, axis=1), _PLACES) + 0.0).tolist()
    return lines
