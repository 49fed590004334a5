"""The ``create`` section: names and what each stands for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationInfo
from pydantic_core import InitErrorDetails
from typing_extensions import override

from replicator_dr.spec.annotation import Annotation
from replicator_dr.spec.cameras import Camera
from replicator_dr.spec.existing import GetCamera, GetLight, GetPrims
from replicator_dr.spec.items import SHAPE_MODELS, FromMesh, FromRobot, FromUsd, Group, Item, Posed, Shape
from replicator_dr.spec.kinds import CREATE_KINDS, UNKNOWN_KIND
from replicator_dr.spec.lights import Light
from replicator_dr.spec.materials import Material
from replicator_dr.spec.model import fault, faults, shown
from replicator_dr.spec.tagged import chosen_kind, validated

_MODELS: tuple[type[Item], ...] = (
    *SHAPE_MODELS,
    FromUsd,
    FromMesh,
    FromRobot,
    Group,
    Light,
    Camera,
    Material,
    GetPrims,
    GetLight,
    GetCamera,
)
MODELS: dict[str, type[Item]] = {model.kind: model for model in _MODELS}
"""The model of each kind."""
assert tuple(MODELS) == CREATE_KINDS

COMMON = tuple(dict.fromkeys([*Item.model_fields, *Posed.model_fields, *Shape.model_fields]))
"""The fields that may stand beside the kind. ``material`` is both: a kind where it stands alone."""
_NAME = re.compile(r"^[A-Za-z_][A-Za-z0-9_]*$")


class CreateSection(Annotation):
    """Validates ``create``: each entry chooses one kind; the common fields may stand in its mapping or beside it."""

    @override
    def validate(self, raw: Any, info: ValidationInfo) -> dict[str, Item]:
        """Name -> item; raises with the faults of all of them."""
        if raw is None:
            return {}
        if not isinstance(raw, Mapping):
            message = f"expected names with what they create, got {shown(raw)}"
            raise faults([fault(message, "as in floor: {plane: {scale: 6}}", value=raw)])
        items: dict[str, Item] = {}
        found: list[InitErrorDetails] = []
        for name, entry in raw.items():
            item, problems = self._item(str(name), entry, info)
            items[str(name)] = item
            for problem in problems:
                place = (str(name), *problem.get("loc", ()))
                found.append(InitErrorDetails(type=problem["type"], loc=place, input=problem["input"]))
        if found:
            raise faults(found)
        return items

    def _item(self, name: str, entry: Any, info: ValidationInfo) -> tuple[Any, list[InitErrorDetails]]:
        found: list[InitErrorDetails] = []
        if not _NAME.match(name):
            hint = "use letters, digits and _, and begin with a letter"
            found.append(fault(f"'{name}' cannot be the name of a prim", hint, (), True, name))
        alone = not isinstance(entry, Mapping) or not set(entry) & (set(CREATE_KINDS) - {"material"})
        kinds = CREATE_KINDS if alone else tuple(kind for kind in CREATE_KINDS if kind != "material")
        kind, problems = chosen_kind(entry, kinds, COMMON, "kind", "kinds")
        found += problems
        if kind is None:
            return None, found
        beside = {key: entry[key] for key in entry if key in COMMON and key != kind}
        for key in [key for key in beside if key not in MODELS[kind].model_fields]:
            found.append(fault(f"a {kind} has no {key}", "remove it", (key,), True, beside.pop(key)))
        body = entry[kind]
        if kind == "group" and not isinstance(body, Mapping):
            item, problems = validated(Group, kind, {"items": body}, info, beside)
            problems = [_without_items(problem) for problem in problems]
        else:
            item, problems = validated(MODELS[kind], kind, body, info, beside)
        return item, found + problems

    @override
    def json_schema(self) -> dict[str, Any]:
        return {"type": "object"}  # schema.py puts the whole together


def _without_items(problem: InitErrorDetails) -> InitErrorDetails:
    """A fault of a group that was written as a plain list, without the ``items`` that its user did not write."""
    place = tuple(step for index, step in enumerate(problem.get("loc", ())) if not (index == 1 and step == "items"))
    return InitErrorDetails(type=problem["type"], loc=place, input=problem["input"])


def kinds_of(raw: Any) -> tuple[dict[str, str], dict[str, tuple[str, ...]]]:
    """The kinds of the items and the members of the groups, read from an unvalidated ``create`` section."""
    items: dict[str, str] = {}
    members: dict[str, tuple[str, ...]] = {}
    for name, entry in raw.items() if isinstance(raw, Mapping) else ():
        chosen = [key for key in entry if key in CREATE_KINDS] if isinstance(entry, Mapping) else []
        items[str(name)] = chosen[0] if chosen else UNKNOWN_KIND
        if chosen and chosen[0] == "group":
            body = entry["group"].get("items") if isinstance(entry["group"], Mapping) else entry["group"]
            listed = body if isinstance(body, list) else [body]
            members[str(name)] = tuple(str(member) for member in listed if isinstance(member, str))
    return items, members
