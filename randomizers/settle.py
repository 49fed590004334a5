"""settle: things fall and lie where they would really lie."""

from __future__ import annotations

from types import ModuleType
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, ValidationInfo
from typing_extensions import override

from replicator_dr.plugins import BuildContext, RandomizerPlugin
from replicator_dr.spec import NonNegative, Numbers, Positive, Prims, Value, Varying, Vector3
from replicator_dr.spec.annotation import Annotation
from replicator_dr.spec.types import Fraction

REST = "rest"
_PER_BODY = (
    "friction", "restitution", "mass_scale", "inertia_scale", "linear_damping", "angular_damping", "velocity",
    "angular_velocity",
)  # fmt: skip


class Moment(Annotation):
    """``rest``, or seconds."""

    seconds = Varying(Numbers(low=0, unit="s"))

    @override
    def validate(self, raw: Any, info: ValidationInfo) -> Any:
        """The word as text, a time as value."""
        return raw if raw == REST else self.seconds.validate(raw, info)

    @override
    def json_schema(self) -> dict[str, Any]:
        return {"anyOf": [{"const": REST}, *self.seconds.json_schema()["anyOf"]]}


class Settle(RandomizerPlugin):
    """Let items fall onto others by rigid-body physics, from the poses that the other entries gave them.

    Each copy draws its own numbers, gravity and the moment are drawn once a frame. What an item's ``physics`` says
    counts where nothing is given here; items without it get a rigid body of their own shape, colliders their surface.
    Items that are invisible in a frame take no part. Needs the extra ``physics``; on Isaac Sim it runs in stepped mode,
    with the same poses, and the stage has the same bodies as UsdPhysics.
    """

    family: ClassVar[str] = "physics"
    order: ClassVar[int] = 1

    prims: Prims
    """What falls."""
    colliders: Prims
    """What stands: floors, tables, bins."""
    gravity: NonNegative = 9.81
    """Metres a second squared, downwards; drawn once a frame."""
    friction: NonNegative | None = None
    """Coulomb's coefficient of each copy. Two surfaces that touch take the larger of theirs."""
    restitution: Fraction | None = None
    """Speed after a bounce over that before, of each copy. Two surfaces that touch take the smaller of theirs."""
    mass_scale: Positive | None = None
    """Factor on each copy's mass and inertia."""
    inertia_scale: Positive | None = None
    """Factor on each copy's inertia besides, for a mass that is spread otherwise."""
    linear_damping: NonNegative | None = None
    """Per second: velocities decay as exp(-damping t)."""
    angular_damping: NonNegative | None = None
    """Per second: spins decay as exp(-damping t)."""
    velocity: Vector3 | None = None
    """Metres a second at the start along the world's axes; by default the items' own, which ``pose`` may draw."""
    angular_velocity: Vector3 | None = None
    """Degrees a second at the start about the world's axes; by default the items' own."""
    capture: Annotated[Value, Moment()] = REST
    """``rest``, or the seconds after which the fall is shown: the items then have the velocities of that moment, which
    cameras with a shutter blur."""
    time_limit: float = Field(default=5.0, gt=0)
    """Seconds after which what has not come to rest is shown as it is, with a warning, and with their number in each
    frame among the draws, as `parts.settle.moving`."""
    separate: bool = True
    """Raise items that overlap at the start, until they do not."""
    left: Literal["error", "hide", "keep"] = "error"
    """What happens when an item falls past all colliders: an error, it is invisible in that frame, or nothing."""

    def build(self, rep: ModuleType, context: BuildContext) -> None:
        """One randomizer.settle for all items, which fall together."""
        targets = context.targets("prims")
        rep.randomizer.settle(
            input_prims=[target.item for target in targets],
            colliders=[path for target in context.targets("colliders") for path in target.paths],
            gravity=context.draw("gravity"),
            capture=None if self.capture == REST else context.draw("capture"),
            time_limit=self.time_limit,
            separate=self.separate,
            left=self.left,
            record=context.record_name("moving") if self.capture == REST else None,
            **{
                name: [context.draw(name, target) for target in targets]
                for name in _PER_BODY
                if getattr(self, name) is not None
            },
        )
