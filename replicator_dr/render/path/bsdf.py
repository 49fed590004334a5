"""How a surface scatters light: GGX over a coupled diffuse base.

The material's parameters and lobe are the raster's: f0 = 0.08 specular (1 - metallic) + base metallic, diffuse albedo
base (1 - metallic), alpha = roughness^2, Schlick's Fresnel term with f90 = 50 max(f0) up to 1, and Smith's masking as
the product of both directions' (Walter et al. 2007), single scattering.

Diffuse: Kelemen and Szirmay-Kalos (2001), albedo (1 - E(v)) (1 - E(w)) / (pi (1 - mean E)) with the directional
albedo E of the lobe above. It is reciprocal, and a white dielectric gives back exactly what it gets; where f0 = 0 it
is Lambert's. Directions are in the local frame, the normal along +Z; v toward the viewer, w toward the light.
"""

from __future__ import annotations

import warp as wp

from replicator_dr.render.path import albedo
from replicator_dr.render.path.directions import cosine_direction, luminance

wp.set_module_options({"enable_backward": False})

COSINES = wp.constant(albedo.COSINES)
ROUGHNESSES = wp.constant(albedo.ROUGHNESSES)
SMOOTHEST = wp.constant(albedo.SMOOTHEST)
INVERSE_PI = wp.constant(0.31830988618)


@wp.struct
class AlbedoTables:
    """albedo.tables on the device."""

    directional: wp.array2d(dtype=wp.vec2)
    mean: wp.array(dtype=wp.vec2)


@wp.struct
class Scatterer:
    """A material at a point."""

    diffuse: wp.vec3
    f0: wp.vec3
    f90: wp.float32
    roughness: wp.float32
    alpha: wp.float32


@wp.struct
class Scattered:
    """A sampled direction. weight: f cos / density; density: per steradian, 0 where nothing was found."""

    direction: wp.vec3
    weight: wp.vec3
    density: wp.float32


@wp.func
def scatterer(base: wp.vec3, metallic: float, specular: float, roughness: float) -> Scatterer:
    """The material's parameters, 0..1 each, as reflectances."""
    s = Scatterer()
    f0 = 0.08 * specular * (1.0 - metallic)
    s.f0 = wp.vec3(f0, f0, f0) + base * metallic
    s.f90 = wp.clamp(50.0 * wp.max(s.f0[0], wp.max(s.f0[1], s.f0[2])), 0.0, 1.0)
    s.diffuse = base * (1.0 - metallic)
    s.roughness = wp.max(roughness, SMOOTHEST)
    s.alpha = s.roughness * s.roughness
    return s


@wp.func
def lobe_albedo(s: Scatterer, cosine: float, tables: AlbedoTables) -> wp.vec3:
    """E: what the lobe gives back of light from (or toward) a direction with this cosine."""
    x = wp.sqrt(wp.clamp(cosine, 0.0, 1.0)) * float(COSINES - 1)
    y = s.roughness * float(ROUGHNESSES - 1)
    column = wp.min(int(x), COSINES - 2)
    row = wp.min(int(y), ROUGHNESSES - 2)
    right = x - float(column)
    below = y - float(row)
    upper = wp.lerp(tables.directional[row, column], tables.directional[row, column + 1], right)
    lower = wp.lerp(tables.directional[row + 1, column], tables.directional[row + 1, column + 1], right)
    both = wp.lerp(upper, lower, below)
    edge = s.f90 * both[1]
    return s.f0 * both[0] + wp.vec3(edge, edge, edge)


@wp.func
def mean_lobe_albedo(s: Scatterer, tables: AlbedoTables) -> wp.vec3:
    """The mean of E over all directions, weighted by the cosine."""
    y = s.roughness * float(ROUGHNESSES - 1)
    row = wp.min(int(y), ROUGHNESSES - 2)
    both = wp.lerp(tables.mean[row], tables.mean[row + 1], y - float(row))
    edge = s.f90 * both[1]
    return s.f0 * both[0] + wp.vec3(edge, edge, edge)


@wp.func
def masking(w: wp.vec3, alpha: float) -> float:
    """Smith's G1 for GGX."""
    slant = w[0] * w[0] + w[1] * w[1]
    return 2.0 * w[2] / (w[2] + wp.sqrt(w[2] * w[2] + alpha * alpha * slant))


@wp.func
def normals_density(h: wp.vec3, alpha: float) -> float:
    """GGX's D, written so that nothing cancels for smooth surfaces."""
    a2 = alpha * alpha
    q = (h[0] * h[0] + h[1] * h[1]) / a2 + h[2] * h[2]
    return INVERSE_PI / (a2 * q * q)


