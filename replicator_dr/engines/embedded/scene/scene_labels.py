"""Which prims can be told apart, and the labels that each may carry, inherited ones joined."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from replicator_dr.engines.embedded.scene.hierarchy import Tables
from replicator_dr.engines.embedded.scene.scene_prims import Placed, placed_prims, upward
from replicator_dr.engines.embedded.scene.state import LabelTables
from replicator_dr.engines.embedded.usd.stage_labels import Labels, change_labels, read_labels
from replicator_dr.errors import EngineError

if TYPE_CHECKING:
    from replicator_dr.engines.embedded.scene.plan import Plan

Int64 = NDArray[np.int64]

_MOST_OPTIONS = 64


@dataclass(frozen=True)
class LabelLayout:
    """From the label channel to rows of ``LabelTables.label_sets``.

    columns, strides: (E, D) int64, the label columns that an entity's labels depend on and the weight of each option;
    padded with the last column (always 0) and 0. start: (E,) where its stretch of ``rows`` begins. rows: label sets
    for every combination, -1 = none.
    """

    columns: Int64
    strides: Int64
    start: Int64
    rows: NDArray[np.int32]

    def entity_labels(self, tables: Tables) -> NDArray[np.int32]:
        """(B, E) int32."""
        table = tables["labels"][..., 0].astype(np.int64)
        padded = np.concatenate([table, np.zeros((len(table), 1), dtype=np.int64)], axis=1)
        code = np.sum(padded[:, self.columns] * self.strides, axis=-1) + self.start
        return self.rows[code]


def close_options(plan: Plan, changes: Sequence[tuple[Sequence[str], Sequence[Labels], str]]) -> list[Int64]:
    """All label dictionaries that each prim can come to carry, and what every change does to them.

    changes: (prims, the labels that may be given, mode) of each modify.semantics. Fills ``plan.label_options`` and
    gives, for each change, (n, options, values) int64: the option that a prim has afterwards.
    """
    grown = True
    while grown:
        grown = False
        for paths, values, mode in changes:
            for path in paths:
                options = plan.label_options[path]
                for labels in [change_labels(old, new, mode) for old in list(options) for new in values]:
                    if labels not in options:
                        options.append(labels)
                        grown = True
                if len(options) > _MOST_OPTIONS:
                    raise EngineError(
                        f"modify.semantics: {path} can come to carry more than {_MOST_OPTIONS} label sets"
                    )
    tables: list[NDArray[np.int64]] = []
    for paths, values, mode in changes:
        most = max((len(plan.label_options[path]) for path in paths), default=1)
        table = np.zeros((len(paths), most, max(len(values), 1)), dtype=np.int64)
        for row, path in enumerate(paths):
            options = plan.label_options[path]
            for i, old in enumerate(options):
                for j, new in enumerate(values):
                    table[row, i, j] = options.index(change_labels(old, new, mode))
        tables.append(table)
    return tables


@dataclass(frozen=True)
class Entity:
    """Something that can be told apart: a labelled prim at its place, and its own labels at rest."""

    placed: Placed
    labels: Labels


def find_entities(plan: Plan) -> dict[str, Entity]:
    """Labelled prims and those that the graph labels, by their paths, in traversal order."""
    entities = {}
    known: dict[str, Labels] = {}
    for prim, placed in placed_prims(plan.stage.GetPseudoRoot(), plan.hierarchy):
        if placed.source not in known:
            known[placed.source] = read_labels(prim)
        if known[placed.source] or placed.source in plan.labels:
            entities[placed.path] = Entity(placed, known[placed.source])
    return entities


def nearest(path: str, known: dict[str, int]) -> int:
    """The row of the lowest known prim at or above a path, -1 where there is none."""
    while path:
        if path in known:
            return known[path]
        path = path.rpartition("/")[0]
    return -1


def label_tables(plan: Plan, entities: dict[str, Entity], prims: Sequence[str]) -> tuple[LabelTables, LabelLayout]:
    """The scene's label tables, and how frames choose among them."""
    sets: list[dict[str, str]] = []
    rows: list[int] = []
    start, columns, strides = [], [], []
    padding = len(plan.labels)
    for path in entities:
        chain = [entities[p] for p in upward(path) if p in entities]
        options = [plan.label_options.get(entity.placed.source, [entity.labels]) for entity in chain]
        start.append(len(rows))
        for combination in product(*options):
            joined = _join(combination)
            if joined and joined not in sets:
                sets.append(joined)
            rows.append(sets.index(joined) if joined else -1)
        sizes = [len(option) for option in options]
        varying = [
            (plan.labels.index[entity.placed.source], int(np.prod(sizes[i + 1 :])))
            for i, entity in enumerate(chain)
            if entity.placed.source in plan.labels
        ]
        columns.append([column for column, _ in varying])
        strides.append([stride for _, stride in varying])
    bounds = [plan.bounds.local(entity.placed.source) for entity in entities.values()]
    tables = LabelTables(
        prim_paths=tuple(prims),
        entity_paths=tuple(entities),
        entity_bounds=np.array([np.zeros((2, 3)) if b is None else b for b in bounds], dtype=np.float32).reshape(
            -1, 2, 3
        ),
        label_sets=tuple(sets),
    )
    layout = LabelLayout(
        columns=pad(columns, padding), strides=pad(strides, 0), start=np.array(start, dtype=np.int64),
        rows=np.array(rows, dtype=np.int32),
    )  # fmt: skip
    return tables, layout


def _join(chain: Sequence[Labels]) -> dict[str, str]:
    """Labels of a prim and those above it, its own first, in lower case, several of a type joined by commas."""
    merged: dict[str, dict[str, None]] = {}
    for labels in chain:
        for name, values in labels.items():
            merged.setdefault(name, {}).update(dict.fromkeys(value.lower() for value in values))
    return {name: ",".join(values) for name, values in merged.items() if values}


def pad(lists: Sequence[Sequence[int]], filler: int) -> Int64:
    """(n, D) int64 from lists of different lengths, filled up at the end."""
    depth = max((len(one) for one in lists), default=0)
    return np.array([[*one, *[filler] * (depth - len(one))] for one in lists], dtype=np.int64).reshape(
        len(lists), depth
    )
