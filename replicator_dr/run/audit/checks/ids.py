"""ids: every id is unique and leads where it should."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from replicator_dr.run.audit.check import DatasetCheck
from replicator_dr.run.audit.findings import Finding


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
        tables = self.dataset.tables
        images = [key.id for key in tables.images]
        for found in (
            _numbers("image", images),
            _numbers("annotation", (key.id for key in tables.annotations)),
            self._categories(),
            self._references(set(images)),
            self._instances(),
        ):
            self.findings.add(found)
        names = self.dataset.category_names
        self.note = f"{len(images)} images, {len(tables.annotations)} annotations, {len(names)} categories"

    def _categories(self) -> Iterator[Finding]:
        ids = sorted(category.id for category in self.dataset.document.categories)
        if ids != list(range(1, len(ids) + 1)):
            yield Finding(f"category ids are {ids}, not 1 to {len(ids)}", numbers={"ids": ids})
        names = Counter(category.name for category in self.dataset.document.categories)
        for name, count in names.items():
            if count > 1:
                yield Finding(f"{count} categories are named {name}")

    def _references(self, images: set[int]) -> Iterator[Finding]:
        categories = self.dataset.category_names
        for key in self.dataset.tables.annotations:
            if key.image_id not in images:
                yield Finding(f"annotation {key.id} names image {key.image_id}, which is not there", None, key.id)
            if key.category_id not in categories:
                message = f"annotation {key.id} names category {key.category_id}, which is not there"
                yield Finding(message, key.image_id, key.id)

    def _instances(self) -> Iterator[Finding]:
        prim_of: dict[int, str] = {}
        seen: set[tuple[int, int]] = set()
        for key in self.dataset.tables.annotations:
            if key.instance_id is None or key.prim_path is None:
                continue
            known = prim_of.setdefault(key.instance_id, key.prim_path)
            if known != key.prim_path:
                message = f"instance {key.instance_id} is {key.prim_path} here and {known} elsewhere"
                yield Finding(message, key.image_id, key.id)
            if (key.image_id, key.instance_id) in seen:
                message = f"instance {key.instance_id} has two annotations in image {key.image_id}"
                yield Finding(message, key.image_id, key.id)
            seen.add((key.image_id, key.instance_id))


def _numbers(what: str, ids: Iterable[int]) -> Iterator[Finding]:
    """Ids below 1 and ids that occur twice."""
    seen: set[int] = set()
    for number in ids:
        images, annotations = (number, None) if what == "image" else (None, number)
        if number < 1:
            yield Finding(f"{what} id {number} is below 1; evaluators take 0 for no match", images, annotations)
        if number in seen:
            yield Finding(f"{what} id {number} occurs more than once", images, annotations)
        seen.add(number)
