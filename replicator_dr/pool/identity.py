"""Who is who in a picture: prims under the names and numbers that the spec gives them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from replicator_dr.pool.layout import View

BACKGROUND = 0
UNLABELLED = 1
FIRST = 2
"""The id of row 0 of a table: semantic ids from here on are labels, instance ids are prims."""


def uid(path: str) -> int:
    """A prim's identity by its path in the spec's stage: the first 63 bits of the path's SHA-256.

    It depends on nothing else: not on what else is in the scene, as instance ids do, nor on frames, shards, formats or
    runtimes. Two of n prims share one with a probability of n^2 / 2^64: for a million, 5e-8.
    """
    return int.from_bytes(hashlib.sha256(path.encode()).digest()[:8], "big") >> 1


@dataclass(frozen=True)
class Entities:
    """The labelled prims of a spec, in the order that numbers them on every runtime: number = row + ``FIRST``.

    paths: prims, as the spec's stage has them. bounds: (E, 2, 3) float32 [m], minimum and maximum of each in its own
    frame. now: the same in each environment, where what is captured has another shape than at rest.
    """

    paths: tuple[str, ...]
    bounds: NDArray[np.float32]
    now: Mapping[int, NDArray[np.float32]] = field(default_factory=dict)

    def row(self, path: str) -> int | None:
        """The row of a prim."""
        return self._rows.get(path)

    @cached_property
    def _rows(self) -> dict[str, int]:
        return {path: row for row, path in enumerate(self.paths)}


def spec_path(path: str, view: View, root: str) -> str | None:
    """Where a prim of the stage stands in the spec; None for one of another environment.

    root: where the spec creates things, /Replicator.
    """
    if not view.env_path or not path.startswith(view.env_path.rpartition("/")[0] + "/"):
        return path
    if path == view.env_path or path.startswith(view.env_path + "/"):
        return root + path[len(view.env_path) :]
    return None


def renumbered(segmentation: Mapping[str, Any], view: View, root: str, entities: Entities | None) -> dict[str, Any]:
    """An instance segmentation with the spec's paths and numbers.

    What belongs to another environment becomes background. Without ``entities`` numbers stay as they are; with them, a
    prim that is none of theirs gets a number above all of theirs. Coloured segmentations stay as they are.
    """
    ids = np.asarray(segmentation["data"])
    if ids.ndim != 2:
        return dict(segmentation)
    kind = type(next(iter(segmentation["idToLabels"]), 0))
    table = np.zeros(max([int(ids.max(initial=0)), *map(int, segmentation["idToLabels"])]) + 1, np.uint32)
    table[: UNLABELLED + 1] = np.arange(min(len(table), UNLABELLED + 1))
    tables: dict[str, dict[Any, Any]] = {name: {} for name in segmentation if name not in ("data", "idToLabels")}
    paths: dict[Any, str] = {}
    for key, path in segmentation["idToLabels"].items():
        number = int(key)
        if number >= FIRST:
            named = spec_path(str(path), view, root)
            if named is None:
                continue
            path, number = named, _number(named, number, entities)
        table[int(key)] = number
        paths[kind(number)] = path
        for name, known in tables.items():
            if key in segmentation[name]:
                known[kind(number)] = segmentation[name][key]
    return {"data": table[ids], "idToLabels": paths, **tables}


def _number(path: str, number: int, entities: Entities | None) -> int:
    if entities is None:
        return number
    row = entities.row(path)
    return FIRST + (len(entities.paths) + number if row is None else row)
