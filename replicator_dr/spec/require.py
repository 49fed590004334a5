"""Conditions on frames: a frame that does not meet them is drawn anew."""

from __future__ import annotations

import math
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import Field, SerializeAsAny, ValidationInfo, model_validator
from pydantic_core import InitErrorDetails
from typing_extensions import Self, override

from replicator_dr.spec.annotation import Annotation
from replicator_dr.spec.distributions import number
from replicator_dr.spec.model import Model, fault, faults
from replicator_dr.spec.require_draws import KIND as DRAWS
from replicator_dr.spec.require_draws import DrawsCondition, parse_condition
from replicator_dr.spec.tagged import chosen_kind, validated
from replicator_dr.spec.triggers import listed, placed
from replicator_dr.spec.types import Cameras, Prims

Of: TypeAlias = Literal["each", "any"]
Share: TypeAlias = Annotated[float, Field(ge=0, le=1)]
Whole: TypeAlias = Annotated[int, Field(ge=0)]
Length: TypeAlias = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class Condition(Model):
    """What all conditions share: objects, a value within bounds, cameras.

    ``each`` is asked before ``any``: each prim, in any image.
    """

    prims: Prims = ()
    """The labelled objects that are counted: those at and below these prims, by default all."""
    at_least: float | None = None
    """The lower bound."""
    at_most: float | None = None
    """The upper bound."""
    cameras: Cameras = ()
    """Which cameras are asked; by default all that a render product looks through."""
    of_cameras: Of = "each"
    """``each``: the image of each of these cameras meets it; ``any``: one of them is enough."""

    @property
    def bounds(self) -> tuple[float, float]:
        """Least and most, infinite where there is no such bound."""
        least, most = self.at_least, self.at_most
        return -math.inf if least is None else least, math.inf if most is None else most

    @model_validator(mode="after")
    def _bounded(self) -> Self:
        least, most = self.bounds
        if math.isinf(least) and math.isinf(most):
            raise faults([fault("this condition asks for nothing", "give at_least, at_most or both")])
        if least > most:
            message = f"at_least {number(least)} is above at_most {number(most)}"
            raise faults([fault(message, "exchange them", ("at_least",))])
        return self


class PrimCondition(Condition):
    """A condition on a value of each object."""

    prims: Prims
    """The labelled objects that it is about: those at and below these prims. What a frame hides is left out."""
    of_prims: Of = "each"
    """``each``: each of the objects meets it; ``any``: one of them is enough."""


class VisibleFraction(PrimCondition):
    """How much of an object is not hidden by others: its visible pixels by those that it would cover alone.

    0 for an object outside the image.
    """

    at_least: Share | None = None
    """Within 0..1."""
    at_most: Share | None = None
    """Within 0..1."""


class VisiblePixels(PrimCondition):
    """How many pixels of an object are visible."""

    at_least: Whole | None = None
    """Pixels."""
    at_most: Whole | None = None
    """Pixels."""


class Truncation(PrimCondition):
    """How much of an object lies outside the image: the share of the box around its projection.

    1 for an object that is not in view at all.
    """

    at_least: Share | None = None
    """Within 0..1."""
    at_most: Share | None = None
    """Within 0..1."""


class Distance(PrimCondition):
    """How far the middle of an object's box is from the camera. It is worked out without an image."""

    at_least: Length | None = None
    """Metres."""
    at_most: Length | None = None
    """Metres."""


class CameraClear(Condition):
    """How far a camera is from the nearest surface that is drawn, in metres; below 0 inside of a closed object.

    Worked out from the shapes, without an image. What is not closed has no inside; a room, whose faces look inward, is
    no object. ``at_least: 0.05`` is the default.
    """

    prims: Prims = ()
    """What it keeps clear of: these prims, with labels or without; by default all that there is."""
    at_least: float | None = Field(default=0.05, allow_inf_nan=False)
    """Metres."""
    at_most: Length | None = None
    """Metres."""


class ViewClear(PrimCondition):
    """How much of an object nothing hides, wherever the camera looks: the share of its lines of sight.

    They go from the camera to 27 points inside of the object's box. Worked out from the shapes, without an image.
    """

    at_least: Share | None = None
    """Within 0..1."""
    at_most: Share | None = None
    """Within 0..1."""


class Count(Condition):
    """How many objects are visible in an image."""

    at_least: Whole | None = None
    """Objects."""
    at_most: Whole | None = None
    """Objects."""
    min_pixels: int = Field(default=1, ge=1)
    """Visible pixels from which an object counts."""


CONDITIONS: dict[str, type[Condition]] = {
    "visible_fraction": VisibleFraction,
    "pixels": VisiblePixels,
    "truncation": Truncation,
    "distance": Distance,
    "count": Count,
    "camera_clear": CameraClear,
    "view_clear": ViewClear,
}


class Requirement(Model):
    """One entry of ``require``."""

    kind: str
    """The condition's name."""
    condition: SerializeAsAny[Condition | DrawsCondition]
    """Its fields."""


class RequireSection(Annotation):
    """Validates ``require``: a list of ``{visible_fraction: {...}}``."""

    @override
    def validate(self, raw: Any, info: ValidationInfo) -> tuple[Requirement, ...]:
        """The conditions; raises with the faults of all of them."""
        entries, found = listed(raw, "conditions")
        requirements: list[Requirement] = []
        for index, entry in enumerate(entries):
            kind, problems = chosen_kind(entry, (*CONDITIONS, DRAWS), (), "condition", "conditions")
            found += placed(problems, index)
            if kind == DRAWS:
                asked, problems = parse_condition(entry[DRAWS], info)
                found += placed(problems, index)
                if asked is not None:
                    requirements.append(Requirement(kind=DRAWS, condition=asked))
            elif kind is not None:
                condition, problems = validated(CONDITIONS[kind], kind, entry[kind], info)
                found += placed(problems, index)
                if condition is not None:
                    requirements.append(Requirement(kind=kind, condition=condition))
        if found:
            raise faults(found)
        return tuple(requirements)

    @override
    def json_schema(self) -> dict[str, Any]:
        return {"type": "array"}  # schema.py puts the whole together


def requirement_faults(
    requirements: tuple[Requirement, ...], every_frame: bool, looked_through: list[str], leaves: Any
) -> list[InitErrorDetails]:
    """What is wrong with the conditions of a whole spec.

    every_frame: whether a trigger fires at every frame. looked_through: cameras of render products. leaves: names of
    items -> the created items that they stand for.
    """
    found: list[InitErrorDetails] = []
    if requirements and not every_frame:
        message = "no trigger fires at every frame, so a frame that does not meet this could not be drawn anew"
        found.append(fault(message, "add a trigger on_frame: {} with something to randomize", ("require",), True))
    seeing = [entry for entry in requirements if isinstance(entry.condition, Condition)]
    if seeing and not looked_through:
        message = "conditions are about what cameras see, but there are no render products"
        hint = "add render_products: [{cameras: ..., resolution: [640, 480]}]"
        found.append(fault(message, hint, ("require",), True))
    elif seeing:
        for index, entry in enumerate(requirements):
            for name in leaves(*getattr(entry.condition, "cameras", ())):
                if name not in looked_through:
                    place = ("require", index, entry.kind, "cameras")
                    hint = f"cameras of render products: {', '.join(looked_through)}"
                    found.append(fault(f"no render product looks through '{name}'", hint, place))
    return found
