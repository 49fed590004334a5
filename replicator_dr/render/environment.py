"""Panoramas prepared for lighting.

A panorama lights a scene in three ways: its strongest patch (sun, window, lamp) becomes a key light that can cast
shadows; what is left lights diffusely through nine spherical harmonics (Ramamoorthi and Hanrahan 2001); reflections
look into copies of the whole panorama that are blurred by roughness.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import warp as wp
from numpy.typing import NDArray

from replicator_dr.render.finite import BRIGHTEST, tamed
from replicator_dr.render.scene import Environment

LEVELS = 7
"""Blurred copies, for roughness 0, 1/6, ... 1."""
SIDE = 64
"""Texels of a side of the octahedral maps that hold them."""
_ROWS = 64
"""Texels that are blurred at a time, which stay in a processor's cache."""
_KEPT = 32
"""Panoramas whose blurred copies are kept, 0.3 MB each."""
KEY_THRESHOLD = 3.0
"""What is brighter than this many times the mean belongs to the key light."""
KEY_COSINE = 0.85
"""The key light gathers bright texels within this cosine (32 degrees) around its centre."""

Array = NDArray[np.float64]


@dataclass(frozen=True)
class EnvironmentMaps:
    """Device arrays.

    harmonics: (N, 9) vec3, radiance convolved with the cosine and divided by pi, without the key light.
    reflections: (N * LEVELS, SIDE, SIDE) vec3. panorama: (texels,) vec3.
    panorama_info: (N,) vec3i: first, width, height.
    key_direction: (N,) vec3, dome frame, from the scene toward the light. key_irradiance: (N,) vec3. key_softness: (N,)
    float32, tangent of its angular radius.
    """

    harmonics: wp.array
    reflections: wp.array
    panorama: wp.array
    panorama_info: wp.array
    key_direction: wp.array
    key_irradiance: wp.array
    key_softness: wp.array


def upload(environments: tuple[Environment, ...], device: str) -> EnvironmentMaps:
    """Analyse all panoramas and put them on the device."""
    count = max(len(environments), 1)
    harmonics = np.zeros((count, 9, 3))
    direction, irradiance, softness = np.tile([0.0, 1.0, 0.0], (count, 1)), np.zeros((count, 3)), np.zeros(count)
    info = np.ones((count, 3), np.int32)
    whole: list[NDArray[np.float32]] = []
    small = np.zeros((count, 32, 64, 3), np.float32)
    first = 0
    for i, environment in enumerate(environments):
        shown = tamed(environment.radiance, 0.0, BRIGHTEST)
        radiance = shown.astype(np.float64)
        height, width = radiance.shape[:2]
        directions, solid = latlong(height, width)
        direction[i], irradiance[i], softness[i], rest = _key_light(radiance, directions, solid)
        basis = _harmonics(directions) * solid[..., None]
        band = np.array([1.0] + 3 * [2 / 3] + 5 * [1 / 4])
        harmonics[i] = np.einsum("hwk,hwc->kc", basis, rest) * band[:, None]
        info[i] = first, width, height
        whole.append(shown)
        first += width * height
        small[i] = _shrink(radiance, 32, 64)
    reflections = _reflections(small, whole, count)
    panorama = np.concatenate([image.reshape(-1, 3) for image in whole]) if whole else np.zeros((1, 3), np.float32)
    return EnvironmentMaps(
        harmonics=wp.array(harmonics.astype(np.float32), dtype=wp.vec3, device=device),
        reflections=wp.array(reflections, dtype=wp.vec3, device=device),
        panorama=wp.array(np.ascontiguousarray(panorama, np.float32), dtype=wp.vec3, device=device),
        panorama_info=wp.array(info, dtype=wp.vec3i, device=device),
        key_direction=wp.array(direction.astype(np.float32), dtype=wp.vec3, device=device),
        key_irradiance=wp.array(irradiance.astype(np.float32), dtype=wp.vec3, device=device),
        key_softness=wp.array(softness.astype(np.float32), dtype=wp.float32, device=device),
    )


