"""What skeletons of assets add to the language: keypoints at their joints."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, TypeAlias

from pydantic import ValidationInfo
from typing_extensions import override

from replicator_dr.spec.annotation import Annotation
from replicator_dr.spec.keypoints import Point, Points
from replicator_dr.spec.model import fault, faults, shown
from replicator_dr.spec.suggest import did_you_mean

JOINTS, NONE = "joints", "none"


class JointPoints(Annotation):
    """``joints``, ``none``, or names with joints or points: ``{left_knee: LeftLeg, visor: [0, 0.1, 1.7]}``."""

    points = Points()

    @override
    def validate(self, raw: Any, info: ValidationInfo) -> str | dict[str, str | Point]:
        """One of the words, or names with a joint or three numbers each."""
        if isinstance(raw, str):
            if raw in (JOINTS, NONE):
                return str(raw)
            hint = did_you_mean(raw, (JOINTS, NONE)).text or "one of joints, none, or {name: joint}"
            raise faults([fault(f"{shown(raw)} is not one of the choices", hint, value=raw)])
        if not isinstance(raw, Mapping):
            return dict(self.points.validate(raw, info))
        joints = {str(name): str(joint) for name, joint in raw.items() if isinstance(joint, str) and joint}
        rest = {name: point for name, point in raw.items() if str(name) not in joints}
        places = self.points.validate(rest, info) if rest or not joints else {}
        return {str(name): joints.get(str(name)) or places[str(name)] for name in raw}

    @override
    def json_schema(self) -> dict[str, Any]:
        schema = self.points.json_schema()
        joint = {"type": "string", "minLength": 1}
        named = {**schema, "additionalProperties": {"anyOf": [joint, schema["additionalProperties"]]}}
        return {"anyOf": [{"enum": [JOINTS, NONE]}, named]}


SkeletalKeypoints: TypeAlias = Annotated[str | dict[str, str | Point], JointPoints()]
"""Where an asset has keypoints: at the joints of its skeletons, at some of these, at points."""
