"""Keypoints as YOLO has them: one list of names for all classes, and which of them change places in a mirror."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from replicator_dr.dataset.labelled import LabelledBatch
from replicator_dr.errors import OutputError
from replicator_dr.labels.keypoints import Keypoints

_OTHER_SIDE = {"left": "right", "right": "left", "Left": "Right", "Right": "Left", "LEFT": "RIGHT", "RIGHT": "LEFT"}
_SIDE = re.compile("|".join(_OTHER_SIDE))


def keypoint_names(batch: LabelledBatch) -> list[str]:
    """All names of the scene's sets of keypoints, in their order, each once."""
    return list(dict.fromkeys(name for one in _found(batch).sets for name in one.names))


def keypoint_rows(batch: LabelledBatch) -> NDArray[np.float64]:
    """(N, K, 3): x, y [pixels, pixel i covers i to i + 1] and visibility of each name's point of each object.

    Zeros for names that an object does not have.
    """
    found, names = _found(batch), keypoint_names(batch)
    rows = np.zeros((len(batch.records), len(names), 3))
    for number, one in enumerate(found.sets):
        objects = np.flatnonzero(found.of_set == number)
        points = found.first[objects][:, None] + np.arange(len(one.names))
        columns = [names.index(name) for name in one.names]
        rows[objects[:, None], columns] = np.concatenate(
            [found.pixel[points], found.visibility[points][..., None].astype(np.float64)], axis=-1
        )
    rows[rows[..., 2] == 0] = 0
    return rows


def _found(batch: LabelledBatch) -> Keypoints:
    found = batch.keypoints
    if found is None or not found.sets:
        raise OutputError(
            "yolo with task: pose needs keypoints, and the scene has none; give its items `keypoints`, or choose "
            "another task"
        )
    return found


def flipped(names: Sequence[str], pairs: Sequence[tuple[str, str]]) -> list[int]:
    """For each name the place of the one that stands there in a mirrored image: its own where it has no other side."""
    partner = {name: _SIDE.sub(lambda side: _OTHER_SIDE[side[0]], name) for name in names}
    for one, other in pairs:
        partner |= {one: other, other: one}
    return [names.index(partner[name]) if partner[name] in names else place for place, name in enumerate(names)]
