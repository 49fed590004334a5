"""The field types of the language, for items, randomizers and writers.

Each varying type takes a constant, a distribution or a shared draw. A type with bounds of its own is spelt out::

    angle: Annotated[Value, Varying(Numbers(low=0, high=45, unit="degrees"))] = 5.0
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, TypeAlias

from pydantic import ValidationInfo
from typing_extensions import override

from replicator_dr.spec.annotation import Annotation
from replicator_dr.spec.elements import Numbers, TruthValue, Words
from replicator_dr.spec.file_choices import VaryingFile
from replicator_dr.spec.files import PANORAMA_SUFFIXES, TEXTURE_SUFFIXES, FileName
from replicator_dr.spec.kinds import CAMERAS, LIGHTS, MATERIALS, POSABLE, PRIMS, ROBOTS
from replicator_dr.spec.model import fault, faults, shown
from replicator_dr.spec.references import Reference
from replicator_dr.spec.varying import Value, Varying

Number: TypeAlias = Annotated[Value, Varying(Numbers())]
"""A number."""
NonNegative: TypeAlias = Annotated[Value, Varying(Numbers(low=0))]
"""A number, 0 or more."""
Positive: TypeAlias = Annotated[Value, Varying(Numbers(low=0, open_low=True))]
"""A number above 0."""
Fraction: TypeAlias = Annotated[Value, Varying(Numbers(low=0, high=1))]
"""A number within 0 .. 1."""
Count: TypeAlias = Annotated[Value, Varying(Numbers(low=0, whole=True))]
"""A whole number, 0 or more."""
Vector3: TypeAlias = Annotated[Value, Varying(Numbers(size=3))]
"""Three numbers."""
Vector2: TypeAlias = Annotated[Value, Varying(Numbers(size=2))]
"""Two numbers."""
Scale2: TypeAlias = Annotated[Value, Varying(Numbers(size=2, repeat=True))]
"""Two numbers, or one for both."""
Scale3: TypeAlias = Annotated[Value, Varying(Numbers(size=3, repeat=True))]
"""Three numbers, or one for all three."""
Size3: TypeAlias = Annotated[Value, Varying(Numbers(size=3, low=0, open_low=True, repeat=True, unit="m"))]
"""Three lengths above 0 in metres, or one for all three."""
Elevation: TypeAlias = Annotated[Value, Varying(Numbers(low=-90, high=90, unit="degrees"))]
"""Degrees above the horizon, within -90 .. 90."""
Color: TypeAlias = Annotated[Value, Varying(Numbers(size=3, low=0, high=1))]
"""A linear RGB colour, each within 0 .. 1."""
Temperature: TypeAlias = Annotated[Value, Varying(Numbers(low=1000, high=10000, unit="K"))]
"""A colour temperature in kelvin, within 1000 .. 10000, as UsdLux has it."""
Truth: TypeAlias = Annotated[Value, Varying(TruthValue())]
"""true or false."""
Label: TypeAlias = Annotated[Value, Varying(Words())]
"""A text."""
Texture: TypeAlias = Annotated[Value, VaryingFile(FileName("a texture", TEXTURE_SUFFIXES))]
"""An image file (png, jpg); a folder or a pattern is a choice among its files."""
Panorama: TypeAlias = Annotated[Value, VaryingFile(FileName("a panorama", PANORAMA_SUFFIXES))]
"""An image file for a dome light (hdr, png, jpg); a folder or a pattern is a choice among its files."""
MaterialName: TypeAlias = Annotated[Value, Varying(Reference(MATERIALS, groups=False))]
"""The name of a created material."""

Prims: TypeAlias = Annotated[tuple[str, ...], Reference(PRIMS)]
"""Names of created shapes and assets, or of groups of them; one or a list."""
Robots: TypeAlias = Annotated[tuple[str, ...], Reference(ROBOTS)]
"""Names of robots, or of groups of them; one or a list."""
Posables: TypeAlias = Annotated[tuple[str, ...], Reference(POSABLE)]
"""Names of anything with a pose: shapes, assets, lights, cameras, or groups of them; one or a list."""
Cameras: TypeAlias = Annotated[tuple[str, ...], Reference(CAMERAS)]
"""Names of created cameras, or of groups of them; one or a list."""
Lights: TypeAlias = Annotated[tuple[str, ...], Reference(LIGHTS)]
"""Names of created lights, or of groups of them; one or a list."""
CameraName: TypeAlias = Annotated[str, Reference(CAMERAS, groups=False, many=False)]
"""The name of one created camera."""
PrimName: TypeAlias = Annotated[str, Reference(POSABLE, groups=False, many=False)]
"""The name of one created item with a pose."""


class PointOrPrim(Annotation):
    """A point in metres (constant or distribution), or the name of a created item."""

    point = Varying(Numbers(size=3, unit="m"))
    prim = Reference(POSABLE, groups=False, many=False)

    @override
    def validate(self, raw: Any, info: ValidationInfo) -> Any:
        """A name as text, a point as value."""
        if isinstance(raw, str) and not raw.startswith("$"):
            return self.prim.validate(raw, info)
        return self.point.validate(raw, info)

    @override
    def json_schema(self) -> dict[str, Any]:
        from replicator_dr.spec.schema_parts import varying_schema

        return {"anyOf": [*varying_schema(self.point.element)["anyOf"], self.prim.schema()]}


Target: TypeAlias = Annotated[Value, PointOrPrim()]
"""A point in metres, or the name of a created item."""


class Labels(Annotation):
    """``{class: mug}`` or ``{class: [a, b], color: red}``: label types and labels of a prim."""

    @override
    def validate(self, raw: Any, info: ValidationInfo) -> dict[str, tuple[str, ...]]:
        """Label types with their labels, one label as a tuple of one."""
        if not isinstance(raw, Mapping):
            hint = f"write {{class: {raw}}}" if isinstance(raw, str) else "as in {class: mug}"
            raise faults([fault(f"expected label types and labels, got {shown(raw)}", hint, value=raw)])
        result: dict[str, tuple[str, ...]] = {}
        found = []
        for kind, value in raw.items():
            labels = value if isinstance(value, (list, tuple)) else [value]
            if not labels:
                found.append(fault("expected a label, got an empty list", "give at least one", (str(kind),)))
            for index, label in enumerate(labels):
                at = (str(kind), index) if isinstance(value, (list, tuple)) else (str(kind),)
                if not isinstance(label, str) or not label:
                    found.append(fault(f"expected a label, got {shown(label)}", "put it in quotes", at, value=label))
                elif "," in label:
                    found.append(fault("a label cannot hold a comma", "give a list of labels", at, value=label))
            result[str(kind)] = tuple(str(label) for label in labels)
        if found:
            raise faults(found)
        return result

    @override
    def json_schema(self) -> dict[str, Any]:
        label = {"type": "string", "pattern": "^[^,]+$"}
        values: dict[str, Any] = {"anyOf": [label, {"type": "array", "items": label, "minItems": 1}]}
        return {"type": "object", "additionalProperties": values, "examples": [{"class": "mug"}]}


Semantics: TypeAlias = Annotated[dict[str, tuple[str, ...]], Labels()]
"""Label types and labels, such as ``{class: mug}``."""
