"""What a randomizer may ask while its rep calls are made: targets, draws, seeds, materials."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from types import ModuleType
from typing import TYPE_CHECKING, Any

from replicator_dr.errors import EngineError, UnsupportedError
from replicator_dr.graph.lens import f_stop_of
from replicator_dr.graph.lower import Lowering, scaled
from replicator_dr.graph.place import Place
from replicator_dr.graph.shaders import ShaderTable
from replicator_dr.plugins import Target
from replicator_dr.pool.usd_stereo import beside
from replicator_dr.spec.distributions import Choice, Distribution, Pinned
from replicator_dr.spec.spec import Spec
from replicator_dr.spec.ties import constants_in, mapped
from replicator_dr.spec.triggers import Randomization
from replicator_dr.spec.varied import given_fields, owners

if TYPE_CHECKING:
    from pxr import Usd


@dataclass
class Built:
    """What exists so far of a graph that is being built.

    stage: what it is built on. items: the created items by name. materials: the rep items of created materials.
    occurrences: how often a kind has varied a field of an item without a name of its own, over all triggers.
    handles: of triggers, by their identity, and whether they fire once.
    """

    rep: ModuleType
    spec: Spec
    lowering: Lowering
    stage: Usd.Stage
    items: dict[str, Target] = field(default_factory=dict)
    materials: dict[str, Any] = field(default_factory=dict)
    occurrences: Counter[tuple[str, ...]] = field(default_factory=Counter)
    handles: dict[tuple[int, bool], Any] = field(default_factory=dict)
    shaders: ShaderTable = field(init=False)

    def __post_init__(self) -> None:
        self.shaders = ShaderTable(self.stage)


class EntryContext:
    """The :class:`~replicator_dr.plugins.BuildContext` of one entry of ``randomize``."""

    def __init__(self, built: Built, entry: Randomization, interval: int) -> None:
        self._built = built
        self.entry = entry
        self._interval = interval
        self._places: dict[tuple[str, ...], Place] = {}

    def targets(self, field: str) -> list[Target]:
        """The created items that a field of references stands for."""
        names = getattr(self.entry.randomizer, field)
        if names is None:
            return []
        leaves = self._built.spec.leaves(*([names] if isinstance(names, str) else names))
        return [self._built.items[name] for name in leaves]

    def target(self, name: str) -> Target:
        """The created item of that name."""
        return self._built.items[name]

    def draw(self, field: str, target: Target | None = None) -> Any:
        """A field's constant, distribution or item, as rep takes it."""
        return self.draw_value(getattr(self.entry.randomizer, field), field, target)

    def draw_scaled(self, field: str, target: Target, of: str) -> Any:
        """A field's value times what the item was created with. of: the field of the created item."""
        created = getattr(self._built.spec.create[target.name], of, None)
        if isinstance(created, bool) or not isinstance(created, (int, float)):
            where = f"{self.entry.kind}.{field}: '{target.name}'"
            if created is None:
                raise EngineError(f"{where} was not created by the spec, so its {of} is not known; vary {of} itself")
            message = f"{where} was created with {of} drawn from a distribution"
            raise EngineError(f"{message}; give it a number there, or vary {of} itself")
        return self.draw_value(scaled(self._pinned(field, target), float(created)), field, target)

    def draw_f_stop(self, field: str, target: Target) -> Any:
        """As :meth:`draw`, for an aperture number, which USD counts in other units."""
        value = f_stop_of(self._built.stage, self._pinned(field, target))
        return self.draw_value(value, field, target)

    def draw_beside(self, field: str, target: Target) -> dict[str, Any]:
        """As :meth:`draw`, for a right eye's distance from the left one: the component of its position."""
        if getattr(self._built.spec.create[target.name], "stereo", None) is None:
            raise EngineError(
                f"{self.entry.kind}.{field}: '{target.name}' is no right eye of a pair; vary the {field} of the camera "
                "that has stereo: {left: ..., baseline: ...}"
            )
        one_metre = beside(self._built.stage, 1.0)
        axis = one_metre.index(max(one_metre))
        value = scaled(self._pinned(field, target), one_metre[axis])
        return {f"position_{'xyz'[axis]}": self.draw_value(value, field, target)}

    def draw_value(self, value: Any, place: str, target: Target | None = None) -> Any:
        """A value that is not a field itself."""
        built, where = self._built, self.place(place, target)
        if not isinstance(value, Pinned):
            value = built.lowering.pinned(where.name, value)
        if isinstance(value, str) and value in built.items:
            return built.items[value].paths[0]
        if names_materials(built, value):
            return material_value(built, value, where, self._interval)
        return built.lowering.value(value, where, self._interval)

    def _pinned(self, field: str, target: Target) -> Any:
        """A field's value, with exact values over it."""
        return self._built.lowering.pinned(self.place(field, target).name, getattr(self.entry.randomizer, field))

    def count(self) -> None:
        """Take the places of an entry that is left out, so that those of later entries keep their numbers."""
        for owner in owners(self._built.spec, self.entry):
            for name, _, _ in given_fields(self.entry.randomizer):
                self._place((owner,) if owner else (), name)

    def seed(self, place: str, target: Target | None = None) -> int:
        """A stable seed for a rep call that takes one."""
        return self._built.lowering.seed(self.place(place, target))

    def record_name(self, place: str, target: Target | None = None) -> str:
        """The name under which a draw of this entry is recorded."""
        return self.place(place, target).name

    def subset(self, least: int, most: int, weights: tuple[float, ...] | None = None, place: str = "count") -> Any:
        """Truth values for several prims, of which least .. most are true."""
        return self._built.lowering.subset(least, most, self.place(place, None), weights)

    def aspect(self, camera: Target) -> float:
        """Width over height of a camera's images."""
        sizes = [size for _, size in self.images(camera)]
        return max(width for width, _ in sizes) / max(height for _, height in sizes)

    def own(self, kind: str, place: str, target: Target | None = None, **inputs: Any) -> Any:
        """One of this project's own distributions."""
        return self._built.lowering.made_of(kind, self.place(place, target), **inputs)

    def chance(self, probability: float, target: Target) -> Any:
        """Truth values that are true with that probability, one for each copy."""
        if probability in (0.0, 1.0):
            return bool(probability)
        value = Choice((True, False), weights=(probability, 1.0 - probability))
        return self._built.lowering.value(value, self.place("probability", target), self._interval)

    def images(self, camera: Target) -> list[tuple[str, tuple[int, int]]]:
        """(path of the camera, size) of every image made with a camera."""
        from replicator_dr.graph.image_sizes import sizes_of

        entries = [e for e in self._built.spec.render_products if camera.name in self._built.spec.leaves(*e.cameras)]
        sizes = dict.fromkeys(size for entry in entries for size in sizes_of(self._built, entry))
        if not sizes:
            raise EngineError(
                f"{self.entry.kind}: no render product shows the camera '{camera.name}', so its image has no size; "
                "name it in render_products"
            )
        return [(path, size) for path in camera.paths for size in sizes]

    def shaders(self, target: Target) -> list[Any]:
        """The shaders of the target's own materials."""
        return self._built.shaders.of(self._built.rep, target)

    def place(self, name: str, target: Target | None) -> Place:
        """Where a draw of this entry stands: item, entry, field. The same place each time within one entry."""
        return self._place((target.name,) if target is not None else self._subject(), name)

    def _place(self, owner: tuple[str, ...], name: str) -> Place:
        if self.entry.name is not None:
            return Place((*owner, self.entry.name, name))
        key = (*owner, self.entry.kind, name)
        if key not in self._places:
            self._built.occurrences[key] += 1
            count = self._built.occurrences[key]
            kind = self.entry.kind if count == 1 else f"{self.entry.kind}#{count}"
            self._places[key] = Place((*owner, kind, name))
        return self._places[key]

    def _subject(self) -> tuple[str, ...]:
        """The references of the entry as they are written, for draws that belong to no single item."""
        from replicator_dr.spec.references import Reference

        for name, info in type(self.entry.randomizer).model_fields.items():
            if any(isinstance(part, Reference) for part in info.metadata):
                value = getattr(self.entry.randomizer, name)
                return ("+".join([value] if isinstance(value, str) else value),)
        return ()


def names_materials(built: Built, value: Any) -> bool:
    """Whether a value is the name of a created material, or a distribution of such names."""
    options = constants_in(value)
    return bool(options) and all(isinstance(name, str) and name in built.materials for name in options)


def material_value(built: Built, value: Any, place: Place, interval: int = 1) -> Any:
    """A created material, or a distribution over created materials, as ``modify.material`` takes it."""
    if isinstance(value, str):
        return built.materials[str(value)]
    if isinstance(value, Distribution):
        return built.lowering.value(mapped(value, lambda name: built.materials[str(name)]), place, interval)
    raise UnsupportedError(f"{place.name}: a shared draw cannot choose materials; write the choice into the field")
