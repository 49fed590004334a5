"""The spec: one scene, what varies in it, who looks at it and what is written."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Set as AbstractSet
from typing import Annotated, Any, Literal

from pydantic import Field, PrivateAttr, ValidationInfo, field_validator, model_validator
from typing_extensions import Self

from replicator_dr.errors import position_text
from replicator_dr.spec.cameras import Camera
from replicator_dr.spec.correlations import Correlation, correlation_faults
from replicator_dr.spec.create import CreateSection
from replicator_dr.spec.designs import Design, DesignsSection, factor_draw, shared_names
from replicator_dr.spec.document import Node
from replicator_dr.spec.draws import DrawsSection
from replicator_dr.spec.elements import Names
from replicator_dr.spec.existing import Existing
from replicator_dr.spec.items import Group, Item
from replicator_dr.spec.lenses import Lens
from replicator_dr.spec.model import Model, fault, faults
from replicator_dr.spec.output import RenderProduct, WriterEntry, WritersSection
from replicator_dr.spec.pins import EdgeCases, FixedSection, Given, Pin, Pins, resolved_pins
from replicator_dr.spec.references import leaves
from replicator_dr.spec.renderer import Renderer
from replicator_dr.spec.require import Requirement, RequireSection, requirement_faults
from replicator_dr.spec.require_draws import DrawsCondition, draws_faults
from replicator_dr.spec.settle import SharedDraw
from replicator_dr.spec.stage import NEW, StageField
from replicator_dr.spec.triggers import OnFrame, Trigger, TriggersSection, listed

MAX_SEED = 2**63 - 1
_HOW = ("mode", "num_envs", "env_spacing", "redraws")
"""Fields that say how frames are made, not what they show."""


class Spec(Model):
    """A whole spec, resolved and checked. Units are metres, degrees, Z up; times are frames."""

    name: str = Field(default="scene", pattern=r"^[A-Za-z0-9_.-]+$")
    """Name of the dataset."""
    description: str = ""
    """What the scene shows."""
    seed: int = Field(default=0, ge=0, le=MAX_SEED)
    """Decides all draws; 0 is a seed like any other."""
    stage: Annotated[str, StageField()] = NEW
    """What the scene is built on: ``new``, an empty stage; a USD file, which is never changed; or ``current``, the
    stage that is open in the process that builds the graph."""
    mode: Literal["auto", "graph", "stepped"] = "auto"
    """How it runs on Isaac Sim: ``graph``, Replicator's own graph draws; ``stepped``, the embedded runtime's draws are
    applied frame by frame, equal in numbers; ``auto``, graph where it can be expressed. No effect elsewhere."""
    num_envs: int = Field(default=1, ge=1)
    """Environments side by side on Isaac Sim: frame t * num_envs + e is environment e at tick t. Frames do not depend
    on it; the embedded runtime renders them in batches anyway."""
    env_spacing: float = Field(default=10.0, gt=0)
    """Metres between environments."""
    renderer: Renderer | None = None
    """How colour images are made; by default the embedded runtime's raster, or what Isaac Sim is set to."""
    draws: Annotated[dict[str, SharedDraw], DrawsSection()] = Field(default_factory=dict)
    """Distributions with a name, for fields that vary together."""
    designs: Annotated[dict[str, Design], DesignsSection()] = Field(default_factory=dict)
    """Sweeps over factors, which fields use as they use draws: frame k takes point k."""
    correlations: tuple[Correlation, ...] = ()
    """Which of the draws go together, by a Gaussian copula."""
    create: Annotated[dict[str, Item], CreateSection()] = Field(default_factory=dict)
    """What stands in the scene: names, and what each stands for."""
    triggers: Annotated[tuple[Trigger, ...], TriggersSection()] = ()
    """What varies, and when."""
    require: Annotated[tuple[Requirement, ...], RequireSection()] = ()
    """What a frame must show; one that does not is drawn anew."""
    redraws: int = Field(default=100, ge=0, le=100_000)
    """How often a frame is drawn anew at most; a frame that still does not meet ``require`` then is an error."""
    edge_cases: Annotated[tuple[Given, ...], EdgeCases()] = ()
    """Exact values in named frames, over what is drawn: a list for the first frames, or frames with their values."""
    fixed: Annotated[tuple[Given, ...], FixedSection()] = ()
    """Exact values in all frames, over what is drawn: names with their values."""
    render_products: tuple[RenderProduct, ...] = ()
    """Which cameras look, and at which resolution."""
    writers: Annotated[tuple[WriterEntry, ...], WritersSection()] = ()
    """What is written."""

    _document: dict[str, Any] = PrivateAttr(default_factory=dict)
    _source: str = PrivateAttr(default="")
    _root: Node | None = PrivateAttr(default=None)
    _pins: Pins = PrivateAttr(default_factory=Pins)

    @field_validator("render_products", mode="before")
    @classmethod
    def _a_list(cls, raw: Any) -> Any:
        entries, found = listed(raw, "render products")
        if found:
            raise faults(found)
        return tuple(entries)

    @model_validator(mode="after")
    def _pinned(self, info: ValidationInfo) -> Self:
        self._pins, found = resolved_pins(self, info)
        if found:
            raise faults(found)
        return self

    @model_validator(mode="after")
    def _something_to_write(self) -> Self:
        found = [*_rings(self), *_lenses(self), *_pairs(self), *_requirements(self)]
        found += correlation_faults(self.correlations, self.draws)
        if self.stage == NEW:
            for name, item in self.create.items():
                if isinstance(item, Existing):
                    message = f"'{name}' stands for prims of the stage, and a new stage has none"
                    found.append(fault(message, "give stage: current, or a USD file", ("create", name), True))
        if self.writers and not self.render_products:
            message = "writers need something to write, but there are no render products"
            hint = "add render_products: [{cameras: ..., resolution: [640, 480]}]"
            found.append(fault(message, hint, ("writers",), True))
        if found:
            raise faults(found)
        return self

    @property
    def source(self) -> str:
        """The file that the spec was read from, as its user named it; empty for one made in memory."""
        return self._source

    def factor(self, name: str) -> tuple[str, str] | None:
        """The design and the factor that ``$name`` stands for; None for a draw."""
        return self.factors().get(name)

    def factors(self) -> dict[str, tuple[str, str]]:
        """{name: (design, factor)} of all names that stand for factors."""
        return shared_names(self.draws, self.designs)

    def full_name(self, draw: str) -> str:
        """``intensity`` -> ``sweep.intensity`` for a factor; a draw's name as it is."""
        place = self.factor(draw)
        return draw if place is None else ".".join(place)

    def pinned(self, place: str, value: Any) -> Any:
        """What stands at a place, with the exact values of ``edge_cases`` and ``fixed`` over it.

        place: the name of a recorded draw, or ``$`` and the full name of a draw.
        """
        pin = self._pins.by_place.get(place)
        return value if pin is None else pin.over(value)

    def exact(self, place: str) -> Pin | None:
        """The exact values of a place, as :meth:`pinned` takes it."""
        return self._pins.by_place.get(place)

    def unmet_pins(self, places: AbstractSet[str]) -> str | None:
        """A name in ``edge_cases`` or ``fixed`` of which no place is among those; None where there is none."""
        unmet = (name for name, own in self._pins.places.items() if own and not own & places)
        return next(unmet, None)

    def shared(self, name: str) -> SharedDraw:
        """The draw that ``$name`` stands for; of a factor its distribution, one value a frame."""
        place = self.factor(name)
        return self.draws[name] if place is None else factor_draw(self.designs[place[0]], place[1])

    def laws(self) -> dict[str, Any]:
        """What each shared draw, and each factor of a design, is drawn from."""
        return {name: self.shared(name).distribution for name in (*self.draws, *self.factors())}

    def position(self, *path: int | str) -> str:
        """Where the value at a path was written, its key, as ``file:line:column``; empty where nobody knows."""
        if self._root is None:
            return ""
        mark = self._root.locate(path, True)
        return position_text(mark.file, mark.line, mark.column)

    def resolved(self) -> dict[str, Any]:
        """The spec as plain YAML data, ``extends`` and command line overrides applied."""
        copy: dict[str, Any] = json.loads(json.dumps(self._document))
        return copy

    def digest(self) -> str:
        """SHA-256 of the resolved spec: equal for equal frames, wherever they are stored and however they are made."""
        document = {name: value for name, value in self._document.items() if name not in _HOW}
        text = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()

    def leaves(self, *references: str) -> list[str]:
        """The created items that the names stand for, groups taken apart, in the order of ``create``."""
        names = Names({name: item.kind for name, item in self.create.items()}, self._members(), {})
        found = {leaf for name in references for leaf in leaves(name, names)}
        return [name for name in self.create if name in found]

    def _members(self) -> dict[str, tuple[str, ...]]:
        return {name: item.items for name, item in self.create.items() if isinstance(item, Group)}


