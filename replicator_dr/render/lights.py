"""Lights and their depth maps for a batch of frames, prepared on the host for all frames at once.

Exposure: a white diffuse surface under a white dome of intensity 1000, or facing a distant light of intensity
1000 * pi, comes out as 1.0 before the tone curve, for both runtimes' usual light levels.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from replicator_dr.render import shadow
from replicator_dr.render.environment import EnvironmentMaps
from replicator_dr.render.finite import BRIGHTEST, tamed
from replicator_dr.render.geometry import Geometry
from replicator_dr.render.scene import FrameArrays, LightType, SceneArrays
from replicator_dr.render.structs import LightState, ShadowState, numpy_dtype

EXPOSURE = 1e-3
"""Multiplies all light: 1000 nit becomes 1.0."""
FACES = 6
"""Depth maps of a light with a position: one toward the casters, or the six faces of a cube around it."""
WIDEST = np.cos(np.radians(65.0))
"""Beyond this half angle one perspective map gives way to a cube."""

NARROWEST, WIDEST_BLUR, SPREAD = 1.6, 16.0, 0.25
"""Half-shadows in texels, and what share of a distant light's softness counts, as in native/shade_6_shadow.cpp."""
CUBE_SHARE = 2
"""A face of a cube uses the side of a depth map divided by this."""

Array = NDArray[np.float64]


@dataclass(frozen=True)
class FrameLights:
    """lights: (B, N) LightState records, domes' key lights behind the scene's own; shadows: (B, S) ShadowState.

    casts: (B, S, P) bool, the parts that are drawn into each depth map.
    """

    lights: NDArray[Any]
    shadows: NDArray[Any]
    casts: NDArray[np.bool_]


def prepare(
    scene: SceneArrays, geometry: Geometry, maps: EnvironmentMaps, frames: FrameArrays, side: int
) -> FrameLights:
    """All lights of a batch. side: texels of a side of a depth map."""
    kinds = scene.light_type
    domes = np.flatnonzero(kinds == LightType.DOME)
    batch, own = len(frames), len(kinds)
    lights: NDArray[Any] = np.zeros((batch, own + len(domes)), numpy_dtype(LightState))
    finite = np.flatnonzero((kinds != LightType.DOME) & (kinds != LightType.DISTANT))
    distant = np.concatenate([np.flatnonzero(kinds == LightType.DISTANT), own + np.arange(len(domes))])
    source = frames.lights
    color = tamed(source.color.astype(np.float64), 0.0, BRIGHTEST) * source.visible[..., None] * EXPOSURE
    world = source.world.astype(np.float64)
    lights["kind"][:, :own] = kinds
    lights["shadow"] = -1
    lights["specular"] = 1.0
    lights["position"][:, :own] = world[:, :, 3, :3]
    lights["direction"][:, :own] = -_unit(world[:, :, 2, :3])
    lights["environment"][:, :own] = source.environment
    lights["color"][:, :own] = color
    turned = _rotation(world)
    lights["from_world"][:, :own] = turned
    # The kernel sees lights with a surface as points: radiance times area is an intensity.
    size = source.size.astype(np.float64)
    lights["softness"][:, :own] = 0.5 * size.max(axis=-1)
    for light in range(own):
        kind = LightType(int(kinds[light]))
        if kind is LightType.DISTANT:
            lights["softness"][:, light] = np.tan(np.radians(0.5 * size[:, light, 0]))
        elif kind is not LightType.DOME:
            scale = np.linalg.norm(world[:, light, :3, :3], axis=-1)
            lights["color"][:, light] *= _area(kind, size[:, light], scale)[:, None]
            if kind is not LightType.RECT:
                lights["softness"][:, light] = size[:, light, 0]
    for k, dome in enumerate(domes.tolist()):
        environment = source.environment[:, dome]
        has = environment >= 0
        row = np.maximum(environment, 0)
        key = own + k
        toward = (maps.key_direction[row][:, None, :] @ turned[:, dome])[:, 0]
        lights["kind"][:, key] = LightType.DISTANT
        lights["direction"][:, key] = -toward
        lights["color"][:, key] = maps.key_irradiance[row] * color[:, dome] * has[:, None]
        lights["softness"][:, key] = maps.key_softness[row]
        lights["specular"][:, key] = 0.0
        lights["environment"][:, key] = -1
    shadows: NDArray[Any] = np.zeros((batch, len(distant) + FACES * len(finite)), numpy_dtype(ShadowState))
    casts = np.zeros((batch, shadows.shape[1], len(scene.part_mesh)), bool)
    if casts.size:
        corners, of_lamp = _casters(scene, geometry, frames, lights)
        for s, light in enumerate(distant.tolist()):
            lit = np.any(lights["color"][:, light] > 0, axis=-1)
            lights["shadow"][:, light] = s
            casts[:, s] = of_lamp[:, light]
            direction = lights["direction"][:, light].astype(np.float64)
            _orthographic(shadows[:, s], direction, corners, of_lamp[:, light], lit, side)
            blur = np.clip(SPREAD * lights["softness"][:, light] / shadows["texel"][:, s], NARROWEST, WIDEST_BLUR)
            shadows["reach"][:, s] = np.ceil(blur / int(shadow.CELL))
        for k, light in enumerate(finite.tolist()):
            first = len(distant) + FACES * k
            lit = np.any(lights["color"][:, light] > 0, axis=-1)
            lights["shadow"][:, light] = first
            maps_of = slice(first, first + FACES)
            casts[:, maps_of] = of_lamp[:, light, None]
            position = lights["position"][:, light].astype(np.float64)
            _perspective(shadows[:, maps_of], position, corners, of_lamp[:, light], lit, side)
            shadows["reach"][:, maps_of] = np.ceil(WIDEST_BLUR / int(shadow.CELL))
    return FrameLights(lights, shadows, casts)


