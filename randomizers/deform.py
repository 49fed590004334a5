"""deform: things bent, twisted, tapered and dented."""

from __future__ import annotations

from types import ModuleType
from typing import Annotated, ClassVar, Literal

from pydantic import model_validator
from typing_extensions import Self

from replicator_dr.plugins import BuildContext, RandomizerPlugin
from replicator_dr.spec import NonNegative, Number, Numbers, Positive, Prims, Value, Varying
from replicator_dr.spec.model import fault, faults

_AMOUNTS = ("bend", "bend_direction", "twist", "taper", "bumps", "wavelength")


class Deform(RandomizerPlugin):
    """Change the shape of items: each copy draws for itself, and all labels follow the deformed surface.

    The maps are applied to the item as it was created, before its scale: bumps, then taper, twist and bend along an
    axis, whose low end stays where it is. Long edges are cut before, so that a cube bends as well as a dense mesh.

    Replicator has no such call: on Isaac Sim a spec with this entry runs in stepped mode, which authors the vertices
    of each frame.
    """

    family: ClassVar[str] = "geometry"
    prims: Prims
    """What is deformed."""
    bend: Number | None = None
    """Degrees by which the far end is turned against the near one, the item becoming an arc. Beyond
    115 L / w (L long, w wide) the inner side folds over."""
    bend_direction: Number | None = None
    """Degrees about the axis toward which it bends."""
    twist: Number | None = None
    """Degrees by which the far end is turned about the axis."""
    taper: Annotated[Value, Varying(Numbers(high=1))] | None = None
    """Share by which the far end is narrower; below 0 it is wider."""
    bumps: NonNegative | None = None
    """How far the surface is moved in the root mean square, as a share of the item's largest extent. Bumps above a
    tenth of their wavelength may fold over."""
    wavelength: Positive | None = None
    """Distance from bump to bump, as a share of the item's largest extent; 1 by default."""
    axis: Literal["x", "y", "z"] = "z"
    """The item's own axis that is bent, twisted and tapered along."""

    @model_validator(mode="after")
    def _something(self) -> Self:
        found = []
        if all(getattr(self, name) is None for name in ("bend", "twist", "taper", "bumps")):
            found.append(fault("nothing is deformed", "give bend, twist, taper or bumps"))
        for needed, name in (("bend", "bend_direction"), ("bumps", "wavelength")):
            if getattr(self, name) is not None and getattr(self, needed) is None:
                found.append(fault(f"{name} has no effect without {needed}", f"give {needed}", (name,), True))
        if found:
            raise faults(found)
        return self

    def build(self, rep: ModuleType, context: BuildContext) -> None:
        """One randomizer.deform for each item."""
        for target in context.targets("prims"):
            amounts = {name: context.draw(name, target) for name in _AMOUNTS if getattr(self, name) is not None}
            rep.randomizer.deform(
                **amounts, axis=self.axis, seed=context.seed("waves", target), input_prims=target.item
            )
