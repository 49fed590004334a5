"""instantiate: another population of assets each time."""

from __future__ import annotations

from types import ModuleType
from typing import Annotated, ClassVar, Literal

from pydantic import model_validator
from typing_extensions import Self

from replicator_dr.plugins import BuildContext, RandomizerPlugin
from replicator_dr.spec import Count, Prims, Scale3, Semantics, Size3, Value, Vector3
from replicator_dr.spec.distributions import Choice, Sequence
from replicator_dr.spec.files import USD_SUFFIXES, File, FileNames
from replicator_dr.spec.model import fault, faults
from replicator_dr.spec.varying import Varying


class Instantiate(RandomizerPlugin):
    """Choose assets at random and place them: which ones appear, and how many, changes at each firing."""

    family: ClassVar[str] = "placement"
    order: ClassVar[int] = 1

    paths: Annotated[tuple[File, ...], Varying(FileNames("a USD asset", USD_SUFFIXES))]
    """A file, a list of files, or a pattern such as ``assets/*.usda``."""
    size: Count | None = None
    """How many appear: a number, or a choice among numbers, 0 too."""
    count: tuple[int, int] | None = None
    """[least, most]: how many appear, drawn evenly, instead of size."""
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
        if (self.size is None) == (self.count is None):
            message = "nothing says how many appear" if self.size is None else "size and count exclude each other"
            found.append(fault(message, "give one of size, count"))
        if self.count is not None and not (0 <= self.count[0] <= self.count[1] and self.count[1] > 0):
            message = f"[{self.count[0]}, {self.count[1]}] is not [least, most]"
            found.append(fault(message, "0 <= least <= most, and most above 0", ("count",)))
        if self.size == 0:
            found.append(fault("a size of 0 shows nothing", "give 1 or more, or a choice that holds 0", ("size",)))
        if not self.with_replacements and self._most() > len(self.paths):
            message = f"{self._most()} of {len(self.paths)} files without repetition"
            where = "size" if self.count is None else "count"
            found.append(fault(message, f"lower {where}, add files, or set with_replacements: true", (where,)))
        for first, second in (("extent", "scale"), ("surface_prims", "position")):
            if getattr(self, first) is not None and getattr(self, second) is not None:
                found.append(fault(f"{first} and {second} exclude each other", "keep one of them", (first,), True))
        if found:
            raise faults(found)
        return self

    def _most(self) -> int:
        """The greatest number that can appear, as far as the spec says it."""
        if self.count is not None:
            return self.count[1]
        if isinstance(self.size, (Choice, Sequence)):
            return max(int(number) for number in (*getattr(self.size, "choices", ()), *getattr(self.size, "items", ())))
        return self.size if isinstance(self.size, int) else 0

    def _number(self) -> Value | None:
        """How many appear; where a range says it, each number of it equally often."""
        return self.size if self.count is None else Choice(tuple(range(self.count[0], self.count[1] + 1)))

    def build(self, rep: ModuleType, context: BuildContext) -> None:
        """randomizer.instantiate, then modify.pose and scatter_2d on what it gives."""
        labels = None
        if self.semantics is not None:
            labels = {kind: list(values) if len(values) > 1 else values[0] for kind, values in self.semantics.items()}
        item = rep.randomizer.instantiate(
            paths=[str(path) for path in self.paths],
            size=context.draw_value(self._number(), "count"),
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
