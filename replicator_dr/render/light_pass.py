"""The lights of a batch: their records, which parts cast shadows of them, and where their depth maps look."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import warp as wp
from numpy.typing import NDArray

from replicator_dr.render import light_setup
from replicator_dr.render.arrays import filled
from replicator_dr.render.environment import EnvironmentMaps
from replicator_dr.render.geometry import Geometry
from replicator_dr.render.scene import FrameArrays, LightType, SceneArrays
from replicator_dr.render.scratch import SHADOW_SIDE
from replicator_dr.render.shapes import Shapes
from replicator_dr.render.structs import LightState, ShadowState


@dataclass(frozen=True)
class Lights:
    """Records of a batch. lights: (B, L). shadows: (B, maps). casts: (B, L, parts). keep: what kernels read."""

    lights: wp.array
    shadows: wp.array
    casts: wp.array
    keep: list[Any]


class LightPass:
    """Sets up the lights of a scene for a batch. transform: (parts,) int32, whose world matrix each part has."""

    def __init__(
        self, scene: SceneArrays, geometry: Geometry, environments: EnvironmentMaps, transform: wp.array,
        device: wp.Device,
    ) -> None:  # fmt: skip
        self._device = device
        self._environments = environments
        self._transform = transform
        flat = geometry.flat.astype(np.uint8)
        casts = np.ones(len(flat), bool) if scene.part_casts is None else scene.part_casts
        self._flat = self._put(np.where(casts, flat, light_setup.SHADOWLESS).astype(np.uint8), wp.uint8)
        self._kinds = self._put(scene.light_type.astype(np.int32), wp.int32)
        domes = np.flatnonzero(scene.light_type == LightType.DOME)
        self._domes = self._put(domes.astype(np.int32), wp.int32)
        # Depth maps of each light, the domes' key lights last: one where light is parallel, else the faces of a cube.
        each = np.where(scene.light_type == LightType.DISTANT, 1, int(light_setup.FACES))
        each = np.concatenate([np.where(scene.light_type == LightType.DOME, 0, each), np.ones(len(domes), np.int64)])
        self._maps = int(each.sum())
        self._first_map = self._put(np.where(each > 0, np.cumsum(each) - each, -1).astype(np.int32), wp.int32)

    def set_up(self, frames: FrameArrays, shapes: Shapes, world: wp.array, drawn: wp.array, wanted: bool) -> Lights:
        """The records of these frames. drawn: (B, parts) uint8. wanted: false leaves them without content."""
        count = (len(frames), len(self._first_map))
        made = Lights(
            self._new(count, LightState),
            self._new((len(frames), self._maps), ShadowState),
            self._new((*count, len(self._flat)), wp.uint8),
            [],
        )
        if not wanted:
            return made
        tables = filled(light_setup.LightTables(), self._environments)
        for name, dtype in (("color", wp.vec3), ("world", wp.mat44), ("size", wp.vec2), ("environment", wp.int32)):
            setattr(tables, name, self._put(getattr(frames.lights, name), dtype))
        tables.visible = self._put(frames.lights.visible.astype(np.uint8), wp.uint8)
        tables.kinds, tables.domes, tables.first_map = self._kinds, self._domes, self._first_map
        parts = light_setup.CasterTables()
        parts.transform, parts.flat = self._transform, self._flat
        parts.low, parts.high = shapes.low, shapes.high
        parts.world, parts.drawn = world, drawn
        self._launch(light_setup.set_up_lights, count, [tables, made.lights])
        if self._maps:
            self._launch(light_setup.set_up_casts, made.casts.shape, [parts, made.lights, made.casts])
            maps = [SHADOW_SIDE, parts, made.lights, made.casts, made.shadows]
            self._launch(light_setup.set_up_maps, count, maps)
        made.keep.extend([tables, parts])
        return made

    def _put(self, values: NDArray[Any], dtype: Any) -> wp.array:
        return wp.array(np.ascontiguousarray(values), dtype=dtype, device=self._device)

    def _new(self, shape: tuple[int, ...], dtype: Any) -> wp.array:
        return wp.empty(shape, dtype=dtype, device=self._device)

    def _launch(self, kernel: wp.Kernel, dim: tuple[int, ...], inputs: list[Any]) -> None:
        wp.launch(kernel, dim, inputs, device=self._device)
