"""What robots add to the language: classes of links, and positions of joints by name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import ValidationInfo
from typing_extensions import override

from replicator_dr.spec.annotation import Annotation
from replicator_dr.spec.elements import Numbers
from replicator_dr.spec.model import fault, faults, shown
from replicator_dr.spec.suggest import did_you_mean
from replicator_dr.spec.varying import Value, Varying

WHOLE, LABELLED = "whole", "labelled"


class LinkClasses(Annotation):
    """``whole``, ``labelled``, or classes by links: ``{"*_hand": hand}``."""

    @override
    def validate(self, raw: Any, info: ValidationInfo) -> str | dict[str, str]:
        """One of the words, or names or patterns of links with their classes."""
        if isinstance(raw, str):
            if raw in (WHOLE, LABELLED):
                return str(raw)
            hint = did_you_mean(raw, (WHOLE, LABELLED)).text or "one of whole, labelled, or {link: class}"
            raise faults([fault(f"{shown(raw)} is not one of the choices", hint, value=raw)])
        if not isinstance(raw, Mapping) or not raw:
            message = f"expected whole, labelled or classes by links, got {shown(raw)}"
            raise faults([fault(message, 'as in {"*_hand": hand}', value=raw)])
        found = [
            fault(f"expected a class, got {shown(label)}", 'as in {"*_hand": hand}', (str(link),), value=label)
            for link, label in raw.items()
            if not isinstance(label, str) or not label or "," in label
        ]
        if found:
            raise faults(found)
        return {str(link): str(label) for link, label in raw.items()}

    @override
    def json_schema(self) -> dict[str, Any]:
        classes = {"type": "object", "minProperties": 1, "additionalProperties": {"type": "string", "minLength": 1}}
        return {"anyOf": [{"enum": [WHOLE, LABELLED]}, classes]}


class JointValues(Annotation):
    """Positions by joints: ``{elbow: {uniform: [-90, 0]}, "*_wrist": 0}``."""

    position = Varying(Numbers())

    @override
    def validate(self, raw: Any, info: ValidationInfo) -> dict[str, Value]:
        """Names or patterns of joints, with a number or a distribution each."""
        if not isinstance(raw, Mapping):
            message = f"expected joints with their positions, got {shown(raw)}"
            raise faults([fault(message, "as in {elbow: {uniform: [-90, 0]}}", value=raw)])
        values: dict[str, Value] = {}
        found = []
        for name, value in raw.items():
            values[str(name)], problems = self.position.parse(value, info)
            for problem in problems:
                context: Any = problem["type"].context or {}  # type: ignore[union-attr]
                at = (str(name), *problem.get("loc", ()))
                found.append(fault(context["message"], context["hint"], at, context["on_key"], problem["input"]))
        if found:
            raise faults(found)
        return values

    @override
    def json_schema(self) -> dict[str, Any]:
        return {"type": "object", "additionalProperties": self.position.json_schema()}


Links: TypeAlias = Annotated[str | dict[str, str], LinkClasses()]
"""Which links are objects of their own."""
JointPositions: TypeAlias = Annotated[dict[str, Value], JointValues()]
"""Positions of joints by name or pattern: degrees for those that turn, metres for those that slide."""
KeypointsAt: TypeAlias = Literal["joints", "sites", "joints_and_sites", "none"]
"""Where a robot has keypoints."""
