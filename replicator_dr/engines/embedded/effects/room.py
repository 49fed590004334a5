"""randomizer.room: floor, walls and ceiling that are as large as is drawn, and their pictures tiled to match."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from pxr import Usd, UsdGeom
from typing_extensions import override

from replicator_dr.engines.embedded.draws.distributions import Distribution, expand
from replicator_dr.engines.embedded.draws.own_distributions import shared
from replicator_dr.engines.embedded.effects.attribute_effect import AttributeEffect
from replicator_dr.engines.embedded.effects.posing import PosingEffect
from replicator_dr.engines.embedded.item import ReplicatorItem, make_item
from replicator_dr.engines.embedded.runtime import current
from replicator_dr.engines.embedded.usd.authoring import wrappers
from replicator_dr.engines.embedded.usd.stage import content, set_pose
from replicator_dr.engines.embedded.usd.stage_labels import parse_labels, write_labels
from replicator_dr.engines.embedded.usd.stage_materials import bind, define_omnipbr, set_shader_input, shader_of
from replicator_dr.engines.embedded.usd.stage_shapes import author_primitive

if TYPE_CHECKING:
    from replicator_dr.engines.embedded.firing import Firing
    from replicator_dr.engines.embedded.scene.plan import Plan

KIND = "randomizer.room"
SIDES = ("floor", "back", "front", "left", "right", "ceiling")
TURNS = {
    "floor": (0.0, 0.0, 0.0),
    "ceiling": (180.0, 0.0, 0.0),
    "back": (90.0, 0.0, 0.0),
    "front": (90.0, 0.0, 180.0),
    "left": (90.0, 0.0, 90.0),
    "right": (90.0, 0.0, -90.0),
}
"""XYZ angles at which a plane faces inward; back is +Y, left -X."""
PLACES = {
    "floor": (0.0, 0.0, 0.0),
    "ceiling": (0.0, 0.0, 1.0),
    "back": (0.0, 0.5, 0.5),
    "front": (0.0, -0.5, 0.5),
    "left": (-0.5, 0.0, 0.5),
    "right": (0.5, 0.0, 0.5),
}
"""Middles, in shares of width, depth and height."""
SPANS = {"floor": (0, 1), "ceiling": (0, 1), "back": (0, 2), "front": (0, 2), "left": (1, 2), "right": (1, 2)}
"""Which of width, depth and height a plane's own x and y are."""
AMOUNTS = ("width", "depth", "height", "floor_tile", "wall_tile")


def room(
    sides: Sequence[str],
    width: Any,
    depth: Any,
    height: Any,
    looks: dict[str, dict[str, Any]],
    floor_tile: Any = 2.0,
    wall_tile: Any = 2.0,
    centre: Sequence[float] = (0.0, 0.0, 0.0),
    semantics: dict[str, Any] | None = None,
    name: str | None = None,
) -> ReplicatorItem:
    """The sides of a room [m] around a point of its floor, that is drawn anew at each firing.

    looks: for "floor", "walls" and "ceiling", values of OmniPBR inputs; all walls look alike. floor_tile, wall_tile:
    width and height [m] of a picture on floor and ceiling, and on walls. semantics: labels by the same names.
    """
    unknown = [side for side in sides if side not in SIDES]
    if unknown or not sides:
        raise ValueError(f"{KIND}: sides are {list(sides)}; give some of {', '.join(SIDES)}")
    stage = current().stage

    def author(stage: Usd.Stage, path: str, _: int) -> None:
        author_primitive(stage, f"{path}/Plane", "Plane", 1.0 / UsdGeom.GetStageMetersPerUnit(stage))

    item = wrappers(KIND, "Side", {"count": len(sides), "name": name}, author)
    paths = dict(zip(sides, item.paths, strict=True))
    materials: dict[str, str] = {}
    for side, path in paths.items():
        set_pose(stage.GetPrimAtPath(path), (0.0, 0.0, 0.0), TURNS[side], (1.0, 1.0, 1.0))
        material = define_omnipbr(stage, f"Room_{side}")
        set_shader_input(shader_of(material), "enable_emission", False)
        bind(content(stage.GetPrimAtPath(path)), material)
        materials[side] = str(material.GetPath())
        if semantics and group_of(side) in semantics:
            write_labels(stage.GetPrimAtPath(path), parse_labels(semantics[group_of(side)], KIND))
    inputs = {"width": width, "depth": depth, "height": height, "floor_tile": floor_tile, "wall_tile": wall_tile}
    make_item(RoomEffect(paths, materials, tuple(centre), inputs))
    for group, values in looks.items():
        where = [path for side, path in materials.items() if group_of(side) == group]
        for key, value in values.items() if where else ():
            make_item(_Alike(KIND, partial(list, where), {"name": f"inputs:{key}", "value": value}))
    return item


def group_of(side: str) -> str:
    """Floor, ceiling or walls."""
    return side if side in ("floor", "ceiling") else "walls"


class _Alike(AttributeEffect):
    """One draw for all of its prims."""

    @override
    def sources(self) -> Iterable[tuple[Distribution, int]]:
        for distribution in expand([self._drawn]):
            yield distribution, 1

    def __init__(self, kind: str, targets: Any, inputs: dict[str, Any]) -> None:
        self._drawn = inputs["value"]
        if any(True for _ in expand([self._drawn])):
            inputs = {**inputs, "value": shared(self._drawn, per="frame")}
        super().__init__(kind, targets, inputs)


class RoomEffect(PosingEffect):
    """Writes where the sides are, how large, and how often their pictures repeat. inputs: AMOUNTS."""

    drawn = drawn_once = AMOUNTS

    def __init__(
        self,
        paths: dict[str, str],
        materials: dict[str, str],
        centre: tuple[float, ...],
        inputs: dict[str, Any],
    ) -> None:
        super().__init__(KIND, lambda: list(paths.values()), inputs)
        self._sides, self._centre = tuple(paths), np.array(centre)
        self._materials = list(materials.values())

    @override
    def prepare(self, plan: Plan) -> None:
        super().prepare(plan)
        self._looks = plan.columns(plan.materials, self._materials)
        self._unit = plan.hierarchy.unit

    @override
    def evaluate(self, firing: Firing) -> None:
        values = {name: firing.numbers(self.inputs[name], 1, 1)[:, 0] for name in AMOUNTS}
        extent = np.concatenate([values["width"], values["depth"], values["height"]], axis=1)
        middle = np.stack([np.array(PLACES[side]) * extent for side in self._sides], axis=1) + self._centre
        spans = np.stack([extent[:, SPANS[side]] for side in self._sides], axis=1)
        scale = np.concatenate([spans, np.ones_like(spans[..., :1])], axis=-1)
        firing.write("translate", self._columns, middle / self._unit)
        firing.write("scale", self._columns, scale)
        tiles = {"floor": values["floor_tile"], "ceiling": values["floor_tile"], "walls": values["wall_tile"]}
        tile = np.stack([tiles[group_of(side)] for side in self._sides], axis=1)
        firing.write("uv_scale", self._looks, spans / tile)
