"""Conditions on draws: ``require: [{draws: "gap > 0.2 and abs(a - b) < 3"}]``, asked without an image."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ValidationInfo
from pydantic_core import InitErrorDetails

from replicator_dr.expressions import Numbers, Texts, Tree, names_in
from replicator_dr.spec.distributions import number
from replicator_dr.spec.elements import names_of
from replicator_dr.spec.extents import DrawExtents
from replicator_dr.spec.model import Model, fault
from replicator_dr.spec.parse_ties import fitted_condition, read
from replicator_dr.spec.settle import SharedDraw, all_uses, uses
from replicator_dr.spec.ties import tree_of
from replicator_dr.spec.triggers import OnFrame, Trigger

KIND = "draws"


class DrawsCondition(Model):
    """What is asked of the shared draws of a frame."""

    text: str
    """An expression that is true or false."""

    @property
    def tree(self) -> Tree:
        """The expression, read."""
        return tree_of(self.text)

    @property
    def draws(self) -> tuple[str, ...]:
        """The draws that it names."""
        return names_in(self.tree)


def parse_condition(raw: Any, info: ValidationInfo) -> tuple[DrawsCondition | None, list[InitErrorDetails]]:
    """The condition that a text writes, and what is wrong with it: among others, that nothing can meet it."""
    value, found = read(raw, (KIND,))
    if value is None:
        return None, found
    extent, found = fitted_condition(value, info, (KIND,))
    if found:
        return None, found
    condition, names = DrawsCondition(text=str(value.text)), names_of(info)
    if not condition.draws:
        return None, [fault("this condition names no draw", "name some of draws:", (KIND,), value=raw)]
    if isinstance(extent, Numbers) and extent.ranges[0][1] == 0.0 and names is not None:
        ranges = "; ".join(_reach(name, DrawExtents(names.draws)) for name in condition.draws)
        return None, [fault(f"no draws can meet '{value.text}'", ranges, (KIND,), value=raw)]
    return condition, []


def _reach(name: str, extents: DrawExtents) -> str:
    """``gap lies within 0 .. 0.1``."""
    extent = extents[name]
    if isinstance(extent, Texts):
        return f"{name} is one of {', '.join(extent.options)}"
    if extent is None:
        return f"{name} is not known"
    if extent.options is not None:
        return f"{name} is one of {', '.join(number(option) for option in extent.options)}"
    return f"{name} lies within " + ", ".join(f"{number(low)} .. {number(high)}" for low, high in extent.ranges)


def draws_faults(
    place: tuple[int | str, ...],
    condition: DrawsCondition,
    draws: Mapping[str, SharedDraw],
    triggers: Sequence[Trigger],
    others: Sequence[BaseModel],
) -> Iterator[InitErrorDetails]:
    """What is wrong with a condition among the draws of a spec. others: what is drawn once for many frames."""
    for name in condition.draws:
        if name in draws and draws[name].per == "prim":
            message = f"'{name}' is drawn for each prim, and a frame has many of them"
            yield fault(message, "require something of draws of a frame", place)
            return
    asked = set(all_uses(condition.draws, draws))
    for trigger in triggers:
        when = trigger.when
        if isinstance(when, OnFrame) and when.interval == 1 and not when.max_execs:
            continue
        for entry in trigger.randomize:
            for name in all_uses(uses_in(entry.randomizer), draws):
                if name in asked:
                    message = f"'{name}' is used by {entry.kind}, which several frames share, so it stays when a frame"
                    hint = "require something of draws that entries of on_frame: {} alone use"
                    yield fault(f"{message} is drawn anew", hint, place)
                    return
    for model in others:
        for name in all_uses(uses_in(model), draws):
            if name in asked:
                message = (
                    f"'{name}' is drawn once, before frame 0, where it is used in create or for the size of images"
                )
                yield fault(message, "require something of draws that entries of on_frame: {} use", place)
                return


def uses_in(value: Any) -> tuple[str, ...]:
    """The shared draws that the fields of a model use, those of models in it too."""
    if isinstance(value, BaseModel):
        parts = [getattr(value, name) for name in type(value).model_fields]
    elif isinstance(value, (tuple, list)):
        parts = list(value)
    elif isinstance(value, Mapping):
        parts = list(value.values())
    else:
        return uses(value)
    return tuple(dict.fromkeys(name for part in parts for name in uses_in(part)))
