"""distractors: things that are not looked for."""

from __future__ import annotations

from types import ModuleType
from typing import Annotated, Any, ClassVar, Literal

from pydantic import model_validator
from typing_extensions import Self

from replicator_dr.plugins import BuildContext, RandomizerPlugin, Target
from replicator_dr.spec import CameraName, Color, Fraction, Number, Positive, Prims, Texture, Value, Varying, Vector3
from replicator_dr.spec.distributions import Choice, Uniform
from replicator_dr.spec.files import USD_SUFFIXES, File, FileNames
from replicator_dr.spec.model import fault, faults

_LOOKS = {
    "colors": "inputs:diffuse_tint",
    "textures": "inputs:diffuse_texture",
    "roughness": "inputs:reflection_roughness_constant",
    "metallic": "inputs:metallic_constant",
}
_WHERE = ("camera", "position", "surface_prims")


class Distractors(RandomizerPlugin):
    """Unlabelled things, others in each frame, flying about or lying around: shapes, meshes, or both.

    They fly in a camera's view, at a distance, or about a place; or they lie on surfaces, as they were made or on a
    side, turned at random. Each is as large as ``size`` says, whatever its file's own size. Runs after cameras and
    everything else are placed. Obstacles are large ones on a floor, clutter many small ones.

    Replicator has no such call: on Isaac Sim a spec with this entry runs in stepped mode.
    """

    family: ClassVar[str] = "geometry"
    order: ClassVar[int] = 3

    paths: Annotated[tuple[File, ...], Varying(FileNames("a USD asset", USD_SUFFIXES))] | None = None
    """Files, or a pattern such as ``assets/*.usda``."""
    shapes: tuple[Literal["cube", "sphere", "cylinder", "cone", "torus"], ...] | None = None
    """Shapes, besides or instead of files; all five where neither is given."""
    weights: tuple[float, ...] | None = None
    """Weight of each file and shape, files first; equal by default."""
    count: tuple[int, int] = (1, 8)
    """[least, most]: how many there are, drawn evenly."""
    size: Positive = Uniform(0.05, 0.3)
    """Largest extent in metres."""
    camera: CameraName | None = None
    """Flying anywhere in this camera's view, at ``distance``."""
    distance: Positive | None = None
    """Metres in front of the camera, with camera."""
    horizontal: Number = Uniform(-1.0, 1.0)
    """With camera: where across the image, -1 its left and 1 its right border."""
    vertical: Number = Uniform(-1.0, 1.0)
    """With camera: where up the image, -1 its lower and 1 its upper border."""
    position: Vector3 | None = None
    """Flying at this place in metres, such as ``{uniform: [[-1, -1, 0], [1, 1, 2]]}``."""
    surface_prims: Prims | None = None
    """Lying on these surfaces."""
    avoid: Prims | None = None
    """With surface_prims: what they do not lie on or touch."""
    colors: Color | None = None
    """Linear RGB; a texture is tinted."""
    textures: Texture | None = None
    """An image file, or a distribution of them."""
    roughness: Fraction | None = None
    """0 is a mirror, 1 is chalk."""
    metallic: Fraction | None = None
    """0 or 1 for most things."""

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        found = []
        given = [name for name in _WHERE if getattr(self, name) is not None]
        if len(given) != 1:
            message = f"{' and '.join(given)} exclude each other" if given else "nothing says where they are"
            found.append(fault(message, f"give one of {', '.join(_WHERE)}"))
        if (self.camera is None) != (self.distance is None):
            name = "camera" if self.camera is None else "distance"
            found.append(fault("camera and distance belong together", f"give {name}"))
        if self.avoid is not None and self.surface_prims is None:
            found.append(fault("what flies avoids nothing", "give surface_prims, or remove avoid", ("avoid",), True))
        if not 0 <= self.count[0] <= self.count[1] or not self.count[1]:
            message = f"[{self.count[0]}, {self.count[1]}] is not [least, most]"
            found.append(fault(message, "0 <= least <= most, and most above 0", ("count",)))
        number = len(self.paths or ()) + len(self._shapes())
        if self.weights is not None and len(self.weights) != number:
            message = f"{len(self.weights)} weights for {number} files and shapes"
            found.append(fault(message, "give one weight each", ("weights",)))
        if found:
            raise faults(found)
        return self

    def _shapes(self) -> tuple[str, ...]:
        default = () if self.paths is not None else ("cube", "sphere", "cylinder", "cone", "torus")
        return default if self.shapes is None else self.shapes

    def build(self, rep: ModuleType, context: BuildContext) -> None:
        """randomizer.populate, then what the fields say about its places and copies."""
        item = rep.randomizer.populate(
            paths=[str(path) for path in self.paths or ()],
            shapes=[shape.capitalize() for shape in self._shapes()],
            count=context.draw_value(Choice(tuple(range(self.count[0], self.count[1] + 1))), "count"),
            weights=self.weights,
            stand=self.surface_prims is not None,
            seed=context.seed("populate"),
        )
        self._look(rep, context, item)
        rep.modify.pose(scale=context.draw("size"), input_prims=item)
        if self.surface_prims is not None:
            self._lie(rep, context, item)
            return
        rep.randomizer.rotation(seed=context.seed("rotation"), input_prims=item)
        if self.camera is None:
            rep.modify.pose(position=context.draw("position"), input_prims=item)
            return
        camera = context.target(self.camera)
        rep.randomizer.place_in_view(
            camera=camera.paths[0],
            **{name: context.draw(name) for name in ("distance", "horizontal", "vertical")},
            aspect=context.aspect(camera),
            input_prims=item,
        )

    def _lie(self, rep: ModuleType, context: BuildContext, item: Any) -> None:
        turn: Value = Uniform(0.0, 360.0)
        rep.modify.pose(rotation_z=context.draw_value(turn, "rotation_z"), input_prims=item)
        rep.randomizer.scatter_2d(
            surface_prims=[path for target in context.targets("surface_prims") for path in target.paths],
            no_coll_prims=[path for target in context.targets("avoid") for path in target.paths] or None,
            check_for_collisions=True,
            seed=context.seed("scatter_2d"),
            input_prims=item,
        )

    def _look(self, rep: ModuleType, context: BuildContext, item: Any) -> None:
        """Materials of its own for each copy, where anything of them varies."""
        fields = [name for name in _LOOKS if getattr(self, name) is not None]
        if not fields:
            return
        places = tuple(str(prim.GetPath()) for prim in item.get_output_prims()["prims"])
        for shaders in context.shaders(Target(places[0], "distractors", item, places)):
            for name in fields:
                rep.modify.attribute(_LOOKS[name], context.draw(name), input_prims=shaders)
