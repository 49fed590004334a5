"""Designs: ``designs: {sweep: {latin_hypercube: {samples: 200}, factors: {intensity: {uniform: [200, 3000]}}}}``.

Frame k takes point k. A factor is used as a shared draw is, ``$sweep.intensity``, or ``$intensity`` where nothing else
is called so.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import Field, ValidationInfo
from pydantic_core import InitErrorDetails
from typing_extensions import override

from replicator_dr.spec.annotation import Annotation
from replicator_dr.spec.distributions import (
    Choice,
    Distribution,
    Hsv,
    LogUniform,
    Normal,
    Palette,
    Sequence,
    TruncatedNormal,
    Uniform,
    components,
)
from replicator_dr.spec.elements import Anything
from replicator_dr.spec.model import Model, fault, faults, shown
from replicator_dr.spec.settle import SharedDraw
from replicator_dr.spec.tagged import chosen_kind, validated
from replicator_dr.spec.triggers import placed
from replicator_dr.spec.varying import Varying

_QUANTILES = (Uniform, LogUniform, Normal, TruncatedNormal, Choice, Hsv, Palette)
_MOST_LEVELS = 1_000_000


class Grid(Model):
    """Every combination of the factors' levels once (full factorial), the last factor's changing fastest.

    A factor is a list of levels, or ``{linspace: [first, last, count]}``.
    """

    shuffle: bool = False
    """Whether the combinations come in random order, another one in each cycle."""


class LatinHypercube(Model):
    """Each factor's range is cut into ``samples`` parts of equal probability; each part is met exactly once."""

    samples: int = Field(ge=1)
    """Frames in which each part is met once; then it begins anew, with other combinations."""
    scramble: bool = True
    """Whether a value lies anywhere in its part, or in the middle of it."""


class Sobol(Model):
    """Sobol's sequence: it fills the space of all factors evenly, best for numbers of frames that are powers of two."""

    samples: int | None = Field(default=None, ge=1)
    """Frames after which it begins anew, scrambled in another way; without it, it goes on for ever."""
    scramble: bool = True
    """Nested uniform scrambling, from the spec's seed."""


class Halton(Model):
    """Halton's sequence: it fills the space evenly for any number of frames; best for few factors."""

    samples: int | None = Field(default=None, ge=1)
    """Frames after which it begins anew, scrambled in another way; without it, it goes on for ever."""
    scramble: bool = True
    """Random permutations of the digits, from the spec's seed."""


DESIGNS: dict[str, type[Model]] = {
    "grid": Grid,
    "latin_hypercube": LatinHypercube,
    "sobol": Sobol,
    "halton": Halton,
}


@dataclass(frozen=True)
class Design:
    """One design. factors: their distributions, in the order of its dimensions; a grid's are choices of its levels."""

    kind: str
    options: Model
    factors: Mapping[str, Distribution]

    @property
    def dimensions(self) -> int:
        """Of the cube that its points fill."""
        return sum(map(components_of, self.factors.values()))

    @property
    def levels(self) -> tuple[int, ...]:
        """Of each factor of a grid."""
        if self.kind != "grid":
            return ()
        return tuple(len(factor.choices) for factor in self.factors.values() if isinstance(factor, Choice))

    @property
    def samples(self) -> int:
        """Points of a cycle, 0 without end."""
        return math.prod(self.levels) if self.kind == "grid" else getattr(self.options, "samples", None) or 0

    @property
    def random(self) -> bool:
        """Whether points are shuffled or scrambled."""
        return bool(getattr(self.options, "shuffle" if self.kind == "grid" else "scramble"))

    def first(self, factor: str) -> int:
        """The first dimension of a factor."""
        names = list(self.factors)
        return sum(components_of(self.factors[name]) for name in names[: names.index(factor)])

    def to_yaml(self) -> dict[str, Any]:
        """The design as a spec writes it."""
        factors = {name: factor.to_yaml() for name, factor in self.factors.items()}
        return {self.kind: self.options.model_dump(exclude_none=True), "factors": factors}


def components_of(factor: Distribution) -> int:
    """How many numbers a sample of a distribution is made of; 1 for choices, whatever they are."""
    if isinstance(factor, Palette):
        return 4  # which colour, and how far each of its components is moved
    return max((len(components(getattr(factor, name))) for name in factor.numeric), default=1)


class DesignsSection(Annotation):
    """Validates ``designs``."""

    @override
    def validate(self, raw: Any, info: ValidationInfo) -> dict[str, Design]:
        """Name -> design; raises with the faults of all of them."""
        if raw is None:
            return {}
        if not isinstance(raw, Mapping):
            raise faults([fault(f"expected names with their designs, got {shown(raw)}", value=raw)])
        designs: dict[str, Design] = {}
        found: list[InitErrorDetails] = []
        for name, entry in raw.items():
            design, problems = parse_design(entry, info)
            if design is not None:
                designs[str(name)] = design
            found += placed(problems, str(name))
        if found:
            raise faults(found)
        return designs

    @override
    def json_schema(self) -> dict[str, Any]:
        return {"type": "object"}  # schema.py puts the whole together


