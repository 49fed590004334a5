"""Ids and tables of labels: what the segmentations' numbers mean, stable over frames, products and runs.

Semantic ids: 0 background, 1 unlabelled, from 2 on the distinct labels of the scene. Instance ids: from 2 on the
labelled prims in the order of the stage. Instance-id ids: from 2 on the leaf prims. They depend on the scene only,
never on what a frame happens to show.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from replicator_dr.engines.embedded.scene.labels_filter import Filter
from replicator_dr.engines.embedded.scene.state import FrameState, Scene
from replicator_dr.pool.identity import BACKGROUND, FIRST, UNLABELLED

__all__ = [
    "BACKGROUND",
    "FIRST",
    "UNLABELLED",
    "FrameLabels",
    "frame_labels",
    "identities",
    "paint",
    "palette",
    "part_table",
]


@dataclass(frozen=True)
class FrameLabels:
    """What the labelled prims are called over a batch, seen through one filter.

    seen: (B, E) bool, the prim has labels that pass. semantic: (B, E) uint32, its semantic id, UNLABELLED where it has
    none. sets: {semantic id: {type: label}} of everything that the scene's prims may be called.
    """

    seen: NDArray[np.bool_]
    semantic: NDArray[np.uint32]
    sets: Mapping[int, dict[str, str]]

    def semantic_table(self) -> dict[int, dict[str, str]]:
        """{semantic id: {type: label}}, background and unlabelled included."""
        return {BACKGROUND: {"class": "BACKGROUND"}, UNLABELLED: {"class": "UNLABELLED"}, **self.sets}

    def instance_rows(self, frame: int) -> list[int]:
        """The rows of the entities that pass in this frame of the batch."""
        rows: list[int] = np.flatnonzero(self.seen[frame]).tolist()
        return rows


def frame_labels(scene: Scene, state: FrameState, passes: Filter) -> FrameLabels:
    """The labels of a batch through a filter. Label sets that a filter makes equal share a semantic id."""
    ids: dict[tuple[tuple[str, str], ...], int] = {}
    sets: dict[int, dict[str, str]] = {}
    of_set = np.full(len(scene.labels.label_sets) + 1, UNLABELLED, np.uint32)  # the last stands for row -1
    for row, labels in enumerate(scene.labels.label_sets):
        kept = passes(labels)
        if kept:
            key = tuple(sorted(kept.items()))
            of_set[row] = ids.setdefault(key, FIRST + len(ids))
            sets[int(of_set[row])] = kept
    semantic = of_set[state.entity_labels]
    return FrameLabels(seen=semantic != UNLABELLED, semantic=semantic, sets=sets)


def identities(scene: Scene, instances: NDArray[np.integer]) -> dict[str, list[Any]]:
    """PrimPaths and uids (``pool.identity.uid``) of instance ids, in their order."""
    rows = (instances.astype(np.int64) - FIRST).tolist()
    paths, uids = scene.labels.entity_paths, scene.labels.entity_uids
    return {"primPaths": [paths[row] for row in rows], "uids": [uids[row] for row in rows]}


def part_table(values: NDArray[np.uint32], part_entity: NDArray[np.int32]) -> NDArray[np.uint32]:
    """(B, P + 1) uint32: the id that each part shows, given its entity's; the last column is the background, part -1.

    values: (B, E) uint32, the entities' ids. Parts of no entity are UNLABELLED.
    """
    batch = len(values)
    table = np.full((batch, len(part_entity) + 1), UNLABELLED, np.uint32)
    table[:, -1] = BACKGROUND
    owned = part_entity >= 0
    table[:, :-1][:, owned] = values[:, part_entity[owned]]
    return table


def paint(table: NDArray[np.uint32], part: NDArray[np.int32]) -> NDArray[np.uint32]:
    """(B, H, W) uint32: the ids seen in each pixel. table: (B, P + 1); part: (B, H, W) int32, -1 = background."""
    # "wrap" takes -1 for the last column as indexing does, without NumPy's buffered check of every index.
    if len(table) > 1 and (table == table[0]).all():
        return np.take(table[0], part, mode="wrap")
    return np.stack([np.take(row, image, mode="wrap") for row, image in zip(table, part)])


def palette(ids: NDArray[np.uint32]) -> NDArray[np.uint8]:
    """(..., 4) uint8 RGBA for ids: 0 transparent black, 1 opaque black, others distinct colours, the same everywhere.

    Multiplication by an odd number permutes the 24-bit numbers, so no two ids share a colour; this one, close to the
    golden ratio of the range in each byte, keeps neighbours apart.
    """
    mixed = (ids.astype(np.uint64) - np.uint64(1)) * np.uint64(0x9E3D79) & np.uint64(0xFFFFFF)
    mixed = np.where(ids <= UNLABELLED, np.uint64(0), mixed)
    channels = [(mixed >> np.uint64(shift)) & np.uint64(0xFF) for shift in (16, 8, 0)]
    alpha = np.where(ids == BACKGROUND, 0, 255)
    return np.stack([*channels, alpha], axis=-1).astype(np.uint8)
