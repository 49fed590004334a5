"""The image size of a render product: one for all frames, or one that is drawn for each."""

from __future__ import annotations

from typing import Any

from replicator_dr.expressions import Numbers
from replicator_dr.graph.context import Built
from replicator_dr.graph.place import Place
from replicator_dr.spec.distributions import Choice, DrawUse, Keyframes, Sequence
from replicator_dr.spec.extents import DrawExtents
from replicator_dr.spec.output import RenderProduct
from replicator_dr.spec.ties import Expression, Switch


def is_rolling(entry: RenderProduct) -> bool:
    """Whether the size changes from frame to frame."""
    return not isinstance(entry.resolution, tuple)


def largest(built: Built, entry: RenderProduct) -> tuple[int, int]:
    """(width, height) [pixels] of the largest of an entry's sizes."""
    return max(sizes_of(built, entry), key=lambda size: size[0] * size[1])


def sizes_of(built: Built, entry: RenderProduct) -> list[tuple[int, int]]:
    """(width, height) [pixels] of each of an entry's sizes."""
    value: Any = entry.resolution
    if isinstance(value, DrawUse):
        value = value.applied(built.spec.shared(value.draw).distribution)
    if isinstance(value, (Expression, Switch)):
        return [_most(built, value)]
    return [(int(width), int(height)) for width, height in options(value)]


def options(value: Any) -> tuple[Any, ...]:
    """All values that a distribution of sizes may give; a constant alone."""
    if isinstance(value, Choice):
        return value.choices
    if isinstance(value, Keyframes):
        return value.values
    return value.items if isinstance(value, Sequence) else (value,)


def _most(built: Built, value: Any) -> tuple[int, int]:
    """A size that holds all that a tie may give."""
    extent = DrawExtents(built.spec.laws()).of(value)
    assert isinstance(extent, Numbers)
    width, height = (high for _, high in extent.ranges)
    return int(width), int(height)


def drawn_size(built: Built, entry: RenderProduct, view: str) -> Any:
    """The distribution from which a rolling view draws its size at each frame. view: its name."""
    return built.lowering.value(entry.resolution, Place(("render_products", view, "resolution")))
