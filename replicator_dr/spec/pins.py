"""Exact values over what is drawn: ``edge_cases`` in some frames, ``fixed`` in all of them.

``edge_cases: [{sun.intensity: 50}]`` says frame 0, ``edge_cases: {17: {sun.intensity: 50}}`` frame 17. A name is that
of a draw or a factor (``$brightness``, or without the sign), of a recorded draw (``sun.light.intensity``), or an item
and a field of it that one randomizer varies (``sun.intensity``); a group's name stands for its items.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from pydantic import ValidationInfo
from pydantic_core import InitErrorDetails
from typing_extensions import override

from replicator_dr.spec.annotation import Annotation
from replicator_dr.spec.distributions import DrawUse, Pinned, Sequence
from replicator_dr.spec.elements import Anything
from replicator_dr.spec.items import Group
from replicator_dr.spec.keyframes import frame_number
from replicator_dr.spec.model import Location, fault, faults, moved, shown
from replicator_dr.spec.suggest import did_you_mean
from replicator_dr.spec.triggers import OnFrame
from replicator_dr.spec.varied import Varied, varied

if TYPE_CHECKING:
    from replicator_dr.spec.spec import Spec


@dataclass(frozen=True)
class Given:
    """One value as the spec has it. frame: None for all. at: where it stands below the section."""

    name: str
    frame: int | None
    value: Any
    at: Location


@dataclass(frozen=True)
class Pin:
    """The exact values of one place. always: the value of all other frames, where there is one."""

    at_frames: Mapping[int, Any]
    always: tuple[Any, ...] = ()

    def over(self, value: Any) -> Any:
        """What the place draws, with these values over it."""
        if self.always:
            value = Pinned(value, (), self.always)
        if self.at_frames:
            frames = tuple(sorted(self.at_frames))
            value = Pinned(value, frames, tuple(self.at_frames[frame] for frame in frames))
        return value


class EdgeCases(Annotation):
    """Validates ``edge_cases``: a list for the first frames, or frames with their values."""

    @override
    def validate(self, raw: Any, info: ValidationInfo) -> tuple[Given, ...]:
        """The values by frame; raises with all faults."""
        hint = "give a list for the first frames, or frames as in {17: {sun.intensity: 50}}"
        if raw is None:
            return ()
        if isinstance(raw, (list, tuple)):
            entries: list[tuple[int | str, Any]] = list(enumerate(raw))
        elif isinstance(raw, Mapping):
            entries = [(str(key), entry) for key, entry in raw.items()]
        else:
            raise faults([fault(f"expected edge cases, got {shown(raw)}", hint, value=raw)])
        found: list[InitErrorDetails] = []
        values: list[Given] = []
        for key, entry in entries:
            frame = frame_number(key)
            if frame is None:
                found.append(fault(f"'{key}' is not a frame", hint, (key,), True, raw))
            elif not isinstance(entry, Mapping):
                message = f"expected names with values, got {shown(entry)}"
                found.append(fault(message, "as in {sun.intensity: 50}", (key,), value=entry))
            else:
                values += [Given(str(name), frame, value, (key, str(name))) for name, value in entry.items()]
        if found:
            raise faults(found)
        return tuple(values)

    @override
    def json_schema(self) -> dict[str, Any]:
        values = {"type": "object"}
        frames = {"type": "object", "patternProperties": {"^[0-9]+$": values}, "additionalProperties": False}
        return {"anyOf": [{"type": "array", "items": values}, frames]}


class FixedSection(Annotation):
    """Validates ``fixed``: names with their values."""

    @override
    def validate(self, raw: Any, info: ValidationInfo) -> tuple[Given, ...]:
        """The values."""
        if raw is None:
            return ()
        if not isinstance(raw, Mapping):
            raise faults([fault(f"expected names with values, got {shown(raw)}", "as in {sun.intensity: 50}")])
        return tuple(Given(str(name), None, value, (str(name),)) for name, value in raw.items())

    @override
    def json_schema(self) -> dict[str, Any]:
        return {"type": "object"}


@dataclass(frozen=True)
class Pins:
    """All exact values of a spec.

    by_place: of the name of a recorded draw, or of ``$`` and the full name of a draw. places: those that each name
    stands for; of a name that only randomizers have that do not run, none.
    """

    by_place: Mapping[str, Pin] = field(default_factory=dict)
    places: Mapping[str, frozenset[str]] = field(default_factory=dict)


def resolved_pins(spec: Spec, info: ValidationInfo) -> tuple[Pins, list[InitErrorDetails]]:
    """The exact values, and what is wrong with them."""
    pins: dict[str, Pin] = {}
    named: dict[str, frozenset[str]] = {}
    found: list[InitErrorDetails] = []
    if not spec.edge_cases and not spec.fixed:
        return Pins(), found
    fields = [one for one in varied(spec) if one.varying is not None]
    still = {one.name for one in fields if one.entry.run != "always"}
    for section, given in (("fixed", spec.fixed), ("edge_cases", spec.edge_cases)):
        for one in given:
            places, problems = _places(spec, fields, one, info)
            found += [moved(problem, (section, *one.at)) for problem in problems]
            named[one.name] = frozenset() if still & places.keys() else frozenset(places)
            for place, value in places.items():
                pin = pins.get(place, Pin({}))
                if one.frame is None:
                    pins[place] = replace(pin, always=(value,))
                else:
                    pins[place] = replace(pin, at_frames={**pin.at_frames, one.frame: value})
    return Pins(pins, named), found


def _places(
    spec: Spec, fields: list[Varied], given: Given, info: ValidationInfo
) -> tuple[dict[str, Any], list[InitErrorDetails]]:
    """The places that a name stands for, each with its value."""
    draw = given.name.removeprefix("$")
    if draw in spec.draws or spec.factor(draw) is not None:
        return _draw(spec, fields, draw, given, info)
    called = [one for one in fields if given.name in _names(spec, one)]
    if not called:
        return {}, [fault(*_unknown(spec, fields, given), on_key=True)]
    exact = [one for one in called if given.name == one.name]
    chosen = exact or called
    for one in chosen:
        twins = {other.name for other in chosen if other.owner == one.owner}
        if len(twins) > 1:
            message = f"'{given.name}' is varied more than once"
            return {}, [fault(message, f"name one of {', '.join(sorted(twins))}", on_key=True)]
    found: list[InitErrorDetails] = []
    places = {}
    for one in chosen:
        assert one.varying is not None
        value, problems = one.varying.element.parse(given.value, info)
        problems = problems or _between(one, given)
        found = found or problems
        places[one.name] = value
    return places, found


def _names(spec: Spec, one: Varied) -> Iterator[str]:
    """What a place may be called."""
    groups = (name for name, item in spec.create.items() if isinstance(item, Group) and one.owner in spec.leaves(name))
    for owner in (one.owner, *groups):
        yield ".".join(filter(None, (owner, one.part, one.field)))
        yield f"{owner or one.part}.{one.field}"


def _between(one: Varied, given: Given) -> list[InitErrorDetails]:
    """A fault where the field is not drawn at that frame."""
    when = one.trigger.when
    if given.frame is None or one.entry.run != "always":
        return []
    if not isinstance(when, OnFrame):
        return [fault(f"'{one.name}' is drawn at an event, not at frames", "give it a trigger on_frame", on_key=True)]
    last = (when.max_execs - 1) * when.interval if when.max_execs else given.frame
    if given.frame % when.interval or given.frame > last:
        before = min(given.frame - given.frame % when.interval, last)
        message = f"'{one.name}' is not drawn at frame {given.frame}"
        hint = f"what it shows there is drawn at frame {before}; write that, or draw it at every frame"
        return [fault(message, hint, on_key=True)]
    return []


def _draw(
    spec: Spec, fields: list[Varied], draw: str, given: Given, info: ValidationInfo
) -> tuple[dict[str, Any], list[InitErrorDetails]]:
    """The place of a shared draw; its value must fit wherever it is used."""
    value, found = Anything().parse(given.value, info)
    place = spec.full_name(draw)
    uses = [one for one in fields if isinstance(one.value, DrawUse) and spec.full_name(one.value.draw) == place]
    for one in uses if not found else ():
        assert isinstance(one.value, DrawUse)
        assert one.varying is not None
        try:
            _, problems = one.varying.parse(one.value.applied(Sequence((value,))), info)
        except TypeError:
            problems = [fault("it has no numbers to scale")]
        if problems:
            reason = problems[0]["type"].context or {}  # type: ignore[union-attr]
            message = f"{shown(value)} does not fit '{one.name}': {reason['message']}"
            return {}, [fault(message, str(reason["hint"]), value=value)]
    return {f"${place}": value}, found


def _unknown(spec: Spec, fields: list[Varied], given: Given) -> tuple[str, str]:
    """Message and hint for a name that nothing has."""
    message = f"nothing that varies is called '{given.name}'"
    if path := created_path(spec, given.name):
        return message, f"it is made once, before frame 0; vary it in a trigger, or set {path}"
    known = {name for one in fields for name in _names(spec, one)}
    known |= {*spec.draws, *spec.factors()}
    hint = did_you_mean(given.name, known).text
    short = sorted({f"{one.owner or one.part}.{one.field}" for one in fields} | {f"${draw}" for draw in spec.draws})
    return message, hint or f"names: {', '.join(short[:12])}" + (" and more" if len(short) > 12 else "")


def created_path(spec: Spec, name: str) -> str | None:
    """``sun.intensity`` -> ``create.sun.light.intensity``, where an item was created with that field."""
    owner, _, field_name = name.partition(".")
    field_name = field_name.removeprefix("create.")
    item = spec.create.get(owner)
    if item is None or not field_name or field_name.partition(".")[0] not in type(item).model_fields:
        return None
    return f"create.{owner}.{item.kind}.{field_name}"


def path_to_vary(spec: Spec, name: str) -> str | None:
    """Where ``--set`` changes what a name stands for; None where ``fixed`` does, for what randomizers vary."""
    first = name.partition(".")[0].partition("[")[0]
    if first in type(spec).model_fields and first not in spec.create and ("." in name or "[" in name):
        return name
    draw = name.removeprefix("$")
    if draw in spec.draws or spec.factor(draw) is not None:
        return None
    if any(one.varying is not None and name in _names(spec, one) for one in varied(spec)):
        return None
    return created_path(spec, name)
