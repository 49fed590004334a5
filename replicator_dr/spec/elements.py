"""What one value of a field may be: a number or vector within bounds, a text, a truth value, a file, a reference.

An element checks constants, the choices of a distribution, and how far a distribution reaches.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

from pydantic import ValidationInfo
from pydantic_core import InitErrorDetails
from typing_extensions import override

from replicator_dr.spec.distributions import (
    Distribution,
    Normal,
    Numeric,
    TruncatedNormal,
    components,
    number,
    spread_out,
)
from replicator_dr.spec.model import Location, fault, shown

NEVER = 8.3
"""Standard deviations: the quantile of 1 - 2**-53, the largest uniform below 1, is 8.21."""


@dataclass(frozen=True)
class Names:
    """What validation knows about the whole spec: the created items with their kinds, and the shared draws.

    items: name -> kind. members: group -> the names in it. draws: name -> distribution. removed: items that
    ``--without`` took away.
    """

    items: dict[str, str]
    members: dict[str, tuple[str, ...]]
    draws: dict[str, Any]
    removed: frozenset[str] = frozenset()


def names_of(info: ValidationInfo) -> Names | None:
    """The names that validation was given, None where a model is made outside a spec."""
    return info.context if isinstance(info.context, Names) else None


@dataclass(frozen=True)
class Element:
    """One value of a field. is_numeric: whether it can be drawn from a continuous distribution."""

    is_numeric: ClassVar[bool] = False

    @property
    def holds_color(self) -> bool:
        """Whether a distribution of colours fits: three numbers within 0 .. 1."""
        return False

    @property
    def what(self) -> str:
        """The value as a noun: "a number", "3 numbers"."""
        raise NotImplementedError

    def parse(self, raw: Any, info: ValidationInfo) -> tuple[Any, list[InitErrorDetails]]:
        """The value of a constant and what is wrong with it."""
        raise NotImplementedError

    def schema(self) -> dict[str, Any]:
        """JSON Schema of a constant."""
        raise NotImplementedError


@dataclass(frozen=True)
class Numbers(Element):
    """One number (size 1) or a list of ``size`` numbers, each within low .. high.

    open_low: low itself is outside. repeat: a vector field that also takes one number for all components. whole: only
    whole numbers. unit: for the documentation.
    """

    is_numeric: ClassVar[bool] = True
    size: int = 1
    low: float = -math.inf
    high: float = math.inf
    open_low: bool = False
    repeat: bool = False
    whole: bool = False
    unit: str = ""

    @property
    @override
    def holds_color(self) -> bool:
        return (self.size, self.low, self.high) == (3, 0, 1)

    @property
    @override
    def what(self) -> str:
        kind = "whole number" if self.whole else "number"
        if self.size == 1:
            return f"a {kind}"
        return f"{self.size} {kind}s" + (f" or a {kind}" if self.repeat else "")

    @property
    def range_text(self) -> str:
        """The bounds in words."""
        if math.isinf(self.high):
            return f"must be {'above' if self.open_low else 'at least'} {number(self.low)}"
        if math.isinf(self.low):
            return f"must be at most {number(self.high)}"
        return f"must be {'above' if self.open_low else 'within'} {number(self.low)} .. {number(self.high)}"

    @override
    def parse(self, raw: Any, info: ValidationInfo) -> tuple[Any, list[InitErrorDetails]]:
        value, found = self.shape(raw)
        if not found:
            found = list(self.outside(value, lambda index: (index,) if isinstance(raw, (list, tuple)) else ()))
        return value, found

    def shape(self, raw: Any) -> tuple[Any, list[InitErrorDetails]]:
        """The number or numbers, whatever their range."""
        if isinstance(raw, (list, tuple)):
            if self.size == 1:
                return None, [fault(f"expected {self.what}, got {shown(raw)}", value=raw)]
            if len(raw) != self.size:
                return None, [fault(f"expected {self.what}, got {shown(raw)}", value=raw)]
            found = [d for i, item in enumerate(raw) for d in self._number(item, (i,))]
            return (None if found else tuple(float(item) for item in raw)), found
        if self.size > 1 and not (self.repeat and _is_number(raw)):
            return None, [fault(f"expected a list of {self.what}, got {shown(raw)}", value=raw)]
        found = list(self._number(raw, ()))
        return (None if found else int(raw) if self.whole else float(raw)), found

    def _number(self, raw: Any, at: Location) -> Iterator[InitErrorDetails]:
        if not _is_number(raw):
            yield fault(f"expected a {'whole ' if self.whole else ''}number, got {shown(raw)}", at=at, value=raw)
        elif not math.isfinite(raw):
            yield fault("expected a finite number", at=at, value=raw)
        elif self.whole and raw != int(raw):
            yield fault(f"expected a whole number, got {shown(raw)}", at=at, value=raw)

    def outside(self, value: Numeric, at: Any) -> Iterator[InitErrorDetails]:
        """Faults for the components that are out of range. at: component -> its location."""
        for index, item in enumerate(components(value)):
            if item < self.low or item > self.high or (self.open_low and item == self.low):
                yield fault(f"{number(item)} is out of range", self.range_text, at=at(index), value=item)

    def reach(self, distribution: Distribution) -> Iterator[InitErrorDetails]:
        """Faults where a distribution reaches beyond the bounds (a normal one is cut to them instead)."""
        for name, value in distribution.extremes().items():
            for item in components(value):
                if item < self.low or item > self.high or (self.open_low and item == self.low):
                    verb = "has its mean at" if isinstance(distribution, Normal) else "reaches"
                    message = f"{distribution.kind} {verb} {number(item)}, which is out of range"
                    yield fault(message, self.range_text, at=distribution.places.get(name, ()), value=item)
                    break

    def within(self, distribution: Distribution) -> Distribution:
        """A normal distribution that could leave the bounds, cut to them; any other as it is.

        A bound farther from the mean than NEVER standard deviations is beyond what a sampler of 53-bit uniforms gives.
        """
        if not isinstance(distribution, Normal):
            return distribution
        for mean, std in spread_out(distribution.mean, distribution.std):
            if min(mean - self.low, self.high - mean) < NEVER * std:
                low, high, places = float(self.low), float(self.high), distribution.places
                return TruncatedNormal(low, high, distribution.mean, distribution.std, places=places)
        return distribution

    @override
    def schema(self) -> dict[str, Any]:
        one: dict[str, Any] = {"type": "integer" if self.whole else "number"}
        if not math.isinf(self.low):
            one["exclusiveMinimum" if self.open_low else "minimum"] = self.low
        if not math.isinf(self.high):
            one["maximum"] = self.high
        if self.size == 1:
            return one
        many = {"type": "array", "items": one, "minItems": self.size, "maxItems": self.size}
        return {"anyOf": [one, many]} if self.repeat else many


@dataclass(frozen=True)
class TruthValue(Element):
    """true or false."""

    @property
    @override
    def what(self) -> str:
        return "true or false"

    @override
    def parse(self, raw: Any, info: ValidationInfo) -> tuple[Any, list[InitErrorDetails]]:
        if isinstance(raw, bool):
            return raw, []
        word = str(raw).lower()
        hint = "write true" if word in ("yes", "on") else "write false" if word in ("no", "off") else ""
        return None, [fault(f"expected true or false, got {shown(raw)}", hint, value=raw)]

    @override
    def schema(self) -> dict[str, Any]:
        return {"type": "boolean"}


@dataclass(frozen=True)
class Words(Element):
    """A text, or one of the given choices."""

    choices: tuple[str, ...] = ()

    @property
    @override
    def what(self) -> str:
        return "a text"

    @override
    def parse(self, raw: Any, info: ValidationInfo) -> tuple[Any, list[InitErrorDetails]]:
        if not isinstance(raw, str) or not raw:
            return None, [fault(f"expected a text, got {shown(raw)}", value=raw)]
        if self.choices and raw not in self.choices:
            from replicator_dr.spec.suggest import did_you_mean

            hint = did_you_mean(raw, self.choices).text or f"one of {', '.join(self.choices)}"
            return None, [fault(f"'{raw}' is not one of the choices", hint, value=raw)]
        return str(raw), []

    @override
    def schema(self) -> dict[str, Any]:
        return {"enum": list(self.choices)} if self.choices else {"type": "string"}


@dataclass(frozen=True)
class Anything(Element):
    """Numbers, vectors, texts and truth values alike: the values of a shared draw, typed where it is used."""

    is_numeric: ClassVar[bool] = True

    @property
    @override
    def holds_color(self) -> bool:
        return True

    @property
    @override
    def what(self) -> str:
        return "a number, a list of numbers or a text"

    @override
    def parse(self, raw: Any, info: ValidationInfo) -> tuple[Any, list[InitErrorDetails]]:
        if isinstance(raw, (bool, str)):
            return raw, []
        if isinstance(raw, (list, tuple)) and raw:
            return Numbers(size=len(raw)).parse(raw, info) if len(raw) > 1 else Numbers().parse(raw[0], info)
        if _is_number(raw):
            return Numbers().parse(raw, info)
        return None, [fault(f"expected {self.what}, got {shown(raw)}", value=raw)]

    @override
    def schema(self) -> dict[str, Any]:
        numbers = {"type": "array", "items": {"type": "number"}, "minItems": 2}
        return {"anyOf": [{"type": "number"}, {"type": "boolean"}, {"type": "string"}, numbers]}


def _is_number(raw: Any) -> bool:
    return isinstance(raw, (int, float)) and not isinstance(raw, bool)
