"""instantiate: another population of assets each time."""

from __future__ import annotations

from types import ModuleType
from typing import Annotated, ClassVar, Literal

from pydantic import Field, model_validator
from typing_extensions import Self

from replicator_dr.plugins import BuildContext, RandomizerPlugin
from replicator_dr.spec import Prims, Scale3, Semantics, Size3, Vector3
from replicator_dr.spec.files import USD_SUFFIXES, File, FileNames
from replicator_dr.spec.model import fault, faults
from replicator_dr.spec.varying import Varying


class Instantiate(RandomizerPlugin):
    """Choose assets at random and place them: which ones appear changes at each firing, their number does not."""

    family: ClassVar[str] = "placement"
    order: ClassVar[int] = 1

    paths: Annotated[tuple[File, ...], Varying(FileNames("a USD asset", USD_SUFFIXES))]
    """A file, a list of files, or a pattern such as ``assets/*.usda``."""
    size: int = Field(ge=1)
    """How many appear."""
    weights: tuple[float, ...] | None = None
    """Weight of each file; equal by default."""
    with_replacements: bool = True
    """Whether a file may appear several times at once."""
    mode: Literal["scene_instance", "point_instance", "reference"] = "scene_instance"
    """scene_instance, point_instance or reference."""
    semantics: Semantics | None = None
    """Labels of all that appear."""
    position: Vector3 | None = None
    """Metres."""
    rotation: Vector3 | None = None
    """Degrees about X, then Y, then Z."""
    scale: Scale3 | None = None
    """Factor, one for all axes or three."""
    extent: Size3 | None = None
    """Size in metres, instead of a scale: one number for the largest extent, or one an axis."""
    surface_prims: Prims | None = None
    """Surfaces over which they are scattered, instead of a position."""
    check_for_collisions: bool = False
    """Keep them from overlapping when they are scattered."""

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        found = []
        if self.weights is not None and len(self.weights) != len(self.paths):
            message = f"{len(self.weights)} weights for {len(self.paths)} files"
            found.append(fault(message, "give one weight a file", ("weights",)))
        if not self.with_replacements and self.size > len(self.paths):
            message = f"{self.size} of {len(self.paths)} files without repetition"
            found.append(fault(message, "lower size, add files, or set with_replacements: true", ("size",)))
        for first, second in (("extent", "scale"), ("surface_prims", "position")):
            if getattr(self, first) is not None and getattr(self, second) is not None:
                found.append(fault(f"{first} and {second} exclude each other", "keep one of them", (first,), True))
        if found:
            raise faults(found)
        return self

    def build(self, rep: ModuleType, context: BuildContext) -> None:
        """randomizer.instantiate, then modify.pose and scatter_2d on what it gives."""
        labels = None
        if self.semantics is not None:
            labels = {kind: list(values) if len(values) > 1 else values[0] for kind, values in self.semantics.items()}
        item = rep.randomizer.instantiate(
            paths=[str(path) for path in self.paths],
            size=self.size,
            weights=None if self.weights is None else list(self.weights),
            mode=self.mode,
            with_replacements=self.with_replacements,
            seed=context.seed("instantiate"),
            semantics=labels,
        )
        fields = {"position": "position", "rotation": "rotation", "scale": "scale", "extent": "size"}
        pose = {name: context.draw(field) for field, name in fields.items() if getattr(self, field) is not None}
        if pose:
            rep.modify.pose(**pose, input_prims=item)
        if self.surface_prims is not None:
            rep.randomizer.scatter_2d(
                surface_prims=[path for target in context.targets("surface_prims") for path in target.paths],
                check_for_collisions=self.check_for_collisions,
                seed=context.seed("scatter_2d"),
                input_prims=item,
            )
