"""The fields that a spec's randomizers vary, under the names by which their draws are seeded and recorded.

A draw is ``<item>.<entry's name or kind>.<field>``, the kind with ``#2`` behind it where an earlier entry of that kind
varied the same field; one of ``create`` is ``<item>.create.<field>``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, get_args

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from replicator_dr.spec.references import Reference
from replicator_dr.spec.triggers import Randomization, Trigger
from replicator_dr.spec.types import PointOrPrim
from replicator_dr.spec.varying import Varying

if TYPE_CHECKING:
    from replicator_dr.spec.spec import Spec


@dataclass(frozen=True)
class Varied:
    """A field of an entry of ``randomize``, for one of the items that it varies.

    owner: the item, or the entry's references as they are written, joined by plus signs; empty where it has none. part:
    the entry's name, or its kind. field: dotted where models are nested. value: what the spec gives for it.
    """

    owner: str
    part: str
    field: str
    value: object
    info: FieldInfo
    trigger: Trigger
    entry: Randomization

    @property
    def name(self) -> str:
        """The name of its draws."""
        return ".".join(filter(None, (self.owner, self.part, self.field)))

    @property
    def varying(self) -> Varying | None:
        """What the field takes; None where it cannot vary, or follows an item."""
        for part in (*self.info.metadata, *_annotations(self.info.annotation)):
            if isinstance(part, Varying):
                return part
            if isinstance(part, PointOrPrim) and not isinstance(self.value, str):
                return part.point
        return None


def _annotations(annotation: Any) -> Iterator[Any]:
    """What stands behind the types of ``Annotated[...] | None``."""
    for part in get_args(annotation):
        yield from getattr(part, "__metadata__", ())


def varied(spec: Spec) -> Iterator[Varied]:
    """The fields that are given, constants too, for each item; also of entries that do not run."""
    occurrences: Counter[tuple[str, str, str]] = Counter()
    for trigger in spec.triggers:
        for entry in trigger.randomize:
            for owner in owners(spec, entry):
                for field, value, info in given_fields(entry.randomizer):
                    part = entry.name or _numbered(occurrences, owner, entry.kind, field)
                    yield Varied(owner, part, field, value, info, trigger, entry)


def owners(spec: Spec, entry: Randomization) -> list[str]:
    """The items that an entry varies, and its references as they are written; an empty name where it has none."""
    found: list[str] = []
    for name, info in type(entry.randomizer).model_fields.items():
        if any(isinstance(part, Reference) for part in info.metadata):
            value = getattr(entry.randomizer, name)
            names = [value] if isinstance(value, str) else list(value or ())
            found += [*spec.leaves(*names), "+".join(names)]
    return list(dict.fromkeys(found)) or [""]


def given_fields(model: BaseModel, prefix: str = "") -> Iterator[tuple[str, Any, FieldInfo]]:
    """The fields of a model that are set, those of models in it as ``outer.inner``."""
    for name, info in type(model).model_fields.items():
        value = getattr(model, name)
        if isinstance(value, BaseModel):
            yield from given_fields(value, f"{prefix}{name}.")
        elif value is not None:
            yield f"{prefix}{name}", value, info


def _numbered(occurrences: Counter[tuple[str, str, str]], owner: str, kind: str, field: str) -> str:
    occurrences[(owner, kind, field)] += 1
    count = occurrences[(owner, kind, field)]
    return kind if count == 1 else f"{kind}#{count}"
