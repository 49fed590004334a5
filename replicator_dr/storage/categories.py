"""Categories from labels: their names, and what stands above them.

A class label may say its place in a hierarchy, ``vehicle/car/sedan``; or a semantic type ``supercategory`` beside it
says what stands above. Both are inherited as all labels are, the nearest prim's first.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

SEPARATOR = "/"
SUPERCATEGORY = "supercategory"
"""The semantic type."""
TOP = "object"
"""What stands above a category of which nothing is said."""


def supercategory_of(labels: Mapping[str, str], label_type: str = "class", top: str = TOP) -> str:
    """What stands above the category that a prim's labels name: by the type, else by what stands before the last ``/``.

    labels: ``{type: "own,inherited"}``.
    """
    said = _first(labels, SUPERCATEGORY)
    return said or _first(labels, label_type).rpartition(SEPARATOR)[0] or top


def supercategories(
    label_sets: Iterable[Mapping[str, str]], label_type: str = "class", top: str = TOP
) -> dict[str, str]:
    """{category: what stands above it} of all labels that may occur (``Writer.label_sets()``), sorted by name.

    The category is the whole label, so that ``toy/car`` and ``vehicle/car`` are two. Where prims of one category say
    different things, the first in the alphabet that is not ``top`` stands.
    """
    found: dict[str, set[str]] = {}
    for labels in label_sets:
        if name := _first(labels, label_type):
            found.setdefault(name, set()).add(supercategory_of(labels, label_type, top))
    return {name: min(above, key=lambda one: (one == top, one)) for name, above in sorted(found.items())}


def levels(label: str) -> tuple[str, ...]:
    """The hierarchy that a label says, from the top down: ``("vehicle", "vehicle/car", "vehicle/car/sedan")``."""
    steps = label.split(SEPARATOR)
    return tuple(SEPARATOR.join(steps[: count + 1]) for count in range(len(steps)))


def _first(labels: Mapping[str, str], label_type: str) -> str:
    return labels.get(label_type, "").split(",")[0]