def latlong(height: int, width: int) -> tuple[Array, Array]:
    """Directions (H, W, 3) of a panorama's texels and their solid angles (H, W).

    OpenEXR's latitude-longitude layout, which UsdLux names: the top row looks along +Y, the middle column along +Z,
    and longitude falls from left to right.
    """
    latitude = np.pi * (0.5 - (np.arange(height) + 0.5) / height)[:, None]
    longitude = 2.0 * np.pi * (0.5 - (np.arange(width) + 0.5) / width)[None, :]
    x = np.cos(latitude) * np.sin(longitude)
    y = np.sin(latitude) * np.ones_like(longitude)
    z = np.cos(latitude) * np.cos(longitude)
    border = np.sin(np.pi * (0.5 - np.arange(height + 1) / height))
    solid = (border[:-1] - border[1:])[:, None] * np.ones_like(longitude) * (2.0 * np.pi / width)
    return np.stack([x, y, z], axis=-1), solid


def _harmonics(d: Array) -> Array:
    """(..., 9): the real spherical harmonics of order 0 to 2, multiplied with their own constants once more.

    What is projected on the result is evaluated with the bare polynomials 1, y, z, x, xy, yz, 3z2-1, xz, x2-y2.
    """
    x, y, z = np.moveaxis(d, -1, 0)
    square = np.array([0.282095**2, *3 * [0.488603**2], *2 * [1.092548**2], 0.315392**2, 1.092548**2, 0.546274**2])
    polynomials = np.stack([np.ones_like(x), y, z, x, x * y, y * z, 3 * z * z - 1, x * z, x * x - y * y], axis=-1)
    return polynomials * square


def _key_light(radiance: Array, directions: Array, solid: Array) -> tuple[Array, Array, float, Array]:
    """Direction, irradiance and softness of the strongest patch, and the panorama without it."""
    luminance = radiance @ np.array([0.2126, 0.7152, 0.0722])
    limit = KEY_THRESHOLD * float((luminance * solid).sum() / solid.sum())
    share = np.where(luminance > limit, 1.0 - limit / np.maximum(luminance, 1e-12), 0.0)
    share = share * (directions[..., 1] > -0.1)
    power = share * luminance * solid
    if power.sum() <= 0.0:
        return np.array([0.0, 1.0, 0.0]), np.zeros(3), 0.0, radiance
    centre = directions.reshape(-1, 3)[int(np.argmax(power / solid))]
    for _ in range(3):
        near = (directions @ centre > KEY_COSINE) * power
        centre = np.einsum("hw,hwc->c", near, directions)
        centre = centre / np.linalg.norm(centre)
    inside = (directions @ centre > KEY_COSINE) * share
    irradiance = np.einsum("hw,hwc->c", inside * solid, radiance)
    weight = inside * luminance * solid
    cosine = float((weight * (directions @ centre)).sum() / weight.sum())
    softness = float(np.tan(np.arccos(np.clip(cosine, 0.0, 1.0)))) * 1.5
    return centre, irradiance, softness, radiance * (1.0 - inside)[..., None]


def _shrink(image: Array, height: int, width: int) -> Array:
    rows = np.linspace(0, image.shape[0], height + 1).astype(int)
    columns = np.linspace(0, image.shape[1], width + 1).astype(int)
    if image.shape[0] < height or image.shape[1] < width:
        y = np.minimum((np.arange(height) + 0.5) * image.shape[0] / height, image.shape[0] - 1).astype(int)
        x = np.minimum((np.arange(width) + 0.5) * image.shape[1] / width, image.shape[1] - 1).astype(int)
        return image[y][:, x]
    sums = np.add.reduceat(np.add.reduceat(image, rows[:-1], axis=0), columns[:-1], axis=1)
    counts = np.diff(rows)[:, None] * np.diff(columns)[None, :]
    return sums / counts[..., None]


def octahedron(side: int) -> Array:
    """Directions (side, side, 3) of the texels of an octahedral map (Cigolle et al. 2014), +Y in the middle."""
    a = (np.arange(side) + 0.5) / side * 2.0 - 1.0
    u, v = np.meshgrid(a, a)
    up = 1.0 - np.abs(u) - np.abs(v)
    folded_u = np.where(up < 0, (1.0 - np.abs(v)) * np.where(u < 0, -1.0, 1.0), u)
    folded_v = np.where(up < 0, (1.0 - np.abs(u)) * np.where(v < 0, -1.0, 1.0), v)
    d = np.stack([folded_u, up, folded_v], axis=-1)
    return d / np.linalg.norm(d, axis=-1, keepdims=True)


