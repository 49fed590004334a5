"""The surface's answer to light in the raster: the stated formula, the same both ways, and the reflection of a dome."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from replicator_dr.render.renderer import Renderer
from replicator_dr.render.scene import LightType, View
from tests.render.photometry import radiance
from tests.render.scenes import Eye, Lamp, Paint, Part, batch, build, frame, look, plane, render

Array = NDArray[np.float64]
BASE = np.array([0.8, 0.4, 0.1])
# roughness, metallic, specular
MATERIALS = [(1.0, 0.0, 0.0), (0.3, 0.0, 0.5), (0.6, 0.0, 1.0), (0.4, 1.0, 0.5), (0.8, 1.0, 0.5), (0.5, 0.5, 0.5)]


def directions(rng: np.random.Generator, count: int, least: float = 0.25) -> Array:
    """(count, 3) above the plane z = 0, with cosines of at least ``least``."""
    z, angle = rng.uniform(least, 1.0, count), rng.uniform(0, 2 * np.pi, count)
    sine = np.sqrt(1 - z * z)
    return np.stack([sine * np.cos(angle), sine * np.sin(angle), z], -1)


def shown(material: tuple[float, float, float], toward: Array, lights: Array, level: float) -> Array:
    """(N, 3): the radiance of a plane seen from directions ``toward`` under suns from ``lights``, over their lux."""
    roughness, metallic, specular = material
    part = Part(plane(4, 4), paint=Paint(BASE, roughness, metallic, specular))
    frames = []
    for v, w in zip(toward, lights, strict=True):
        sun = Lamp(LightType.DISTANT, (1000 * level,) * 3, look(w, [0, 0, 0]))
        frames.append(frame([part], [sun], Eye(look(3 * v, [0, 0, 0]), focal=100.0)))
    scene, _ = build([part], [Lamp(LightType.DISTANT)])
    out = Renderer(scene, "cpu").render(batch(*frames), View(0, 3, 3))
    assert out.rgb is not None
    return np.asarray(radiance(out.rgb[:, 1, 1, :3]) / level)


def formula(material: tuple[float, float, float], v: Array, w: Array) -> Array:
    """(N, 3): GGX with Schlick's Fresnel term and Schlick's form of Smith's masking, k = alpha / 2 (Karis 2013)."""
    roughness, metallic, specular = material
    alpha = roughness**2
    h = v + w
    h = h / np.linalg.norm(h, axis=-1, keepdims=True)
    nh, nv, nl, vh = h[:, 2], v[:, 2], w[:, 2], np.sum(v * h, -1)
    f0 = 0.08 * specular * (1 - metallic) + BASE * metallic
    f90 = np.minimum(1.0, 50 * f0.max())
    fresnel = f0 + (f90 - f0) * ((1 - vh) ** 5)[:, None]
    d = alpha**2 / (np.pi * (nh**2 * (alpha**2 - 1) + 1) ** 2)
    k = alpha / 2
    g = 1 / (4 * (nv * (1 - k) + k) * (nl * (1 - k) + k))
    diffuse = BASE * (1 - metallic) * (1 - fresnel) / np.pi
    return np.asarray((diffuse + fresnel * (d * g)[:, None]) * nl[:, None])


@pytest.mark.parametrize("material", MATERIALS)
def test_a_plane_in_the_sun_has_the_radiance_of_the_formula(material: tuple[float, float, float]) -> None:
    rng = np.random.default_rng(0)
    v, w = directions(rng, 150), directions(rng, 150)
    # Near the mirror direction too, where the lobe is.
    w[:60] = v[:60] * [-1, -1, 1] + rng.normal(scale=0.1, size=(60, 3))
    w /= np.linalg.norm(w, axis=-1, keepdims=True)
    expected = formula(material, v, w)
    # Below the shoulder of the tone curve, where a byte is worth 1 % and less.
    level = 0.5 / np.quantile(expected, 0.9)
    fits = level * expected < 0.58
    seen = shown(material, v, w, level)
    assert fits.mean() > 0.85
    np.testing.assert_allclose((level * seen)[fits], (level * expected)[fits], rtol=0.012, atol=0.0025)


@pytest.mark.parametrize("material", MATERIALS)
def test_light_takes_the_same_way_back(material: tuple[float, float, float]) -> None:
    rng = np.random.default_rng(1)
    v, w = directions(rng, 100), directions(rng, 100)
    w[:40] = v[:40] * [-1, -1, 1] + rng.normal(scale=0.2, size=(40, 3))
    w = np.maximum(w / np.linalg.norm(w, axis=-1, keepdims=True), [-1, -1, 0.2])
    w /= np.linalg.norm(w, axis=-1, keepdims=True)
    level = 0.4 / np.quantile(formula(material, v, w), 0.9)
    there, back = shown(material, v, w, level) / w[:, 2:], shown(material, w, v, level) / v[:, 2:]
    clear = np.maximum(there * w[:, 2:], back * v[:, 2:]) * level < 0.58
    assert clear.mean() > 0.8
    # A byte's step on each side, over the cosine.
    np.testing.assert_allclose((level * there)[clear], (level * back)[clear], rtol=0.025, atol=0.012)


def directional_albedo(cosine: float, f0: float, alpha: float) -> float:
    """What a lobe of the formula gives back of light from all sides, by the midpoint rule over half vectors.

    Heitz (2018): half vectors of visible microfacets give each the weight F G2 / G1; here over the plain distribution.
    """
    n = 600
    u, angle = np.meshgrid((np.arange(n) + 0.5) / n, (np.arange(n) + 0.5) * 2 * np.pi / n)
    # Directions of half vectors distributed as D cos: the weight is F G vh / (nh nv) (Karis 2013).
    z = np.sqrt((1 - u) / (1 + (alpha**2 - 1) * u))
    sine = np.sqrt(1 - z * z)
    v = np.array([np.sqrt(1 - cosine**2), 0.0, cosine])
    vh = v[0] * sine * np.cos(angle) + v[2] * z
    nl = 2 * vh * z - cosine
    with np.errstate(divide="ignore", invalid="ignore"):
        smith = [2 * x / (x + np.sqrt(alpha**2 + (1 - alpha**2) * x * x)) for x in (cosine, np.maximum(nl, 1e-9))]
    fresnel = f0 + (1 - f0) * (1 - np.clip(vh, 0, 1)) ** 5
    weight = np.where((nl > 0) & (vh > 0), fresnel * smith[0] * smith[1] * vh / (z * cosine), 0.0)
    return float(weight.mean())


@pytest.mark.parametrize("roughness", [0.1, 0.3, 0.5, 0.8, 1.0])
@pytest.mark.parametrize("slant", [0.0, 40.0, 70.0])
def test_a_dome_is_mirrored_by_as_much_as_the_lobe_gives_back(roughness: float, slant: float) -> None:
    """Black with a coat of 4 %, and white metal, under a uniform sky: the lobe's share, integrated."""
    cosine = float(np.cos(np.radians(slant)))
    eye = Eye(look([3 * np.sin(np.radians(slant)), 0, 3 * cosine], [0, 0, 0]), focal=50.0)
    for f0, paint in ((0.04, Paint((0, 0, 0), roughness, 0.0, 0.5)), (1.0, Paint((1, 1, 1), roughness, 1.0))):
        out = render([Part(plane(4, 4), paint=paint)], [Lamp(LightType.DOME, (550,) * 3)], eye, (9, 9), rgb=True)
        share = float(radiance(out.rgb[0, 4, 4, 0])) / 0.55
        assert share == pytest.approx(directional_albedo(cosine, f0, roughness**2), abs=0.045)
