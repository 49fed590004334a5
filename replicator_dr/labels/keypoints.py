"""Keypoints of the objects in a batch of images, as columns."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from replicator_dr.labels.images import KEYPOINTS, ProductImages
from replicator_dr.labels.records import LabelRecords

Int64 = NDArray[np.int64]

OUTSIDE, HIDDEN, VISIBLE = 0, 1, 2
"""What visibility says: not in the image; in the image, and hidden; visible."""


@dataclass(frozen=True)
class KeypointSet:
    """What objects of one kind have. names: K of them. skeleton: bones, as pairs of numbers in names."""

    names: tuple[str, ...]
    skeleton: tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Keypoints:
    """The M keypoints of N objects, object by object, each in the order of its set.

    sets: all that the scene has. of_set: (N,) which of them each object has, -1 for none. first: (N + 1,) object i has
    the rows first[i] to first[i + 1]. pixel: (M, 2) float64, x and y, pixel i covers i to i + 1; 0 outside the image.
    depth: (M,) float64 [m] along the optical axis. visibility: (M,) int64, 0, 1 or 2.
    """

    sets: tuple[KeypointSet, ...]
    of_set: Int64
    first: Int64
    pixel: NDArray[np.float64]
    depth: NDArray[np.float64]
    visibility: Int64

    def rows(self, number: int) -> slice:
        """The keypoints of one object."""
        return slice(int(self.first[number]), int(self.first[number + 1]))


def keypoints_of(images: ProductImages, records: LabelRecords) -> Keypoints:
    """The keypoints of the objects, from the annotator ``keypoints``.

    Objects of which nothing is seen have rows there too; they are left out.
    """
    tables = [np.asarray(table) for table in images.annotation(KEYPOINTS).data]
    infos = images.tables(KEYPOINTS)
    whole = np.concatenate(tables)
    at = np.repeat(np.arange(len(tables)), [len(table) for table in tables])
    objects, found = _keys(records.image, records.instance), _keys(at, whole["instanceId"].astype(np.int64))
    place = np.searchsorted(objects, found)
    known = np.flatnonzero(np.append(objects, -1)[place] == found)
    order = known[np.lexsort((whole["keypoint"][known], place[known]))]
    owner, rows = place[order], whole[order]
    of_set = np.full(len(objects), -1, np.int64)
    of_set[owner] = rows["keypointSet"]
    described = infos[0]["keypointSets"] if infos else []
    sets = (KeypointSet(tuple(one["names"]), tuple((int(a), int(b)) for a, b in one["skeleton"])) for one in described)
    return Keypoints(
        sets=tuple(sets),
        of_set=of_set,
        first=np.searchsorted(owner, np.arange(len(objects) + 1)),
        pixel=np.stack([rows["x"], rows["y"]], axis=-1).astype(np.float64),
        depth=rows["depth"].astype(np.float64),
        visibility=rows["visibility"].astype(np.int64),
    )


def _keys(image: Int64, instance: Int64) -> Int64:
    """One number for each (image, instance), sorted as they are."""
    keys: Int64 = image.astype(np.int64) * (1 << 32) + instance
    return keys
