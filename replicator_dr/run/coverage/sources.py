"""Draws frame by frame: recorded in a dataset, or evaluated from a spec without rendering."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from replicator_dr.errors import AssetError
from replicator_dr.graph import build_graph
from replicator_dr.labels.facts import is_fact
from replicator_dr.run.audit.dataset import AuditedDataset
from replicator_dr.run.audit.records import ImageRecord
from replicator_dr.spec import Spec
from replicator_dr.spec.load import recorded_spec

_TOGETHER = 1024
"""Frames evaluated at a time."""


@dataclass(frozen=True)
class Drawn:
    """The draws of some frames.

    frames: (F,). draws: {name: (F, n, k) float64, or (F, n) texts}. title: what they are of.
    """

    title: str
    spec: Spec
    frames: NDArray[np.int64]
    draws: Mapping[str, NDArray[Any]]


def draws_of_spec(spec: Spec, start: int, frames: int) -> Drawn:
    """What a run of these frames would draw."""
    numbers = np.arange(start, start + frames, dtype=np.int64)
    groups = [numbers[first : first + _TOGETHER].tolist() for first in range(0, frames, _TOGETHER)]
    with build_graph(spec, engine="embedded") as graph:
        parts = [graph.draws(group) for group in groups]
    joined = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    return Drawn(spec.name, spec, numbers, joined)


def draws_of_dataset(folder: Path) -> Drawn:
    """What a dataset of ``coco_depth`` recorded. AssetError where it holds none, or no draws."""
    dataset = AuditedDataset(folder)
    spec = recorded_spec(dataset.manifest.spec or {})
    rows = dict(_rows(dataset))
    frames = sorted(rows)
    names = list(dict.fromkeys(name for draws in rows.values() for name in draws))
    joined = {name: _joined([rows[frame].get(name) for frame in frames]) for name in names}
    draws = {name: values for name, values in joined.items() if values is not None and not is_fact(name)}
    if not draws:
        raise AssetError(f"{folder}: the images record no draws; nothing varies in them")
    return Drawn(str(folder), spec, np.array(frames, dtype=np.int64), draws)


def _rows(dataset: AuditedDataset) -> Iterator[tuple[int, dict[str, Any]]]:
    """Frames with their draws, once for all images of a frame."""
    seen: set[int] = set()
    for row, key in enumerate(dataset.tables.images):
        if key.frame not in seen:
            seen.add(key.frame)
            yield key.frame, msgspec.json.decode(dataset.image_text(row), type=ImageRecord).draws


def _joined(values: list[Any]) -> NDArray[Any] | None:
    """One array of a name's values; None where frames differ in their form, or lack it."""
    if any(not isinstance(value, list) or not value for value in values):
        return None
    texts = isinstance(values[0][0], str)
    try:
        array = np.array(values, dtype=object if texts else np.float64)
    except ValueError:
        return None
    return array if array.ndim == (2 if texts else 3) else None
