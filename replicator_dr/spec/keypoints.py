"""Keypoints of items: named points in the item's own frame, and the bones between them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Annotated, Any, TypeAlias

from pydantic import ValidationInfo
from pydantic_core import InitErrorDetails
from typing_extensions import override

from replicator_dr.spec.annotation import Annotation
from replicator_dr.spec.model import fault, faults, shown
from replicator_dr.spec.suggest import did_you_mean

Point = tuple[float, float, float]
Bone = tuple[str, str]


class Points(Annotation):
    """``{handle: [0.06, 0, 0.04], rim: [0, 0, 0.09]}``: names and places."""

    @override
    def validate(self, raw: Any, info: ValidationInfo) -> dict[str, Point]:
        """Names with three numbers each."""
        if not isinstance(raw, Mapping) or not raw:
            message = f"expected names and points, got {shown(raw)}"
            raise faults([fault(message, "as in {rim: [0, 0, 0.09]}", value=raw)])
        found = []
        for name, point in raw.items():
            numbers = point if isinstance(point, (list, tuple)) else []
            if len(numbers) != 3 or not all(_is_number(number) for number in numbers):
                message = f"expected 3 numbers, got {shown(point)}"
                found.append(fault(message, "metres in the item's own frame, as in [0, 0, 0.09]", (str(name),)))
        if found:
            raise faults(found)
        return {str(name): (float(x), float(y), float(z)) for name, (x, y, z) in raw.items()}

    @override
    def json_schema(self) -> dict[str, Any]:
        point = {"type": "array", "items": {"type": "number"}, "minItems": 3, "maxItems": 3}
        return {"type": "object", "minProperties": 1, "additionalProperties": point}


class Bones(Annotation):
    """``[[rim, handle], ...]``: pairs of names."""

    @override
    def validate(self, raw: Any, info: ValidationInfo) -> tuple[Bone, ...]:
        """Pairs of names."""
        if not isinstance(raw, (list, tuple)):
            raise faults([fault(f"expected a list of pairs of names, got {shown(raw)}", "as in [[rim, handle]]")])
        found = []
        for index, bone in enumerate(raw):
            names = bone if isinstance(bone, (list, tuple)) else []
            if len(names) != 2 or not all(isinstance(name, str) for name in names):
                found.append(fault(f"expected two names, got {shown(bone)}", "as in [rim, handle]", (index,)))
        if found:
            raise faults(found)
        return tuple((first, second) for first, second in raw)

    @override
    def json_schema(self) -> dict[str, Any]:
        bone = {"type": "array", "items": {"type": "string"}, "minItems": 2, "maxItems": 2}
        return {"type": "array", "items": bone}


Keypoints: TypeAlias = Annotated[dict[str, Point], Points()]
"""Names and points [m] in the item's own frame."""
Skeleton: TypeAlias = Annotated[tuple[Bone, ...], Bones()]
"""Pairs of names of keypoints."""


def unknown_bones(skeleton: Iterable[Bone], names: Iterable[str]) -> list[InitErrorDetails]:
    """The faults of bones whose ends are no keypoints."""
    known = list(names)
    found = []
    for index, bone in enumerate(skeleton):
        for end, name in enumerate(bone):
            if name not in known:
                hint = did_you_mean(name, known).text or f"keypoints: {', '.join(known) or 'none'}"
                found.append(fault(f"there is no keypoint '{name}'", hint, ("skeleton", index, end)))
    return found


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
