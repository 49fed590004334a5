"""Shared draws: ``draws: {brightness: {uniform: [0.5, 2]}}``, drawn once and used in any number of fields.

Wherever ``$brightness`` stands, the same sample is used, so that fields vary together.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationInfo
from pydantic_core import InitErrorDetails
from typing_extensions import override

from replicator_dr.spec.annotation import Annotation
from replicator_dr.spec.distributions import DISTRIBUTIONS, Combine
from replicator_dr.spec.elements import Anything
from replicator_dr.spec.model import fault, faults, shown
from replicator_dr.spec.settle import SharedDraw, settled
from replicator_dr.spec.suggest import did_you_mean
from replicator_dr.spec.varying import Varying


class DrawsSection(Annotation):
    """Validates ``draws``."""

    @override
    def validate(self, raw: Any, info: ValidationInfo) -> dict[str, SharedDraw]:
        """Name -> draw; raises with the faults of all of them."""
        if raw is None:
            return {}
        if not isinstance(raw, Mapping):
            raise faults([fault(f"expected names with their distributions, got {shown(raw)}", value=raw)])
        draws: dict[str, SharedDraw] = {}
        found: list[InitErrorDetails] = []
        for name, entry in raw.items():
            draw, problems = parse_draw(entry, info)
            if draw is not None:
                draws[str(name)] = draw
            for problem in problems:
                place = (str(name), *problem.get("loc", ()))
                found.append(InitErrorDetails(type=problem["type"], loc=place, input=problem["input"]))
        if not found:
            draws, found = settled(draws, {str(name) for name, entry in raw.items() if "per" in entry})
        if found:
            raise faults(found)
        return draws

    @override
    def json_schema(self) -> dict[str, Any]:
        return {"type": "object"}  # schema.py puts the whole together


def parse_draw(raw: Any, info: ValidationInfo) -> tuple[SharedDraw | None, list[InitErrorDetails]]:
    """``{uniform: [0.5, 2], per: prim}``."""
    hint = f"distributions: {', '.join(DISTRIBUTIONS)}"
    if not isinstance(raw, Mapping):
        return None, [fault(f"expected a distribution, got {shown(raw)}", hint, value=raw)]
    per = raw.get("per", "frame")
    found: list[InitErrorDetails] = []
    if per not in ("frame", "prim"):
        guess = did_you_mean(str(per), ("frame", "prim")).text or "one of frame, prim"
        found.append(fault(f"{shown(per)} is not one of the choices", guess, ("per",), value=per))
    if "draw" in raw:
        hint = 'write an expression, as in {expr: "2 * name"}'
        found.append(fault("a draw uses others in expressions", hint, ("draw",), True, raw))
        return None, found
    body = {key: value for key, value in raw.items() if key != "per"}
    value, problems = Varying(Anything()).parse(body, info)
    found += problems
    if isinstance(value, Combine) and not problems:
        found.append(fault("combine cannot be shared", "share its parts, each as a draw", ("combine",), True, raw))
    # A word of its own: one that knows where it was written cannot be sent to another process.
    return (None if found else SharedDraw(value, "prim" if per == "prim" else "frame")), found
