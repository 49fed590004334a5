"""Half-shadows of a lone object, against the share of the light's disc that NumPy's rays find free: both halves."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import ArrayLike, NDArray

from replicator_dr.render.scene import LightType
from tests.render.photometry import inner, radiance
from tests.render.scenes import Eye, Lamp, Part, box, look, move, plane, render
from tests.render.test_shadows import behind, places

Array = NDArray[np.float64]
SIZE = (320, 240)
EYE = Eye(look([0.3, -2.0, 2.0], [0, 0, 0]), focal=1.2)
FLOOR = Part(plane(12, 12))
THIN = 0.002
"""Thickness [m] of what throws the shadow: a depth map knows one height of it, its upper one."""
PARTS_OF_A_DISC = 400
FAR = 1e4
BINS = np.linspace(0.0, 1.0, 6)


def disc(towards: Array, radius: float) -> list[Array]:
    """Points (N, 3) evenly over discs around the ends of vectors (N, 3) and square to them (Vogel 1979)."""
    ahead = towards / np.linalg.norm(towards, axis=1, keepdims=True)
    right = np.cross(ahead, [0.36, 0.48, 0.8])
    right /= np.linalg.norm(right, axis=1, keepdims=True)
    up = np.cross(ahead, right)
    k = np.arange(PARTS_OF_A_DISC) + 0.5
    r, turn = radius * np.sqrt(k / PARTS_OF_A_DISC), k * np.pi * (3 - np.sqrt(5))
    return [towards + right * x + up * y for x, y in zip(r * np.cos(turn), r * np.sin(turn))]


def may_meet(start: Array, towards: Array, radius: float, centre: Array, reach: float) -> NDArray[np.bool_]:
    """(N,): whether a way to such a disc can meet a ball, by the angles of their cones: others need no test of ways."""
    away = centre - start
    distance, length = np.linalg.norm(away, axis=1), np.linalg.norm(towards, axis=1)
    apart = np.arccos(np.clip(np.sum(away * towards, axis=1) / (distance * length), -1.0, 1.0))
    return apart <= np.arcsin(np.minimum(reach / distance, 1.0)) + np.arctan(radius / length) + 1e-6


def assert_profile(lamp: Lamp, toward: ArrayLike, radius: float, side: float, height: float) -> None:
    """All over the half-shadow of a square sheet the share of the light that arrives is that of its disc.

    toward: the lamp's place, or a direction times a large number; radius: of its disc there [m].
    """
    size, at = (side, side, THIN), (0.0, 0.0, height)
    out, bare = (
        render(parts, [lamp], EYE, SIZE, rgb=True) for parts in ([FLOOR, Part(box(*size), move(*at))], [FLOOR])
    )
    floor = inner(out.part[0], 0)
    start = places(out, EYE)[floor]
    got = radiance(out.rgb[0][floor][:, 0]) / radiance(bare.rgb[0][floor][:, 0])
    towards = np.asarray(toward, np.float64) - start
    near = may_meet(start, towards, radius, np.array(at), np.linalg.norm(size) / 2)
    ways = disc(towards[near], radius)
    share = np.ones(len(start))
    share[near] -= np.mean([behind(start[near], way, np.array(size), np.array(at)) for way in ways], axis=0)
    for low, high in zip(BINS[:-1], BINS[1:]):
        some = (share > max(low, 1e-9)) & (share < min(high, 1 - 1e-9))
        assert some.sum() > 25
        assert abs(np.mean(got[some] - share[some])) < 0.05, f"where {low:.1f} to {high:.1f} of the light arrive"
        # Sixteen taps a sample, four samples a pixel.
        assert np.std(got[some] - share[some]) < 0.08
    assert got[share == 1.0].min() > 0.9
    assert got[share == 0.0].max() < 0.1


@pytest.mark.parametrize("direction", [(0, 0, 1), (0.4, 0.2, 1)], ids=["from above", "aslant"])
@pytest.mark.parametrize(("degrees", "side", "height"), [(3.0, 0.5, 0.4), (6.0, 0.8, 0.3), (2.0, 0.3, 0.4)])
def test_a_distant_light(direction: ArrayLike, degrees: float, side: float, height: float) -> None:
    d = np.array(direction, float) / np.linalg.norm(direction)
    lamp = Lamp(LightType.DISTANT, (2000,) * 3, look(d, [0, 0, 0]), (degrees, 0))
    assert_profile(lamp, FAR * d, FAR * np.tan(np.radians(degrees / 2)), side, height)


@pytest.mark.parametrize(("radius", "side", "height"), [(0.05, 0.3, 0.6), (0.1, 0.8, 0.3), (0.3, 0.3, 0.2)])
def test_a_lamp(radius: float, side: float, height: float) -> None:
    lamp = Lamp(LightType.SPHERE, (6000 / (np.pi * radius**2),) * 3, move(0.1, 0.2, 2.5), (radius, 0))
    assert_profile(lamp, (0.1, 0.2, 2.5), radius, side, height)
