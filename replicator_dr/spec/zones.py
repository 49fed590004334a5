"""Zones that things keep out of: created items, boxes, spheres."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, TypeAlias

from pydantic import ValidationInfo
from pydantic_core import InitErrorDetails
from typing_extensions import override

from replicator_dr.spec.annotation import Annotation
from replicator_dr.spec.elements import Numbers
from replicator_dr.spec.kinds import PRIMS
from replicator_dr.spec.model import fault, faults, moved, shown
from replicator_dr.spec.references import Reference

_CORNER = Numbers(size=3, unit="m")
_SPHERE = Numbers(size=4, unit="m")


class ZoneList(Annotation):
    """One zone or a list: a name, ``{box: [[x, y, z], [x, y, z]]}`` or ``{sphere: [x, y, z, radius]}``."""

    prim = Reference(PRIMS, groups=False, many=False)

    @override
    def validate(self, raw: Any, info: ValidationInfo) -> tuple[Any, ...]:
        """Names as text, boxes and spheres as dicts of tuples of numbers."""
        entries = list(raw) if isinstance(raw, (list, tuple)) else [raw]
        zones: list[Any] = []
        found: list[InitErrorDetails] = []
        for index, entry in enumerate(entries):
            zone, problems = self._zone(entry, info)
            zones.append(zone)
            found += [moved(problem, (index,)) for problem in problems] if isinstance(raw, (list, tuple)) else problems
        if found:
            raise faults(found)
        return tuple(zones)

    def _zone(self, raw: Any, info: ValidationInfo) -> tuple[Any, list[InitErrorDetails]]:
        if isinstance(raw, str):
            return self.prim.parse(raw, info)
        if isinstance(raw, Mapping) and set(raw) == {"sphere"}:
            sphere, found = _SPHERE.parse(raw["sphere"], info)
            if not found and sphere[3] <= 0:
                found = [fault(f"a radius of {sphere[3]:g} holds nothing", "give metres above 0", value=raw["sphere"])]
            return {"sphere": sphere}, [moved(problem, ("sphere",)) for problem in found]
        if isinstance(raw, Mapping) and set(raw) == {"box"}:
            box, found = _box(raw["box"], info)
            return {"box": box}, [moved(problem, ("box",)) for problem in found]
        hint = "write {box: [[x, y, z], [x, y, z]]}, {sphere: [x, y, z, radius]}, or the name of a created item"
        return None, [fault(f"expected a zone, got {shown(raw)}", hint, value=raw)]

    @override
    def json_schema(self) -> dict[str, Any]:
        corner = _CORNER.schema()
        box = {"type": "array", "prefixItems": [corner, corner], "minItems": 2, "maxItems": 2}
        shapes = {"box": box, "sphere": _SPHERE.schema()}
        one = {
            "anyOf": [
                self.prim.schema(),
                *(
                    {"type": "object", "properties": {name: shape}, "required": [name], "additionalProperties": False}
                    for name, shape in shapes.items()
                ),
            ]
        }
        return {"anyOf": [one, {"type": "array", "items": one}]}


def _box(raw: Any, info: ValidationInfo) -> tuple[Any, list[InitErrorDetails]]:
    if not isinstance(raw, (list, tuple)) or len(raw) != 2:
        return None, [fault(f"expected two corners, got {shown(raw)}", "as in [[0, 0, 0], [1, 1, 1]]", value=raw)]
    corners, found = [], []
    for index, corner in enumerate(raw):
        value, problems = _CORNER.parse(corner, info)
        corners.append(value)
        found += [moved(problem, (index,)) for problem in problems]
    if not found and any(low >= high for low, high in zip(*corners)):
        found = [fault("the first corner is not below the second", "least X, Y, Z first, then greatest", value=raw)]
    return tuple(corners), found


Zones: TypeAlias = Annotated[tuple[Any, ...], ZoneList()]
"""Names of created items, boxes and spheres in metres."""
