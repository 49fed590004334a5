"""Stage and graph -> a plan: the scene's constant arrays, the channels, and the effects prepared for them."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import numpy as np
from pxr import Usd, UsdGeom, UsdShade

from replicator_dr.engines.embedded import scene_layout
from replicator_dr.engines.embedded.distributions import Distribution
from replicator_dr.engines.embedded.frame_layer import clear_frame_layer
from replicator_dr.engines.embedded.omnipbr import DEFAULT
from replicator_dr.engines.embedded.plan import Plan
from replicator_dr.engines.embedded.scene_bounds import DRAWN_PURPOSES
from replicator_dr.engines.embedded.scene_cameras import read_camera
from replicator_dr.engines.embedded.scene_labels import find_entities, label_tables, nearest
from replicator_dr.engines.embedded.scene_lights import check_light, light_type, read_light
from replicator_dr.engines.embedded.scene_materials import (
    DISPLAY_COLOR,
    display_color,
    display_material,
    read_material,
)
from replicator_dr.engines.embedded.scene_meshes import is_drawable, read_geometry
from replicator_dr.engines.embedded.semantics_effect import close_labels
from replicator_dr.engines.embedded.state import Scene
from replicator_dr.render.scene import Mesh, SceneArrays

if TYPE_CHECKING:
    from replicator_dr.engines.embedded.runtime import Runtime


def compile_plan(runtime: Runtime) -> Plan:
    """Compile the runtime's stage and graph. Raises AssetError, EngineError or UnsupportedError for what cannot be."""
    clear_frame_layer(runtime.stage)
    plan = Plan(runtime.stage, runtime.assets)
    drawn = _collect(plan)
    for node in runtime.graph.nodes:
        if isinstance(node, Distribution):
            node.parse()
    plan.effects = runtime.graph.effects()
    plan.triggers = list(runtime.graph.triggers)
    for effect in plan.effects:
        effect.prepare(plan)
    close_labels(plan)
    plan.hierarchy.freeze()
    plan.rest = {name: table for family in plan.families() for name, table in family.rest().items()}
    _build_scene(plan, drawn)
    _find_named(plan)
    return plan


def _collect(plan: Plan) -> list[Usd.Prim]:
    """Find everything that is drawn, shines or looks; gives the drawn prims."""
    plan.materials.add("", DEFAULT)
    drawn = []
    for prim in Usd.PrimRange.Stage(plan.stage, Usd.TraverseInstanceProxies()):
        path = str(prim.GetPath())
        if is_drawable(prim):
            if UsdGeom.Imageable(prim).ComputePurpose() in DRAWN_PURPOSES:
                drawn.append(prim)
        elif prim.IsA(UsdShade.Material):
            plan.materials.add(path, read_material(prim, plan.textures))
        elif prim.IsA(UsdGeom.Camera):
            plan.cameras.add(path, read_camera(prim))
        elif (kind := light_type(prim)) is not None:
            values = read_light(prim, plan.panoramas)
            check_light(prim, kind, values)
            plan.lights.add(path, values)
        elif prim.IsA(UsdGeom.PointInstancer):
            warnings.warn(
                f"{path}: point instancers are not drawn; make their instances scene-graph instances", stacklevel=2
            )
    for prim in drawn:
        color = display_color(prim)
        if color is not None:
            plan.materials.add(f"{prim.GetPath()}{DISPLAY_COLOR}", display_material(color))
    return drawn


def _build_scene(plan: Plan, drawn: list[Usd.Prim]) -> None:
    meshes: dict[int, int] = {}
    kept: list[Mesh] = []
    part_mesh, part_prim, part_paths, part_materials = [], [], [], []
    prims: list[str] = []
    for prim in drawn:
        geometry = read_geometry(prim, plan.assets)
        path = str(prim.GetPath())
        if not geometry.meshes:
            warnings.warn(f"{path}: has no faces and is not drawn", stacklevel=2)
            continue
        prims.append(path)
        for mesh, subset in zip(geometry.meshes, geometry.subsets):
            if id(mesh) not in meshes:
                meshes[id(mesh)] = len(kept)
                kept.append(mesh)
            part_mesh.append(meshes[id(mesh)])
            part_prim.append(len(prims) - 1)
            part_paths.append(path)
            part_materials.append(scene_layout.bound_material(plan, path, subset))
    entities = find_entities(plan.stage, set(plan.labels.index))
    entity_rows = {path: row for row, path in enumerate(entities)}
    tables, label_layout = label_tables(plan, entities, prims)
    parts, part_transform = scene_layout.transforms(plan, part_paths)
    anchors, offsets, counts = scene_layout.stack(
        parts,
        [plan.hierarchy.anchor(path) for path in entities],
        scene_layout.light_anchors(plan),
        [plan.hierarchy.anchor(path) for path in plan.cameras.index],
    )
    kinds, normalized = scene_layout.light_kinds(plan)
    plan.layout = scene_layout.Layout(
        anchors=anchors,
        offsets=offsets,
        counts=(counts[0], counts[1], counts[2], counts[3]),
        part_shown=scene_layout.shown(plan, part_paths),
        part_material=np.array(part_materials, dtype=np.int64),
        part_binding=scene_layout.bindings(plan, part_paths),
        light_shown=scene_layout.shown(plan, list(plan.lights.index)),
        light_type=kinds,
        normalized=normalized,
        labels=label_layout,
        unit=float(UsdGeom.GetStageMetersPerUnit(plan.stage)),
    )
    arrays = SceneArrays(
        meshes=tuple(kept),
        textures=tuple(plan.assets.texture(*picture) for picture in plan.textures.rows),
        environments=tuple(plan.assets.panorama(path) for path in plan.panoramas.rows),
        part_mesh=np.array(part_mesh, dtype=np.int32),
        part_transform=part_transform,
        part_prim=np.array(part_prim, dtype=np.int32),
        part_entity=np.array([nearest(path, entity_rows) for path in part_paths], dtype=np.int32),
        light_type=kinds,
        prims=len(prims),
        entities=len(entities),
    )
    plan.scene = Scene(arrays=arrays, labels=tables, camera_paths=tuple(plan.cameras.index))


def _find_named(plan: Plan) -> None:
    """Distributions with a name: recorded with as many samples as their largest user takes."""
    for effect in plan.effects:
        for distribution, count in effect.sources():
            distribution.check(count)
            if distribution.name:
                known = plan.named.get(distribution.name)
                most = max(count, known[2]) if known else count
                plan.named[distribution.name] = (distribution, known[1] if known else effect.trigger, most)
