"""A frame's values on the stage, for scripts that read prims after a step and for exports."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from pxr import Sdf, Usd, UsdGeom, UsdShade

from replicator_dr.engines.embedded.evaluation import Values
from replicator_dr.engines.embedded.scene.channels import PICTURES, POSE
from replicator_dr.engines.embedded.scene.omnipbr import OMNIPBR_CHANNELS
from replicator_dr.engines.embedded.scene.plan import Plan
from replicator_dr.engines.embedded.scene.scene_cameras import CAMERA_CHANNELS
from replicator_dr.engines.embedded.scene.scene_lights import LIGHT_CHANNELS
from replicator_dr.engines.embedded.scene.scene_materials import DISPLAY_COLOR
from replicator_dr.engines.embedded.scene.scene_motion import MOTION_CHANNELS
from replicator_dr.engines.embedded.scene.scene_patterns import PATTERN_CHANNELS, write_pattern
from replicator_dr.engines.embedded.skeletons.write import write_pose_at
from replicator_dr.engines.embedded.usd.frame_layer import clear_frame_layer, frame_layer
from replicator_dr.engines.embedded.usd.stage_labels import write_labels
from replicator_dr.engines.embedded.usd.stage_materials import INPUT_TYPES, bind, shader_of
from replicator_dr.engines.embedded.usd.stage_pose import write_pose
from replicator_dr.engines.embedded.usd.write_shapes import write_shapes

Row = NDArray[np.float64]


def write_back(values: Values, row: int, stage: Usd.Stage) -> None:
    """Author all that differs from rest in one row of ``values`` on the stage's frame layer, which is emptied first."""
    plan = values.plan
    now = {channel: table[row] for channel, table in values.tables.items()}
    changed = {channel: _differs(value, plan.rest[channel]) for channel, value in now.items()}
    clear_frame_layer(stage)
    with Usd.EditContext(stage, frame_layer(stage)):
        _write_poses(plan, stage, now, changed)
        _write_state(plan, stage, now, changed)
        _write_attributes(plan, stage, now, changed)
        _write_skeletons(plan, stage, now, changed)
        write_shapes(values, row, stage)


Changed = dict[str, NDArray[np.bool_]]
"""{channel: (N,) whether each column differs from rest}."""


def _differs(now: Row, rest: Row, components: slice = slice(None)) -> NDArray[np.bool_]:
    both_nan = np.isnan(now) & np.isnan(rest)
    differs: NDArray[np.bool_] = ((now != rest) & ~both_nan)[..., components].any(axis=-1)
    return differs


def _write_poses(plan: Plan, stage: Usd.Stage, now: dict[str, Row], changed: Changed) -> None:
    for path, column in plan.pose.index.items():
        if any(changed[channel][column] for channel in POSE):
            write_pose(stage.GetPrimAtPath(path), {channel: now[channel][column] for channel in POSE})


def _write_state(plan: Plan, stage: Usd.Stage, now: dict[str, Row], changed: Changed) -> None:
    for path, column in plan.visible.index.items():
        if changed["visible"][column]:
            token = UsdGeom.Tokens.inherited if now["visible"][column, 0] > 0.5 else UsdGeom.Tokens.invisible
            UsdGeom.Imageable(stage.GetPrimAtPath(path)).CreateVisibilityAttr().Set(token)
    materials = list(plan.materials.index)
    for path, column in plan.binding.index.items():
        if (material := int(now["binding"][column, 0])) > 0:
            bind(stage.GetPrimAtPath(path), stage.GetPrimAtPath(materials[material]))
    for path, column in plan.labels.index.items():
        if changed["labels"][column]:
            wanted = plan.label_options[path][int(now["labels"][column, 0])]
            gone: dict[str, tuple[str, ...]] = {name: () for name in plan.label_options[path][0] if name not in wanted}
            write_labels(stage.GetPrimAtPath(path), {**gone, **wanted})