def _requirements(spec: Spec) -> Any:
    """Faults of conditions that depend on triggers and render products."""
    every_frame = any(isinstance(t.when, OnFrame) and t.when.interval == 1 and _active(t) for t in spec.triggers)
    looked_through = spec.leaves(*(name for entry in spec.render_products for name in entry.cameras))
    yield from requirement_faults(spec.require, every_frame, looked_through, spec.leaves)
    once = [*spec.create.values(), *spec.render_products]
    for index, entry in enumerate(spec.require):
        if isinstance(entry.condition, DrawsCondition):
            place = ("require", index, entry.kind)
            yield from draws_faults(place, entry.condition, spec.draws, spec.triggers, once)


def _active(trigger: Trigger) -> bool:
    return any(entry.run == "always" for entry in trigger.randomize)


def _lenses(spec: Spec) -> Any:
    """Faults for randomizers that vary a lens which their cameras do not have."""
    for i, trigger in enumerate(spec.triggers):
        for j, entry in enumerate(trigger.randomize):
            lens = getattr(entry.randomizer, "lens", None)
            if not isinstance(lens, Lens):
                continue
            for name in spec.leaves(*getattr(entry.randomizer, "cameras", ())):
                item = spec.create[name]
                own = getattr(item, "lens", None)
                if not isinstance(item, Existing) and (own is None or own.model != lens.model):
                    has = "has no lens" if own is None else f"has a lens of the model {own.model}"
                    place = ("triggers", i, "randomize", j, entry.kind, "lens")
                    hint = f"create it with lens: {{model: {lens.model}}}"
                    yield fault(f"the camera '{name}' {has}", hint, place, True)


