"""ids: every id is unique and leads where it should."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import numpy as np

from replicator_dr.run.audit.check import DatasetCheck
from replicator_dr.run.audit.dataset import Int64
from replicator_dr.run.audit.findings import Finding

Wrong = tuple[str, int | None, int | None]
"""What is wrong, and the ids of the image and of the annotation."""


class Ids(DatasetCheck):
    """Image, annotation, category and instance ids; evaluators lose objects over a wrong one without a word."""

    name = "ids"
    meaning = (
        "Ids are unique and at least 1, category ids run from 1 without gaps, references lead somewhere, and an "
        "instance id is the same prim in every image."
    )
    quick = True

    def finish(self) -> None:
        """Look at the tables."""
        tables, names = self.dataset.tables, self.dataset.category_names
        images = np.array([key.id for key in tables.images], np.int64)
        for found in (
            ((message, number, None) for message, number in _numbers("image", images)),
            ((message, None, number) for message, number in _numbers("annotation", tables.annotations[:, 0])),
            self._categories(),
            self._references("image", 1, images),
            self._references("category", 2, np.array(list(names), np.int64)),
            self._prims(),
            self._twice(),
        ):
            self.findings.add(Finding(message, image, annotation) for message, image, annotation in found)
        self.note = f"{len(images)} images, {len(tables.annotations)} annotations, {len(names)} categories"

    def _categories(self) -> Iterator[Wrong]:
        categories = self.dataset.document.categories
        ids = sorted(category.id for category in categories)
        if ids != list(range(1, len(ids) + 1)):
            yield f"category ids are {ids}, not 1 to {len(ids)}", None, None
        for name, count in Counter(category.name for category in categories).items():
            if count > 1:
                yield f"{count} categories are named {name}", None, None

    def _references(self, what: str, column: int, known: Int64) -> Iterator[Wrong]:
        table = self.dataset.tables.annotations
        for row in table[~np.isin(table[:, column], known)].tolist():
            image = row[1] if what != "image" else None
            yield f"annotation {row[0]} names {what} {row[column]}, which is not there", image, row[0]

    def _prims(self) -> Iterator[Wrong]:
        """Instances that are not the prim that they are in most images."""
        table, prims = self.dataset.tables.annotations, self.dataset.tables.prims
        known = table[(table[:, 3] >= 0) & (table[:, 4] >= 0)]
        pairs, inverse, counts = np.unique(known[:, 3:], axis=0, return_inverse=True, return_counts=True)
        # The most frequent prim of each instance: sorted by instance, then by count, the last one.
        order = np.lexsort((counts, pairs[:, 0]))
        usual = dict(pairs[order].tolist())
        for row in np.flatnonzero([usual[instance] != prim for instance, prim in pairs.tolist()]).tolist():
            instance, prim = pairs[row].tolist()
            for identity, image in known[inverse.ravel() == row, :2].tolist():
                yield (
                    f"instance {instance} is {prims[prim]} here and {prims[usual[instance]]} elsewhere",
                    image,
                    identity,
                )

    def _twice(self) -> Iterator[Wrong]:
        table = self.dataset.tables.annotations
        known = table[table[:, 3] >= 0]
        _, first = np.unique(known[:, [1, 3]], axis=0, return_index=True)
        again = np.ones(len(known), np.bool_)
        again[first] = False
        for identity, image, _, instance, _ in known[again].tolist():
            yield f"instance {instance} has two annotations in image {image}", image, identity


def _numbers(what: str, ids: Int64) -> Iterator[tuple[str, int]]:
    """Ids below 1 and ids that occur twice."""
    for number in ids[ids < 1].tolist():
        yield f"{what} id {number} is below 1; evaluators take 0 for no match", number
    unique, counts = np.unique(ids, return_counts=True)
    for number in unique[counts > 1].tolist():
        yield f"{what} id {number} occurs more than once", number