def _write_skeletons(plan: Plan, stage: Usd.Stage, now: dict[str, Row], changed: Changed) -> None:
    for path, column in plan.animation.index.items():
        if changed["animation_time"][column]:
            write_pose_at(stage.GetPrimAtPath(path), plan.clips[path], float(now["animation_time"][column, 0]))


def _write_attributes(plan: Plan, stage: Usd.Stage, now: dict[str, Row], changed: Changed) -> None:
    pictures = [picture.path for picture in plan.textures.rows]
    panoramas = {"environment": list(plan.panoramas.rows)}
    for attribute, channel in LIGHT_CHANNELS.items():
        for path, column in plan.lights.index.items():
            if changed[channel][column]:
                _set(stage.GetPrimAtPath(path).GetAttribute(attribute), now[channel][column], panoramas.get(channel))
    for attribute, (channel, components) in CAMERA_CHANNELS.items():
        for path, column in plan.cameras.index.items():
            if changed[channel][column] and _differs(now[channel], plan.rest[channel], components)[column]:
                value = now[channel][column, components]
                _set(_attribute(stage.GetPrimAtPath(path), attribute, len(value)), value, None)
    for attribute, channel in MOTION_CHANNELS.items():
        for path, column in plan.motion.index.items():
            if changed[channel][column]:
                _set(_attribute(stage.GetPrimAtPath(path), attribute, 3), now[channel][column], None)
    for path, column in plan.materials.index.items():
        if path.endswith(DISPLAY_COLOR):
            if changed["diffuse"][column]:
                color = UsdGeom.Gprim(stage.GetPrimAtPath(path.removesuffix(DISPLAY_COLOR))).CreateDisplayColorAttr()
                color.Set([tuple(float(value) for value in now["diffuse"][column])])
        elif path:
            _write_material(stage, now, changed, path, column, pictures)
    _write_patterns(plan, stage, now, changed)


def _write_patterns(plan: Plan, stage: Usd.Stage, now: dict[str, Row], changed: Changed) -> None:
    for path, column in plan.patterns.index.items():
        for name, channel in PATTERN_CHANNELS.items():
            if changed[channel][column]:
                write_pattern(shader_of(stage.GetPrimAtPath(path)), name, now[channel][column])


def _write_material(
    stage: Usd.Stage, now: dict[str, Row], changed: Changed, path: str, column: int, pictures: list[str]
) -> None:
    varied = [(name, channel) for name, channel in OMNIPBR_CHANNELS.items() if changed[channel][column]]
    if not varied:
        return
    shader = shader_of(stage.GetPrimAtPath(path))
    if not shader or shader.GetIdAttr().Get() == "UsdPreviewSurface":
        return
    for name, channel in varied:
        entry = UsdShade.Shader(shader).CreateInput(name, INPUT_TYPES[name])
        _set(entry.GetAttr(), now[channel][column], pictures if channel in PICTURES else None)


def _attribute(prim: Usd.Prim, name: str, width: int) -> Usd.Attribute:
    """An attribute; it is made where it is one that no schema of the prim declares: of sensors, and of velocities."""
    own = name.startswith(("sensor:", "depthSensor:", "physics:"))
    if not own or prim.HasAttribute(name):
        return prim.GetAttribute(name)
    types = {1: Sdf.ValueTypeNames.Float, 2: Sdf.ValueTypeNames.Float2, 3: Sdf.ValueTypeNames.Vector3f}
    return prim.CreateAttribute(name, types[width], custom=True)


def _set(attribute: Usd.Attribute, value: Row, pictures: list[str] | None) -> None:
    """Author numbers, or the picture that a row stands for, in the attribute's own type."""
    if not attribute:
        return
    if pictures is not None:
        row = int(value[0])
        attribute.Set(Sdf.AssetPath(pictures[row] if row >= 0 else ""))
        return
    kind = attribute.GetTypeName()
    if kind == Sdf.ValueTypeNames.Bool:
        attribute.Set(bool(value[0]))
    elif len(value) > 1:
        attribute.Set(tuple(float(number) for number in value))
    else:
        attribute.Set(float(value[0]))
