"""The annotation of a field that may vary: a constant, a distribution, or a shared draw.

``roughness: Annotated[Value, Varying(Numbers(low=0, high=1))]`` accepts ``0.5``, ``{uniform: [0.1, 0.9]}``, ``$rough``
and ``{draw: rough, scale: 0.5}``; the ready-made types are in :mod:`replicator_dr.spec.types`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Union

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler, ValidationInfo
from pydantic_core import CoreSchema, InitErrorDetails, core_schema
from typing_extensions import TypeAlias

from replicator_dr.spec.distributions import (
    DISTRIBUTIONS,
    Choice,
    Combine,
    Constant,
    Distribution,
    DrawUse,
    Sequence,
    components,
    plain,
)
from replicator_dr.spec.elements import Anything, Element, Names, Numbers, names_of
from replicator_dr.spec.model import Location, fault, faults, shown
from replicator_dr.spec.suggest import did_you_mean

Value: TypeAlias = Union[Constant, Distribution, DrawUse]

_Parsed = tuple[Any, list[InitErrorDetails]]


@dataclass(frozen=True)
class Varying:
    """Validates one varying field against its element."""

    element: Element

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
            parsed, found = parse_distribution(raw, info)
            return (None, found) if found else self.conform(parsed, info)
        return self.element.parse(raw, info)

    def use_mapping(self, raw: Mapping[str, Any], info: ValidationInfo) -> _Parsed:
        """``{draw: name, scale: s, offset: o}``."""
        found = [
            fault("unknown field", did_you_mean(key, ["scale", "offset"]).text or "fields: draw, scale, offset", (key,), True)
            for key in raw
            if key not in ("draw", "scale", "offset")
        ]
        numbers: dict[str, Any] = {}
        for key in ("scale", "offset"):
            if key in raw:
                numbers[key], problems = _any_numbers(raw[key])
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
            return self._items(distribution, "choices", distribution.choices, info)
        if isinstance(distribution, Sequence):
            return self._items(distribution, "items", distribution.items, info)
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
            found += [_moved(problem, distribution.places.get(name, ())) for problem in problems]
        if not found:
            found = list(self.element.reach(distribution))
        return distribution, found

    def _items(self, distribution: Any, name: str, items: tuple[Any, ...], info: ValidationInfo) -> _Parsed:
        found: list[InitErrorDetails] = []
        values = []
        for index, item in enumerate(items):
            value, problems = self.element.parse(item, info)
            values.append(value)
            found += [_moved(problem, (*distribution.places.get(name, ()), index)) for problem in problems]
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
            found += [_moved(problem, (*place, index)) for problem in problems]
        return replace(combined, distributions=tuple(parts)), found

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.with_info_plain_validator_function(
            self.validate,
            serialization=core_schema.plain_serializer_function_ser_schema(plain),
            metadata={"pydantic_js_functions": [self._json_schema]},
        )

    def _json_schema(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        from replicator_dr.spec.schema_parts import varying_schema

        return varying_schema(self.element)


def parse_distribution(raw: Mapping[str, Any], info: ValidationInfo) -> _Parsed:
    """``{uniform: [0, 1]}`` or ``{uniform: {lower: 0, upper: 1}}``: its arguments, checked among themselves."""
    if len(raw) != 1 or next(iter(raw)) not in DISTRIBUTIONS:
        return None, list(_not_a_distribution(raw))
    kind, body = next(iter(raw.items()))
    model = DISTRIBUTIONS[kind]
    arguments, places, found = _arguments(model, body)
    values = {}
    for name, argument in arguments.items():
        values[name], problems = _argument(model, name, argument, info)
        found += [_moved(problem, places[name]) for problem in problems]
    if found:
        return None, [_moved(problem, (kind,)) for problem in found]
    distribution = model(**values, places={name: (kind, *place) for name, place in places.items()})
    where = distribution.places
    checked = [fault(message, hint, at=where.get(name, (kind,))) for name, message, hint in distribution.problems()]
    return distribution, checked


def _arguments(
    model: type[Distribution], body: Any
) -> tuple[dict[str, Any], dict[str, Location], list[InitErrorDetails]]:
    """The arguments by name, where each stands, and what is missing or unknown."""
    takes_list = len(model.positional) == 1
    if isinstance(body, (list, tuple)):
        if takes_list:
            return {model.positional[0]: body}, {model.positional[0]: ()}, []
        if len(body) != len(model.positional):
            order = f"[{', '.join(model.positional)}]"
            return {}, {}, [fault(f"expected {order}, got {len(body)} entries", value=body)]
        named = dict(zip(model.positional, body))
        return named, {name: (index,) for index, name in enumerate(model.positional)}, []
    if isinstance(body, Mapping):
        accepted = [name for name in model.__dataclass_fields__ if name != "places"]
        found = []
        for key in body:
            if key not in accepted:
                hint = did_you_mean(str(key), accepted).text or f"fields: {', '.join(accepted)}"
                if key == "seed":
                    hint = "seeds follow from the spec's own seed and the place of the distribution"
                found.append(fault("unknown field", hint, at=(str(key),), on_key=True, value=body[key]))
        if not found:
            found += [fault("missing", "this field is required", at=(name,)) for name in model.positional if name not in body]
        known = {key: body[key] for key in accepted if key in body}
        return known, {key: (key,) for key in known}, found
    example = f"[{', '.join(model.positional)}]" if not takes_list else "a list"
    return {}, {}, [fault(f"expected {example}, got {shown(body)}", value=body)]


def _argument(model: type[Distribution], name: str, raw: Any, info: ValidationInfo) -> _Parsed:
    if name in model.numeric:
        value, problems = _any_numbers(raw)
        return value, [fault(problem, value=raw) for problem in problems]
    if name in ("with_replacements", "ordered"):
        return (raw, []) if isinstance(raw, bool) else (None, [fault(f"expected true or false, got {shown(raw)}")])
    if not isinstance(raw, (list, tuple)):
        return None, [fault(f"expected a list, got {shown(raw)}", value=raw)]
    if name == "weights":
        value, problems = _any_numbers(raw)
        return value, [fault(problem, value=raw) for problem in problems]
    if name == "distributions":
        any_part = Varying(Anything())
        parts = [any_part.parse(part, info) if isinstance(part, Mapping) and "draw" not in part else (part, []) for part in raw]
        return tuple(p[0] for p in parts), [_moved(x, (i,)) for i, p in enumerate(parts) for x in p[1]]
    found = [
        fault("a distribution cannot stand among the choices", "write the values out", at=(index,), value=item)
        for index, item in enumerate(raw)
        if isinstance(item, Mapping)
    ]
    return tuple(tuple(item) if isinstance(item, list) else item for item in raw), found


def _any_numbers(raw: Any) -> tuple[Any, list[str]]:
    """A number, or a tuple of numbers, whatever the length."""
    items = raw if isinstance(raw, (list, tuple)) else [raw]
    if not items:
        return None, ["expected a number, got an empty list"]
    for item in items:
        value, found = Numbers().shape(item)
        if found:
            return None, [str((found[0]["type"].context or {})["message"])]  # type: ignore[union-attr]
    return (tuple(float(item) for item in items) if isinstance(raw, (list, tuple)) else float(raw)), []


def _not_a_distribution(raw: Mapping[str, Any]) -> list[InitErrorDetails]:
    kinds = f"distributions: {', '.join(DISTRIBUTIONS)}; or {{draw: name}}"
    if not raw:
        return [fault("expected a value or a distribution, got an empty mapping", kinds, value=raw)]
    known = [key for key in raw if key in DISTRIBUTIONS]
    if len(known) > 1:
        return [fault(f"two distributions in one place: {' and '.join(known)}", "keep one of them", value=raw)]
    return [
        fault("unknown distribution" if not known else "unknown field", did_you_mean(str(key), DISTRIBUTIONS).text or kinds, (str(key),), True, raw)
        for key in raw
        if key not in known
    ]


def _moved(problem: InitErrorDetails, prefix: Location) -> InitErrorDetails:
    moved = InitErrorDetails(type=problem["type"], loc=(*prefix, *problem.get("loc", ())), input=problem["input"])
    return moved


def _known_draws(names: Names) -> str:
    return f"draws: {', '.join(names.draws)}" if names.draws else "name it under draws:"


def dimension(value: Value) -> int:
    """Components of one sample of a value (1 for texts and the like)."""
    if isinstance(value, Combine):
        return len(value.distributions)
    if isinstance(value, Choice):
        return dimension(value.choices[0]) if value.choices else 1
    if isinstance(value, Sequence):
        return dimension(value.items[0]) if value.items else 1
    if isinstance(value, Distribution):
        return max(len(components(getattr(value, name))) for name in value.numeric)
    return len(value) if isinstance(value, tuple) else 1
