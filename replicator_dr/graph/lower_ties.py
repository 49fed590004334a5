"""Ties -> what rep takes: expressions, switches, weights by context, correlated draws.

Isaac Sim's Replicator has none of them. Only scale * draw + offset of one shared draw is something that its graph has a
form for; anything else raises UnsupportedError there, upon which ``mode: auto`` steps.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from replicator_dr.engines.embedded.draws.tied_distributions import Allowed
from replicator_dr.errors import UnsupportedError
from replicator_dr.expressions import Texts, Tree, affine, names_in
from replicator_dr.expressions.tree import Arithmetic, Number
from replicator_dr.graph.place import Place
from replicator_dr.spec.distributions import Choice, Distribution, DrawUse
from replicator_dr.spec.extents import DrawExtents
from replicator_dr.spec.ties import Expression, Limits, Switch

if TYPE_CHECKING:
    from replicator_dr.graph.lower import Lowering

_STEP = "Replicator's graph cannot express it; use mode: stepped"


class Ties:
    """Makes the nodes of ties for one graph."""

    def __init__(self, lowering: Lowering) -> None:
        self._lowering = lowering
        self._sources: dict[tuple[str, int], Any] = {}
        self._correlated: set[int] = set()
        self._extents = DrawExtents(lowering.spec.laws())

    def made(self, value: Any, place: Place, interval: int, name: str | None, checked: bool) -> Any:
        """The node of a tie. checked: False inside of another tie, which checks what it takes."""
        if isinstance(value, Expression):
            return self._expression(value, place, interval, name, checked)
        if isinstance(value, Switch):
            return self._switch(value, place, interval, name, checked)
        assert isinstance(value, Choice)
        own = self._lowering.own("weighted_choice", _STEP)
        weights = [
            self.made(one, place.below("weights"), interval, None, True) if isinstance(one, Expression) else one
            for one in value.weights
        ]
        choices = [self._lowering.constant(item) for item in value.choices]
        allowed = Allowed(place.name, "", interval=interval)
        return own(choices, weights, allowed, seed=self._lowering.seed(place), name=name)

    def condition(self, tree: Tree) -> Any:
        """A condition on the draws of a frame, for ``require``."""
        own = self._lowering.own("expression", _STEP)
        return own(tree, self._all([tree], 1))

    def correlate(self, draw: str) -> None:
        """Tie a shared draw to those that it is correlated with, once for each group."""
        for number, group in enumerate(self._lowering.spec.correlations):
            if draw in group.draws and number not in self._correlated:
                self._correlated.add(number)
                own = self._lowering.own("correlate", _STEP)
                own([self._lowering.shared_source(member) for member in group.draws], group.normal())

    def _expression(self, value: Expression, place: Place, interval: int, name: str | None, checked: bool) -> Any:
        own = getattr(self._lowering.rep.distribution, "expression", None)
        if own is None:
            return self._as_use(value, place, interval, name)
        things: Any = dict(value.things) or None
        if things is None and isinstance(found := self._extents.of(value), Texts):
            things = {str(option): str(option) for option in found.options}
        allowed = _allowed(value.limits, place, value.text, interval) if checked and things is None else None
        return own(value.tree, self._all([value.tree], interval), things, allowed, name=name)

    def _as_use(self, value: Expression, place: Place, interval: int, name: str | None) -> Any:
        """Scale * draw + offset, which every runtime has."""
        spec, found = self._lowering.spec, affine(value.tree)
        changed = any(str(thing) != text for text, thing in value.things.items())
        if found is None or is_tie(spec.shared(found[0]).distribution) or value.limits is not None or changed:
            raise UnsupportedError(f"{place.name}: the expression '{value.text}': {_STEP}")
        return self._lowering.use(DrawUse(*found), interval, name)

    def _switch(self, value: Switch, place: Place, interval: int, name: str | None, checked: bool) -> Any:
        own = self._lowering.own("switch", _STEP)
        branches = [
            self._branch(branch, place.below(label), interval) for label, branch in zip(value.labels, value.branches)
        ]
        allowed = _allowed(_limits(value), place, value.asked, interval) if checked and _may_fail(value) else None
        return own(value.conditions, branches, self._all(value.conditions, interval), allowed, name=name)

    def _branch(self, value: Any, place: Place, interval: int) -> Any:
        if isinstance(value, DrawUse):
            return self._lowering.use(value, interval, None)
        if isinstance(value, Distribution):
            return self._lowering.distribution(value, place, interval, None, checked=False)
        return self._lowering.constant(value)

    def _all(self, trees: Any, interval: int) -> dict[str, Any]:
        """The shared draws that trees use, each with a name of its own under which it is recorded."""
        return {name: self._source(name, interval) for tree in trees for name in names_in(tree)}

    def _source(self, name: str, interval: int) -> Any:
        if (name, interval) not in self._sources:
            own = self._lowering.own("drawn", _STEP)
            recorded = f"draws.{name}" if interval == 1 else f"draws.{name}.every_{interval}"
            per = self._lowering.spec.shared(name).per
            source = self._lowering.shared_source(name)
            self._sources[name, interval] = own(source, per, interval, self._lowering.fresh(recorded))
        return self._sources[name, interval]


def is_tie(value: Any) -> bool:
    """Whether a distribution depends on draws."""
    return isinstance(value, (Expression, Switch)) or (isinstance(value, Choice) and value.by_context)


def scaled_tie(value: Expression | Switch, factor: float, scaled: Callable[[Any, float], Any]) -> Any:
    """A tie times a positive factor. scaled: what does so with any value."""
    if isinstance(value, Switch):
        return replace(value, branches=tuple(scaled(branch, factor) for branch in value.branches))
    limits = value.limits
    if limits is not None:
        rule = f"{limits.rule} (times {factor:g})"
        limits = replace(limits, low=limits.low * factor, high=limits.high * factor, rule=rule)
    return replace(value, tree=Arithmetic("*", value.tree, Number(factor)), limits=limits)


def _allowed(limits: Limits | None, place: Place, text: str, interval: int) -> Allowed:
    text = str(text)  # without its position, which stays with the document
    if limits is None:
        return Allowed(place.name, text, interval=interval)
    return Allowed(place.name, text, limits.low, limits.high, limits.open_low, limits.rule, interval)


def _limits(value: Any) -> Limits | None:
    """The limits of the first expression among branches: they are the field's, the same for all."""
    if isinstance(value, Expression):
        return value.limits
    branches = value.branches if isinstance(value, Switch) else ()
    return next((found for branch in branches if (found := _limits(branch)) is not None), None)


def _may_fail(value: Any) -> bool:
    """Whether there is an expression of numbers among branches."""
    if isinstance(value, Switch):
        return any(_may_fail(branch) for branch in value.branches)
    return isinstance(value, Expression) and not value.things
