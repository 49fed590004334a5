"""Values of the language -> what rep takes: constants as they are, distributions as nodes with seed and name."""

from __future__ import annotations

from dataclasses import replace
from types import ModuleType
from typing import Any

from replicator_dr.errors import UnsupportedError
from replicator_dr.graph.exact import exact_draw, exact_node
from replicator_dr.graph.factors import factor_node
from replicator_dr.graph.lower_ties import Ties, is_tie, scaled_tie
from replicator_dr.graph.place import Place
from replicator_dr.graph.seeds import seed_of
from replicator_dr.spec.distributions import (
    Choice,
    Combine,
    Distribution,
    DrawUse,
    Hsv,
    Keyframes,
    LogUniform,
    Normal,
    Palette,
    Pinned,
    Sequence,
    TruncatedNormal,
    Uniform,
    spread_out,
)
from replicator_dr.spec.files import File, named_file
from replicator_dr.spec.palettes import coded
from replicator_dr.spec.spec import Spec
from replicator_dr.spec.ties import Expression, Switch


class Lowering:
    """Makes distribution nodes for one graph.

    origins: what is written at each place. shared: the distribution behind each shared draw that is used.
    """

    def __init__(self, rep: ModuleType, spec: Spec) -> None:
        self.rep = rep
        self.spec = spec
        self.shared: dict[str, Any] = {}
        self.origins: dict[str, tuple[Place, Any]] = {}
        self._named: set[str] = set()
        self.pinned_places: set[str] = set()
        self.ties = Ties(self)

    def seed(self, place: Place) -> int:
        """The seed of a place."""
        return seed_of(self.spec.seed, *place.parts)

    def value(self, value: Any, place: Place, interval: int = 1) -> Any:
        """A constant, or a distribution node. interval: that of the trigger, for shared draws."""
        if isinstance(value, (DrawUse, Distribution)):
            self.origins.setdefault(place.name, (place, value))
        if isinstance(value, DrawUse):
            return self.use(value, interval, self.fresh(place.name))
        if isinstance(value, Distribution):
            return self.distribution(value, place, interval, self.fresh(place.name))
        return plain_constant(value)

    def pinned(self, place: str, value: Any) -> Any:
        """What stands at a place, with the spec's exact values over it."""
        self.pinned_places.add(place)
        return self.spec.pinned(place, value)

    def constant(self, value: Any) -> Any:
        """A constant as rep takes it."""
        return plain_constant(value)

    def fresh(self, name: str) -> str | None:
        """The name for a new node; None where another node is recorded under it already."""
        if name in self._named:
            return None
        self._named.add(name)
        return name

    def distribution(
        self, value: Distribution, place: Place, interval: int, name: str | None, checked: bool = True
    ) -> Any:
        """A distribution node. checked: whether what cannot be told from ranges is checked of its values."""
        if is_tie(value):
            return self.ties.made(value, place, interval, name, checked)
        make = self.rep.distribution
        seed = self.seed(place)
        if isinstance(value, Uniform):
            return make.uniform(value.lower, value.upper, seed=seed, name=name)
        if isinstance(value, LogUniform):
            return make.log_uniform(value.lower, value.upper, seed=seed, name=name)
        if isinstance(value, Normal):
            return make.normal(value.mean, value.std, seed=seed, name=name)
        if isinstance(value, TruncatedNormal):
            own = self.own("truncated_normal", "use uniform or normal")
            return own(value.lower, value.upper, value.mean, value.std, seed=seed, name=name)
        if isinstance(value, Choice):
            weights = None if value.weights is None else list(value.weights)
            choices = [plain_constant(item) for item in value.choices]
            replacing = value.with_replacements
            return make.choice(choices, weights=weights, seed=seed, with_replacements=replacing, name=name)
        if isinstance(value, Sequence):
            items = [plain_constant(item) for item in value.items]
            return make.sequence(items, ordered=value.ordered, seed=seed, name=name)
        if isinstance(value, Keyframes):
            own = self.own("keyframes", "use mode: stepped, or a sequence")
            items = [plain_constant(item) for item in value.values]
            return own(value.frames, items, value.interpolation, interval=interval, name=name)
        if isinstance(value, Pinned):
            return exact_node(self, value, place, interval, name)
        if isinstance(value, Hsv):
            own = self.own("hsv", "use mode: stepped, or uniform for each of red, green and blue")
            return own(value.lower, value.upper, seed=seed, name=name)
        if isinstance(value, Palette):
            own = self.own("palette", "use mode: stepped, or a choice of linear colours")
            colors = [coded(code) for code in value.codes]
            return own(colors, jitter=value.jitter, weights=value.weights, seed=seed, name=name)
        assert isinstance(value, Combine)
        parts = []
        for index, part in enumerate(value.distributions):
            inner = place.below(str(index))
            if isinstance(part, DrawUse):
                parts.append(self.use(part, interval, None))
            elif isinstance(part, Distribution):
                parts.append(self.distribution(part, inner, interval, None, checked))
            else:
                parts.append(plain_constant(part))
        return make.combine(parts, name=name)

    def use(self, use: DrawUse, interval: int, name: str | None) -> Any:
        """A use of a shared draw."""
        own = self.own("shared", "give each field a distribution of its own")
        per = self.spec.shared(use.draw).per
        return own(
            self.shared_source(use.draw), per=per, interval=interval, scale=use.scale, offset=use.offset, name=name
        )

    def shared_source(self, draw: str) -> Any:
        """The distribution behind a shared draw."""
        if draw not in self.shared:
            place = Place(("draws", draw))
            factor = self.spec.factor(draw)
            # Without a name: what is recorded is what each field made of it.
            if factor is None:
                made = self.distribution(self.spec.shared(draw).distribution, place, 1, None)
            else:
                made = factor_node(self, *factor)
            self.shared[draw] = exact_draw(self, draw, made)
            self.ties.correlate(draw)
        return self.shared[draw]

    def own(self, name: str, alternative: str) -> Any:
        """One of this project's own distributions, which a runtime registers beside NVIDIA's."""
        function = getattr(self.rep.distribution, name, None)
        if function is None:
            raise UnsupportedError(f"this runtime has no distribution '{name}'; {alternative}")
        return function

    def made_of(self, kind: str, place: Place, **inputs: Any) -> Any:
        """A distribution of this project's own that randomizers use and specs do not name."""
        function = self.own(kind, "use mode: stepped")
        return function(**inputs, seed=self.seed(place), name=self.fresh(place.name))

    def subset(self, least: int, most: int, place: Place, weights: tuple[float, ...] | None = None) -> Any:
        """A distribution of truth values over n prims, of which least .. most are true. weights: one a prim."""
        own = self.own("subset", "use probability instead of count")
        weighted = {} if weights is None else {"weights": weights}
        return own(least, most, **weighted, seed=self.seed(place), name=self.fresh(place.name))