def parse_design(raw: Any, info: ValidationInfo) -> tuple[Design | None, list[InitErrorDetails]]:
    """``{sobol: {}, factors: {...}}``."""
    kind, found = chosen_kind(raw, tuple(DESIGNS), ("factors",), "design", "designs")
    options, problems = validated(DESIGNS[kind], kind, raw[kind], info) if kind else (None, [])
    found += problems
    given = raw.get("factors") if isinstance(raw, Mapping) else None
    if kind is not None and (not isinstance(given, Mapping) or not given):
        at = ("factors",) if given is not None else ()
        hint = "give names with their distributions, as in factors: {intensity: {uniform: [200, 3000]}}"
        found.append(fault("a design needs factors", hint, at, value=raw))
    factors: dict[str, Distribution] = {}
    for name, entry in given.items() if isinstance(given, Mapping) and kind else ():
        factor, problems = (_levels if kind == "grid" else _factor)(entry, info)
        found += placed(problems, "factors", str(name))
        if factor is not None:
            factors[str(name)] = factor
    if found or kind is None or options is None:
        return None, found
    design = Design(kind, options, factors)
    if kind == "grid" and design.samples > 2**31:
        message = f"the grid has {design.samples:,} combinations"
        return None, [fault(message, "give fewer levels, or take latin_hypercube or sobol", ("factors",), True)]
    return design, []


def _factor(raw: Any, info: ValidationInfo) -> tuple[Distribution | None, list[InitErrorDetails]]:
    """A distribution with quantiles, or a list of equally likely values."""
    if isinstance(raw, (list, tuple)) or (isinstance(raw, Mapping) and "linspace" in raw):
        return _levels(raw, info)
    hint = "distributions: uniform, log_uniform, normal, truncated_normal, choice, hsv, palette; or a list"
    if not isinstance(raw, Mapping):
        return None, [fault(f"expected a distribution, got {shown(raw)}", hint, value=raw)]
    if "draw" in raw:
        return None, [fault("a factor cannot use a draw", "write the distribution out", ("draw",), True, raw)]
    value, found = Varying(Anything()).parse(raw, info)
    if not found and not isinstance(value, _QUANTILES):
        kind = next(iter(raw))
        return None, [fault(f"{kind} has no quantiles", hint, (str(kind),), True, raw)]
    return (None if found else value), found


def _levels(raw: Any, info: ValidationInfo) -> tuple[Distribution | None, list[InitErrorDetails]]:
    """Levels as a choice: a list, ``{choice: [...]}`` or ``{linspace: [first, last, count]}``."""
    if isinstance(raw, Mapping) and tuple(raw) == ("linspace",):
        return _linspace(raw["linspace"])
    entry = {"choice": raw} if isinstance(raw, (list, tuple)) else raw
    if not isinstance(entry, Mapping) or tuple(entry) != ("choice",):
        what = next(iter(entry)) if isinstance(entry, Mapping) and entry else shown(entry)
        message = f"a grid has levels, and {what} has none"
        return None, [fault(message, "give a list, or {linspace: [first, last, count]}", value=raw)]
    value, found = Varying(Anything()).parse(entry, info)
    if found:
        listed = isinstance(raw, (list, tuple))
        return None, [_without_first(problem) for problem in found] if listed else found
    assert isinstance(value, Choice)
    if value.weights is not None and len(set(value.weights)) > 1:
        hint = "leave the weights out, or take latin_hypercube"
        return None, [fault("levels of a grid come equally often", hint, ("choice", "weights"), True, raw)]
    return value, []


def _without_first(problem: InitErrorDetails) -> InitErrorDetails:
    """A problem below ``choice`` as one of the list that was written without it."""
    return InitErrorDetails(type=problem["type"], loc=problem.get("loc", ())[1:], input=problem["input"])


def _linspace(raw: Any) -> tuple[Distribution | None, list[InitErrorDetails]]:
    numbers = list(raw) if isinstance(raw, (list, tuple)) else []
    if len(numbers) != 3 or not all(isinstance(one, (int, float)) and not isinstance(one, bool) for one in numbers):
        return None, [fault(f"expected [first, last, count], got {shown(raw)}", at=("linspace",), value=raw)]
    first, last, count = float(numbers[0]), float(numbers[1]), numbers[2]
    if count != int(count) or not 2 <= count <= _MOST_LEVELS:
        hint = f"give a whole number, 2 to {_MOST_LEVELS:,}"
        return None, [fault(f"{shown(count)} levels", hint, ("linspace", 2), value=raw)]
    steps = int(count) - 1
    return Choice((*(first + (last - first) * (step / steps) for step in range(steps)), last)), []


def shared_names(draws: Mapping[str, Any], designs: Mapping[str, Design]) -> dict[str, tuple[str, str]]:
    """What may stand behind a ``$``: name -> (design, factor); short names where nothing else is called so."""
    full = {f"{design}.{name}": (design, name) for design, one in designs.items() for name in one.factors}
    short: dict[str, list[tuple[str, str]]] = {}
    for place in full.values():
        short.setdefault(place[1], []).append(place)
    unique = {name: places[0] for name, places in short.items() if len(places) == 1 and name not in draws}
    return {**full, **unique}


def factor_draw(design: Design, name: str) -> SharedDraw:
    """A factor as a shared draw: its distribution by itself, one value a frame; a grid's levels come in sequence."""
    factor = design.factors[name]
    return SharedDraw(Sequence(factor.choices) if design.levels and isinstance(factor, Choice) else factor)
