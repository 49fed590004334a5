"""What stands on the stage already: found by its path, varied and labelled like what a spec creates."""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import ValidationInfo, field_validator
from typing_extensions import override

from replicator_dr.spec.annotation import Annotation
from replicator_dr.spec.items import Item
from replicator_dr.spec.model import fault, faults, shown


class TypeNames(Annotation):
    """A type of USD prim, such as ``Mesh``, or a list of them."""

    @override
    def validate(self, raw: Any, info: ValidationInfo) -> tuple[str, ...]:
        """One name as a tuple of one."""
        entries = raw if isinstance(raw, (list, tuple)) else [raw]
        if not entries:
            raise faults([fault("expected a type of prim, got an empty list", "as in Mesh", value=raw)])
        found = []
        for index, entry in enumerate(entries):
            if not isinstance(entry, str) or not entry:
                at = (index,) if isinstance(raw, (list, tuple)) else ()
                found.append(fault(f"expected a type of prim, got {shown(entry)}", "as in Mesh", at, value=entry))
        if found:
            raise faults(found)
        return tuple(str(entry) for entry in entries)

    @override
    def json_schema(self) -> dict[str, Any]:
        one = {"type": "string", "minLength": 1}
        return {"anyOf": [one, {"type": "array", "items": one, "minItems": 1}]}


class Existing(Item):
    """Prims of the stage, all that match, in the order of the stage. Their labels are added to those they have."""

    path_pattern: str
    """A regular expression that is found in the prim's path, such as ``^/World/Shelf_\\d+$``;
    upper and lower case are alike. What the spec itself creates is not found."""
    path_pattern_exclusion: str | None = None
    """A regular expression that is not."""

    @field_validator("path_pattern", "path_pattern_exclusion")
    @classmethod
    def _an_expression(cls, raw: Any) -> Any:
        try:
            re.compile(raw or "")
        except re.error as error:
            raise faults([fault(f"'{raw}' is not a regular expression: {error}", value=raw)]) from None
        return raw

    def conditions(self) -> dict[str, Any]:
        """What was given to find the prims by, as Replicator's ``get`` functions take it."""
        names = [name for name in type(self).model_fields if name not in Item.model_fields]
        given = {name: getattr(self, name) for name in names if getattr(self, name) is not None}
        return {name: list(value) if isinstance(value, tuple) else value for name, value in given.items()}


class GetPrims(Existing):
    """Prims of the stage."""

    kind = "get_prims"

    prim_types: Annotated[tuple[str, ...] | None, TypeNames()] = None
    """Only prims of these USD types."""
    prim_types_exclusion: Annotated[tuple[str, ...] | None, TypeNames()] = None
    """No prims of these USD types."""


class GetLight(Existing):
    """Lights of the stage."""

    kind = "get_light"


class GetCamera(Existing):
    """Cameras of the stage."""

    kind = "get_camera"
