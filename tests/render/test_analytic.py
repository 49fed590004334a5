"""Balls, rectangles and boxes against their equations: which is seen, how deep, which way it faces, and its box.

Rays through the pixels' centres are met with the true surfaces in float64: no triangle takes part. A pixel counts where
rays around its centre, as far off as triangles may stray from a ball, meet the same surface.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from numpy.typing import NDArray

from replicator_dr.render.scene import RenderedView
from tests.render.scenes import Eye, Matrix, Part, box, look, move, plane, random_turn, render, scale, sphere

Array = NDArray[np.float64]
RINGS = 360
SAGITTA = 1.0 - np.cos(np.pi / (2 * RINGS))
"""How far a ball's edges lie inside of it, over its radius."""
BALL, BOX, SHEET = sphere(1.0, RINGS), box(2, 2, 2), plane(2, 2)


@dataclass(frozen=True)
class Solid:
    """kind: "ball" of radius 1, "box" of half sides 1, "sheet" -1 to 1 across; then under a matrix."""

    kind: str
    world: Matrix

    @property
    def part(self) -> Part:
        return Part({"ball": BALL, "box": BOX, "sheet": SHEET}[self.kind], self.world)

    def meet(self, origin: Array, ray: Array) -> tuple[Array, Array]:
        """Ray parameter (R,), inf where nothing is met, and world normal toward the ray's start (R, 3)."""
        back = np.linalg.inv(self.world)
        o, d = origin @ back[:3, :3] + back[3, :3], ray @ back[:3, :3]
        with np.errstate(divide="ignore", invalid="ignore"):
            if self.kind == "ball":
                a, b, c = np.sum(d * d, -1), d @ o, o @ o - 1.0
                root = b * b - a * c
                t = np.where(root > 0, (-b - np.sqrt(np.maximum(root, 0))) / a, np.inf)
                local = o + d * np.where(np.isfinite(t), t, 0.0)[:, None]
            elif self.kind == "sheet":
                t = -o[2] / d[:, 2]
                inside = np.abs(o + d * t[:, None])[:, :2].max(axis=-1) <= 1.0
                t = np.where(inside & (t > 0), t, np.inf)
                local = np.tile([0.0, 0.0, 1.0], (len(ray), 1))
            else:
                one, two = (-1.0 - o) / d, (1.0 - o) / d
                enter, leave = np.minimum(one, two).max(axis=-1), np.maximum(one, two).min(axis=-1)
                t = np.where((enter <= leave) & (enter > 0), enter, np.inf)
                local = np.eye(3)[np.minimum(one, two).argmax(axis=-1)]
        normal = local @ back[:3, :3].T
        normal *= -np.sign(np.sum(normal * ray, -1))[:, None]
        return t, normal / np.maximum(np.linalg.norm(normal, axis=-1, keepdims=True), 1e-300)


@dataclass(frozen=True)
class Seen:
    """What rays meet first: row of the solid (-1 none), depth along the axis, normal."""

    row: NDArray[np.int64]
    depth: Array
    normal: Array


def cast(solids: list[Solid], eye: Eye, x: Array, y: Array, size: tuple[int, int]) -> Seen:
    """Rays through continuous pixel coordinates (R,)."""
    width, height = size
    focal = eye.focal * width
    ray = np.stack([(x - width / 2) / focal, -(y - height / 2) / focal, -np.ones_like(x)], -1) @ eye.world[:3, :3]
    found = [solid.meet(eye.world[3, :3], ray) for solid in solids]
    depth = np.stack([t for t, _ in found])
    row = depth.argmin(axis=0)
    nearest = depth.min(axis=0)
    normal = np.stack([n for _, n in found])[row, np.arange(len(x))]
    return Seen(np.where(np.isfinite(nearest), row, -1), nearest, normal)