def _unit(v: Array) -> Array:
    return v / np.maximum(np.linalg.norm(v, axis=-1, keepdims=True), 1e-12)


def _rotation(world: Array) -> Array:
    """(..., 3, 3) for column vectors, world to local: the matrix's own rows, normalised, the axes where it has none."""
    rows = world[..., :3, :3]
    return _unit(np.where(np.linalg.norm(rows, axis=-1, keepdims=True) > 1e-12, rows, np.eye(3)))


def _area(kind: LightType, size: Array, scale: Array) -> Array:
    """Light per steradian straight ahead over radiance [m2], as a projected area."""
    if kind is LightType.SPHERE:
        return np.pi * (size[:, 0] * scale[:, 0]) ** 2
    if kind is LightType.RECT:
        return size[:, 0] * scale[:, 0] * size[:, 1] * scale[:, 1]
    if kind is LightType.DISK:
        return np.pi * size[:, 0] ** 2 * scale[:, 0] * scale[:, 1]
    return 2.0 * size[:, 0] * size[:, 1] * scale[:, 0] * scale[:, 1]


def _casters(
    scene: SceneArrays, geometry: Geometry, frames: FrameArrays, lights: NDArray[Any]
) -> tuple[Array, NDArray[np.bool_]]:
    """World corners (B, P, 8, 3) of the parts' boxes, and which parts (B, N, P) can throw a shadow in a light (B, N).

    A flat part with nothing on the side away from the light (a floor, a wall) only receives.
    """
    pick = np.array([[i >> k & 1 for k in range(3)] for i in range(8)], bool)
    box = np.where(pick[None], geometry.high[:, None], geometry.low[:, None])
    local = np.concatenate([box, np.ones((*box.shape[:2], 1))], axis=-1)
    world = frames.world[:, scene.part_transform]
    corners = local @ world
    centres = corners[..., :3].mean(axis=2)
    direction, position = (lights[name].astype(np.float64) for name in ("direction", "position"))
    distant = (lights["kind"] == LightType.DISTANT)[..., None]
    drawn = frames.part_drawn
    casts = np.repeat(drawn[:, None], lights.shape[1], axis=1)
    for part in np.flatnonzero(geometry.flat):
        axis = int(np.argmin(geometry.high[part] - geometry.low[part]))
        rows = np.delete(world[:, part, :3, :3], axis, axis=1)
        normal = _unit(np.cross(rows[:, 0], rows[:, 1]).astype(np.float64))
        away = np.einsum("bpc,bc->bp", centres - centres[:, part : part + 1], normal)
        away = np.where(drawn, away, 0.0)
        toward = np.where(distant, -direction, position - centres[:, None, part])
        above = np.einsum("bnc,bc->bn", toward, normal) > 0.0
        casts[:, :, part] &= np.where(above, away.min(axis=1)[:, None] < -1e-3, away.max(axis=1)[:, None] > 1e-3)
    return corners[..., :3], casts


