"""Environments side by side: copies of what a spec creates, each with values of its own."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pxr import Sdf, Usd

ROOT = "/World/envs"


@dataclass(frozen=True)
class Environment:
    """One copy. path: its prim. origin: where it stands [m, world]."""

    index: int
    path: str
    origin: tuple[float, float, float]


def environments(count: int, spacing: float) -> tuple[Environment, ...]:
    """``count`` environments on a square grid, ``spacing`` apart; number 0 stands at the world's origin."""
    columns = math.ceil(math.sqrt(count))
    return tuple(
        Environment(index, f"{ROOT}/env_{index}", ((index // columns) * spacing, (index % columns) * spacing, 0.0))
        for index in range(count)
    )


def clone(
    scene: Sdf.Layer, root: str, into: Sdf.Layer, places: Sequence[Environment], shared: Sequence[str], unit: float
) -> None:
    """Author the environments: each references what ``scene`` holds at ``root``.

    shared: paths below ``root`` that light the whole stage (domes, distant lights); only the first environment keeps
    them. unit: metres per unit of the stage.
    """
    from pxr import Gf, Sdf

    for place in places:
        prim = Sdf.CreatePrimInLayer(into, place.path)
        prim.specifier = Sdf.SpecifierDef
        prim.typeName = "Xform"
        prim.referenceList.prependedItems = [Sdf.Reference(scene.identifier, root)]
        translate = Sdf.AttributeSpec(prim, "xformOp:translate", Sdf.ValueTypeNames.Double3)
        translate.default = Gf.Vec3d(*(value / unit for value in place.origin))
        order = Sdf.AttributeSpec(prim, "xformOpOrder", Sdf.ValueTypeNames.TokenArray, Sdf.VariabilityUniform)
        order.default = ["xformOp:translate"]
        if place.index > 0:
            for path in shared:
                Sdf.CreatePrimInLayer(into, place.path + path.removeprefix(root)).active = False
    for parent in Sdf.Path(ROOT).GetPrefixes():
        spec = into.GetPrimAtPath(parent)
        spec.specifier = Sdf.SpecifierDef
        spec.typeName = "Xform"


def global_lights(stage: Usd.Stage, root: str) -> list[str]:
    """The paths below ``root`` of lights that reach everywhere: domes and distant lights."""
    from pxr import Usd, UsdLux

    found = Usd.PrimRange(stage.GetPrimAtPath(root))
    return [str(prim.GetPath()) for prim in found if prim.IsA(UsdLux.DomeLight) or prim.IsA(UsdLux.DistantLight)]
