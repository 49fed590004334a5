"""Panoramas: looked up bilinearly, and sampled where they are bright.

A texel is chosen by its share of the light, a direction uniformly in it (in longitude and latitude). The share counts
what bilinear look-up makes of the texel, so that no direction with light is left out.
"""

from __future__ import annotations

import numpy as np
import warp as wp
from numpy.typing import NDArray

from replicator_dr.render.finite import BRIGHTEST, tamed
from replicator_dr.render.scene import Environment

wp.set_module_options({"enable_backward": False})

LUMINANCE = np.array([0.2126, 0.7152, 0.0722])


@wp.struct
class Panoramas:
    """All panoramas, one behind the other.

    info: first texel, width, height, first row. columns: (texels,) cumulative share in the texel's row. rows: (sum of
    heights,) cumulative share of the panorama's rows.
    """

    radiance: wp.array(dtype=wp.vec3)
    info: wp.array(dtype=wp.vec4i)
    columns: wp.array(dtype=wp.float32)
    rows: wp.array(dtype=wp.float32)


@wp.struct
class DomeSample:
    """A direction in the dome's frame and its density [1/sr]."""

    direction: wp.vec3
    density: wp.float32


def upload(environments: tuple[Environment, ...], device: wp.Device) -> tuple[Panoramas, NDArray[np.float64]]:
    """The device arrays, and the mean luminance (N,) of each panorama over the sphere."""
    info = np.ones((max(len(environments), 1), 4), np.int32)
    images: list[NDArray[np.float32]] = [np.zeros((1, 3), np.float32)]
    columns: list[NDArray[np.float32]] = [np.ones(1, np.float32)]
    rows: list[NDArray[np.float32]] = [np.ones(1, np.float32)]
    means = np.zeros(max(len(environments), 1))
    first, row = 1, 1
    for i, environment in enumerate(environments):
        image = tamed(environment.radiance, 0.0, BRIGHTEST).astype(np.float32)
        height, width = image.shape[:2]
        light = _share(image.astype(np.float64) @ LUMINANCE)
        means[i] = light.sum() / (4.0 * np.pi)
        if light.sum() <= 0.0:
            light = np.ones_like(light)
        total = light.sum(axis=1)
        within = np.where(total[:, None] > 0, light, 1.0)
        info[i] = first, width, height, row
        images.append(image.reshape(-1, 3))
        columns.append(_cumulative(within).reshape(-1))
        rows.append(_cumulative(total))
        first, row = first + width * height, row + height
    found = Panoramas()
    found.radiance = wp.array(np.concatenate(images), dtype=wp.vec3, device=device)
    found.info = wp.array(info, dtype=wp.vec4i, device=device)
    found.columns = wp.array(np.concatenate(columns), dtype=wp.float32, device=device)
    found.rows = wp.array(np.concatenate(rows), dtype=wp.float32, device=device)
    return found, means


def _share(luminance: NDArray[np.float64]) -> NDArray[np.float64]:
    """The light (H, W) [luminance x sr] of each texel's solid angle, its values interpolated between texel centres."""
    height, width = luminance.shape
    across = (np.roll(luminance, 1, 1) + 6.0 * luminance + np.roll(luminance, -1, 1)) / 8.0
    padded = np.pad(across, ((1, 1), (0, 0)), mode="edge")
    soft = (padded[:-2] + 6.0 * padded[1:-1] + padded[2:]) / 8.0
    border = np.cos(np.pi * np.arange(height + 1) / height)
    return np.asarray(soft * (border[:-1] - border[1:])[:, None] * (2.0 * np.pi / width))


def _cumulative(values: NDArray[np.float64]) -> NDArray[np.float32]:
    sums = np.cumsum(values, axis=-1)
    result = (sums / sums[..., -1:]).astype(np.float32)
    result[..., -1] = 1.0
    return result


@wp.func
def first_above(values: wp.array(dtype=wp.float32), first: int, count: int, u: float) -> int:
    """The first i with values[first + i] > u."""
    low = int(0)
    high = int(count - 1)
    while low < high:
        middle = (low + high) // 2
        if values[first + middle] > u:
            high = middle
        else:
            low = middle + 1
    return low


