"""Things wholly inside of others: in closed meshes they collide, in bins and rooms they do not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from replicator_dr.engines.embedded.api import create, distribution, modify, randomizer, trigger
from replicator_dr.engines.embedded.placement.nesting import encloses, pieces, winding
from replicator_dr.engines.embedded.runtime import Runtime
from replicator_dr.errors import EngineError

pytest.importorskip("fcl")

Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]
NO_ROOM = "found no free place in frame 0 among 8 tries"
BIN = Path(__file__).parents[3] / "scenes" / "assets" / "meshes" / "bin_blue.usdc"


def place(things: list[Any], around: Any, **rules: Any) -> None:
    """Put things about the origin, by their triangles, where something stands around."""
    spot = create.plane(scale=0.001, visible=False)
    seeds = list(range(1, 1 + len(things)))
    with trigger.on_frame():
        randomizer.place_on_surface(
            spot, input_prims=things, seeds=seeds, no_coll_prims=around, collision="mesh", tries=8, stand=False, **rules
        )


def ball(**more: Any) -> Any:
    return create.sphere(semantics={"class": "ball"}, **{"scale": 0.1, **more})


@pytest.mark.parametrize("clearance", [0.0, 0.05])
def test_a_ball_inside_a_closed_ball_collides(runtime: Runtime, clearance: float) -> None:
    place([ball()], create.sphere(scale=2), clearance=clearance)
    with pytest.raises(EngineError, match=NO_ROOM):
        runtime.evaluate(np.arange(2))


@pytest.mark.parametrize("clearance", [0.0, 0.05])
def test_a_ball_about_something_small_collides(runtime: Runtime, clearance: float) -> None:
    """The thing that is placed is the outer one."""
    place([ball(scale=2)], create.cone(scale=0.1), clearance=clearance)
    with pytest.raises(EngineError, match=NO_ROOM):
        runtime.evaluate(np.arange(2))


def test_things_do_not_go_into_each_other(runtime: Runtime) -> None:
    """A small one after a large one, both placed by the entry."""
    place([ball(scale=2), create.cube(scale=0.1, semantics={"class": "box"})], None)
    with pytest.raises(EngineError, match=NO_ROOM):
        runtime.evaluate(np.arange(2))


def test_a_ball_in_an_open_bin_is_free(runtime: Runtime) -> None:
    """Its walls have a thickness, so that it is closed; its hollow is outside."""
    place([ball(scale=0.05)], create.from_usd(str(BIN), position=(0, 0, -0.05)))
    assert np.allclose(runtime.evaluate(np.arange(2)).entity_world[:, 0, 3], [0, 0, 0, 1], atol=1e-3)


def open_box(stage: Any, inward: bool = False, lid: bool = False) -> str:
    """A box of edge 1 about the origin, made of single sheets."""
    from pxr import UsdGeom

    mesh = UsdGeom.Mesh.Define(stage, "/Box")
    mesh.CreatePointsAttr(
        [(x, y, z) for z in (-0.5, 0.5) for x, y in ((-0.5, -0.5), (0.5, -0.5), (0.5, 0.5), (-0.5, 0.5))]
    )
    faces = [(3, 2, 1, 0), (0, 1, 5, 4), (1, 2, 6, 5), (2, 3, 7, 6), (3, 0, 4, 7), *([(4, 5, 6, 7)] if lid else [])]
    mesh.CreateFaceVertexCountsAttr([4] * len(faces))
    mesh.CreateFaceVertexIndicesAttr([i for face in faces for i in (face[::-1] if inward else face)])
    return "/Box"


@pytest.mark.parametrize(("inward", "lid", "free"), [(False, False, True), (False, True, False), (True, True, True)])
def test_a_lid_encloses_and_a_room_does_not(runtime: Runtime, inward: bool, lid: bool, free: bool) -> None:
    """Five sheets; six that face outward; six that face inward."""
    place([ball()], open_box(runtime.stage, inward, lid))
    if free:
        assert np.allclose(runtime.evaluate(np.arange(2)).entity_world[:, 0, 3, :3], 0, atol=1e-3)
    else:
        with pytest.raises(EngineError, match=NO_ROOM):
            runtime.evaluate(np.arange(2))


@pytest.mark.parametrize("scale", [(2, 2, 2), (-2, 1.5, 3)])
def test_boxes_that_nest_without_meshes_that_do_are_free(runtime: Runtime, scale: tuple[float, float, float]) -> None:
    """A ball in the hole of a ring, mirrored, stretched and turned too."""
    ring = create.torus(scale=scale)
    with trigger.on_frame():
        modify.pose(rotation=distribution.uniform((0, 0, 0), (360, 360, 360)), input_prims=ring)
    place([ball(scale=0.05)], ring)
    assert np.allclose(runtime.evaluate(np.arange(8)).entity_world[:, 0, 3, :3], 0, atol=1e-3)


def test_in_a_mirrored_ball_nothing_is_free(runtime: Runtime) -> None:
    place([ball()], create.sphere(scale=(-2, 2, 2)))
    with pytest.raises(EngineError, match=NO_ROOM):
        runtime.evaluate(np.arange(2))


@pytest.mark.parametrize("zone", [{"sphere": (0, 0, 0, 1)}, {"box": ((-1, -1, -1), (1, 1, 1))}])
@pytest.mark.parametrize("clearance", [0.0, 0.05])
def test_inside_of_a_zone_nothing_is_free(runtime: Runtime, zone: dict[str, Any], clearance: float) -> None:
    place([ball()], None, keep_out=[zone], clearance=clearance)
    with pytest.raises(EngineError, match=NO_ROOM):
        runtime.evaluate(np.arange(2))


def test_of_a_thing_of_two_pieces_each_counts(runtime: Runtime) -> None:
    """Two balls of one thing: one beside the large ball, one inside of it."""
    from pxr import UsdGeom

    stage = runtime.stage
    UsdGeom.Xform.Define(stage, "/Pair")
    for name, where in (("First", (5.0, 0.0, 0.0)), ("Second", (0.0, 0.0, 0.0))):
        one = UsdGeom.Sphere.Define(stage, f"/Pair/{name}")
        one.CreateRadiusAttr(0.05)
        UsdGeom.XformCommonAPI(one).SetTranslate(where)
    place([create.group(["/Pair"])], create.sphere(scale=2))
    with pytest.raises(EngineError, match=NO_ROOM):
        runtime.evaluate(np.arange(2))


def shell(radius: float, inward: bool = False, offset: int = 0) -> tuple[Float64, Int64]:
    """A ball's triangles: the hull of points on a sphere, faces outward or inward."""
    from scipy.spatial import ConvexHull

    points = np.random.default_rng(3).normal(size=(60, 3))
    points *= radius / np.linalg.norm(points, axis=1, keepdims=True)
    hull = ConvexHull(points)
    faces = hull.simplices.astype(np.int64)
    a, b, c = (points[faces[:, i]] for i in range(3))
    outward = np.sum(np.cross(b - a, c - a) * (a + b + c), axis=1) > 0
    faces[outward == inward] = faces[outward == inward, ::-1]
    return points, faces + offset


