"""The surfaces' answer to light: the same both ways, never more than arrives, and sampled with the stated density."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from replicator_dr.render.path.tracer import PathTracer
from replicator_dr.render.scene import LightType, View
from tests.render.path.probes import sampled, scattered
from tests.render.scenes import Eye, Lamp, Paint, Part, build, look, plane

Array = NDArray[np.float64]
WHITE = (1.0, 1.0, 1.0)
# metallic, specular, roughness
MATERIALS = [
    (0.0, 0.0, 1.0), (0.0, 0.5, 0.3), (0.0, 1.0, 0.8), (0.4, 0.5, 0.5), (1.0, 0.5, 0.2), (1.0, 0.5, 1.0),
]  # fmt: skip


def hemisphere(rng: np.random.Generator, count: int) -> Array:
    z, angle = rng.uniform(0.02, 1.0, count), rng.uniform(0, 2 * np.pi, count)
    sine = np.sqrt(1 - z * z)
    return np.stack([sine * np.cos(angle), sine * np.sin(angle), z], -1)


def toward(cosine: float) -> Array:
    return np.array([np.sqrt(1 - cosine**2), 0.0, cosine])


@pytest.mark.parametrize("material", MATERIALS)
def test_light_takes_the_same_way_back(material: tuple[float, float, float]) -> None:
    rng = np.random.default_rng(1)
    v, w = hemisphere(rng, 4000), hemisphere(rng, 4000)
    there, _ = scattered((0.8, 0.5, 0.2), *material, v, w)
    back, _ = scattered((0.8, 0.5, 0.2), *material, w, v)
    np.testing.assert_allclose(there / w[:, 2:], back / v[:, 2:], rtol=2e-4, atol=1e-6)


@pytest.mark.parametrize("cosine", [0.05, 0.3, 0.7, 1.0])
@pytest.mark.parametrize("material", MATERIALS)
def test_no_surface_gives_back_more_than_it_gets(material: tuple[float, float, float], cosine: float) -> None:
    _, weight = sampled(WHITE, *material, toward(cosine), 100_000)
    mean, error = weight[:, 0].mean(), weight[:, 0].std() / np.sqrt(len(weight))
    metallic = material[0]
    assert mean < 1.0 + 4 * error + 2e-3
    if metallic == 0.0:
        # The coupled base takes all that the lobe leaves; tables and their interpolation are good to 0.5 %.
        assert mean > 1.0 - 4 * error - 5e-3


@pytest.mark.parametrize("cosine", [0.15, 0.6, 0.95])
@pytest.mark.parametrize("material", [(0.0, 0.0, 1.0), (0.0, 1.0, 0.5), (1.0, 0.5, 0.5), (1.0, 0.5, 1.0)])
def test_directions_are_sampled_with_the_stated_density(material: tuple[float, float, float], cosine: float) -> None:
    """A chi-square test over bins of cosine and azimuth; directions below the surface are a bin of their own."""
    count, rows, columns, fine = 100_000, 8, 12, 24
    base, v = (0.6, 0.6, 0.6), toward(cosine)
    direction, _ = sampled(base, *material, v, count)
    up = direction[:, 2] > 0
    azimuth = np.arctan2(direction[up, 1], direction[up, 0]) % (2 * np.pi)
    seen, _, _ = np.histogram2d(direction[up, 2], azimuth, (rows, columns), [(0, 1), (0, 2 * np.pi)])
    z, a = np.meshgrid(
        (np.arange(rows * fine) + 0.5) / (rows * fine), (np.arange(columns * fine) + 0.5) * 2 * np.pi / (columns * fine)
    )
    z, a = z.T.reshape(-1), a.T.reshape(-1)
    sine = np.sqrt(1 - z * z)
    w = np.stack([sine * np.cos(a), sine * np.sin(a), z], -1)
    _, density = scattered(base, *material, np.broadcast_to(v, w.shape), w)
    cells = density.reshape(rows, fine, columns, fine).sum(axis=(1, 3)) * 2 * np.pi / (rows * columns * fine**2)
    expected = np.append(cells.reshape(-1), max(1 - cells.sum(), 0.0)) * count
    found = np.append(seen.reshape(-1), count - up.sum())
    many = expected > 20
    expected = np.append(expected[many], expected[~many].sum())
    found = np.append(found[many], found[~many].sum())
    assert abs(expected.sum() - count) < 0.003 * count
    value = ((found - expected) ** 2 / np.maximum(expected, 1.0)).sum()
    # Sidak over the twelve cases of this test.
    assert stats.chi2.sf(value, len(expected) - 1) > 1 - 0.99 ** (1 / 12)


def lobe(v: Array, w: Array, f0: Array, f90: float, alpha: float) -> Array:
    """GGX with Schlick's Fresnel term, from Walter et al. (2007), (..., 3) per steradian, times cos(w)."""
    h = v + w
    h = h / np.linalg.norm(h, axis=-1, keepdims=True)
    tan2 = (1 - h[..., 2] ** 2) / h[..., 2] ** 2
    d = alpha**2 / (np.pi * h[..., 2] ** 4 * (alpha**2 + tan2) ** 2)

    def g1(x: Array) -> Array:
        return 2 / (1 + np.sqrt(1 + alpha**2 * (1 - x[..., 2] ** 2) / x[..., 2] ** 2))

    schlick = ((1 - np.sum(v * h, -1)) ** 5)[..., None]
    return (d * g1(v) * g1(w) / (4 * v[..., 2]))[..., None] * (f0 + (f90 - f0) * schlick)


