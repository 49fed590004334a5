"""Exact values over what is drawn, as distribution nodes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from replicator_dr.spec.distributions import Distribution, DrawUse, Pinned, Sequence

if TYPE_CHECKING:
    from replicator_dr.graph.lower import Lowering
    from replicator_dr.graph.place import Place


def exact_node(lowering: Lowering, value: Pinned, place: Place, interval: int, name: str | None) -> Any:
    """What a field draws, with exact values over it. Where a runtime has no such node, a value for all frames."""
    from replicator_dr.graph.lower import plain_constant

    items = [plain_constant(item) for item in value.values]
    if not value.frames and not hasattr(lowering.rep.distribution, "pinned"):
        return items[0]
    own = lowering.own("pinned", "use mode: stepped, or no edge_cases")
    source: Any = value.source
    if isinstance(source, DrawUse):
        source = lowering.use(source, interval, None)
    elif isinstance(source, Distribution):
        source = lowering.distribution(source, place, interval, None)
    elif isinstance(source, (str, bool, int, float, tuple)):
        source = plain_constant(source)
    return own(source, value.frames, items, interval=interval, name=name)


def exact_draw(lowering: Lowering, draw: str, node: Any) -> Any:
    """The stream of a shared draw or a factor, with exact values over it."""
    from replicator_dr.graph.place import Place

    place = f"${lowering.spec.full_name(draw)}"
    exact = lowering.pinned(place, node)
    if not isinstance(exact, Pinned):
        return node
    if not exact.frames and not hasattr(lowering.rep.distribution, "pinned"):
        return lowering.distribution(Sequence(exact.values), Place((place,)), 1, None)
    return exact_node(lowering, exact, Place((place,)), 1, None)