@wp.func
def fresnel(s: Scatterer, cosine: float) -> wp.vec3:
    """Schlick's approximation between f0 and f90."""
    g = 1.0 - wp.clamp(cosine, 0.0, 1.0)
    f = g * g * g * g * g
    rim = s.f90 * f
    return s.f0 * (1.0 - f) + wp.vec3(rim, rim, rim)


@wp.func
def scatter(s: Scatterer, v: wp.vec3, w: wp.vec3, tables: AlbedoTables) -> wp.vec3:
    """f(v, w) cos(w), (3,) per steradian; 0 unless both lie above the surface."""
    if v[2] <= 0.0 or w[2] <= 0.0:
        return wp.vec3(0.0, 0.0, 0.0)
    h = wp.normalize(v + w)
    lobe = normals_density(h, s.alpha) * masking(v, s.alpha) * masking(w, s.alpha) / (4.0 * v[2])
    result = fresnel(s, wp.dot(v, h)) * lobe
    if s.diffuse[0] + s.diffuse[1] + s.diffuse[2] > 0.0:
        one = wp.vec3(1.0, 1.0, 1.0)
        into = one - lobe_albedo(s, w[2], tables)
        out = one - lobe_albedo(s, v[2], tables)
        rest = one - mean_lobe_albedo(s, tables)
        coupled = wp.cw_div(wp.cw_mul(into, out), wp.max(rest, wp.vec3(1.0e-4, 1.0e-4, 1.0e-4)))
        result += wp.cw_mul(s.diffuse, coupled) * (w[2] * INVERSE_PI)
    return result


@wp.func
def lobe_share(s: Scatterer, v: wp.vec3, tables: AlbedoTables) -> float:
    """Probability of following the lobe rather than the diffuse base."""
    lobe = lobe_albedo(s, v[2], tables)
    under = luminance(wp.cw_mul(s.diffuse, wp.vec3(1.0, 1.0, 1.0) - lobe))
    over = luminance(lobe)
    if under <= 0.0:
        return 1.0
    if over <= 0.0:
        return 0.0
    return wp.clamp(over / (over + under), 0.1, 0.9)


@wp.func
def scatter_density(s: Scatterer, v: wp.vec3, w: wp.vec3, share: float) -> float:
    """Density [1/sr] with which :func:`sample_scatter` gives w. share: lobe_share of s and v."""
    if v[2] <= 0.0 or w[2] <= 0.0:
        return 0.0
    h = wp.normalize(v + w)
    lobe = normals_density(h, s.alpha) * masking(v, s.alpha) / (4.0 * v[2])
    return share * lobe + (1.0 - share) * w[2] * INVERSE_PI


@wp.func
def visible_normal(v: wp.vec3, alpha: float, u: wp.vec2) -> wp.vec3:
    """A microfacet's normal, as often as it is seen from v.

    E. Heitz, "Sampling the GGX Distribution of Visible Normals", JCGT 7(4), 2018.
    """
    stretched = wp.normalize(wp.vec3(alpha * v[0], alpha * v[1], v[2]))
    square = stretched[0] * stretched[0] + stretched[1] * stretched[1]
    first = wp.vec3(1.0, 0.0, 0.0)
    if square > 1.0e-14:
        first = wp.vec3(-stretched[1], stretched[0], 0.0) / wp.sqrt(square)
    second = wp.cross(stretched, first)
    radius = wp.sqrt(u[0])
    angle = 2.0 * wp.pi * u[1]
    a = radius * wp.cos(angle)
    b = radius * wp.sin(angle)
    blend = 0.5 * (1.0 + stretched[2])
    b = (1.0 - blend) * wp.sqrt(wp.max(1.0 - a * a, 0.0)) + blend * b
    h = first * a + second * b + stretched * wp.sqrt(wp.max(1.0 - a * a - b * b, 0.0))
    return wp.normalize(wp.vec3(alpha * h[0], alpha * h[1], wp.max(h[2], 1.0e-6)))


@wp.func
def sample_scatter(s: Scatterer, v: wp.vec3, which: float, u: wp.vec2, tables: AlbedoTables) -> Scattered:
    """A direction toward which light is followed. which: number in 0..1 that chooses lobe or base."""
    found = Scattered()
    share = lobe_share(s, v, tables)
    if which < share:
        h = visible_normal(v, s.alpha, u)
        found.direction = wp.normalize(h * (2.0 * wp.dot(v, h)) - v)
    else:
        found.direction = cosine_direction(u)
    found.density = scatter_density(s, v, found.direction, share)
    if found.density > 0.0:
        found.weight = scatter(s, v, found.direction, tables) / found.density
    return found