def directional_albedo(cosine: float, f0: Array, f90: float, alpha: float) -> Array:
    """(3,) by the midpoint rule over the hemisphere."""
    z, a = np.meshgrid((np.arange(400) + 0.5) / 400, (np.arange(400) + 0.5) * 2 * np.pi / 400)
    sine = np.sqrt(1 - z * z)
    w = np.stack([sine * np.cos(a), sine * np.sin(a), z], -1)
    return np.asarray(lobe(toward(cosine), w, f0, f90, alpha).mean(axis=(0, 1)) * 2 * np.pi)


@pytest.mark.parametrize(("specular", "roughness", "metallic"), [(0.5, 0.5, 0.0), (1.0, 0.7, 0.0), (0.5, 0.6, 0.5)])
@pytest.mark.parametrize("slant", [20.0, 65.0])
def test_a_coated_plane_in_the_sun_has_the_radiance_of_the_formula(
    specular: float, roughness: float, metallic: float, slant: float
) -> None:
    base = np.array([0.8, 0.4, 0.1])
    v, w = toward(np.cos(np.radians(slant))), np.array([0.0, 0.6, 0.8])
    f0 = 0.08 * specular * (1 - metallic) + base * metallic
    f90 = min(1.0, 50 * f0.max())
    alpha = roughness**2
    rest = np.array([1 - directional_albedo(x, f0, f90, alpha) for x in (v[2], w[2])])
    nodes, weights = np.polynomial.legendre.leggauss(16)
    mean = sum(weight * x * directional_albedo(x, f0, f90, alpha) for x, weight in zip(0.5 + 0.5 * nodes, weights))
    diffuse = base * (1 - metallic) * rest[0] * rest[1] / (np.pi * (1 - mean)) * w[2]
    expected = 2.0 * (lobe(v, w, f0, f90, alpha) + diffuse)
    paint = Paint(base, roughness, metallic, specular)
    sun = Lamp(LightType.DISTANT, (2000,) * 3, look(w, [0, 0, 0]))
    scene, frames = build([Part(plane(4, 4), paint=paint)], [sun], Eye(look(3 * v, [0, 0, 0]), focal=200.0))
    image = PathTracer(scene, "cpu").render(frames, View(0, 2, 2), 4, 0)[0]
    np.testing.assert_allclose(image, np.broadcast_to(expected, image.shape), rtol=0.01)
