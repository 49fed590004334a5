"""The distributions of a spec under the names by which images record their draws.

A draw of a randomizer is ``<item>.<entry's name or kind>.<field>``, the kind with ``#2`` behind it where an earlier
entry of that kind varied the same field; one of ``create`` is ``<item>.create.<field>``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from pydantic import BaseModel

from replicator_dr.spec import Spec
from replicator_dr.spec.distributions import Choice, Distribution, DrawUse, Numeric
from replicator_dr.spec.references import Reference
from replicator_dr.spec.stage import NEW
from replicator_dr.spec.triggers import OnFrame, Randomization

_F_STOP = 100.0
"""USD counts apertures in tenths of a stage unit; a stage of ours is in metres."""


@dataclass(frozen=True)
class Declared:
    """Where the values recorded under a name come from.

    Recorded is scale * value + offset of the distribution. interval: frames from one draw to the next, 0 for a draw
    that is made once, or at a moment of a script's; most: draws after which the values stay, 0 for no end. shared: one
    value for all prims.
    """

    distribution: Distribution
    scale: Numeric = 1.0
    offset: Numeric = 0.0
    interval: int = 1
    most: int = 0
    shared: bool = False

    def execution(self, frame: int) -> int:
        """Which draw a frame shows."""
        if self.interval == 0:
            return 0
        number = frame // self.interval
        return min(number, self.most - 1) if self.most else number


def declared_draws(spec: Spec) -> dict[str, Declared]:
    """{name: where its values come from}."""
    found: dict[str, Declared] = {}
    for item_name, item in spec.create.items():
        for field, drawn in _varying(item):
            found[f"{item_name}.create.{field}"] = _declared(spec, drawn, field, 0, 0, 1.0)
    occurrences: Counter[tuple[str, str, str]] = Counter()
    for trigger in spec.triggers:
        interval = trigger.when.interval if isinstance(trigger.when, OnFrame) else 0
        most = trigger.when.max_execs if isinstance(trigger.when, OnFrame) else 0
        for entry in trigger.randomize:
            for owner in _owners(spec, entry):
                for field, given in _given(entry.randomizer):
                    part = entry.name or _numbered(occurrences, owner, entry.kind, field)
                    value = _drawn(entry.kind, field, given)
                    factor = _factor(spec, owner, field)
                    if value is not None and factor != 0.0:
                        declared = _declared(spec, value, field, interval, most, factor)
                        found.setdefault(f"{owner}.{part}.{field}", declared)
    return found


def _drawn(kind: str, field: str, given: object) -> Distribution | DrawUse | None:
    """What a field draws from; None where it is constant."""
    if (kind, field) == ("visibility", "probability") and isinstance(given, float):
        return Choice((True, False), weights=(given, 1.0 - given))
    return given if isinstance(given, (Distribution, DrawUse)) else None


def _numbered(occurrences: Counter[tuple[str, str, str]], owner: str, kind: str, field: str) -> str:
    occurrences[(owner, kind, field)] += 1
    count = occurrences[(owner, kind, field)]
    return kind if count == 1 else f"{kind}#{count}"


def _declared(
    spec: Spec, value: Distribution | DrawUse, field: str, interval: int, most: int, factor: float
) -> Declared:
    factor *= _F_STOP if field == "f_stop" and spec.stage == NEW else 1.0
    if isinstance(value, Distribution):
        return Declared(value, factor, 0.0, interval, most)
    draw = spec.shared(value.draw)
    scale, offset = _times(value.scale, factor), _times(value.offset, factor)
    return Declared(draw.distribution, scale, offset, interval, most, draw.per == "frame")


def _times(value: Numeric, factor: float) -> Numeric:
    return tuple(number * factor for number in value) if isinstance(value, tuple) else value * factor


def _factor(spec: Spec, owner: str, field: str) -> float:
    """What a recorded value is a multiple of; 0 where that is not known."""
    if field == "f_stop" and spec.stage != NEW:
        return 0.0
    if field != "intensity_scale":
        return 1.0
    created = getattr(spec.create.get(owner), "intensity", None)
    return float(created) if isinstance(created, (int, float)) else 0.0


def _owners(spec: Spec, entry: Randomization) -> list[str]:
    """The items that an entry varies, and its references as they are written."""
    owners: list[str] = []
    for name, info in type(entry.randomizer).model_fields.items():
        if any(isinstance(part, Reference) for part in info.metadata):
            value = getattr(entry.randomizer, name)
            names = [value] if isinstance(value, str) else list(value or ())
            owners += [*spec.leaves(*names), "+".join(names)]
    return list(dict.fromkeys(owners))


def _given(model: BaseModel, prefix: str = "") -> Iterator[tuple[str, object]]:
    """The fields of a model that are set, those of models in it as ``outer.inner``."""
    for name in type(model).model_fields:
        value = getattr(model, name)
        if isinstance(value, BaseModel):
            yield from _given(value, f"{prefix}{name}.")
        elif value is not None:
            yield f"{prefix}{name}", value


def _varying(model: BaseModel) -> Iterator[tuple[str, Distribution | DrawUse]]:
    for field, value in _given(model):
        if isinstance(value, (Distribution, DrawUse)):
            yield field, value