def _pairs(spec: Spec) -> Any:
    """Faults for right eyes whose left eye cannot be one."""
    for name, item in spec.create.items():
        stereo = item.stereo if isinstance(item, Camera) else None
        if stereo is None:
            continue
        left = spec.create[stereo.left]
        place = ("create", name, "camera", "stereo", "left")
        if not isinstance(left, Camera) or left.stereo is not None:
            what = "stands on the stage" if isinstance(left, Existing) else "is a right eye itself"
            yield fault(f"the camera '{stereo.left}' {what}", "name a camera that the spec creates", place)
        elif left.count > 1:
            yield fault(f"'{stereo.left}' is {left.count} cameras", "a pair is one and one; create more items", place)


def _rings(spec: Spec) -> Any:
    """Faults for groups and parents that contain themselves."""
    below: dict[str, tuple[str, ...]] = {
        name: item.items if isinstance(item, Group) else tuple(filter(None, [getattr(item, "parent", None)]))
        for name, item in spec.create.items()
    }
    for name, item in spec.create.items():
        seen: set[str] = set()
        queue = list(below[name])
        while queue:
            step = queue.pop()
            if step == name:
                what, key = ("group", "group") if isinstance(item, Group) else ("item", "parent")
                place = ("create", name, key) if key == "group" else ("create", name)
                yield fault(f"the {what} '{name}' contains itself", "cut the ring", place, True)
                break
            if step not in seen:
                seen.add(step)
                queue += below.get(step, ())
