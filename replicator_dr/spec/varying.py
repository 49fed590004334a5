"""The annotation of a field that may vary: a constant, a distribution, a shared draw, or a tie to draws.

``roughness: Annotated[Value, Varying(Numbers(low=0, high=1))]`` accepts ``0.5``, ``{uniform: [0.1, 0.9]}``, ``$rough``
and ``{draw: rough, scale: 0.5}``; the ready-made types are in :mod:`replicator_dr.spec.types`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from pydantic import ValidationInfo
from pydantic_core import InitErrorDetails
from typing_extensions import override

from replicator_dr.spec.annotation import Annotation
from replicator_dr.spec.distributions import (
    Choice,
    Combine,
    Constant,
    Distribution,
    DrawUse,
    Keyframes,
    Sequence,
)
from replicator_dr.spec.elements import Anything, Element, Names, Numbers, TruthValue, Words, names_of
from replicator_dr.spec.keyframes import conform_keyframes
from replicator_dr.spec.model import fault, faults, moved, shown
from replicator_dr.spec.parse import any_numbers, parse_distribution
from replicator_dr.spec.parse_ties import conform_weights, parse_tie, use_of_tie
from replicator_dr.spec.suggest import did_you_mean
from replicator_dr.spec.ties import Expression, Switch

Value: TypeAlias = Constant | Distribution | DrawUse

_Parsed = tuple[Any, list[InitErrorDetails]]


@dataclass(frozen=True)
class Varying(Annotation):
    """Validates one varying field against its element."""

    element: Element

    @override
    def validate(self, raw: Any, info: ValidationInfo) -> Value:
        """The value of the field; raises with all its faults."""
        value, found = self.parse(raw, info)
        if found:
            raise faults(found)
        result: Value = value
        return result

    def parse(self, raw: Any, info: ValidationInfo) -> _Parsed:
        """The value and what is wrong with it."""
        if isinstance(raw, Distribution):
            return self.conform(raw, info)
        if isinstance(raw, DrawUse):
            return self.use(raw, info)
        if isinstance(raw, str) and raw.startswith("$"):
            return self.use(DrawUse(raw[1:]), info)
        if isinstance(raw, Mapping):
            if "draw" in raw:
                return self.use_mapping(raw, info)
            if (tie := parse_tie(self, raw, info)) is not None:
                return tie
            parsed, found = parse_distribution(raw, info)
            return (None, found) if found else self.conform(parsed, info)
        return self.element.parse(raw, info)

    def use_mapping(self, raw: Mapping[str, Any], info: ValidationInfo) -> _Parsed:
        """``{draw: name, scale: s, offset: o}``."""
        found = []
        for key in raw.keys() - {"draw", "scale", "offset"}:
            hint = did_you_mean(str(key), ["scale", "offset"]).text or "fields: draw, scale, offset"
            found.append(fault("unknown field", hint, (str(key),), True))
        numbers: dict[str, Any] = {}
        for key in ("scale", "offset"):
            if key in raw:
                numbers[key], problems = any_numbers(raw[key])
                found += [fault(message, at=(key,), value=raw[key]) for message in problems]
        if not isinstance(raw["draw"], str):
            found.append(fault(f"expected the name of a draw, got {shown(raw['draw'])}", at=("draw",)))
        return (None, found) if found else self.use(DrawUse(str(raw["draw"]).lstrip("$"), **numbers), info)

    def use(self, use: DrawUse, info: ValidationInfo) -> _Parsed:
        """Check a use of a shared draw against this field."""
        names = names_of(info)
        if names is None:
            return use, []
        if use.draw not in names.draws:
            hint = did_you_mean(use.draw, names.draws).text or _known_draws(names)
            return None, [fault(f"there is no draw '{use.draw}'", hint, value=use)]
        source = names.draws[use.draw]
        if source is None:
            return use, []
        named = use.is_plain and not isinstance(self.element, (Anything, Numbers, TruthValue, Words))
        if named or isinstance(source, (Expression, Switch)):
            # Texts that stand for something, such as files, do so by the field that they are used in.
            return use_of_tie(self, use, info)
        try:
            applied = use.applied(source)
        except TypeError:
            return None, [fault(f"draw '{use.draw}' has no numbers to scale", "leave out scale and offset", value=use)]
        _, found = self.parse(applied, info)
        if not found:
            return use, []
        reason = found[0]["type"].context or {}  # type: ignore[union-attr]
        return None, [fault(f"draw '{use.draw}' does not fit: {reason['message']}", str(reason["hint"]), value=use)]

    def conform(self, distribution: Distribution, info: ValidationInfo) -> _Parsed:
        """A distribution whose arguments fit the element, files found, numbers in range."""
        if isinstance(distribution, Choice):
            choice, problems = self._items(distribution, "choices", distribution.choices, info)
            return (choice, problems) if problems or not choice.by_context else conform_weights(choice, info)
        if isinstance(distribution, Sequence):
            return self._items(distribution, "items", distribution.items, info)
        if isinstance(distribution, Keyframes):
            return conform_keyframes(distribution, self.element, info)
        if distribution.makes_color and not self.element.holds_color:
            message = f"{distribution.kind} draws colours, but this field holds {self.element.what}"
            return None, [fault(message, "write it into a field of a colour", value=distribution)]
        if distribution.makes_color:
            return distribution, []
        if not self.element.is_numeric:
            message = f"{distribution.kind} draws numbers, but this field holds {self.element.what}"
            return None, [fault(message, "use choice or sequence", value=distribution)]
        if isinstance(self.element, Anything):
            return distribution, []
        assert isinstance(self.element, Numbers)
        if isinstance(distribution, Combine):
            return self._combine(distribution, self.element, info)
        found: list[InitErrorDetails] = []
        if self.element.whole:
            message = f"{distribution.kind} draws any number, but this field holds whole ones"
            return None, [fault(message, "use choice or sequence", value=distribution)]
        for name in distribution.numeric:
            value = getattr(distribution, name)
            raw = list(value) if isinstance(value, tuple) else value
            _, problems = self.element.shape(raw)
            found += [moved(problem, distribution.places.get(name, ())) for problem in problems]
        if not found:
            found = list(self.element.reach(distribution))
        return self.element.within(distribution), found

    def _items(self, distribution: Any, name: str, items: tuple[Any, ...], info: ValidationInfo) -> _Parsed:
        found: list[InitErrorDetails] = []
        values = []
        for index, item in enumerate(items):
            value, problems = self.element.parse(item, info)
            values.append(value)
            found += [moved(problem, (*distribution.places.get(name, ()), index)) for problem in problems]
        return replace(distribution, **{name: tuple(values)}), found

    def _combine(self, combined: Combine, element: Numbers, info: ValidationInfo) -> _Parsed:
        place = combined.places.get("distributions", ())
        if element.size == 1:
            return None, [fault("combine makes a vector, but this field holds a number", value=combined)]
        if len(combined.distributions) != element.size:
            message = f"expected {element.size} parts, got {len(combined.distributions)}"
            return None, [fault(message, "give one distribution or number a component", at=place, value=combined)]
        single = Varying(replace(element, size=1, repeat=False))
        found: list[InitErrorDetails] = []
        parts = []
        for index, part in enumerate(combined.distributions):
            value, problems = single.parse(part, info)
            parts.append(value)
            found += [moved(problem, (*place, index)) for problem in problems]
        return replace(combined, distributions=tuple(parts)), found

    @override
    def json_schema(self) -> dict[str, Any]:
        from replicator_dr.spec.schema_parts import varying_schema

        return varying_schema(self.element)


def _known_draws(names: Names) -> str:
    return f"draws: {', '.join(names.draws)}" if names.draws else "name it under draws:"


@dataclass(frozen=True)
class Fixed(Annotation):
    """A constant that cannot vary, checked by an element."""

    element: Element

    @override
    def validate(self, raw: Any, info: ValidationInfo) -> Any:
        value, found = self.element.parse(raw, info)
        if found:
            raise faults(found)
        return tuple(int(item) for item in value) if isinstance(value, tuple) else value

    @override
    def json_schema(self) -> dict[str, Any]:
        return self.element.schema()
