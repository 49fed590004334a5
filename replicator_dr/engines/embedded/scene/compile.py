"""Stage and graph -> a plan: the scene's constant arrays, the channels, and the effects prepared for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from pxr import UsdGeom, UsdPhysics, UsdShade

from replicator_dr.engines.embedded.draws.distributions import Distribution
from replicator_dr.engines.embedded.effects.semantics_effect import close_labels
from replicator_dr.engines.embedded.scene import scene_layout
from replicator_dr.engines.embedded.scene.entity_boxes import box_tables, to_body
from replicator_dr.engines.embedded.scene.omnipbr import DEFAULT
from replicator_dr.engines.embedded.scene.plan import Plan
from replicator_dr.engines.embedded.scene.scene_cameras import read_camera
from replicator_dr.engines.embedded.scene.scene_deform import deform_layout
from replicator_dr.engines.embedded.scene.scene_keypoints import find_keypoints, joint_holders, keypoint_tables
from replicator_dr.engines.embedded.scene.scene_labels import find_entities, label_tables, nearest
from replicator_dr.engines.embedded.scene.scene_lights import check_light, light_type, read_light
from replicator_dr.engines.embedded.scene.scene_meshes import is_drawable
from replicator_dr.engines.embedded.scene.scene_motion import body_of, has_motion
from replicator_dr.engines.embedded.scene.scene_parts import Purposes, add_looks, add_material, build_parts
from replicator_dr.engines.embedded.scene.scene_prims import Placed, placed_prims, upward
from replicator_dr.engines.embedded.scene.shaped import find_shaped
from replicator_dr.engines.embedded.scene.state import Scene
from replicator_dr.engines.embedded.triggers import Trigger
from replicator_dr.engines.embedded.usd.frame_layer import clear_frame_layer
from replicator_dr.errors import EngineError
from replicator_dr.pool.usd_stereo import LEFT, read_left
from replicator_dr.render.scene import SceneArrays

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
    find_shaped(plan)
    _find_named(plan)
    return plan


def _collect(plan: Plan) -> list[Placed]:
    """Find everything that is drawn, shines or looks; gives what is drawn."""
    plan.materials.add("", DEFAULT)
    drawn = []
    is_shown = Purposes(plan.stage)
    for prim, placed in placed_prims(plan.stage.GetPseudoRoot(), plan.hierarchy):
        if not placed.is_instance and has_motion(prim):
            plan.motion_columns([placed.path], "stage")
        if is_drawable(prim):
            if is_shown(placed):
                drawn.append(placed)
        elif prim.IsA(UsdShade.Material):
            if prim.HasAPI(UsdPhysics.MaterialAPI) and not prim.GetChildren():
                continue  # of what it is made, not how it looks
            add_material(plan, prim)
        elif placed.is_instance:
            continue
        elif prim.IsA(UsdGeom.Camera):
            plan.cameras.add(placed.path, read_camera(prim))
        elif (kind := light_type(prim)) is not None:
            values = read_light(prim, plan.panoramas)
            check_light(prim, kind, values)
            plan.lights.add(placed.path, values)
    add_looks(plan, drawn)
    return drawn


def _build_scene(plan: Plan, drawn: list[Placed]) -> None:
    parts = build_parts(plan, drawn)
    bodies = deform_layout(plan, parts)
    entities = find_entities(plan)
    entity_rows = {path: row for row, path in enumerate(entities)}
    tables, label_layout = label_tables(plan, entities, parts.prims)
    held = find_keypoints(plan, entity_rows)
    transforms, part_transform, transform_body = scene_layout.transforms(plan, parts.placed)
    anchors, offsets, counts = scene_layout.stack(
        transforms,
        [scene_layout.anchor(plan, entity.placed) for entity in entities.values()],
        scene_layout.light_anchors(plan),
        [plan.hierarchy.anchor(path) for path in plan.cameras.index],
        [scene_layout.anchor(plan, placed) for holders in held.values() for placed, _ in holders],
    )
    lights = scene_layout.light_kinds(plan)
    chains = [placed.chain for placed in parts.placed]
    plan.layout = scene_layout.Layout(
        anchors=anchors,
        offsets=offsets,
        counts=counts,
        part_shown=scene_layout.shown(plan, chains),
        part_material=np.array(parts.material, dtype=np.int64),
        part_binding=scene_layout.bindings(plan, chains),
        light_shown=scene_layout.shown(plan, [upward(path) for path in plan.lights.index]),
        lights=lights,
        transform_body=transform_body,
        camera_body=np.array([body_of(plan, upward(path)) for path in plan.cameras.index], np.int32),
        labels=label_layout,
        unit=float(UsdGeom.GetStageMetersPerUnit(plan.stage)),
        codes_per_second=float(plan.stage.GetTimeCodesPerSecond()),
        joint_holders=joint_holders(plan, held),
    )
    arrays = SceneArrays(
        meshes=tuple(parts.meshes),
        textures=tuple(plan.assets.texture(*picture) for picture in plan.textures.rows),
        environments=tuple(plan.assets.panorama(path) for path in plan.panoramas.rows),
        part_mesh=np.array(parts.mesh, dtype=np.int32),
        part_transform=part_transform,
        part_prim=np.array(parts.prim, dtype=np.int32),
        part_entity=np.array([nearest(placed.path, entity_rows) for placed in parts.placed], dtype=np.int32),
        light_type=lights.types,
        prims=len(parts.prims),
        entities=len(entities),
        deform=bodies,
        part_casts=None if all(parts.casts) else np.array(parts.casts, bool),
    )
    keypoints = keypoint_tables(
        held,
        tables.entity_paths,
        tables.entity_bounds,
        [placed.path for placed in parts.placed],
        [to_body(plan, placed.frame) for holders in held.values() for placed, _ in holders],
    )
    boxes = box_tables(plan, list(entities.values()), parts, bodies)
    plan.scene = Scene(arrays, tables, tuple(plan.cameras.index), keypoints, _pairs(plan), boxes)


def _pairs(plan: Plan) -> tuple[tuple[int, int], ...]:
    """Columns of the left and the right camera of each stereo pair. EngineError for a left one that is no camera."""
    columns, found = plan.cameras.index, []
    for path, column in columns.items():
        left = read_left(plan.stage.GetPrimAtPath(path))
        if left and left not in columns:
            raise EngineError(f"{path}: its left eye is {left}, which is no camera; correct {LEFT}")
        if left:
            found.append((columns[left], column))
    return tuple(found)


def _find_named(plan: Plan) -> None:
    """Distributions with a name: recorded with as many samples as their largest user takes."""
    for effect in plan.effects:
        for distribution, count in effect.sources():
            distribution.check(count)
            if distribution.name:
                known = plan.named.get(distribution.name)
                recorded = distribution.recorded(count)
                most = max(recorded, known[2]) if known else recorded
                # What is used once and at frames is recorded as the frames see it.
                again = known is not None and type(known[1]) is not Trigger
                plan.named[distribution.name] = (distribution, known[1] if known and again else effect.trigger, most)