def plain_constant(value: Any) -> Any:
    """A constant as rep takes it: texts as plain str, vectors as tuples. Files still know how they were written."""
    if isinstance(value, File):
        return value
    if isinstance(value, str):
        return named_file(value)
    if isinstance(value, (list, tuple)):
        return tuple(plain_constant(item) for item in value)
    return value


def scaled(value: Any, factor: float) -> Any:
    """A value or distribution times a positive factor."""
    if isinstance(value, DrawUse):
        times = [(scale * factor, offset * factor) for scale, offset in spread_out(value.scale, value.offset)]
        pairs = tuple(zip(*times))
        single = len(times) == 1
        return replace(value, scale=pairs[0][0] if single else pairs[0], offset=pairs[1][0] if single else pairs[1])
    if isinstance(value, Choice):
        return replace(value, choices=tuple(scaled(item, factor) for item in value.choices))
    if isinstance(value, Sequence):
        return replace(value, items=tuple(scaled(item, factor) for item in value.items))
    if isinstance(value, Keyframes):
        return replace(value, values=tuple(scaled(item, factor) for item in value.values))
    if isinstance(value, Pinned):
        values = tuple(scaled(item, factor) for item in value.values)
        return replace(value, source=scaled(value.source, factor), values=values)
    if isinstance(value, Combine):
        return replace(value, distributions=tuple(scaled(part, factor) for part in value.distributions))
    if isinstance(value, (Expression, Switch)):
        return scaled_tie(value, factor, scaled)
    if isinstance(value, Distribution):
        return replace(value, **{name: scaled(getattr(value, name), factor) for name in value.numeric})
    return tuple(item * factor for item in value) if isinstance(value, tuple) else value * factor
