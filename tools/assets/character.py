"""A worker with a skeleton: what each limb looks like, the joints that move it, and a walk of four seconds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from tools.assets import solids
from tools.assets.shape import Array, Shape

SECONDS, CODES_PER_SECOND, STEP = 4, 24, 4
"""Length of the walk, time codes in a second, and time codes from one sample to the next."""

_TRUNK = {
    "pelvis": ("", (0.0, 0.0, 0.95)),
    "spine": ("pelvis", (0.0, 0.0, 1.08)),
    "chest": ("spine", (0.0, 0.0, 1.26)),
    "neck": ("chest", (0.0, 0.0, 1.48)),
    "head": ("neck", (0.0, 0.0, 1.56)),
}
_LEFT = {
    "shoulder": ("chest", (0.0, 0.18, 1.41)),
    "elbow": ("shoulder", (0.0, 0.46, 1.41)),
    "wrist": ("elbow", (0.0, 0.71, 1.41)),
    "hip": ("pelvis", (0.0, 0.095, 0.9)),
    "knee": ("hip", (0.0, 0.095, 0.49)),
    "ankle": ("knee", (0.0, 0.095, 0.09)),
}


@dataclass(frozen=True)
class Joint:
    """name: with all above it, as UsdSkel has it. parent: its row, -1 for the root. place: when bound [m]."""

    name: str
    parent: int
    place: tuple[float, float, float]


@dataclass(frozen=True)
class Limb:
    """shape: when bound. chain: joints that move it, in order along ``axis``, the first from its beginning on.

    each: (joint, where it takes over along the axis [m], over how far on either side). sign: the way along the axis.
    """

    shape: Shape
    chain: tuple[tuple[str, float, float], ...]
    axis: int = 2
    sign: float = 1.0

    def weights(self, points: Array) -> Array:
        """(V, len(chain)): one in sum, from joint to joint in a straight line."""
        way = self.sign * points[:, self.axis]
        taken = [np.ones(len(points))]
        for _, at, width in self.chain[1:]:
            taken.append(np.clip((way - self.sign * at + width) / (2 * width), 0, 1))
        taken.append(np.zeros(len(points)))
        return np.array([np.minimum(a, 1) - np.minimum(a, b) for a, b in zip(taken, taken[1:])]).T


def joints() -> list[Joint]:
    """All joints, parents before children; arms stretched out sideways, +X in front."""
    short: dict[str, tuple[str, tuple[float, float, float]]] = dict(_TRUNK)
    for side, sign in (("left", 1.0), ("right", -1.0)):
        for name, (parent, (x, y, z)) in _LEFT.items():
            short[f"{side}_{name}"] = (f"{side}_{parent}" if parent in _LEFT else parent, (x, sign * y, z))
    rows = {name: row for row, name in enumerate(short)}
    full: dict[str, str] = {}
    for name, (parent, _) in short.items():
        full[name] = f"{full[parent]}/{name}" if parent else name
    return [Joint(full[name], rows.get(parent, -1), place) for name, (parent, place) in short.items()]


def limbs() -> Iterator[Limb]:
    """Everything that is drawn."""
    trunk = (("pelvis", 0.0, 0.0), ("spine", 1.08, 0.06), ("chest", 1.26, 0.06))
    outline = [
        (0.0, 0.84),
        (0.13, 0.85),
        (0.165, 0.93),
        (0.15, 1.08),
        (0.165, 1.26),
        (0.17, 1.36),
        (0.12, 1.45),
        (0, 1.47),
    ]
    yield Limb(_smooth(outline, 24).scaled(0.68, 1.0, 1.0).paint("orange_cloth"), trunk)
    yield Limb(solids.turned_body([(0, 1.43), (0.05, 1.44), (0.046, 1.58), (0, 1.6)], 16).paint("terracotta"),
               (("neck", 0.0, 0.0), ("head", 1.55, 0.03)))  # fmt: skip
    yield Limb(_ball(0.095, 0.078, 0.125).moved(0.012, 0, 1.66).paint("terracotta"), (("head", 0.0, 0.0),))
    yield Limb(_ball(0.104, 0.088, 0.075).moved(0.0, 0, 1.735).paint("yellow_plastic"), (("head", 0.0, 0.0),))
    for side, sign in (("left", 1.0), ("right", -1.0)):
        for limb in _one_side():
            shape = limb.shape if sign > 0 else _mirrored(limb.shape)
            chain = tuple(
                (f"{side}_{name}", at if limb.axis == 2 else sign * at, width) for name, at, width in limb.chain
            )
            yield replace(limb, shape=shape, chain=chain, sign=limb.sign if limb.axis == 2 else sign)


def _one_side() -> Iterator[Limb]:
    """The limbs of the left side."""
    sleeve = [(0, 0.1), (0.06, 0.11), (0.06, 0.2), (0.048, 0.46), (0.04, 0.69), (0.0, 0.7)]
    yield Limb(_smooth(sleeve, 16).turned("x", -90).moved(z=1.41).paint("orange_cloth"),
               (("shoulder", 0.0, 0.0), ("elbow", 0.46, 0.05)), axis=1)  # fmt: skip
    yield Limb(_ball(0.035, 0.075, 0.022).moved(0, 0.76, 1.41).paint("terracotta"), (("wrist", 0.0, 0.0),), axis=1)
    leg = [(0, 0.05), (0.05, 0.06), (0.062, 0.3), (0.066, 0.49), (0.085, 0.8), (0.08, 0.93), (0.0, 0.95)]
    yield Limb(_smooth(leg, 18).moved(y=0.095).paint("denim"),
               (("hip", 0.0, 0.0), ("knee", 0.49, 0.06), ("ankle", 0.08, 0.02)), sign=-1.0)  # fmt: skip
    yield Limb(_ball(0.13, 0.05, 0.045).moved(0.05, 0.095, 0.045).paint("black_plastic"), (("ankle", 0.0, 0.0),))


def _smooth(outline: Sequence[tuple[float, float]], segments: int) -> Shape:
    """A turned body through (radius, height) points, with rings every two centimetres."""
    radii, heights = np.array(outline, float).T
    between = np.arange(heights[0], heights[-1], 0.02)
    every = np.unique(np.round(np.concatenate([heights, between]), 4))
    return solids.turned_body([(float(np.interp(z, heights, radii)), float(z)) for z in every], segments)


def _ball(x: float, y: float, z: float) -> Shape:
    return solids.sphere(1.0, 20).scaled(x, y, z)


def _mirrored(shape: Shape) -> Shape:
    """Across the plane y = 0, its faces turned outward again."""
    corners = (shape.corners * np.array([1.0, -1.0, 1.0]))[:, ::-1]
    return replace(shape, corners=corners, uvs=shape.uvs[:, ::-1])


def turns(code: float) -> dict[str, tuple[tuple[str, float], ...]]:
    """Degrees about axes, the first turn first, of the joints that the walk turns, at a time code."""
    phase = 2 * np.pi * code / CODES_PER_SECOND
    slow = phase / SECONDS
    lift = 0.5 - 0.5 * np.cos(slow)
    found: dict[str, tuple[tuple[str, float], ...]] = {
        "spine": (("z", 5 * np.sin(phase)), ("y", 6 * lift)),
        "chest": (("z", -8 * np.sin(phase)),),
        "neck": (("z", 25 * np.sin(slow)),),
        "head": (("y", 12 * np.sin(2 * slow)),),
    }
    for side, sign in (("left", 1.0), ("right", -1.0)):
        swing = sign * np.sin(phase)
        raised = 70 * lift if sign > 0 else 0.0
        found[f"{side}_hip"] = (("y", -26 * swing),)
        found[f"{side}_knee"] = (("y", 24 + 22 * sign * np.cos(phase)),)
        found[f"{side}_ankle"] = (("y", 6 * swing),)
        found[f"{side}_shoulder"] = (("x", -sign * (76 - raised)), ("y", 30 * swing))
        found[f"{side}_elbow"] = (("z", -sign * (18 + 60 * lift * (sign > 0) + 10 * swing)),)
    return found


def bob(code: float) -> float:
    """How much lower [m] the pelvis is at a time code: as far as bent knees shorten the longer leg."""
    phase = 2 * np.pi * code / CODES_PER_SECOND
    reach = []
    for sign in (1.0, -1.0):
        hip, knee = np.radians(-26 * sign * np.sin(phase)), np.radians(24 + 22 * sign * np.cos(phase))
        reach.append(0.41 * np.cos(hip) + 0.4 * np.cos(hip + knee))
    return float(0.81 - max(reach))
