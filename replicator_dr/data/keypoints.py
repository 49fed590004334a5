"""Keypoints of objects of several kinds as one array: a place for each name that a category has."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from replicator_dr.data.records import Category
from replicator_dr.labels.cameras import PIXEL_DIGITS
from replicator_dr.labels.keypoints import Keypoints, KeypointSet

_NO_PLACE = -1
_CENTRE = 0.5
"""Files count from the first pixel's centre, samples from its corner."""


class CategoryKeypoints:
    """Which keypoints each category has: the names of all sets that its objects have, in the order of the sets.

    categories: their names, in the order of their ids from 1. sets: the scene's. pairs: (category's name, number of a
    set) of all objects.
    """

    def __init__(
        self, categories: Sequence[str], sets: Sequence[KeypointSet], pairs: Iterable[tuple[str, int]]
    ) -> None:
        own: dict[str, set[int]] = {name: set() for name in categories}
        for name, number in pairs:
            if name in own:
                own[name].add(number)
        self.categories = tuple(
            _category(number, name, [sets[one] for one in sorted(own[name])])
            for number, name in enumerate(categories, start=1)
        )
        self._most = max((len(category.keypoints) for category in self.categories), default=0)
        longest = max((len(one.names) for one in sets), default=0)
        self._place = np.full((len(sets), len(categories) + 1, longest), _NO_PLACE, np.int64)
        for category in self.categories:
            for number in own[category.name]:
                names = sets[number].names
                self._place[number, category.id, : len(names)] = [category.keypoints.index(name) for name in names]

    def __bool__(self) -> bool:
        return self._most > 0

    def of(self, found: Keypoints, rows: NDArray[np.int64], labels: NDArray[np.int64]) -> NDArray[np.float32]:
        """(N, K, 3) x, y, visibility; zeros where an object lacks one.

        rows: (N,) of ``found``. labels: (N,) category ids.
        """
        points = np.zeros((len(rows), self._most, 3), np.float32)
        first, count = found.first[rows], found.first[rows + 1] - found.first[rows]
        owner = np.repeat(np.arange(len(rows)), count)
        index = np.arange(len(owner)) - np.repeat(np.cumsum(count) - count, count)
        at = first[owner] + index
        place = self._place[found.of_set[rows][owner], labels[owner], index]
        known = (place != _NO_PLACE) & (found.visibility[at] > 0)
        at = at[known]
        # Rounded as in files.
        pixel = np.round(found.pixel[at] - _CENTRE, PIXEL_DIGITS) + _CENTRE
        points[owner[known], place[known]] = np.concatenate([pixel, found.visibility[at, None]], axis=1)
        return points


def _category(number: int, name: str, sets: Sequence[KeypointSet]) -> Category:
    names = list(dict.fromkeys(point for one in sets for point in one.names))
    bones = [[names.index(one.names[a]) + 1, names.index(one.names[b]) + 1] for one in sets for a, b in one.skeleton]
    return Category(number, name, keypoints=names, skeleton=[list(bone) for bone in dict.fromkeys(map(tuple, bones))])
