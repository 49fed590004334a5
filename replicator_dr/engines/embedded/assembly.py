"""Channel tables -> the renderer's frame arrays and the labelled prims' poses and labels."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from replicator_dr.engines.embedded.channels import MATERIAL
from replicator_dr.engines.embedded.hierarchy import Tables
from replicator_dr.engines.embedded.plan import Plan
from replicator_dr.engines.embedded.scene_cameras import camera_arrays
from replicator_dr.engines.embedded.scene_lights import light_arrays
from replicator_dr.render.scene import FrameArrays, MaterialArrays

Float64 = NDArray[np.float64]


def assemble(plan: Plan, tables: Tables, count: int) -> tuple[FrameArrays, Float64, NDArray[np.int32]]:
    """(the renderer's arrays, entity_world (B, E, 4, 4), entity_labels (B, E)) for ``count`` frames."""
    layout = plan.layout
    worlds = plan.hierarchy.worlds(tables, layout.anchors, layout.offsets, np.arange(count))
    ends = np.cumsum(layout.counts)
    parts, entities, lights, cameras = np.split(worlds, ends[:-1], axis=1)
    arrays = FrameArrays(
        world=np.ascontiguousarray(parts),
        part_visible=layout.part_shown.at(tables["visible"]),
        part_material=part_materials(plan, tables, count),
        materials=material_arrays(tables),
        lights=light_arrays(
            tables, layout.light_type, layout.normalized, lights, layout.light_shown.at(tables["visible"])
        ),
        cameras=camera_arrays(tables, cameras, layout.unit),
    )
    return arrays, np.ascontiguousarray(entities), layout.labels.entity_labels(tables)


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

    Where there is a picture, the tint multiplies it and the plain colour does not count, as in OmniPBR.
    """
    value = {name: tables[name][..., 0] if width == 1 else tables[name] for name, width in MATERIAL.items()}
    textured = value["base_texture"] >= 0
    emission = value["emissive_color"] * (value["emissive_intensity"] * value["enable_emission"])[..., None]

    no_picture = np.full(value["roughness"].shape, -1, dtype=np.int32)
    nothing = np.zeros(value["roughness"].shape, dtype=np.float32)

    def narrow(array: Float64) -> NDArray[np.float32]:
        return np.ascontiguousarray(array, dtype=np.float32)

    return MaterialArrays(
        base_color=narrow(np.where(textured[..., None], 1.0, value["diffuse"]) * value["tint"]),
        roughness=narrow(np.clip(value["roughness"], 0.0, 1.0)),
        metallic=narrow(np.clip(value["metallic"], 0.0, 1.0)),
        specular=narrow(np.clip(value["specular"], 0.0, 1.0)),
        opacity=narrow(np.where(value["enable_opacity"] > 0, np.clip(value["opacity"], 0.0, 1.0), 1.0)),
        emission=narrow(emission),
        base_texture=np.ascontiguousarray(value["base_texture"], dtype=np.int32),
        uv_scale=narrow(value["uv_scale"]),
        uv_offset=narrow(value["uv_offset"]),
        uv_rotation=narrow(value["uv_rotation"]),
        roughness_texture=no_picture,
        roughness_gain=nothing,
        metallic_texture=no_picture,
        metallic_gain=nothing,
        opacity_texture=no_picture,
        opacity_threshold=nothing + np.float32(0.5),
        normal_texture=no_picture,
        normal_gain=nothing,
        emission_texture=no_picture,
    )
