"""Which joints move the vertices of a mesh, and how much each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Skin:
    """joints: (V, I) int32, rows of the matrices that a mesh is bound to; weights: (V, I) float32, mostly 1 in sum."""

    joints: NDArray[np.int32]
    weights: NDArray[np.float32]

    def __getitem__(self, vertices: NDArray[np.integer]) -> Skin:
        """The same for some of the vertices, or for others that are made of them."""
        return Skin(np.ascontiguousarray(self.joints[vertices]), np.ascontiguousarray(self.weights[vertices]))


@dataclass(frozen=True)
class Influences:
    """The skins of several meshes as one list.

    first: (V + 1,) int32, the rows of vertex v are first[v] to first[v + 1]. joint: (N,) int32. weight: (N,) float64.
    """

    first: NDArray[np.int32]
    joint: NDArray[np.int32]
    weight: NDArray[np.float64]


def influences(skins: Sequence[Skin | None], counts: Sequence[int]) -> Influences:
    """Of meshes with so many vertices each, one after the other; None = not bound to joints; nothing where none is."""
    if all(skin is None for skin in skins):
        return Influences(np.zeros(1, np.int32), np.zeros(0, np.int32), np.zeros(0, np.float64))
    numbers, joints, weights = [np.zeros(0, np.int64)], [np.zeros(0, np.int32)], [np.zeros(0, np.float64)]
    for skin, count in zip(skins, counts, strict=True):
        used = np.zeros((count, 0), bool) if skin is None else skin.weights != 0
        numbers.append(used.sum(axis=1))
        if skin is not None:
            joints.append(skin.joints[used])
            weights.append(skin.weights[used].astype(np.float64))
    first = np.concatenate([[0], np.cumsum(np.concatenate(numbers))]).astype(np.int32)
    return Influences(first, np.concatenate(joints), np.concatenate(weights))