def test_windings_are_ones_behind_all_faces() -> None:
    from scipy.spatial import ConvexHull

    points, faces = shell(1.0)
    asked = np.random.default_rng(5).uniform(-1, 1, (200, 3))
    planes = ConvexHull(points).equations
    wanted = (asked @ planes[:, :3].T + planes[:, 3] < 0).all(axis=1)
    found = np.array([winding(points[faces], one) for one in asked])
    assert np.array_equal(found, wanted.astype(int))
    assert 20 < wanted.sum() < 180


def test_a_hollow_shell_encloses_what_is_in_its_wall_alone() -> None:
    outer, outer_faces = shell(1.0)
    inner, inner_faces = shell(0.5, inward=True, offset=len(outer))
    made = pieces(np.concatenate([outer, inner]), np.concatenate([outer_faces, inner_faces]))
    assert len(made.extremes) == 2
    dot, dot_faces = shell(0.02)
    small = pieces(dot, dot_faces).extremes
    assert not encloses(made, small)
    assert encloses(made, small + np.array([0.7, 0, 0]))
    assert not encloses(made, small + np.array([1.2, 0, 0]))


def test_seams_are_closed_and_holes_are_not() -> None:
    """Triangles that share no vertices, as files with normals or pictures have them; then one less."""
    points, faces = shell(1.0)
    apart = points[faces].reshape(-1, 3) + np.random.default_rng(1).uniform(-1e-8, 1e-8, (3 * len(faces), 3))
    whole = np.arange(len(apart)).reshape(-1, 3)
    assert len(pieces(apart, whole).closed) == len(faces)
    assert len(pieces(apart, whole[1:]).closed) == 0
