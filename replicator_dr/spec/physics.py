"""What an item is made of, for whatever simulates it: written on the stage as UsdPhysics."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator
from typing_extensions import Self

from replicator_dr.spec.model import Model, fault, faults


class Physics(Model):
    """A rigid body, or something that others collide with. The same on both runtimes; what varies is in ``settle``."""

    body: Literal["dynamic", "static", "kinematic"] = "dynamic"
    """dynamic falls, static never moves, kinematic moves by its pose alone."""
    collider: Literal["hull", "box", "sphere", "mesh", "decomposition"] | None = None
    """What collides: the convex hull, the bounding box, the bounding sphere, the surface itself (of what does not
    fall), or several hulls found by CoACD. By default the surface of what does not fall, box and sphere of cubes and
    spheres, and hulls."""
    mass: float | None = Field(default=None, gt=0)
    """Kilograms, instead of a density."""
    density: float | None = Field(default=None, gt=0)
    """Kilograms a cubic metre; 1000 where neither is given."""
    friction: float | None = Field(default=None, ge=0)
    """Coulomb's coefficient. Two surfaces that touch take the larger; 0.5 for what falls and says nothing."""
    restitution: float | None = Field(default=None, ge=0, le=1)
    """Speed after a bounce over that before. Two surfaces that touch take the smaller; 0 for what falls by default."""
    linear_damping: float | None = Field(default=None, ge=0)
    """Per second: velocities decay as exp(-damping t)."""
    angular_damping: float | None = Field(default=None, ge=0)
    """Per second: spins decay as exp(-damping t)."""

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        found = []
        if self.mass is not None and self.density is not None:
            found.append(fault("mass and density exclude each other", "keep one of them", ("density",), True))
        if self.body == "dynamic" and self.collider == "mesh":
            message = "what falls cannot collide with its surface"
            found.append(fault(message, "use hull, or decomposition for hollow things", ("collider",)))
        if self.body != "dynamic":
            falling = ("mass", "density", "linear_damping", "angular_damping")
            found += [
                fault(f"a {self.body} body has no {name}", "remove it, or use body: dynamic", (name,), True)
                for name in falling
                if getattr(self, name) is not None
            ]
        if found:
            raise faults(found)
        return self
