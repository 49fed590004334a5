"""Triggers: when something varies, and what."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, TypeAlias, get_args

from pydantic import Field, SerializeAsAny, ValidationInfo
from pydantic_core import InitErrorDetails
from typing_extensions import override

from replicator_dr.spec.annotation import Annotation
from replicator_dr.spec.model import Model, fault, faults, shown
from replicator_dr.spec.registry import RANDOMIZERS
from replicator_dr.spec.suggest import did_you_mean
from replicator_dr.spec.tagged import chosen_kind, validated

Run: TypeAlias = Literal["always", "once", "never"]


class OnFrame(Model):
    """Fires every ``interval`` frames, beginning with frame 0."""

    interval: int = Field(default=1, ge=1, le=10**9)
    """Frames from one firing to the next; the values hold in between."""
    max_execs: int = Field(default=0, ge=0, le=10**9)
    """Firings after which the values stay as they are; 0 = without end."""
    rt_subframes: int = Field(default=1, ge=1, le=10**6)
    """Subframes that a ray-tracing renderer accumulates for each frame."""


class OnCustomEvent(Model):
    """Fires at the frame after ``rep.utils.send_og_event(event_name)``."""

    event_name: str = Field(min_length=1)
    """Name of the event."""


class Randomization(Model):
    """One entry of ``randomize``: a randomizer, with the name under which its draws are seeded."""

    kind: str
    """The randomizer's name."""
    randomizer: SerializeAsAny[Model]
    """Its fields."""
    name: str | None = None
    """A name of its own; draws then stay as they are when the entry's subject changes."""
    run: Run = "always"
    """``always``; ``once``, at frame 0 alone, so that its values stay; or ``never``. It counts in any case, so that the
    draws of other entries stay as they are."""


class Trigger(Model):
    """A moment at which randomizers run."""

    when: OnFrame | OnCustomEvent
    """on_frame or on_custom_event."""
    randomize: tuple[Randomization, ...] = ()
    """What runs then, in this order."""
    name: str | None = None
    """Name of the trigger, for counts in the data and for ``--without``."""


WHEN: dict[str, type[Model]] = {"on_frame": OnFrame, "on_custom_event": OnCustomEvent}


class TriggersSection(Annotation):
    """Validates ``triggers``: a list of ``{on_frame: {...}, randomize: [...], name: ...}``."""

    @override
    def validate(self, raw: Any, info: ValidationInfo) -> tuple[Trigger, ...]:
        """The triggers; raises with the faults of all of them."""
        triggers: list[Trigger] = []
        entries, found = listed(raw, "triggers")
        for index, entry in enumerate(entries):
            trigger, problems = self._trigger(entry, info)
            if trigger is not None:
                triggers.append(trigger)
            found += placed(problems, index)
        if found:
            raise faults(found)
        return tuple(triggers)

    def _trigger(self, raw: Any, info: ValidationInfo) -> tuple[Trigger | None, list[InitErrorDetails]]:
        kind, found = chosen_kind(raw, tuple(WHEN), ("randomize", "name"), "trigger", "triggers")
        when, problems = validated(WHEN[kind], kind, raw[kind], info) if kind else (None, [])
        found += problems
        entries: list[Randomization] = []
        raw_entries, problems = listed(raw.get("randomize") if isinstance(raw, Mapping) else None, "randomizers")
        found += placed(problems, "randomize")
        for index, entry in enumerate(raw_entries):
            randomization, problems = _randomization(entry, info)
            if randomization is not None:
                entries.append(randomization)
            found += placed(problems, "randomize", index)
        name = raw.get("name") if isinstance(raw, Mapping) else None
        found += _name_problems(name)
        if found or when is None:
            return None, found
        return Trigger(when=when, randomize=tuple(entries), name=None if name is None else str(name)), []

    @override
    def json_schema(self) -> dict[str, Any]:
        return {"type": "array"}  # schema.py puts the whole together


def listed(raw: Any, what: str) -> tuple[list[Any], list[InitErrorDetails]]:
    """The entries of a list that may be left out. what: "triggers", for the message."""
    if raw is None:
        return [], []
    if not isinstance(raw, (list, tuple)):
        return [], [fault(f"expected a list of {what}, got {shown(raw)}", "begin each entry with '- '", value=raw)]
    return list(raw), []


def _randomization(raw: Any, info: ValidationInfo) -> tuple[Randomization | None, list[InitErrorDetails]]:
    kind, found = chosen_kind(raw, RANDOMIZERS.kinds(), ("name", "run"), "randomizer", "randomizers")
    randomizer, problems = validated(RANDOMIZERS.get(kind), kind, raw[kind], info) if kind else (None, [])
    found += problems
    name = raw.get("name") if isinstance(raw, Mapping) else None
    found += _name_problems(name)
    run: Any = raw.get("run", "always") if isinstance(raw, Mapping) else "always"
    if run not in get_args(Run):
        hint = did_you_mean(str(run), get_args(Run)).text or f"one of {', '.join(get_args(Run))}"
        found.append(fault(f"{shown(run)} is not one of the choices", hint, ("run",), value=run))
    if found or kind is None or randomizer is None:
        return None, found
    own = None if name is None else str(name)
    return Randomization(kind=kind, randomizer=randomizer, name=own, run=run), []


def _name_problems(name: Any) -> list[InitErrorDetails]:
    if name is None or (isinstance(name, str) and name):
        return []
    return [fault(f"expected a name, got {shown(name)}", at=("name",), value=name)]


def placed(problems: list[InitErrorDetails], *prefix: int | str) -> list[InitErrorDetails]:
    """The problems with a path in front of theirs."""
    return [InitErrorDetails(type=p["type"], loc=(*prefix, *p.get("loc", ())), input=p["input"]) for p in problems]