@wp.func
def share_below(values: wp.array(dtype=wp.float32), first: int, i: int) -> float:
    """The cumulative share before entry i."""
    if i == 0:
        return 0.0
    return values[first + i - 1]


@wp.func
def dome_place(d: wp.vec3) -> wp.vec2:
    """A direction in the dome's frame to (u, v) in 0..1, v from the top (OpenEXR's latitude-longitude layout)."""
    longitude = wp.atan2(d[0], d[2])
    latitude = wp.atan2(d[1], wp.sqrt(d[0] * d[0] + d[2] * d[2]))
    return wp.vec2(wp.clamp(0.5 - longitude / (2.0 * wp.pi), 0.0, 1.0), wp.clamp(0.5 - latitude / wp.pi, 0.0, 1.0))


@wp.func
def dome_radiance(domes: Panoramas, panorama: int, d: wp.vec3) -> wp.vec3:
    """Radiance from a direction in the dome's frame, bilinear."""
    info = domes.info[panorama]
    place = dome_place(d)
    x = place[0] * float(info[1]) - 0.5
    y = wp.clamp(place[1] * float(info[2]) - 0.5, 0.0, float(info[2] - 1))
    x0 = int(wp.floor(x))
    y0 = int(y)
    right = x - float(x0)
    below = y - float(y0)
    x1 = (x0 + 1) % info[1]
    x0 = (x0 + info[1]) % info[1]
    y1 = wp.min(y0 + 1, info[2] - 1)
    upper = info[0] + y0 * info[1]
    lower = info[0] + y1 * info[1]
    top = wp.lerp(domes.radiance[upper + x0], domes.radiance[upper + x1], right)
    bottom = wp.lerp(domes.radiance[lower + x0], domes.radiance[lower + x1], right)
    return wp.lerp(top, bottom, below)


@wp.func
def texel_density(domes: Panoramas, panorama: int, x: int, y: int, cosine: float) -> float:
    """Density [1/sr] of the directions in a texel. cosine: of the latitude, which makes a texel narrower."""
    info = domes.info[panorama]
    row = domes.rows[info[3] + y] - share_below(domes.rows, info[3], y)
    first = info[0] + y * info[1]
    column = domes.columns[first + x] - share_below(domes.columns, first, x)
    return row * column * float(info[1]) * float(info[2]) / (2.0 * wp.pi * wp.pi * wp.max(cosine, 1.0e-6))


@wp.func
def dome_density(domes: Panoramas, panorama: int, d: wp.vec3) -> float:
    """Density [1/sr] with which :func:`sample_dome` gives d."""
    info = domes.info[panorama]
    place = dome_place(d)
    x = wp.min(int(place[0] * float(info[1])), info[1] - 1)
    y = wp.min(int(place[1] * float(info[2])), info[2] - 1)
    return texel_density(domes, panorama, x, y, wp.sqrt(d[0] * d[0] + d[2] * d[2]))


@wp.func
def sample_dome(domes: Panoramas, panorama: int, u: wp.vec2) -> DomeSample:
    """A direction in the dome's frame, by the panorama's light."""
    info = domes.info[panorama]
    y = first_above(domes.rows, info[3], info[2], u[0])
    low = share_below(domes.rows, info[3], y)
    down = (u[0] - low) / wp.max(domes.rows[info[3] + y] - low, 1.0e-12)
    first = info[0] + y * info[1]
    x = first_above(domes.columns, first, info[1], u[1])
    low = share_below(domes.columns, first, x)
    right = (u[1] - low) / wp.max(domes.columns[first + x] - low, 1.0e-12)
    longitude = 2.0 * wp.pi * (0.5 - (float(x) + wp.clamp(right, 0.0, 1.0)) / float(info[1]))
    latitude = wp.pi * (0.5 - (float(y) + wp.clamp(down, 0.0, 1.0)) / float(info[2]))
    cosine = wp.cos(latitude)
    found = DomeSample()
    found.direction = wp.vec3(cosine * wp.sin(longitude), wp.sin(latitude), cosine * wp.cos(longitude))
    found.density = texel_density(domes, panorama, x, y, cosine)
    return found
