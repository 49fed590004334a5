"""Channel tables -> the renderer's frame arrays and the labelled prims' poses and labels."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from replicator_dr.engines.embedded.scene.channels import MATERIAL
from replicator_dr.engines.embedded.scene.hierarchy import Tables
from replicator_dr.engines.embedded.scene.omnipbr import CUT
from replicator_dr.engines.embedded.scene.plan import Plan
from replicator_dr.engines.embedded.scene.scene_cameras import camera_arrays
from replicator_dr.engines.embedded.scene.scene_deform import deform_arrays, joint_poses
from replicator_dr.engines.embedded.scene.scene_lights import light_arrays
from replicator_dr.engines.embedded.scene.scene_motion import motion_arrays
from replicator_dr.engines.embedded.scene.scene_patterns import pattern_arrays
from replicator_dr.engines.embedded.scene.scene_sensors import depth_sensor_arrays, sensor_arrays
from replicator_dr.render.scene import FrameArrays, MaterialArrays

Float64 = NDArray[np.float64]


def assemble(plan: Plan, tables: Tables, count: int) -> tuple[FrameArrays, Float64, NDArray[np.int32], Float64]:
    """The renderer's arrays and FrameState's entity_world, entity_labels, keypoint_world for ``count`` frames."""
    layout = plan.layout
    worlds = plan.hierarchy.worlds(tables, layout.anchors, layout.offsets, np.arange(count))
    ends = np.cumsum(layout.counts)
    parts, entities, lights, cameras, holders = np.split(worlds, ends[:-1], axis=1)
    poses = joint_poses(tables, plan.rig)
    if poses is not None:
        holders = at_joints(plan, poses, holders)
    arrays = FrameArrays(
        world=np.ascontiguousarray(parts),
        part_visible=layout.part_shown.at(tables["visible"]),
        part_material=part_materials(plan, tables, count),
        materials=material_arrays(tables),
        lights=light_arrays(tables, layout.lights, lights, layout.light_shown.at(tables["visible"]), layout.unit),
        cameras=camera_arrays(tables, cameras, layout.unit),
        sensors=sensor_arrays(tables, layout.codes_per_second),
        motion=motion_arrays(plan, tables),
        depth_sensors=depth_sensor_arrays(tables),
        deform=deform_arrays(tables, plan.rig, poses),
        patterns=pattern_arrays(plan, tables),
    )
    labels = layout.labels.entity_labels(tables)
    return arrays, np.ascontiguousarray(entities), labels, np.ascontiguousarray(holders)


def at_joints(plan: Plan, poses: Float64, holders: Float64) -> Float64:
    """``holders``, (B, n, 4, 4), of skeletons moved to where their joints are. poses: (B, J, 4, 4)."""
    columns, joints = plan.layout.joint_holders
    moved = holders.copy()
    places = poses[:, joints, 3, :3]
    moved[:, columns, 3, :3] += (places[..., None, :] @ holders[:, columns, :3, :3])[..., 0, :]
    return moved


def part_materials(plan: Plan, tables: Tables, count: int) -> NDArray[np.int32]:
    """(B, P) int32: what the stage binds, under what the graph binds.

    A binding higher up wins, as Replicator binds more strongly than descendants.
    """
    layout = plan.layout
    materials = np.broadcast_to(layout.part_material, (count, len(layout.part_material)))
    table = tables["binding"][..., 0]
    for depth in range(layout.part_binding.shape[1]):
        column = layout.part_binding[:, depth]
        bound = np.where(column >= 0, table[:, column], -1.0)
        materials = np.where(bound >= 0, bound, materials)
    return np.ascontiguousarray(materials, dtype=np.int32)


def material_arrays(tables: Tables) -> MaterialArrays:
    """The renderer's materials.

    Where there is a picture of a colour, its tint multiplies it and the plain colour does not count, as in OmniPBR.
    """
    value = {name: tables[name][..., 0] if width == 1 else tables[name] for name, width in MATERIAL.items()}
    textured = value["base_texture"] >= 0
    colour = np.where((value["emission_texture"] >= 0)[..., None], value["emission_tint"], value["emissive_color"])
    emission = colour * (value["emissive_intensity"] * value["enable_emission"])[..., None]
    shining = np.where(value["emission_texture"] >= 0, value["emission_texture"], value["emission_mask"])
    roughness, roughness_texture, roughness_gain = _number(value, "roughness")
    metallic, metallic_texture, metallic_gain = _number(value, "metallic")
    opacity, opacity_texture, opacity_threshold = _opacity(value)

    def narrow(array: Float64) -> NDArray[np.float32]:
        return np.ascontiguousarray(array, dtype=np.float32)

    def rows(array: Float64) -> NDArray[np.int32]:
        return np.ascontiguousarray(array, dtype=np.int32)

    return MaterialArrays(
        base_color=narrow(np.where(textured[..., None], 1.0, value["diffuse"]) * value["tint"]),
        roughness=narrow(roughness),
        metallic=narrow(metallic),
        specular=narrow(np.clip(value["specular"], 0.0, 1.0)),
        opacity=narrow(opacity),
        emission=narrow(emission),
        base_texture=rows(value["base_texture"]),
        uv_scale=narrow(value["uv_scale"]),
        uv_offset=narrow(value["uv_offset"]),
        uv_rotation=narrow(value["uv_rotation"]),
        roughness_texture=rows(roughness_texture),
        roughness_gain=narrow(roughness_gain),
        metallic_texture=rows(metallic_texture),
        metallic_gain=narrow(metallic_gain),
        opacity_texture=rows(opacity_texture),
        opacity_threshold=narrow(opacity_threshold),
        normal_texture=rows(np.where(value["bump"] != 0, value["normal_texture"], -1)),
        normal_gain=narrow(np.where(value["normal_texture"] >= 0, value["bump"], 0.0)),
        emission_texture=rows(np.where(emission.any(axis=-1), shining, -1)),
    )


def _number(value: dict[str, Float64], name: str) -> tuple[Float64, Float64, Float64]:
    """Constant, row and gain (B, M) of a number c that a picture t may give: lerp(c, scale t + bias, influence)."""
    packed = value[f"orm_{name}"]
    picture = np.where((value["enable_orm"] > 0) & (packed >= 0), packed, value[f"{name}_texture"])
    share = np.where(picture >= 0, value[f"{name}_influence"], 0.0)
    scale, bias = np.moveaxis(value[f"{name}_map"], -1, 0)
    gain = share * scale
    constant = (1.0 - share) * value[name] + share * bias
    return np.where(gain != 0, constant, np.clip(constant, 0.0, 1.0)), np.where(gain != 0, picture, -1), gain


def _opacity(value: dict[str, Float64]) -> tuple[Float64, Float64, Float64]:
    """Opacity, row and threshold (B, M): c (scale t + bias) < threshold is t < (threshold / c - bias) / scale.

    A picture stands for all of the opacity. Without one, an authored threshold decides at once.
    """
    enabled, constant = value["enable_opacity"] > 0, np.clip(value["opacity"], 0.0, 1.0)
    threshold = np.where(value["opacity_threshold"] > 0, value["opacity_threshold"], CUT)
    plain = np.where(value["opacity_threshold"] > 0, constant >= threshold, constant)
    pictured = enabled & (value["enable_opacity_texture"] > 0) & (value["opacity_texture"] >= 0)
    scale, bias = np.moveaxis(value["opacity_map"], -1, 0)
    level = (threshold / np.where(constant > 0, constant, 1.0) - bias) / scale
    return (
        np.where(pictured, constant > 0, np.where(enabled, plain, 1.0)),
        np.where(pictured, value["opacity_texture"], -1.0),
        np.where(pictured, level, CUT),
    )
