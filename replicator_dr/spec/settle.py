"""Shared draws among themselves: which use which, that none uses itself, and how often each is made."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from pydantic_core import InitErrorDetails

from replicator_dr.expressions import names_in
from replicator_dr.spec.distributions import Choice, Combine, Distribution, DrawUse
from replicator_dr.spec.distributions import Sequence as Cycle
from replicator_dr.spec.model import fault
from replicator_dr.spec.ties import Expression, Switch

Per = Literal["frame", "prim"]


@dataclass(frozen=True)
class SharedDraw:
    """One named draw. per: ``frame``, one sample for all prims of a frame; ``prim``, one sample for each prim."""

    distribution: Distribution
    per: Per = "frame"

    def to_yaml(self) -> dict[str, Any]:
        """The draw as a spec writes it."""
        return {**self.distribution.to_yaml(), "per": self.per}


def uses(value: Any) -> tuple[str, ...]:
    """The shared draws that a value is made of, each once, in their order."""
    return tuple(dict.fromkeys(_uses(value)))


def _uses(value: Any) -> list[str]:
    if isinstance(value, DrawUse):
        return [value.draw]
    if isinstance(value, Expression):
        return list(names_in(value.tree))
    if isinstance(value, Switch):
        chosen = [name for tree in value.conditions for name in names_in(tree)]
        return [*chosen, *(name for branch in value.branches for name in _uses(branch))]
    if isinstance(value, Choice):
        weights = value.weights if isinstance(value.weights, tuple) else ()
        return [name for part in (*weights, *value.choices) for name in _uses(part)]
    if isinstance(value, (Combine, Cycle)):
        return [name for part in getattr(value, value.positional[0]) for name in _uses(part)]
    return []


def all_uses(names: tuple[str, ...], draws: Mapping[str, SharedDraw]) -> tuple[str, ...]:
    """The draws of these names, and those that they are made of, each once."""
    found: dict[str, None] = {}
    queue = list(names)
    while queue:
        name = queue.pop(0)
        if name not in found:
            found[name] = None
            queue += uses(draws[name].distribution) if name in draws else ()
    return tuple(found)


def settled(
    draws: Mapping[str, SharedDraw], given: Collection[str]
) -> tuple[dict[str, SharedDraw], list[InitErrorDetails]]:
    """The draws with how often each is made, and what is wrong. given: those that say so themselves.

    A draw that depends on one of each prim is one of each prim.
    """
    below = {name: uses(draw.distribution) for name, draw in draws.items()}
    found = [
        fault(f"draws depend on each other: {' -> '.join(ring)}", "cut the ring", (ring[0],), True)
        for ring in rings(below)
    ]
    if found:
        return dict(draws), found
    result = dict(draws)
    for name in ordered(below):
        draw = result[name]
        prim = next((other for other in below[name] if other in result and result[other].per == "prim"), None)
        if isinstance(draw.distribution, Expression) and name in given:
            found.append(
                fault("per follows from the draws that an expression uses", "leave it out", (name, "per"), True)
            )
        elif prim is not None and name in given and draw.per == "frame":
            message = f"one value a frame cannot depend on '{prim}', which each prim has one of"
            found.append(fault(message, "leave out per, or make it prim", (name, "per")))
        elif prim is not None:
            result[name] = replace(draw, per="prim")
    return result, found


def ordered(below: Mapping[str, tuple[str, ...]]) -> list[str]:
    """The names, each behind those that it uses."""
    done: dict[str, None] = {}

    def visit(name: str) -> None:
        if name in below and name not in done:
            for other in below[name]:
                visit(other)
            done[name] = None

    for name in below:
        visit(name)
    return list(done)


def rings(below: Mapping[str, tuple[str, ...]]) -> list[tuple[str, ...]]:
    """Names that lead back to themselves, each ring once: ``("a", "b", "a")``."""
    found: list[tuple[str, ...]] = []
    state: dict[str, int] = {}

    def visit(name: str, path: list[str]) -> None:
        state[name] = 1
        for other in below.get(name, ()):
            if state.get(other) == 1:
                found.append((*path[path.index(other) :], other))
            elif other not in state and other in below:
                visit(other, [*path, other])
        state[name] = 2

    for name in below:
        if name not in state:
            visit(name, [name])
    return found
