"""What is drawn: a mesh with a material for each part of each prim, at each of its places."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pxr import Usd, UsdGeom, UsdShade

from replicator_dr.engines.embedded.scene.scene_materials import (
    DISPLAY_COLOR,
    display_color,
    display_material,
    read_material,
    reads_display_color,
)
from replicator_dr.engines.embedded.scene.scene_meshes import is_drawable, read_geometry
from replicator_dr.engines.embedded.scene.scene_prims import DRAWN_PURPOSES, Placed
from replicator_dr.engines.embedded.skeletons.read import is_posed
from replicator_dr.engines.embedded.usd.stage_materials import shader_of
from replicator_dr.render.scene import Mesh

if TYPE_CHECKING:
    from replicator_dr.engines.embedded.scene.plan import Plan


NO_SHADOW = "doNotCastShadows"
"""The primvar by which Kit's renderer and this one leave a prim out of shadows."""


@dataclass
class Parts:
    """meshes, prims (their paths): each once. mesh, prim, material: rows of each part. placed: where it stands.

    casts: whether a part throws shadows.
    """

    meshes: list[Mesh] = field(default_factory=list)
    mesh: list[int] = field(default_factory=list)
    prim: list[int] = field(default_factory=list)
    placed: list[Placed] = field(default_factory=list)
    material: list[int] = field(default_factory=list)
    prims: list[str] = field(default_factory=list)
    casts: list[bool] = field(default_factory=list)


class Purposes:
    """Which prims are drawn by their purpose and that of the point instancer that places them."""

    def __init__(self, stage: Usd.Stage) -> None:
        self._stage = stage
        self._known: dict[str, bool] = {}

    def __call__(self, placed: Placed) -> bool:
        """Whether a prim is drawn at its place."""
        return all(self._drawn(path) for path in {placed.source, placed.frame})

    def _drawn(self, path: str) -> bool:
        if path not in self._known:
            purpose = UsdGeom.Imageable(self._stage.GetPrimAtPath(path)).ComputePurpose()
            self._known[path] = purpose in DRAWN_PURPOSES
        return self._known[path]


def add_material(plan: Plan, material: Usd.Prim) -> None:
    """A row of the material channels for a material, where it has none yet."""
    path = str(material.GetPath())
    if path not in plan.materials:
        row = plan.materials.add(path, read_material(material, plan.textures))
        if reads_display_color(material):
            plan.colored.add(row)
        if (shader := shader_of(material)) and shader.GetPrim().HasAttribute("pattern:kind"):
            plan.pattern_columns([path], "stage")


def add_looks(plan: Plan, drawn: Sequence[Placed]) -> None:
    """Rows for the display colours of what is drawn, and for materials of prototypes that stand outside the scene."""
    for source in dict.fromkeys(placed.source for placed in drawn):
        prim = plan.stage.GetPrimAtPath(source)
        for leaf in (prim, *(subset.GetPrim() for subset in _subsets(prim))):
            if material := _bound(leaf):
                add_material(plan, material)
        color = display_color(prim)
        if color is not None:
            plan.materials.add(source + DISPLAY_COLOR, display_material(color))


def _subsets(prim: Usd.Prim) -> list[UsdGeom.Subset]:
    return UsdShade.MaterialBindingAPI(prim).GetMaterialBindSubsets() if is_drawable(prim) else []


def _bound(prim: Usd.Prim) -> Usd.Prim | None:
    material, _ = UsdShade.MaterialBindingAPI(prim).ComputeBoundMaterial()
    return material.GetPrim() if material else None


def build_parts(plan: Plan, drawn: Sequence[Placed]) -> Parts:
    """The parts of all prims; those without faces are left out with a warning."""
    parts = Parts()
    rows: dict[int, int] = {}
    looks: dict[str, list[tuple[Mesh, int]]] = {}
    bound = {placed.source for placed in drawn if any(path in plan.binding for path in placed.chain)}
    for placed in drawn:
        if placed.source not in looks:
            looks[placed.source] = list(_looks(plan, placed.source, placed.source in bound))
            if not looks[placed.source]:
                warnings.warn(f"{placed.source}: has no faces and is not drawn", stacklevel=2)
        if not looks[placed.source]:
            continue
        parts.prims.append(placed.path)
        casts = _casts(plan.stage.GetPrimAtPath(placed.source))
        for mesh, material in looks[placed.source]:
            if id(mesh) not in rows:
                rows[id(mesh)] = len(parts.meshes)
                parts.meshes.append(mesh)
            parts.mesh.append(rows[id(mesh)])
            parts.prim.append(len(parts.prims) - 1)
            parts.placed.append(placed)
            parts.material.append(material)
            parts.casts.append(casts)
    return parts


def _casts(prim: Usd.Prim) -> bool:
    primvar = UsdGeom.PrimvarsAPI(prim).FindPrimvarWithInheritance(NO_SHADOW)
    return not (primvar and primvar.Get())


def _looks(plan: Plan, source: str, bound: bool) -> Iterator[tuple[Mesh, int]]:
    """The mesh and the material row of each part of a prim.

    Meshes carry display colours that vary over them where their material shows these: a material that reads them, or
    none. Where the graph binds materials (bound), or writes the display colour, their mean is drawn in the meantime.
    """
    prim = plan.stage.GetPrimAtPath(source)
    varies = bool(plan.clips) and is_posed(prim, plan.clips)
    plain = read_geometry(prim, plan.assets, bound=varies)
    materials = [_material_row(plan, prim, subset) for subset in plain.subsets]
    own = plan.materials.index.get(source + DISPLAY_COLOR, -1)
    shows = set(plan.colored)
    if own >= 0 and source not in plan.painted and _varies(prim):
        shows.add(own)
    if bound or not shows.intersection(materials):
        yield from zip(plain.meshes, materials)
        return
    colored = read_geometry(prim, plan.assets, colors=True, bound=varies)
    for without, mesh, material in zip(plain.meshes, colored.meshes, materials):
        if material not in shows or mesh.colors is None:
            yield without, material
            continue
        if material == own:
            plan.rest["diffuse"][own] = 1.0
        yield mesh, material


def _varies(prim: Usd.Prim) -> bool:
    primvar = UsdGeom.PrimvarsAPI(prim).FindPrimvarWithInheritance("displayColor")
    return primvar.GetInterpolation() != UsdGeom.Tokens.constant and len(set(primvar.Get())) > 1


def _material_row(plan: Plan, prim: Usd.Prim, subset: str) -> int:
    """The row of what the stage binds to a part; of its display colour, else of the default grey, where none is."""
    material = _bound(plan.stage.GetPrimAtPath(subset)) if subset else None
    material = material or _bound(prim)
    if material:
        return plan.materials.index.get(str(material.GetPath()), 0)
    return plan.materials.index.get(f"{prim.GetPath()}{DISPLAY_COLOR}", 0)
