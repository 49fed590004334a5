"""Volumes, disks, grids, paths: where the places are, by statistics and by formulas."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from pxr import Gf, UsdGeom
from scipy import stats

from replicator_dr.engines.embedded.api import create, distribution, modify, randomizer, trigger
from replicator_dr.engines.embedded.placement.inside import Inside
from replicator_dr.engines.embedded.placement.proposal import along_normal
from replicator_dr.engines.embedded.runtime import Runtime
from replicator_dr.engines.embedded.scene.primitives import SHAPES
from replicator_dr.errors import EngineError, UnsupportedError


def things(count: int, **arguments: Any) -> Any:
    return create.cube(count=count, semantics={"class": "thing"}, **{"scale": 0.1, **arguments})


def origins(runtime: Runtime, frames: int) -> np.ndarray:
    """(B, E, 3)."""
    return runtime.evaluate(np.arange(frames)).entity_world[:, :, 3, :3]


def test_a_turned_box_is_filled_evenly(runtime: Runtime) -> None:
    air = create.cube(scale=(2, 1, 0.5), position=(0, 0, 1), rotation=(0, 0, 30), visible=False)
    with trigger.on_frame():
        randomizer.scatter_3d(air, input_prims=things(20))
    turn = np.deg2rad(30)
    frame = np.array([[np.cos(turn), np.sin(turn), 0], [-np.sin(turn), np.cos(turn), 0], [0, 0, 1]])
    local = ((origins(runtime, 200) - [0, 0, 1]) @ frame.T).reshape(-1, 3)
    for axis, size in enumerate((2, 1, 0.5)):
        assert stats.kstest(local[:, axis], stats.uniform(-size / 2, size).cdf).pvalue > 1e-3


def test_a_ball_is_filled_evenly(runtime: Runtime) -> None:
    with trigger.on_frame():
        randomizer.scatter_3d(create.sphere(scale=2, visible=False), input_prims=things(20))
    radius = np.linalg.norm(origins(runtime, 200).reshape(-1, 3), axis=1)
    # The ball's mesh lies a little inside of it.
    assert stats.kstest((radius / radius.max()) ** 3, "uniform").statistic < 0.02
    assert 0.99 < radius.max() <= 1


@pytest.mark.parametrize("once", [True, False])
def test_what_volumes_share_counts_once_or_twice(runtime: Runtime, once: bool) -> None:
    air = [create.cube(position=(x, 0, 0), visible=False) for x in (0, 0.5)]
    with trigger.on_frame():
        randomizer.scatter_3d(air, prevent_vol_overlap=once, input_prims=things(20))
    x = origins(runtime, 200)[..., 0].ravel()
    counts = np.histogram(x, [-0.5, 0, 0.5, 1])[0]
    expected = np.array([1, 1, 1]) / 3 if once else np.array([1, 2, 1]) / 4
    assert stats.chisquare(counts, expected * len(x)).pvalue > 1e-3


def test_excluded_volumes_and_bounds_hold(runtime: Runtime) -> None:
    air, core = create.cube(visible=False), create.sphere(scale=0.6, visible=False)
    with trigger.on_frame():
        randomizer.scatter_3d(air, volume_excl_prims=core, min_samp=(None, -0.2, None), input_prims=things(10))
    where = origins(runtime, 100)
    assert np.linalg.norm(where, axis=-1).min() > 0.29
    assert -0.2 <= where[..., 1].min() < -0.18
    assert np.abs(where).max() <= 0.5


def test_bounds_alone_are_a_volume(runtime: Runtime) -> None:
    with trigger.on_frame():
        randomizer.scatter_3d(min_samp=(0, 0, 1), max_samp=(1, 2, 3), input_prims=things(10))
    where = origins(runtime, 200).reshape(-1, 3)
    assert stats.kstest(where[:, 1], stats.uniform(0, 2).cdf).pvalue > 1e-3
    assert stats.kstest(where[:, 2], stats.uniform(1, 2).cdf).pvalue > 1e-3


def test_scatter_3d_keeps_apart_when_asked(runtime: Runtime) -> None:
    air = create.cube(visible=False)
    with trigger.on_frame():
        randomizer.scatter_3d(air, check_for_collisions=True, input_prims=things(20, scale=0.2))
    where = origins(runtime, 30)
    apart = np.abs(where[:, :, None] - where[:, None]).max(axis=-1)[:, ~np.eye(20, dtype=bool)]
    assert apart.min() >= 0.2 - 1e-6


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"viz_sampled_voxels": True}, UnsupportedError, "viz_sampled_voxels=True is not supported"),
        ({"min_samp": (0, 0, None), "max_samp": (1, 1, 1)}, EngineError, "needs all numbers of min_samp and max_samp"),
    ],
)
def test_what_scatter_3d_cannot_do_is_said(
    runtime: Runtime, arguments: dict[str, Any], error: type[Exception], message: str
) -> None:
    def made() -> None:
        with trigger.on_frame():
            randomizer.scatter_3d(**arguments, input_prims=things(1))
        runtime.evaluate(np.arange(1))

    with pytest.raises(error, match=message):
        made()


def test_a_plane_is_no_volume(runtime: Runtime) -> None:
    with trigger.on_frame():
        randomizer.scatter_3d(create.plane(), input_prims=things(1))
    with pytest.raises(EngineError, match="is flat or open and holds no volume"):
        runtime.evaluate(np.arange(1))


def test_inside_of_a_ring_is_its_formula() -> None:
    """A torus is not convex: what the ray test says, against the distance from its circle."""
    shape = SHAPES["Torus"]()
    fans = np.split(shape.indices, np.cumsum(shape.counts)[:-1])
    triangles = np.array([[f[0], f[i], f[i + 1]] for f in fans for i in range(1, len(f) - 1)])
    corners = shape.points.astype(np.float64)[triangles]
    reach = np.linalg.norm(corners[..., :2], axis=-1)
    tube = corners[..., 2].max()
    points = np.random.default_rng(1).uniform(-0.6, 0.6, (4000, 3)) * [1, 1, 0.4]
    depth = np.hypot(np.hypot(points[:, 0], points[:, 1]) - (reach.max() - tube), points[:, 2]) - tube
    clear = np.abs(depth) > 0.02
    assert np.array_equal(Inside("test", "/ring", corners)(points)[clear], (depth < 0)[clear])
    assert (depth < 0).sum() > 200


def test_disks_keep_their_distance_and_fill_the_floor(runtime: Runtime) -> None:
    floor = create.plane(scale=1)
    with trigger.on_frame():
        randomizer.poisson_disk(floor, 0.15, input_prims=[things(40)], seeds=[3], no_room="hide", tries=4000)
    with pytest.warns(UserWarning, match="randomizer.poisson_disk"):
        state = runtime.evaluate(np.arange(10))
    shown = state.arrays.part_visible[:, runtime.scene().arrays.part_entity >= 0]
    for row in range(10):
        where = state.entity_world[row, shown[row], 3, :2]
        distance = np.linalg.norm(where[:, None] - where[None], axis=-1)
        assert distance[~np.eye(len(where), dtype=bool)].min() >= 0.15
        # Where it is full, no point of the floor is far from a disk.
        grid = np.stack(np.meshgrid(*[np.linspace(-0.5, 0.5, 60)] * 2), axis=-1).reshape(-1, 1, 2)
        uncovered = np.linalg.norm(grid - where, axis=-1).min(axis=1) > 0.15
        assert uncovered.mean() < 0.01
        # Random sequential disks cover about 0.547 of a plane (R. Swendsen 1981); a small floor lets more stand out.
        assert 0.44 < len(where) * np.pi * 0.075**2 / 1.15**2 < 0.6


@pytest.mark.parametrize("shuffle", [False, True])
def test_a_grid_has_its_cells_and_jitter(runtime: Runtime, shuffle: bool) -> None:
    with trigger.on_frame():
        randomizer.grid(
            (3, 2, 2), (0.5, 0.4, 0.3), (1, 0, 1), None, (0.1, 0.05, 0), shuffle, input_prims=[things(12)], seeds=[3],
            stand=False,
        )  # fmt: skip
    local = origins(runtime, 300) - [1, 0, 1]
    cell = np.rint(local / [0.5, 0.4, 0.3] + [1, 0.5, 0.5]).astype(int)
    number = cell[..., 0] + 3 * cell[..., 1] + 6 * cell[..., 2]
    assert (np.sort(number, axis=1) == np.arange(12)).all()
    shift = local - (cell - [1, 0.5, 0.5]) * [0.5, 0.4, 0.3]
    assert np.abs(shift[..., 2]).max() < 1e-12
    for axis, most in ((0, 0.1), (1, 0.05)):
        assert stats.kstest(shift[..., axis].ravel(), stats.uniform(-most, 2 * most).cdf).pvalue > 1e-3
    if shuffle:
        counts = np.bincount(number[:, 0], minlength=12)
        assert stats.chisquare(counts).pvalue > 1e-3
    else:
        assert (number == np.arange(12)).all()


def test_a_turned_grid_turns_its_things(runtime: Runtime) -> None:
    with trigger.on_frame():
        randomizer.grid((2, 1, 1), (1, 1, 1), rotation=30, input_prims=[things(2)], seeds=[3])
    world = runtime.evaluate(np.arange(1)).entity_world[0]
    along = [np.cos(np.pi / 6), np.sin(np.pi / 6), 0]
    assert np.allclose(world[1, 3, :3] - world[0, 3, :3], along)
    assert np.allclose(world[:, 0, :3] / 0.1, along)


def test_more_things_than_cells(runtime: Runtime) -> None:
    with trigger.on_frame():
        randomizer.grid((2, 1, 1), (1, 1, 1), input_prims=[things(3)], seeds=[3])
    with pytest.raises(EngineError, match="3 things for 2 cells"):
        runtime.evaluate(np.arange(1))


CORNER = [[0, 0, 0], [2, 0, 0], [2, 1, 0]]


def test_even_places_share_a_path(runtime: Runtime) -> None:
    with trigger.on_frame():
        randomizer.along_path(CORNER, align=True, input_prims=[things(7)], seeds=[3])
    world = runtime.evaluate(np.arange(1)).entity_world[0]
    assert np.allclose(world[:, 3, :3], [*([0.5 * i, 0, 0.05] for i in range(5)), [2, 0.5, 0.05], [2, 1, 0.05]])
    assert np.allclose(world[:4, 0, :3], [[0.1, 0, 0]] * 4)
    assert np.allclose(world[5:, 0, :3], [[0, 0.1, 0]] * 2)


def test_steps_leave_those_before(runtime: Runtime) -> None:
    with trigger.on_frame():
        randomizer.along_path(CORNER, step=0.4, start=0.2, input_prims=[things(3)], seeds=[3])
    assert np.allclose(origins(runtime, 1)[0, :, 0], [0.2, 0.6, 1.0])


def test_random_places_are_even_by_length(runtime: Runtime) -> None:
    with trigger.on_frame():
        randomizer.along_path(
            CORNER, random=True, aside=0.2, collision="none", input_prims=[things(10)], seeds=[3], stand=False
        )
    where = origins(runtime, 300).reshape(-1, 3)
    first = where[:, 0] < 1.79
    assert stats.kstest(where[first, 0], stats.uniform(0, 1.79).cdf).pvalue > 1e-3
    assert stats.kstest(where[first, 1], stats.uniform(-0.2, 0.4).cdf).pvalue > 1e-3
    assert stats.binomtest(int((where[:, 1] > 0.21).sum()), len(where), 0.79 / 3).pvalue > 1e-3


def test_a_bezier_circle_is_one(runtime: Runtime) -> None:
    """Four cubic arcs: every thing on the unit circle, its X along the tangent, arcs between them alike."""
    k = 0.5522847498
    quarter = [(1, 0, 0), (1, k, 0), (k, 1, 0)]
    turns = [np.array([[c, s, 0], [-s, c, 0], [0, 0, 1]]) for c, s in ((1, 0), (0, 1), (-1, 0), (0, -1))]
    points = [Gf.Vec3f(*map(float, np.array(point) @ turn)) for turn in turns for point in quarter]
    curve = UsdGeom.BasisCurves.Define(runtime.stage, "/Replicator/circle")
    curve.CreatePointsAttr(points)
    curve.CreateCurveVertexCountsAttr([12])
    curve.CreateTypeAttr("cubic")
    curve.CreateBasisAttr("bezier")
    curve.CreateWrapAttr("periodic")
    UsdGeom.Xformable(curve).AddTranslateOp().Set(Gf.Vec3d(3, 0, 0))
    with trigger.on_frame():
        randomizer.along_path("/Replicator/circle", align=True, input_prims=[things(8)], seeds=[3], stand=False)
    world = runtime.evaluate(np.arange(1)).entity_world[0]
    where = world[:, 3, :3] - [3, 0, 0]
    assert np.allclose(np.linalg.norm(where, axis=1), 1, atol=2e-3)
    angle = np.unwrap(np.arctan2(where[:, 1], where[:, 0]))
    assert np.allclose(np.diff(angle), np.pi / 4, atol=2e-3)
    tangent = np.stack([-np.sin(angle), np.cos(angle), 0 * angle], axis=1)
    assert np.allclose(world[:, 0, :3] / 0.1, tangent, atol=0.03)


def test_a_path_that_is_too_short_has_no_room(runtime: Runtime) -> None:
    with trigger.on_frame():
        randomizer.along_path(CORNER, step=2, input_prims=[things(3)], seeds=[3])
    with pytest.raises(EngineError, match="Cube_Xform_02 found no free place in frame 0"):
        runtime.evaluate(np.arange(1))


def test_turns_to_normals_are_the_shortest() -> None:
    normals = np.random.default_rng(2).normal(size=(500, 3))
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    normals[0] = [0, 0, -1]
    turns = along_normal(normals)
    assert np.allclose(turns[:, 2], normals)
    assert np.allclose(turns @ np.swapaxes(turns, 1, 2), np.eye(3), atol=1e-7)
    assert np.allclose(np.linalg.det(turns), 1)
    # The trace of a rotation is 1 + 2 cos of its angle, that between the two directions.
    assert np.allclose(np.trace(turns, axis1=1, axis2=2), 1 + 2 * normals[:, 2], atol=1e-7)


def test_a_parent_and_a_pivot_are_heeded(runtime: Runtime) -> None:
    parent = create.xform(position=(1, 2, 3), rotation=(10, 20, 30), scale=2)
    child = create.cube(parent=parent, scale=(0.1, 0.2, 0.3), pivot=(0.5, 0, 0), semantics={"class": "thing"})
    with trigger.on_frame():
        modify.pose(rotation=distribution.uniform((0, 0, 0), (360, 360, 360)), input_prims=child)
        randomizer.place_on_surface(
            create.plane(scale=1, position=(0, 0, 5)),
            input_prims=[child],
            seeds=[3],
            spins=[distribution.uniform(0, 90)],
        )
    world = runtime.evaluate(np.arange(20)).entity_world[:, 0]
    corners = np.array([[x, y, z, 1] for x in (-0.5, 0.5) for y in (-0.5, 0.5) for z in (-0.5, 0.5)])
    assert np.allclose((corners @ world)[..., 2].min(axis=1), 5)
    assert np.allclose(np.linalg.norm(world[:, :3, :3], axis=-1), [0.2, 0.4, 0.6])
