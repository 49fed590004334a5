"""Which of the objects in an image a dataset annotates: options that all writers share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from replicator_dr.errors import OutputError
from replicator_dr.labels.records import LabelRecords

THRESHOLDS = ("min_pixels", "min_visible_fraction", "max_truncation")
"""In the order in which an object is tested; the first one that it fails is counted."""


@dataclass(frozen=True)
class Rules:
    """label_type: the semantic type that names the category. categories: those wanted, None for all.

    min_pixels, min_visible_fraction, max_truncation: an object that fails one of them is filtered out.
    """

    label_type: str = "class"
    categories: frozenset[str] | None = None
    min_pixels: int = 1
    min_visible_fraction: float = 0.0
    max_truncation: float = 1.0


@dataclass(frozen=True)
class Selection:
    """What the rules make of N objects.

    categories: N names, None for objects of no category that is wanted: they are no part of the dataset. failed: (N,)
    int8, the threshold that each fails, by its place in ``THRESHOLDS``, -1 for none. kept: rows that are annotated.
    below: rows of wanted categories that fail a threshold: each format says whether they are left out, or ignored.
    """

    categories: list[str | None]
    failed: NDArray[np.int8]
    kept: NDArray[np.int64]
    below: NDArray[np.int64]


def category_of(labels: Mapping[str, str], label_type: str) -> str | None:
    """The category that a prim's labels name: its own label, which comes before those it inherits."""
    return labels.get(label_type, "").split(",")[0] or None


def select(records: LabelRecords, rules: Rules) -> Selection:
    """Sort the objects of a batch by the rules. OutputError for a rule that cannot be applied here."""
    found = [category_of(labels, rules.label_type) for labels in records.labels]
    if rules.categories is not None:
        found = [name if name in rules.categories else None for name in found]
    wanted = np.array([name is not None for name in found], np.bool_)
    failed = np.full(len(records), -1, np.int8)
    # The last test first: an earlier one takes its place.
    if rules.max_truncation < 1:
        failed[records.truncation > rules.max_truncation] = 2
    if rules.min_visible_fraction > 0:
        if not records.knows_hidden_parts:
            raise OutputError(
                f"min_visible_fraction is {rules.min_visible_fraction}, and tiled render products do not say how much "
                "of an object is hidden; set tiled: false in render_products"
            )
        failed[records.visible_fraction < rules.min_visible_fraction] = 1
    failed[records.area < rules.min_pixels] = 0
    rows = np.arange(len(records))
    return Selection(found, failed, rows[wanted & (failed < 0)], rows[wanted & (failed >= 0)])
