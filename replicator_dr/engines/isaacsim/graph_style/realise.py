"""Recipes -> nodes of Replicator."""

from __future__ import annotations

from typing import Any

from replicator_dr.engines.isaacsim.graph_style.drawn import quantiles, samples, subsets
from replicator_dr.engines.isaacsim.graph_style.recipes import Recipe
from replicator_dr.errors import UnsupportedError


class Realiser:
    """Makes the nodes. A name is given to the first node that bears it."""

    def __init__(self, distribution: Any) -> None:
        self._distribution = distribution
        self._named: set[str] = set()

    def value(self, value: Any, count: int) -> Any:
        """An argument as Replicator takes it. count: prims of the call."""
        if isinstance(value, Recipe):
            return self.node(value, count)
        if isinstance(value, (list, tuple)) and any(isinstance(part, Recipe) for part in value):
            return type(value)(self.value(part, count) for part in value)
        return value

    def three(self, value: Any, count: int) -> Any:
        """As :meth:`value`, for what has three components: one number becomes three equal ones."""
        if not isinstance(value, Recipe) or not value.is_scalar:
            return self.value(value, count)
        if value.kind == "shared" and value.arguments["per"] == "frame":
            return self._frame_values(value, 3)
        nodes = [self._unnamed(value, count) for _ in range(3)]
        return self._distribution.combine(nodes, name=self._name(value))

    def node(self, recipe: Recipe, count: int) -> Any:
        """The node of a recipe."""
        return self._node(recipe, count, self._name(recipe))

    def _unnamed(self, recipe: Recipe, count: int) -> Any:
        return self._node(recipe, count, None)

    def _node(self, recipe: Recipe, count: int, name: str | None) -> Any:
        make = self._distribution
        a = dict(recipe.arguments)
        if recipe.kind == "combine":
            parts = [self._unnamed(p, count) if isinstance(p, Recipe) else p for p in a["distributions"]]
            return make.combine(parts, name=name)
        if recipe.kind == "truncated_normal":
            return self._truncated(recipe, name)
        if recipe.kind == "subset":
            rows = subsets(count, a["least"], a["most"], recipe.seed or 1, a["weights"])
            return make.sequence(rows, ordered=True, seed=recipe.seed, name=name)
        if recipe.kind == "shared":
            return self._shared(recipe, count, name)
        return getattr(make, recipe.kind)(**a, seed=recipe.seed, name=name)

    def _truncated(self, recipe: Recipe, name: str | None) -> Any:
        a = recipe.arguments
        if not isinstance(a["lower"], (list, tuple)):
            table = quantiles(a["lower"], a["upper"], a["mean"], a["std"])
            return self._distribution.choice(table, seed=recipe.seed, name=name)
        columns = list(zip(a["lower"], a["upper"], a["mean"], a["std"], strict=True))
        nodes = [
            self._distribution.choice(quantiles(*column), seed=(recipe.seed or 1) + index)
            for index, column in enumerate(columns)
        ]
        return self._distribution.combine(nodes, name=name)

    def _shared(self, recipe: Recipe, count: int, name: str | None) -> Any:
        if recipe.arguments["per"] == "frame":
            return self._frame_values(recipe, None, name)
        source: Recipe = recipe.arguments["source"]
        scale, offset = recipe.arguments["scale"], recipe.arguments["offset"]
        if recipe.arguments["interval"] != 1 or any(isinstance(value, (list, tuple)) for value in (scale, offset)):
            raise UnsupportedError(
                "a draw with one value a prim, used with an interval or with factors by component, has no form in "
                "Replicator's graph; use mode: stepped"
            )
        changed = source if (scale, offset) == (1.0, 0.0) else source.scaled(scale, offset)
        return self._node(changed, count, name)

    def _frame_values(self, recipe: Recipe, components: int | None, name: str | None = None) -> Any:
        """One value a frame for all prims. Items are one value each: longer ones are spread over prims."""
        a = recipe.arguments
        # A sequence begins anew after its last item, not after the last row of a table.
        drawn = list(a["source"].arguments["items"]) if a["source"].kind == "sequence" else samples(a["source"])
        rows = len(drawn)
        values = [_applied(drawn[(row * a["interval"]) % rows], a["scale"], a["offset"]) for row in range(rows)]
        items = values if components is None else [(value,) * components for value in values]
        return self._distribution.sequence(items, ordered=True, seed=a["source"].seed, name=name or self._name(recipe))

    def _name(self, recipe: Recipe) -> str | None:
        if recipe.name is None or recipe.name in self._named:
            return None
        self._named.add(recipe.name)
        return recipe.name


def _applied(value: Any, scale: Any, offset: Any) -> Any:
    """The value times scale plus offset, component by component where any of them has some."""
    if not isinstance(value, (int, float, tuple)) or isinstance(value, bool):
        return value
    length = max(len(part) if isinstance(part, (list, tuple)) else 1 for part in (value, scale, offset))
    if length == 1 and not any(isinstance(part, (list, tuple)) for part in (value, scale, offset)):
        return value * scale + offset
    columns = [part if isinstance(part, (list, tuple)) else (part,) * length for part in (value, scale, offset)]
    return tuple(v * s + o for v, s, o in zip(*columns, strict=True))
