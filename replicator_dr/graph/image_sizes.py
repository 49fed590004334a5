"""The image size of a render product: one for all frames, or one that is drawn for each."""

from __future__ import annotations

from typing import Any

from replicator_dr.graph.context import Built
from replicator_dr.graph.lower import Place
from replicator_dr.spec.distributions import Choice, DrawUse, Sequence
from replicator_dr.spec.output import RenderProduct


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
        value = value.applied(built.spec.draws[value.draw].distribution)
    sizes = value.choices if isinstance(value, Choice) else value.items if isinstance(value, Sequence) else (value,)
    return [(int(width), int(height)) for width, height in sizes]


def drawn_size(built: Built, entry: RenderProduct, view: str) -> Any:
    """The distribution from which a rolling view draws its size at each frame. view: its name."""
    return built.lowering.value(entry.resolution, Place(("render_products", view, "resolution")))
