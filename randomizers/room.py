"""room: a floor, walls and a ceiling around the scene."""

from __future__ import annotations

from types import ModuleType
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, model_validator
from typing_extensions import Self

from replicator_dr.plugins import BuildContext, RandomizerPlugin
from replicator_dr.spec import Color, Fraction, Model, Numbers, Positive, Semantics, Texture, Value, Varying
from replicator_dr.spec.model import fault, faults

_INPUTS = {
    "texture": "diffuse_texture",
    "color": "diffuse_tint",
    "roughness": "reflection_roughness_constant",
    "metallic": "metallic_constant",
}
_GROUPS = ("floor", "walls", "ceiling")


class Look(Model):
    """How a side of a room looks."""

    texture: Texture | None = None
    """An image file, or a distribution of them."""
    color: Color | None = None
    """Linear RGB; a texture is tinted."""
    roughness: Fraction | None = None
    """0 is a mirror, 1 is chalk."""
    metallic: Fraction | None = None
    """0 or 1 for most things."""
    semantics: Semantics | None = None
    """Labels, such as ``{class: floor}``; none by default."""


class Room(RandomizerPlugin):
    """Surround the scene with a room whose size and surfaces vary; pictures keep their size on its sides.

    Replicator has no such call: on Isaac Sim a spec with this entry runs in stepped mode.
    """

    family: ClassVar[str] = "geometry"
    width: Positive = 6.0
    """Metres along X."""
    depth: Positive = 6.0
    """Metres along Y."""
    height: Positive = 2.8
    """Metres."""
    center: tuple[float, float, float] = (0.0, 0.0, 0.0)
    """The middle of the floor in metres."""
    sides: tuple[Literal["floor", "back", "front", "left", "right", "ceiling"], ...] = Field(
        default=("floor", "back", "front", "left", "right", "ceiling"), min_length=1
    )
    """What there is of it: back is at +Y, front at -Y, left at -X, right at +X."""
    floor: Look = Look()
    """How the floor looks."""
    walls: Look = Look()
    """How the walls look, all of them alike."""
    ceiling: Look = Look()
    """How the ceiling looks."""
    floor_tile: Annotated[Value, Varying(Numbers(low=0, open_low=True, unit="m"))] = 2.0
    """Metres that a picture covers on floor and ceiling."""
    wall_tile: Annotated[Value, Varying(Numbers(low=0, open_low=True, unit="m"))] = 2.0
    """Metres that a picture covers on walls."""

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        if len(set(self.sides)) < len(self.sides):
            raise faults([fault("a side is named twice", "name each side once", ("sides",))])
        return self

    def build(self, rep: ModuleType, context: BuildContext) -> None:
        """One randomizer.room."""
        amounts = {name: context.draw(name) for name in ("width", "depth", "height", "floor_tile", "wall_tile")}
        looks: dict[str, dict[str, Any]] = {}
        labels = {}
        for group in _GROUPS:
            look: Look = getattr(self, group)
            looks[group] = {
                key: context.draw_value(getattr(look, name), f"{group}.{name}")
                for name, key in _INPUTS.items()
                if getattr(look, name) is not None
            }
            if look.semantics is not None:
                labels[group] = {kind: list(values) for kind, values in look.semantics.items()}
        rep.randomizer.room(sides=self.sides, **amounts, looks=looks, centre=self.center, semantics=labels)
