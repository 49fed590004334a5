"""The resolved graph as plain data: items, draws and their ties, triggers and what they vary, products, writers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel

from replicator_dr.run.explain.text import text_of
from replicator_dr.spec import Spec
from replicator_dr.spec.distributions import Distribution, DrawUse
from replicator_dr.spec.references import Reference
from replicator_dr.spec.settle import uses
from replicator_dr.spec.triggers import OnFrame, Trigger

Plain = dict[str, Any]


def structure(spec: Spec) -> Plain:
    """Everything that a spec says, and which draw feeds which field."""
    users: dict[str, list[str]] = {name: [] for name in spec.draws}
    for name, draw in spec.draws.items():
        for other in uses(draw.distribution):
            users[other].append(f"draws.{name}")
    items = [_item(name, item, users) for name, item in spec.create.items()]
    triggers = [_trigger(index, trigger, users) for index, trigger in enumerate(spec.triggers)]
    for index, entry in enumerate(spec.require):
        for name in getattr(entry.condition, "draws", ()):
            users[name].append(f"require[{index}]")
    return {
        "items": items,
        "draws": [_draw(spec, name, users[name]) for name in spec.draws],
        "triggers": triggers,
        "require": [{"kind": one.kind, "asks": _asks(one.condition)} for one in spec.require],
        "render_products": [
            {"cameras": list(one.cameras), "resolution": text_of(one.resolution)} for one in spec.render_products
        ],
        "writers": [{"kind": one.kind} for one in spec.writers],
    }


def _item(name: str, item: Any, users: dict[str, list[str]]) -> Plain:
    fields = {}
    for field, value in _varying(item):
        fields[field] = {"value": text_of(value), "uses": list(uses(value))}
        _note(users, value, f"{name}.create.{field}")
    return {"name": name, "kind": item.kind, "count": getattr(item, "count", None) or 1, "drawn": fields}


def _draw(spec: Spec, name: str, users: list[str]) -> Plain:
    draw = spec.draws[name]
    partners = [other for group in spec.correlations if name in group.draws for other in group.draws if other != name]
    return {
        "name": name,
        "per": draw.per,
        "value": text_of(draw.distribution),
        "uses": list(uses(draw.distribution)),
        "correlated_with": partners,
        "used_by": users,
    }


def _trigger(index: int, trigger: Trigger, users: dict[str, list[str]]) -> Plain:
    when = trigger.when
    if isinstance(when, OnFrame):
        moment = "every frame" if when.interval == 1 else f"every {when.interval} frames"
        moment += f", {when.max_execs} times" if when.max_execs else ""
    else:
        moment = f"on the event {when.event_name}"
    entries = []
    for position, entry in enumerate(trigger.randomize):
        subject = entry.name or f"triggers[{index}].randomize[{position}].{entry.kind}"
        fields = {}
        for field, value in _varying(entry.randomizer):
            fields[field] = {"value": text_of(value), "uses": list(uses(value))}
            _note(users, value, f"{subject}.{field}")
        entries.append({"kind": entry.kind, "name": entry.name, "items": _named(entry.randomizer), "fields": fields})
    return {"name": trigger.name, "when": moment, "entries": entries}


def _note(users: dict[str, list[str]], value: Any, place: str) -> None:
    for name in uses(value):
        users[name].append(place)


def _varying(model: BaseModel, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """The fields of a model that vary, those of models in it too."""
    for name in type(model).model_fields:
        value = getattr(model, name)
        if isinstance(value, BaseModel):
            yield from _varying(value, f"{prefix}{name}.")
        elif isinstance(value, (Distribution, DrawUse)):
            yield f"{prefix}{name}", value


def _named(model: BaseModel) -> list[str]:
    """The items that a randomizer is about."""
    names: list[str] = []
    for name, info in type(model).model_fields.items():
        if any(isinstance(part, Reference) for part in info.metadata):
            value = getattr(model, name)
            names += [value] if isinstance(value, str) else list(value or ())
    return names


def _asks(condition: Any) -> str:
    if hasattr(condition, "text"):
        return str(condition.text)
    least, most = condition.bounds
    return f"{', '.join(condition.prims) or 'all objects'} within {least:g} .. {most:g}"
