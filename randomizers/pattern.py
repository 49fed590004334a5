"""pattern: a second look, laid over surfaces by a formula."""

from __future__ import annotations

from types import ModuleType
from typing import Annotated, ClassVar

from pydantic import model_validator
from typing_extensions import Self

from replicator_dr.plugins import BuildContext, RandomizerPlugin
from replicator_dr.spec import Color, Fraction, Numbers, Prims, Value, Varying, Vector3, Words
from replicator_dr.spec.distributions import Uniform
from replicator_dr.spec.model import fault, faults

KINDS = ("noise", "marble", "checker", "stripes", "gradient", "dots")

Kind = Annotated[Value, Varying(Words(KINDS))]
Mapping = Annotated[Value, Varying(Words(("solid", "uv")))]
Octaves = Annotated[Value, Varying(Numbers(low=1, high=8, whole=True))]
Repeats = Annotated[Value, Varying(Numbers(size=3, low=0, open_low=True, repeat=True, unit="1/m"))]


class Pattern(RandomizerPlugin):
    """Lay a second look over each copy, where a pattern says: rust, dirt, marble, paint.

    The first look is what it has already, from its asset, ``materials``, ``color`` or ``texture``; of the second, what
    is not given stays as in the first. Patterns are worked out where they are seen, at any distance, without files.
    Isaac Sim's renderer has no such shader: there use ``texture`` with pictures.
    """

    family: ClassVar[str] = "textures"

    prims: Prims
    """What is covered."""
    pattern: Kind
    """noise, marble, checker, stripes, gradient or dots."""
    color: Color | None = None
    """Base colour of the second look, linear RGB."""
    roughness: Fraction | None = None
    """Its roughness: 0 is a mirror, 1 is chalk."""
    metallic: Fraction | None = None
    """0 is a dielectric, 1 is a metal."""
    amount: Fraction = 0.5
    """Share that it covers, of noise, marble and stripes; the diameter of dots. Others are of equal shares."""
    softness: Fraction = 0.05
    """Over which share of a repeat the two looks turn into each other; of noise, of its range of heights."""
    scale: Repeats = 10.0
    """Repeats a metre, one number or three; with ``mapping: uv`` over the texture coordinates from 0 to 1."""
    rotation: Vector3 = (0.0, 0.0, 0.0)
    """Degrees about X, Y and Z by which the pattern is turned; stripes and gradient run along its X."""
    offset: Vector3 = Uniform((0.0, 0.0, 0.0), (64.0, 64.0, 64.0))
    """Where in the pattern the thing's origin lies, in repeats; drawn, each copy has a piece of its own."""
    octaves: Octaves = 4
    """Of noise and marble: each adds details of half the size."""
    mapping: Mapping = "solid"
    """solid: through the thing, along its axes and without seams. uv: over its texture coordinates."""

    @model_validator(mode="after")
    def _something(self) -> Self:
        if self.color is None and self.roughness is None and self.metallic is None:
            raise faults([fault("the second look is the first", "give color, roughness or metallic")])
        return self

    def build(self, rep: ModuleType, context: BuildContext) -> None:
        """One modify.attribute for each item, part and field."""
        given = [name for name in type(self).model_fields if name != "prims" and getattr(self, name) is not None]
        for target in context.targets("prims"):
            for shaders in context.shaders(target):
                for field in given:
                    name = "pattern:kind" if field == "pattern" else f"pattern:{field}"
                    rep.modify.attribute(name, context.draw(field, target), input_prims=shaders)
