"""camera_shake: cameras that are held by a hand."""

from __future__ import annotations

from types import ModuleType
from typing import Annotated, ClassVar

from pydantic import Field, model_validator
from typing_extensions import Self

from replicator_dr.plugins import BuildContext, RandomizerPlugin
from replicator_dr.spec import Cameras, Numbers
from replicator_dr.spec.model import fault, faults
from replicator_dr.spec.varying import Fixed

Spread = Annotated[tuple[float, float, float], Fixed(Numbers(size=3, low=0, repeat=True))]


class CameraShake(RandomizerPlugin):
    """Turn and shift cameras a little about the pose that they have, as in a hand or on a vehicle.

    Each number is normal with mean 0. Frames are independent, or follow each other smoothly. What is below a camera
    moves with it: the right eye of a stereo pair, the other cameras of a rig. On Isaac Sim in stepped mode, as
    Replicator has no such node. Runs after cameras are placed.
    """

    family: ClassVar[str] = "cameras"
    order: ClassVar[int] = 3

    cameras: Cameras
    """What shakes."""
    rotation: Spread | None = None
    """Standard deviation in degrees, one for all or three: about the image's x axis (pitch), its y axis (yaw) and the
    optical axis (roll)."""
    position: Spread | None = None
    """Standard deviation in metres, one for all or three: to the right, up, and along the optical axis."""
    smooth: int = Field(default=0, ge=0)
    """0: frames are independent. Otherwise firings from one independent pose to the next, with a cubic B-spline between
    them; 10 at 30 frames a second is a hand."""

    @model_validator(mode="after")
    def _something(self) -> Self:
        if self.rotation is None and self.position is None:
            raise faults([fault("nothing is varied", "give rotation or position")])
        return self

    def build(self, rep: ModuleType, context: BuildContext) -> None:
        """randomizer.shake of our own."""
        for target in context.targets("cameras"):
            drawn = {
                name: context.own("drift", name, target, std=std, smooth=self.smooth)
                for name, std in (("rotation", self.rotation), ("position", self.position))
                if std is not None
            }
            rep.randomizer.shake(**drawn, input_prims=target.item)
