"""How a spec wants its images labelled, as its writer does it: which objects, which numbers, which split."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from replicator_dr.data.keypoints import CategoryKeypoints
from replicator_dr.dataset.plugin import DatasetPlugin
from replicator_dr.dataset.splits import Splits
from replicator_dr.labels.facts import is_fact
from replicator_dr.labels.keypoints import KeypointSet
from replicator_dr.labels.selection import Rules, category_of

if TYPE_CHECKING:
    from replicator_dr.graph import Graph

_PREFERRED = "coco_depth"
"""The writer whose datasets are read as samples."""
_WINDOW = 1024
"""Frames that are sampled together where splits go by a draw, or categories by labels that vary."""


@dataclass(frozen=True)
class Labelling:
    """rules: which objects are annotated. points: the categories. frames: (n,) int64, those of the split."""

    rules: Rules
    points: CategoryKeypoints
    frames: NDArray[np.int64]


def labelling_of(graph: Graph, frames: NDArray[np.int64], split: str | None) -> Labelling:
    """As the graph's ``coco_depth`` says, or its first other dataset writer, or one without options.

    ValueError where the spec has no such split.
    """
    plugins = [entry.writer for entry in graph.spec.writers if isinstance(entry.writer, DatasetPlugin)]
    options = min(plugins, key=lambda plugin: plugin.kind() != _PREFERRED, default=None)
    rules = options.rules() if options else Rules()
    kept = frames if split is None else _of_split(graph, options.divided() if options else Splits(), frames, split)
    names = options.categories if options and options.categories is not None else _categories(graph, rules.label_type)
    tables = graph.scene.keypoints
    sets = [] if tables is None else [KeypointSet(one.names, one.skeleton) for one in tables.sets]
    return Labelling(rules, CategoryKeypoints(names, sets, _keypoint_sets(graph, rules.label_type, kept)), kept)


def _categories(graph: Graph, label_type: str) -> tuple[str, ...]:
    """Those that the scene's prims may have, as a writer without ``categories`` numbers them."""
    found = {category_of(labels, label_type) for labels in graph.scene.labels.label_sets}
    return tuple(sorted(name for name in found if name is not None))


def _keypoint_sets(graph: Graph, label_type: str, frames: NDArray[np.int64]) -> Iterator[tuple[str, int]]:
    """(category, number of a keypoint set) of the scene's objects, by their labels in the first frames."""
    tables, labels = graph.scene.keypoints, graph.scene.labels.label_sets
    if tables is None or not len(frames):
        return
    rows = graph.sample(frames[:_WINDOW].tolist()).entity_labels
    for entity, number in set(zip(tables.entity.tolist(), tables.of_set.tolist())):
        for row in np.unique(rows[:, entity]).tolist():
            name = category_of(labels[row], label_type) if row >= 0 else None
            if name is not None:
                yield name, number


def _of_split(graph: Graph, splits: Splits, frames: NDArray[np.int64], split: str) -> NDArray[np.int64]:
    """The frames that belong to a split."""
    if split not in splits.names:
        known = ", ".join(splits.names) or "none: ask for them with the writer's `splits`"
        raise ValueError(f"the spec has no split {split!r}; it has {known}")
    kept: list[int] = []
    for first in range(0, len(frames), _WINDOW):
        window = frames[first : first + _WINDOW].tolist()
        drawn = {} if splits.group is None else _draws(graph, window, splits.group)
        for row, frame in enumerate(window):
            values = {name: np.asarray(draw[row]).tolist() for name, draw in drawn.items()}
            if splits.of(frame, values) == split:
                kept.append(frame)
    return np.array(kept, np.int64)


def _draws(graph: Graph, frames: list[int], group: str) -> dict[str, NDArray[Any]]:
    """The draws among which the group is: facts are known of evaluated frames alone."""
    return graph.sample(frames).draws if is_fact(group) else graph.draws(frames)
