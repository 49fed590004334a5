"""occluders: things in front of what is looked at."""

from __future__ import annotations

from types import ModuleType
from typing import Annotated, ClassVar

from replicator_dr.plugins import BuildContext, RandomizerPlugin
from replicator_dr.spec import CameraName, Fraction, Number, Numbers, Positive, Prims, Value, Varying
from replicator_dr.spec.distributions import Uniform


class Occluders(RandomizerPlugin):
    """Put items between a camera and targets, so that each hides about a drawn share of one.

    An item is scaled so that it looks ``size`` times as large as its target, and moved aside until the outlines of both
    (their convex hulls) overlap by ``cover`` of the target's. Runs after the camera is placed. How many occluders there
    are is said by ``visibility``; what shows is measured by ``require``.

    Replicator has no such call: on Isaac Sim a spec with this entry runs in stepped mode.
    """

    family: ClassVar[str] = "geometry"
    order: ClassVar[int] = 3

    prims: Prims
    """What stands in the way."""
    targets: Prims
    """What is hidden; each copy of the occluders draws one of their copies."""
    camera: CameraName
    """From where it is hidden."""
    cover: Fraction = 0.5
    """Share of the target's outline to hide."""
    depth: Annotated[Value, Varying(Numbers(low=0, high=1, open_low=True))] = 0.6
    """Where on the way from the camera, 0, to the target, 1."""
    size: Positive = 1.0
    """How large it looks beside the target: 2 for twice the width and height."""
    angle: Number = Uniform(0.0, 360.0)
    """Degrees about the camera's axis to the side it stands on: 0 to the right, 90 up. All sides by default."""

    def build(self, rep: ModuleType, context: BuildContext) -> None:
        """One randomizer.occlude for each item."""
        camera = context.target(self.camera)
        for target in context.targets("prims"):
            rep.randomizer.occlude(
                camera=camera.paths[0],
                target_prims=[path for aim in context.targets("targets") for path in aim.paths],
                **{name: context.draw(name, target) for name in ("cover", "depth", "size", "angle")},
                turn=context.draw_value(Uniform(0.0, 1.0), "target", target),
                aspect=context.aspect(camera),
                input_prims=target.item,
            )