def check(solids: list[Solid], eye: Eye, size: tuple[int, int]) -> RenderedView:
    """Hold an image against the equations."""
    out = render([solid.part for solid in solids], eye=eye, size=size, normals=True)
    y, x = (grid.reshape(-1) + 0.5 for grid in np.mgrid[: size[1], : size[0]])
    centre = cast(solids, eye, x, y, size)
    # A ball's triangles lie inside of it: its outline is off by so many pixels.
    largest = max((np.linalg.norm(s.world[:3, :3], 2) for s in solids if s.kind == "ball"), default=0.0)
    nearest = centre.depth.min()
    off = 1 / 128 + SAGITTA * largest * eye.focal * size[0] / nearest
    sure = np.ones(len(x), bool)
    for angle in np.arange(12) * np.pi / 6:
        beside = cast(solids, eye, x + off * np.cos(angle), y + off * np.sin(angle), size)
        # Nor may an edge between two faces of a box pass there.
        sure &= (beside.row == centre.row) & (np.sum(beside.normal * centre.normal, -1) > 0.9)
    assert sure.mean() > 0.9
    part = out.part[0].reshape(-1)
    np.testing.assert_array_equal(part[sure], centre.row[sure])
    for i, solid in enumerate(solids):
        here = sure & (centre.row == i)
        # The ray leaves a ball's facet later, the more the surface is slanted to it.
        ray = np.stack([(x - size[0] / 2) / size[0], -(y - size[1] / 2) / size[0], -np.full(len(x), eye.focal)], -1)
        ray = (ray / np.linalg.norm(ray, axis=-1, keepdims=True)) @ eye.world[:3, :3]
        slant = -np.sum(ray * centre.normal, -1)
        # At a ball's rim depth is anything between the two sides.
        here &= slant > (0.2 if solid.kind == "ball" else 0.0)
        slant = slant[here]
        depth, normal = out.depth[0].reshape(-1)[here], out.normals[0].reshape(-1, 4)[here, :3]
        # Around its poles triangles are so thin that the rounding of their corners tilts them.
        slack = 3.0 * SAGITTA * largest / slant + 1e-4 * centre.depth[here] if solid.kind == "ball" else 0.0
        assert np.all(np.abs(depth - centre.depth[here]) <= 1e-5 * centre.depth[here] + slack)
        apart = np.sum(normal * centre.normal[here], -1)
        assert np.all(apart > (1 - 2e-4 / slant**2 if solid.kind == "ball" else 1 - 1e-6))
        mask = (part == i).reshape(size[::-1])
        rows, columns = np.nonzero(mask)
        table = out.entities
        assert table.visible[0, i] == mask.sum()
        if mask.any():
            assert table.visible_box[0, i].tolist() == [columns.min(), rows.min(), columns.max(), rows.max()]
    return out


@pytest.mark.parametrize("seed", range(8))
def test_a_scene_of_solids_is_what_their_equations_say(seed: int) -> None:
    rng = np.random.default_rng(seed)
    solids = []
    for i in range(9):
        kind = ("ball", "box", "sheet")[i % 3]
        size = rng.uniform(0.15, 0.5) * (np.ones(3) if kind == "ball" else rng.uniform(0.3, 1.0, 3))
        solids.append(Solid(kind, scale(*size) @ random_turn(rng) @ move(*rng.uniform(-1, 1, 3))))
    solids.append(Solid("sheet", scale(4, 4, 1) @ move(0, 0, -1.2)))
    eye = Eye(look(rng.normal(size=3) + np.array([0, 0, 3.5]), rng.uniform(-0.3, 0.3, 3)), focal=rng.uniform(0.8, 1.4))
    out = check(solids, eye, (160, 120))
    assert len(np.unique(out.part)) > 5


@pytest.mark.parametrize("radius", [0.01, 0.4])
@pytest.mark.parametrize("place", [(0, 0, -2), (0.55, 0.3, -2), (-0.2, 0.1, -30)])
def test_a_ball_alone(radius: float, place: tuple[float, float, float]) -> None:
    """Amodal and visible boxes of one ball are those of its cone of tangents, to the pixel."""
    size, focal = (640, 480), 1.0
    if radius * 640 / -place[2] < 2:
        focal = 20.0
    at = np.array(place) / (1 if focal == 1.0 else [20, 20, 1])
    solid = Solid("ball", scale(radius, radius, radius) @ move(*at))
    out = render([solid.part], eye=Eye(focal=focal), size=size)
    # The outline's extremes: tangents from the eye in the planes of the axes.
    f = focal * size[0]
    box_of = []
    for a, centre in ((at[0], size[0] / 2), (-at[1], size[1] / 2)):
        turn, open_ = np.arctan2(a, -at[2]), np.arcsin(radius / np.hypot(a, at[2]))
        box_of.append([centre + f * np.tan(turn + side * open_) for side in (-1, 1)])
    low, high = np.array(box_of).T
    slack = 1 / 128 + SAGITTA * f * radius / -at[2] * 2
    lows = np.ceil(low + np.array([[-slack], [slack]]) - 0.5), np.floor(high + np.array([[slack], [-slack]]) - 0.5)
    border = np.array(size) - 1
    table = out.entities
    for table_box in (table.visible_box[0, 0], table.amodal_box[0, 0]):
        assert np.all(table_box[:2] >= np.clip(lows[0][0], 0, border))
        assert np.all(table_box[:2] <= np.clip(lows[0][1], 0, border))
        assert np.all(table_box[2:] <= np.clip(lows[1][0], 0, border))
        assert np.all(table_box[2:] >= np.clip(lows[1][1], 0, border))
    np.testing.assert_allclose(table.extent[0, 0], [*low, *high], atol=slack + 1.5 / 256)


def test_a_wrong_place_is_noticed() -> None:
    solids = [Solid("box", scale(0.4, 0.4, 0.4) @ move(0.1, 0, -2))]
    check(solids, Eye(), (96, 72))
    moved = Eye(move(0.02, 0, 0))
    out = render([solids[0].part], eye=moved, size=(96, 72))
    y, x = (grid.reshape(-1) + 0.5 for grid in np.mgrid[:72, :96])
    assert np.any(cast(solids, Eye(), x, y, (96, 72)).row != out.part[0].reshape(-1))
