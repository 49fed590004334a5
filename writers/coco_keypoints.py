"""Keypoints as COCO has them: [x, y, v] for each, numbers from the first pixel's centre, bones counted from 1."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from replicator_dr.dataset.labelled import LabelledBatch, LabelledImage
from replicator_dr.labels.keypoints import Keypoints
from replicator_dr.storage.json_numbers import rounded

_PIXEL_DIGITS = 3

KeypointSets = dict[str, dict[str, dict[str, Any]]]
"""{category: {number of a set: {names, skeleton}}}; the skeleton as pairs of numbers in names, from 0."""


def keypoint_columns(batch: LabelledBatch) -> dict[int, dict[str, Any]]:
    """{row of the label records: keys of its annotation}, for objects that have keypoints."""
    found = batch.keypoints
    return {} if found is None else batch.once("coco keypoints", lambda: _columns(found))


def _columns(found: Keypoints) -> dict[int, dict[str, Any]]:
    present = found.visibility > 0
    # Pixel i covers i to i + 1 here; COCO counts from the first pixel's centre.
    place = np.where(present[:, None], found.pixel - 0.5, 0.0)
    numbers = rounded(place, _PIXEL_DIGITS)
    seen = found.visibility.tolist()
    columns = {}
    for row in np.flatnonzero(found.of_set >= 0).tolist():
        own = found.rows(row)
        triples = zip(numbers[own], seen[own], strict=True)
        columns[row] = {
            "keypoints": [number for (x, y), v in triples for number in (x, y, v)],
            "num_keypoints": int(present[own].sum()),
            "keypoint_set": int(found.of_set[row]),
        }
    return columns


def keypoint_sets(image: LabelledImage) -> KeypointSets:
    """What the annotated objects of an image have."""
    found = image.batch.keypoints
    sets: KeypointSets = {}
    if found is None:
        return sets
    for row, category in zip(image.rows.tolist(), image.category_names, strict=True):
        number = int(found.of_set[row])
        if number >= 0:
            own = found.sets[number]
            described = {"names": list(own.names), "skeleton": [list(bone) for bone in own.skeleton]}
            sets.setdefault(category, {})[str(number)] = described
    return sets


class CategoryKeypoints:
    """The keypoints of each category: of COCO's, one list for all of its objects.

    Where objects of a category have several sets, it has the names of all of them, in the order of the sets, and each
    object those of its own; the others are not labelled.
    """

    def __init__(self, sets: Iterable[Mapping[str, Mapping[str, Any]]]) -> None:
        found: dict[str, dict[int, Any]] = {}
        for line in sets:
            for category, own in line.items():
                for number, described in own.items():
                    found.setdefault(category, {})[int(number)] = described
        self._sets = {category: dict(sorted(own.items())) for category, own in found.items()}
        self._names = {
            category: list(dict.fromkeys(name for one in own.values() for name in one["names"]))
            for category, own in self._sets.items()
        }

    def entry(self, category: str) -> dict[str, Any]:
        """Keys of the category's entry; bones count from 1."""
        if category not in self._sets:
            return {}
        names = self._names[category]
        bones = [
            [names.index(one["names"][a]) + 1, names.index(one["names"][b]) + 1]
            for one in self._sets[category].values()
            for a, b in one["skeleton"]
        ]
        return {"keypoints": names, "skeleton": [list(bone) for bone in dict.fromkeys(map(tuple, bones))]}

    def __bool__(self) -> bool:
        """Whether there are any."""
        return bool(self._sets)

    def spread(self, category: str, annotation: dict[str, Any]) -> dict[str, Any]:
        """An annotation with a triple for each of its category's names."""
        sets = self._sets.get(category, {})
        if not sets or (len(sets) == 1 and "keypoints" in annotation):
            return annotation
        names = self._names[category]
        if "keypoints" not in annotation:
            return {**annotation, "keypoints": [0.0, 0.0, 0] * len(names), "num_keypoints": 0}
        numbers = annotation["keypoints"]
        whole: list[Any] = [0.0, 0.0, 0] * len(names)
        for index, name in enumerate(sets[annotation["keypoint_set"]]["names"]):
            at = 3 * names.index(name)
            whole[at : at + 3] = numbers[3 * index : 3 * index + 3]
        return {**annotation, "keypoints": whole}
