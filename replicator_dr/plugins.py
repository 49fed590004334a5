"""What a third party derives from to add a randomizer or a writer, and how it makes it known.

A randomizer is one class. Its fields are its YAML, its docstrings are its documentation, ``build`` makes rep calls::

    from replicator_dr.plugins import BuildContext, RandomizerPlugin
    from replicator_dr.spec import Number, Prims

    class Wobble(RandomizerPlugin):
        '''Tilt prims a little about the X axis.'''

        prims: Prims
        '''What is tilted.'''
        angle: Number = 5.0
        '''Degrees, a constant or a distribution.'''

        def build(self, rep, context):
            for target in context.targets("prims"):
                rep.modify.pose(rotation_x=context.draw("angle", target), input_prims=target.item)

In a package, declare it in ``pyproject.toml``::

    [project.entry-points."replicator_dr.randomizers"]
    wobble = "my_package.wobble:Wobble"

In a script or a test, ``register_randomizer(Wobble)`` does. A spec then says ``- wobble: {prims: mugs, angle: 8}``.
Writers work the same, with the group ``replicator_dr.writers`` and :class:`WriterPlugin`.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Any, ClassVar, Protocol, TypeVar

from replicator_dr.spec.model import Model
from replicator_dr.spec.registry import RANDOMIZERS, WRITERS, kind_of

__all__ = [
    "BuildContext",
    "RandomizerPlugin",
    "Target",
    "WriterPlugin",
    "kind_of",
    "register_randomizer",
    "register_writer",
]


@dataclass(frozen=True)
class Target:
    """One created item that a randomizer acts on.

    name: its key under ``create``. kind: ``cube``, ``from_usd``, ``light``... item: the ReplicatorItem, for
    ``input_prims=``. paths: the prim paths of its copies, in order; draws are made one per copy.
    """

    name: str
    kind: str
    item: Any
    paths: tuple[str, ...]


class BuildContext(Protocol):
    """What ``build`` may ask of the graph that is being built."""

    def targets(self, field: str) -> list[Target]:
        """The created items that a field of references stands for, groups taken apart, each once.

        One rep call per target keeps the draws of an item as they are when another item is added to its group.
        """

    def target(self, name: str) -> Target:
        """The created item of that name."""

    def draw(self, field: str, target: Target | None = None) -> Any:
        """What to hand to rep for a field: its constant, or a distribution with its own stable seed and name.

        field: the name of a field of this randomizer. target: the item that is varied; its copies draw one each.
        None for a field that was not given.
        """

    def draw_value(self, value: Any, place: str, target: Target | None = None) -> Any:
        """As :meth:`draw`, for a value that is not a field itself. place: a name for it within this entry."""

    def draw_f_stop(self, field: str, target: Target) -> Any:
        """As :meth:`draw`, for the aperture number of a camera, which USD counts in other units."""

    def draw_beside(self, field: str, target: Target) -> dict[str, Any]:
        """As :meth:`draw`, for the baseline of a camera that is a right eye: what ``modify.pose`` takes for it.

        EngineError for a camera that is none.
        """

    def draw_scaled(self, field: str, target: Target, of: str) -> Any:
        """A field's value times the number that the item was created with. of: the field of the created item."""

    def own(self, kind: str, place: str, target: Target | None = None, **inputs: Any) -> Any:
        """A distribution of this project's own, ``rep.distribution.<kind>(**inputs)``, with a stable seed and name.

        UnsupportedError on a runtime that lacks it, which is Isaac Sim in graph mode. place: as in :meth:`draw_value`.
        """

    def aspect(self, camera: Target) -> float:
        """Width over height of the images that a camera makes; of the widest and the highest, where they differ."""

    def chance(self, probability: float, target: Target) -> Any:
        """Truth values, one for each copy, that are true with that probability."""

    def subset(self, least: int, most: int, weights: tuple[float, ...] | None = None, place: str = "count") -> Any:
        """Truth values over all prims of one rep call, of which ``least`` to ``most`` are true, evenly drawn.

        weights: one a prim, how readily each is taken; all alike by default. place: a name for it within this entry.
        """

    def seed(self, place: str, target: Target | None = None) -> int:
        """A stable seed for a rep call of this entry that takes one, in 1 .. 2**31 - 1."""

    def record_name(self, place: str, target: Target | None = None) -> str:
        """The name under which a draw of this entry is recorded, for rep calls that record their own."""

    def images(self, camera: Target) -> list[tuple[str, tuple[int, int]]]:
        """(path of the camera, (width, height) in pixels) of every image that is made with a created camera.

        EngineError where no render product shows it.
        """

    def shaders(self, target: Target) -> list[Any]:
        """The OmniPBR shaders of the target's own materials, for ``modify.attribute``: an item for each part.

        Each copy has materials of its own, made once for all randomizers. They begin with what the asset has bound;
        ``inputs:diffuse_tint`` is the base colour, with or without a texture.
        """


class RandomizerPlugin(Model):
    """A randomizer: the fields are what a spec may write; ``build`` runs inside the trigger of its entry.

    order: entries of a trigger run in the order of the spec, those of a higher order after all of a lower one. 0 sets
    shapes and looks, 1 places by the shapes (scatter), 2 looks at what was placed (cameras), 3 places by what they see.

    family: what ``--without`` and ``--only`` call it beside its kind: lights, materials, textures, cameras, placement,
    physics, sensors, or another word.
    """

    order: ClassVar[int] = 0
    family: ClassVar[str] = ""

    @property
    def moment(self) -> int:
        """The order of this very entry, where its fields change that of its kind."""
        return type(self).order

    @abstractmethod
    def build(self, rep: ModuleType, context: BuildContext) -> None:
        """Make the rep calls of this entry. rep: the active runtime's ``omni.replicator.core``."""


class WriterPlugin(Model):
    """A writer: the fields are what a spec may write; ``build`` gives the rep Writer that does the work."""

    output_dir: str = "_out"
    """Folder of the dataset; a relative one lies below the current working directory."""

    @classmethod
    def register(cls, rep: ModuleType) -> None:
        """Make the rep Writer known in ``rep.WriterRegistry``, so that other tools of the runtime can use it too."""

    @abstractmethod
    def build(self, rep: ModuleType, dataset_info: Mapping[str, Any]) -> Any:
        """An initialised rep Writer, not yet attached.

        dataset_info: plain JSON about the run: ``name``, ``seed``, ``spec`` (resolved), ``spec_hash``, ``versions``.
        """


R = TypeVar("R", bound=type[RandomizerPlugin])
W = TypeVar("W", bound=type[WriterPlugin])


def register_randomizer(cls: R) -> R:
    """Make a randomizer usable in this process under its class name in snake_case; usable as a decorator."""
    RANDOMIZERS.register(cls)
    return cls


def register_writer(cls: W) -> W:
    """Make a writer usable in this process under its class name in snake_case; usable as a decorator."""
    WRITERS.register(cls)
    return cls