def _basis(direction: Array) -> Array:
    """(B, 3, 3): rows right, down and along a direction."""
    helper = np.where(np.abs(direction[:, 2:]) < 0.9, [[0.0, 0.0, 1.0]], [[1.0, 0.0, 0.0]])
    right = _unit(np.cross(direction, helper))
    return np.stack([right, np.cross(direction, right), direction], axis=1)


def _bounds(values: Array, casts: NDArray[np.bool_]) -> tuple[Array, Array]:
    """Lowest and highest (B, k) of values (B, P, 8, k) over the casting parts; 0 and 0 where none casts."""
    mask = casts[:, :, None, None]
    low = np.where(mask, values, np.inf).min(axis=(1, 2))
    high = np.where(mask, values, -np.inf).max(axis=(1, 2))
    some = casts.any(axis=1)[:, None]
    return np.where(some, low, 0.0), np.where(some, high, 0.0)


def _orthographic(
    target: NDArray[Any],
    direction: Array,
    corners: Array,
    casts: NDArray[np.bool_],
    lit: NDArray[np.bool_],
    side: int,
) -> None:
    basis = _basis(direction)
    seen = corners @ np.swapaxes(basis, 1, 2)[:, None]
    low, high = _bounds(seen, casts)
    extent = np.maximum((high - low)[:, :2].max(axis=1), 1e-6)
    scale = (side - 4) / extent
    middle = 0.5 * (low + high)
    matrix = basis * np.stack([scale, scale, -np.ones_like(scale)], axis=-1)[:, :, None]
    offset = np.zeros((len(basis), 3))
    offset[:, :2] = side / 2 - middle[:, :2] * scale[:, None]
    offset[:, 2] = high[:, 2] + 1.0
    target["matrix"], target["offset"] = matrix, offset
    target["perspective"] = 0
    target["texel"] = 1.0 / scale
    target["side"] = side
    target["active"] = lit & casts.any(axis=1)


CUBE = np.array(
    [
        [[0, 0, -1], [0, 1, 0], [1, 0, 0]],
        [[0, 0, 1], [0, 1, 0], [-1, 0, 0]],
        [[1, 0, 0], [0, 0, -1], [0, 1, 0]],
        [[1, 0, 0], [0, 0, 1], [0, -1, 0]],
        [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
        [[-1, 0, 0], [0, 1, 0], [0, 0, -1]],
    ],
    np.float64,
)
"""Rows right, down, forward of the faces +x, -x, +y, -y, +z, -z."""


def _perspective(
    target: NDArray[Any],
    position: Array,
    corners: Array,
    casts: NDArray[np.bool_],
    lit: NDArray[np.bool_],
    side: int,
) -> None:
    away = corners - position[:, None, None]
    low, high = _bounds(corners, casts)
    forward = _unit(0.5 * (low + high) - position)
    cosine = np.einsum("bpkc,bc->bpk", _unit(away), forward)
    narrowest = np.where(casts[:, :, None], cosine, 1.0).min(axis=(1, 2))
    single = narrowest > WIDEST
    reach = np.where(single, np.tan(np.arccos(np.clip(narrowest, WIDEST, 1.0))) * 1.05 + 1e-3, 1.0)
    active = lit & casts.any(axis=1)
    for face in range(FACES):
        basis = np.broadcast_to(CUBE[face], (len(position), 3, 3)).copy()
        if face == 0:
            basis = np.where(single[:, None, None], _basis(forward), basis)
        used = np.where(single & (face == 0), side, side // CUBE_SHARE)
        scale = (used / 2 - 2) / (reach if face == 0 else np.ones(len(position)))
        matrix = basis * np.stack([scale, scale, np.ones_like(scale)], axis=-1)[:, :, None]
        matrix[:, :2] += used[:, None, None] / 2 * basis[:, 2:]
        target["matrix"][:, face] = matrix
        target["offset"][:, face] = -(matrix @ position[:, :, None])[:, :, 0]
        target["perspective"][:, face] = np.where(single, 1, 2)
        target["texel"][:, face] = 1.0 / scale
        target["side"][:, face] = used
        target["active"][:, face] = active & (~single | (face == 0))