def _reflections(small: NDArray[np.float32], full: list[NDArray[np.float32]], count: int) -> NDArray[np.float32]:
    result = np.zeros((count, LEVELS, SIDE, SIDE, 3), np.float32)
    target = octahedron(SIDE).reshape(-1, 3)
    for i, image in enumerate(full):
        result[i, 0] = _lookup(_shrink(image.astype(np.float64), 64, 128), target).reshape(SIDE, SIDE, 3)
    keys = [image.tobytes() for image in small[: len(full)]]
    known = {key: blurred for key in keys if (blurred := _BLURRED.get(key)) is not None}
    fresh = {key: image for key, image in zip(keys, small) if key not in known}
    known.update(zip(fresh, _blurred(list(fresh.values()), target)))
    for i, key in enumerate(keys):
        result[i, 1:] = known[key]
    if len(_BLURRED) + len(fresh) > _KEPT:
        _BLURRED.clear()
    if len(fresh) <= _KEPT:
        _BLURRED.update((key, known[key]) for key in fresh)
    return result.reshape(-1, SIDE, SIDE, 3)


_BLURRED: dict[bytes, NDArray[np.float32]] = {}
"""Blurred copies by the texels that they were made from: the scenes of a process often have the same sky."""


def _blurred(images: list[NDArray[np.float32]], target: Array) -> list[NDArray[np.float32]]:
    """(LEVELS - 1, SIDE, SIDE, 3) of each of the (32, 64, 3) images. target: (SIDE * SIDE, 3) directions.

    Each image by itself, so that its copies never depend on which others are there.
    """
    if not images:
        return []
    directions, solid = latlong(32, 64)
    source, weight = directions.reshape(-1, 3).astype(np.float32), solid.reshape(-1).astype(np.float32)
    colors = [image.reshape(-1, 3) for image in images]
    found = [np.zeros((LEVELS - 1, len(target), 3), np.float32) for _ in images]
    for first in range(0, len(target), _ROWS):
        rows = slice(first, first + _ROWS)
        cosine = np.clip(target[rows].astype(np.float32) @ source.T, -1.0, 1.0)
        share = np.maximum(cosine, 0.0) * weight
        half2 = 0.5 * (1.0 + cosine)
        for level in range(1, LEVELS):
            # The GGX lobe about the mirror direction, with view = normal (Karis 2013); of the half vector,
            # cosine^2 = (1 + c) / 2.
            alpha2 = max(level / (LEVELS - 1), 0.2) ** 4
            lobe = half2 * np.float32(alpha2 - 1.0)
            lobe += 1.0
            lobe *= lobe
            np.divide(share, lobe, out=lobe)
            total = lobe.sum(axis=1, keepdims=True)
            for own, blurred in zip(colors, found):
                blurred[level - 1, rows] = (lobe @ own) / total
    return [blurred.reshape(LEVELS - 1, SIDE, SIDE, 3) for blurred in found]


def _lookup(image: Array, directions: Array) -> Array:
    height, width = image.shape[:2]
    u = 0.5 - np.arctan2(directions[..., 0], directions[..., 2]) / (2.0 * np.pi)
    v = 0.5 - np.arcsin(np.clip(directions[..., 1], -1.0, 1.0)) / np.pi
    x, y = u * width - 0.5, np.clip(v * height - 0.5, 0.0, height - 1.0)
    x0, y0 = np.floor(x).astype(int), np.floor(y).astype(int)
    wx, wy = (x - x0)[..., None], (y - y0)[..., None]
    y1, x1 = np.minimum(y0 + 1, height - 1), x0 + 1
    top = image[y0, x0 % width] * (1 - wx) + image[y0, x1 % width] * wx
    bottom = image[y1, x0 % width] * (1 - wx) + image[y1, x1 % width] * wx
    return top * (1 - wy) + bottom * wy
