"""Fields that name created items: checked against what the spec creates, groups taken apart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pydantic import ValidationInfo
from pydantic_core import InitErrorDetails
from typing_extensions import override

from replicator_dr.spec.annotation import Annotation
from replicator_dr.spec.elements import Element, Names, names_of
from replicator_dr.spec.kinds import UNKNOWN_KIND, kind_word, kinds_word
from replicator_dr.spec.model import fault, faults, shown
from replicator_dr.spec.suggest import did_you_mean


def leaves(name: str, names: Names, seen: frozenset[str] = frozenset()) -> list[str]:
    """The created items that a name stands for: itself, or the members of a group, nested ones too, each once."""
    if names.items.get(name) != "group":
        return [name] if name in names.items else []
    if name in seen:
        return []
    inner = [leaf for member in names.members.get(name, ()) for leaf in leaves(member, names, seen | {name})]
    return list(dict.fromkeys(inner))


@dataclass(frozen=True)
class Reference(Element, Annotation):
    """The name of one created item of certain kinds; as an element, references can be chosen by a distribution.

    kinds: the kinds that fit. groups: whether a group of such items fits too. many: a list of names fits too.
    empty: so does a list of none.
    """

    kinds: frozenset[str] = frozenset()
    groups: bool = True
    many: bool = True
    empty: bool = False

    @property
    def what(self) -> str:
        """The value as a noun."""
        return f"the name of a {kinds_word(self.kinds)}"

    def parse(self, raw: Any, info: ValidationInfo) -> tuple[Any, list[InitErrorDetails]]:
        """One name."""
        if not isinstance(raw, str) or not raw:
            return None, [fault(f"expected {self.what}, got {shown(raw)}", value=raw)]
        names = names_of(info)
        problem = None if names is None else self.problem(raw, names)
        return str(raw), [] if problem is None else [fault(*problem, value=raw)]

    def problem(self, name: str, names: Names) -> tuple[str, str] | None:
        """Message and hint where the name does not fit."""
        word = kinds_word(self.kinds)
        fitting = [item for item in names.items if self._fits(item, names)]
        if name not in names.items:
            if name in names.removed:
                return f"there is no '{name}'", f"--without {name} removed it; change this reference too"
            guess = did_you_mean(name, fitting).text or did_you_mean(name, names.items).text
            return f"there is no {word} '{name}'", guess or self._offer(fitting)
        kind = names.items[name]
        if kind in self.kinds or kind == UNKNOWN_KIND:
            return None
        if kind != "group" or not self.groups:
            return f"'{name}' is {kind_word(kind)}, not a {word}", self._offer(fitting)
        for leaf in leaves(name, names):
            if names.items[leaf] not in self.kinds and names.items[leaf] != UNKNOWN_KIND:
                return f"the group '{name}' holds '{leaf}', {kind_word(names.items[leaf])}, not a {word}", ""
        return None

    def _fits(self, name: str, names: Names) -> bool:
        """Whether a reference to that item, or group of items, is right."""
        kind = names.items[name]
        members = leaves(name, names) if kind == "group" and self.groups else []
        return kind in self.kinds or (bool(members) and all(names.items[leaf] in self.kinds for leaf in members))

    def _offer(self, fitting: list[str]) -> str:
        word = kinds_word(self.kinds)
        return f"{word}s: {', '.join(fitting)}" if fitting else f"create a {word} first"

    @override
    def validate(self, raw: Any, info: ValidationInfo) -> Any:
        """One name, or a tuple of names where ``many``."""
        if not self.many:
            value, found = self.parse(raw, info)
            if found:
                raise faults(found)
            return value
        entries = raw if isinstance(raw, (list, tuple)) else [raw]
        values, found = [], []
        if not entries and not self.empty:
            found.append(fault(f"expected {self.what}, got an empty list", value=raw))
        for index, entry in enumerate(entries):
            value, problems = self.parse(entry, info)
            at = (index,) if isinstance(raw, (list, tuple)) else ()
            values.append(value)
            found += [InitErrorDetails(type=p["type"], loc=at, input=p["input"]) for p in problems]
        if found:
            raise faults(found)
        return tuple(dict.fromkeys(values))

    def schema(self) -> dict[str, Any]:
        """JSON Schema of one name."""
        return {"type": "string", "description": self.what}

    @override
    def json_schema(self) -> dict[str, Any]:
        one = self.schema()
        several = {"type": "array", "items": one, "minItems": 0 if self.empty else 1}
        return {"anyOf": [one, several]} if self.many else one
