"""The distributions of the language, as values: what a spec may write wherever a field varies.

Names and argument order are Replicator's (``truncated_normal`` is this project's own). A numeric argument is a number,
or a list of numbers for a field that holds a vector or a colour; the components are drawn independently.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any, ClassVar, TypeAlias, Union

from typing_extensions import override

from replicator_dr.spec.numeric import Numeric as Numeric
from replicator_dr.spec.numeric import Problem, ordered, pack, spread
from replicator_dr.spec.numeric import components as components
from replicator_dr.spec.numeric import number as number
from replicator_dr.spec.numeric import spread_out as spread_out
from replicator_dr.spec.palettes import PALETTES, is_hex

Constant: TypeAlias = Union[float, bool, str, "tuple[float, ...]"]
Location = tuple[int | str, ...]


_ORDER = "the order is lower, upper, mean, std"


@dataclass(frozen=True)
class Distribution:
    """What all distributions share.

    kind: its key in YAML. positional: its arguments in the order in which a list gives them. numeric: those that hold
    numbers. makes_color: whether its draws are linear RGB colours, whatever its arguments. places: where each argument
    stands below the distribution in the document, for messages.
    """

    kind: ClassVar[str]
    positional: ClassVar[tuple[str, ...]]
    numeric: ClassVar[tuple[str, ...]] = ()
    makes_color: ClassVar[bool] = False
    places: Mapping[str, Location] = field(default_factory=dict, compare=False, repr=False, kw_only=True)

    def problems(self) -> Iterator[Problem]:
        """What is wrong between the arguments: (argument, message, hint) each."""
        return iter(())

    def extremes(self) -> Mapping[str, Numeric]:
        """The arguments that say how far the draws reach, for a field with bounds."""
        return {}

    def arguments(self) -> dict[str, Any]:
        """The keyword arguments of the rep call."""
        return {item.name: getattr(self, item.name) for item in fields(self) if item.name != "places"}

    def to_yaml(self) -> dict[str, Any]:
        """The distribution as a spec writes it."""
        return {self.kind: {name: plain(value) for name, value in self.arguments().items()}}


@dataclass(frozen=True)
class Uniform(Distribution):
    """Every value between ``lower`` and ``upper`` is equally likely."""

    kind = "uniform"
    positional = ("lower", "upper")
    numeric = ("lower", "upper")
    lower: Numeric
    upper: Numeric

    @override
    def problems(self) -> Iterator[Problem]:
        yield from ordered(self.lower, self.upper)

    @override
    def extremes(self) -> Mapping[str, Numeric]:
        return {"lower": self.lower, "upper": self.upper}


@dataclass(frozen=True)
class LogUniform(Distribution):
    """The logarithm is uniform between those of ``lower`` and ``upper``; both are positive."""

    kind = "log_uniform"
    positional = ("lower", "upper")
    numeric = ("lower", "upper")
    lower: Numeric
    upper: Numeric

    @override
    def problems(self) -> Iterator[Problem]:
        if min(components(self.lower)) <= 0:
            yield "lower", f"lower is {number(min(components(self.lower)))}", "log_uniform needs bounds above 0"
        else:
            yield from ordered(self.lower, self.upper)

    @override
    def extremes(self) -> Mapping[str, Numeric]:
        return {"lower": self.lower, "upper": self.upper}


@dataclass(frozen=True)
class Normal(Distribution):
    """The normal distribution. In a field with bounds it is cut to them, as ``truncated_normal`` would be."""

    kind = "normal"
    positional = ("mean", "std")
    numeric = ("mean", "std")
    mean: Numeric
    std: Numeric

    @override
    def problems(self) -> Iterator[Problem]:
        yield from spread(self.std)

    @override
    def extremes(self) -> Mapping[str, Numeric]:
        return {"mean": self.mean}


@dataclass(frozen=True)
class TruncatedNormal(Distribution):
    """The normal distribution with ``mean`` and ``std``, given that the value lies between ``lower`` and ``upper``."""

    kind = "truncated_normal"
    positional = ("lower", "upper", "mean", "std")
    numeric = ("lower", "upper", "mean", "std")
    lower: Numeric
    upper: Numeric
    mean: Numeric
    std: Numeric

    @override
    def problems(self) -> Iterator[Problem]:
        order = [(name, text, f"{hint}; {_ORDER}") for name, text, hint in ordered(self.lower, self.upper)]
        wide = list(spread(self.std))
        yield from (*order, *wide)
        if order or wide:
            return
        for lower, upper, mean, std in spread_out(self.lower, self.upper, self.mean, self.std):
            if not lower - 8 * std <= mean <= upper + 8 * std:
                hint = f"the mean lies more than 8 std ({number(std)}) outside {number(lower)} .. {number(upper)}"
                yield "mean", f"mean is {number(mean)}", f"{hint}; {_ORDER}"
                return

    @override
    def extremes(self) -> Mapping[str, Numeric]:
        return {"lower": self.lower, "upper": self.upper}


@dataclass(frozen=True)
class Context:
    """Weights by a draw: a row of them for each of its values."""

    by: str
    rows: tuple[tuple[str, tuple[float, ...]], ...]


@dataclass(frozen=True)
class Choice(Distribution):
    """One of the choices, by weight (equal, or given, or by draws); without replacements each prim gets another one."""

    kind = "choice"
    positional = ("choices",)
    choices: tuple[Any, ...]
    weights: Any = None
    with_replacements: bool = True

    @override
    def problems(self) -> Iterator[Problem]:
        if not self.choices:
            yield "choices", "nothing to choose from", "give at least one choice"
        if self.weights is None or not self.choices:
            return
        if self.by_context:
            yield from self._context_problems()
        elif len(self.weights) != len(self.choices):
            yield "weights", f"{len(self.weights)} weights for {len(self.choices)} choices", "give one weight a choice"
        elif min(self.weights) < 0:
            yield "weights", f"a weight is {number(min(self.weights))}", "weights are 0 or more"
        elif sum(self.weights) <= 0:
            yield "weights", "the weights sum to 0", "make at least one of them positive"

    @property
    def by_context(self) -> bool:
        """Whether the weights depend on draws."""
        return isinstance(self.weights, Context) or any(isinstance(one, Distribution) for one in self.weights or ())

    def _context_problems(self) -> Iterator[Problem]:
        rows = [row for _, row in self.weights.rows] if isinstance(self.weights, Context) else [self.weights]
        for row in rows:
            if len(row) != len(self.choices):
                yield "weights", f"{len(row)} weights for {len(self.choices)} choices", "give one weight a choice"
                return
            numbers = [one for one in row if not isinstance(one, Distribution)]
            if numbers and min(numbers) < 0:
                yield "weights", f"a weight is {number(min(numbers))}", "weights are 0 or more"
                return
            if len(numbers) == len(row) and sum(numbers) <= 0:
                yield "weights", "the weights sum to 0", "make at least one of them positive"
                return
        if not self.with_replacements:
            yield "weights", "weights that depend on draws need replacements", "leave out with_replacements"


@dataclass(frozen=True)
class Sequence(Distribution):
    """One item after the other, shared by all prims; unordered: each once in random order, then anew."""

    kind = "sequence"
    positional = ("items",)
    items: tuple[Any, ...]
    ordered: bool = True

    @override
    def problems(self) -> Iterator[Problem]:
        if not self.items:
            yield "items", "an empty sequence", "give at least one item"


@dataclass(frozen=True)
class Combine(Distribution):
    """A vector whose components come from distributions (or constants) of their own."""

    kind = "combine"
    positional = ("distributions",)
    distributions: tuple[Any, ...]


@dataclass(frozen=True)
class Keyframes(Distribution):
    """Values at frames, held before and after; in between ``linear``, ``smooth`` (at rest at each key) or ``step``."""

    kind = "keyframes"
    positional = ("values",)
    values: tuple[Any, ...]
    frames: tuple[int, ...]
    interpolation: str = "linear"

    @override
    def problems(self) -> Iterator[Problem]:
        lengths = {len(value) if isinstance(value, tuple) else 0 for value in self.values}
        if len(lengths) > 1:
            yield "values", "the values differ in their number of components", "give all of them the same length"

    @override
    def to_yaml(self) -> dict[str, Any]:
        keys = {frame: plain(value) for frame, value in zip(self.frames, self.values, strict=True)}
        return {self.kind: {"values": keys, "interpolation": self.interpolation}}


@dataclass(frozen=True)
class Pinned(Distribution):
    """What a field draws, with exact values in some frames; without frames, the one value in all of them.

    It is no part of the language: ``edge_cases`` and ``fixed`` make it.
    """

    kind = "pinned"
    positional = ("source",)
    source: Any
    frames: tuple[int, ...]
    values: tuple[Any, ...]


@dataclass(frozen=True)
class Hsv(Distribution):
    """A colour of uniform hue (in degrees; it wraps around), saturation and value, as in sRGB; made linear RGB."""

    kind = "hsv"
    positional = ("lower", "upper")
    numeric = ("lower", "upper")
    makes_color = True
    lower: tuple[float, ...]
    upper: tuple[float, ...]

    @override
    def problems(self) -> Iterator[Problem]:
        hint = "give [hue in degrees, saturation, value]"
        for name, value in (("lower", self.lower), ("upper", self.upper)):
            if len(components(value)) != 3:
                yield name, f"{name} has {len(components(value))} components", hint
                return
            if not all(0 <= part <= 1 for part in value[1:]):
                yield name, f"{name} has saturation {number(value[1])} and value {number(value[2])}", "both are 0 .. 1"
                return
        yield from ordered(self.lower[1:], self.upper[1:])


@dataclass(frozen=True)
class Palette(Distribution):
    """One of some sRGB hex codes, or of a palette by name, its components moved by up to ``jitter``; linear RGB."""

    kind = "palette"
    positional = ("colors",)
    makes_color = True
    colors: tuple[str, ...] | str
    jitter: Numeric = 0.0
    weights: tuple[float, ...] | None = None

    @property
    def codes(self) -> tuple[str, ...]:
        """The hex codes."""
        return PALETTES[self.colors] if isinstance(self.colors, str) else self.colors

    @override
    def problems(self) -> Iterator[Problem]:
        if isinstance(self.colors, str):
            if self.colors not in PALETTES:
                yield "colors", f"there is no palette '{self.colors}'", f"palettes: {', '.join(PALETTES)}"
                return
        else:
            for code in self.colors:
                if not is_hex(code):
                    yield "colors", f"'{code}' is no colour", "write sRGB hex codes in quotes, as in '#c0392b'"
                    return
        yield from Choice(self.codes, self.weights).problems()
        if isinstance(self.jitter, tuple) or not 0 <= self.jitter <= 1:
            yield "jitter", f"jitter is {self.jitter}", "a number within 0 .. 1"


DISTRIBUTIONS: dict[str, type[Distribution]] = {
    model.kind: model
    for model in (
        Uniform, Normal, TruncatedNormal, LogUniform, Choice, Sequence, Combine, Keyframes, Hsv, Palette
    )
}  # fmt: skip


@dataclass(frozen=True)
class DrawUse:
    """``$brightness``, or ``{draw: brightness, scale: 1000, offset: 0}``: scale * draw + offset."""

    draw: str
    scale: Numeric = 1.0
    offset: Numeric = 0.0

    def apply(self, value: Numeric) -> Numeric:
        """Scale * value + offset, component by component; a single number is repeated."""
        rows = spread_out(value, self.scale, self.offset)
        numbers = tuple(number * scale + offset for number, scale, offset in rows)
        return numbers if len(numbers) > 1 or isinstance(value, tuple) else numbers[0]

    @property
    def is_plain(self) -> bool:
        """Whether the draw is used as it is."""
        return self.scale == 1.0 and self.offset == 0.0

    def applied(self, source: Distribution | Constant) -> Distribution | Constant:
        """The distribution of the used value (its bounds swapped where the scale is negative), for checks."""
        if self.is_plain:
            return source
        if isinstance(source, (Uniform, LogUniform)):
            ends = self.apply(source.lower), self.apply(source.upper)
            pairs = [sorted(pair) for pair in spread_out(*ends)]
            return Uniform(pack([p[0] for p in pairs], ends[0]), pack([p[1] for p in pairs], ends[0]))
        if isinstance(source, Normal):
            return Normal(self.apply(source.mean), self._scaled(source.std))
        if isinstance(source, TruncatedNormal):
            ends = self.apply(source.lower), self.apply(source.upper)
            pairs = [sorted(pair) for pair in spread_out(*ends)]
            low, high = pack([p[0] for p in pairs], ends[0]), pack([p[1] for p in pairs], ends[0])
            return TruncatedNormal(low, high, self.apply(source.mean), self._scaled(source.std))
        if isinstance(source, Choice):
            return replace(source, choices=tuple(self.apply(item) for item in source.choices))
        if isinstance(source, Sequence):
            return replace(source, items=tuple(self.apply(item) for item in source.items))
        if isinstance(source, Keyframes):
            return replace(source, values=tuple(self.apply(item) for item in source.values))
        if isinstance(source, (bool, str, Distribution)):
            raise TypeError(f"scale and offset need numbers, not {source!r}")
        return self.apply(source)

    def _scaled(self, std: Numeric) -> Numeric:
        rows = spread_out(std, self.scale)
        return pack([abs(scale) * value for value, scale in rows], std)

    def to_yaml(self) -> Any:
        """The use as a spec writes it."""
        if self.is_plain:
            return f"${self.draw}"
        return {"draw": self.draw, "scale": plain(self.scale), "offset": plain(self.offset)}


def plain(value: Any) -> Any:
    """A value of the language as plain YAML."""
    if isinstance(value, (Distribution, DrawUse)):
        return value.to_yaml()
    if isinstance(value, (tuple, list)):
        return [plain(item) for item in value]
    return str(value) if isinstance(value, str) else value
