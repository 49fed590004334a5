"""UsdPhysics on the stage, written and read; surfaces as plates; hollow things as hulls; rep.physics in scripts."""

from __future__ import annotations

import itertools
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import trimesh
from pxr import UsdGeom, UsdPhysics, UsdShade

from replicator_dr import build_graph
from replicator_dr.engines.embedded import api
from replicator_dr.engines.embedded.physics.hulls import decompose, hull_corners
from replicator_dr.engines.embedded.physics.plates import FLAT, plates
from replicator_dr.engines.embedded.runtime import Runtime
from replicator_dr.errors import EngineError, UnsupportedError

MESHES = Path(__file__).parents[2] / "scenes" / "assets" / "meshes"


def surface(name: str) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Points and triangles of an asset."""
    from pxr import Usd

    stage = Usd.Stage.Open(str(MESHES / f"{name}.usdc"))
    points, faces = [], []
    for prim in stage.Traverse():
        if prim.IsA(UsdGeom.Mesh):
            mesh = UsdGeom.Mesh(prim)
            start = sum(len(part) for part in points)
            corners = iter(mesh.GetFaceVertexIndicesAttr().Get())
            for count in mesh.GetFaceVertexCountsAttr().Get():
                face = [start + next(corners) for _ in range(count)]
                faces += [[face[0], face[i], face[i + 1]] for i in range(1, count - 1)]
            points.append(np.array(mesh.GetPointsAttr().Get(), dtype=np.float64))
    return np.concatenate(points), np.array(faces)


@pytest.mark.parametrize("name", ["bin_blue", "carton_open", "bowl"])
def test_plates_are_the_surface(name: str) -> None:
    """Points spread over the surface lie in a plate; points of the plates' faces lie on the surface."""
    points, triangles = surface(name)
    made = plates(points, triangles)
    assert len(made) < len(triangles)
    mesh = trimesh.Trimesh(points, triangles, process=False)
    on_surface, _ = trimesh.sample.sample_surface(mesh, 300, seed=1)
    hulls = [trimesh.convex.convex_hull(corners) for corners in made]
    planes = [(hull.face_normals, np.sum(hull.face_normals * hull.triangles[:, 0], axis=1)) for hull in hulls]
    inside = np.stack([(on_surface @ normals.T - level).max(axis=1) for normals, level in planes])
    assert inside.min(axis=0).max() < 2 * FLAT
    faces = np.concatenate([corners[: len(corners) // 2].mean(axis=0, keepdims=True) for corners in made])
    for face in faces:
        near = trimesh.triangles.closest_point(mesh.triangles, np.tile(face, (len(triangles), 1)))
        assert np.linalg.norm(near - face, axis=1).min() < 2 * FLAT


def test_a_flat_sheet_has_one_thick_plate() -> None:
    points = np.array([[0, 0, 0], [2, 0, 0], [2, 1, 0], [0, 1, 0]], dtype=np.float64)
    (plate,) = plates(points, np.array([[0, 1, 2], [0, 2, 3]]))
    assert plate[:, 2].max() == pytest.approx(0)
    assert plate[:, 2].min() == pytest.approx(-0.1)


def test_hulls_are_those_of_trimesh() -> None:
    points = np.random.default_rng(0).normal(size=(400, 3))
    own = trimesh.convex.convex_hull(hull_corners(points))
    assert own.volume == pytest.approx(trimesh.convex.convex_hull(points).volume, rel=1e-12)


def test_a_hollow_thing_is_taken_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An L of two boxes: parts that fill it and leave its corner free, kept in the cache."""
    pytest.importorskip("coacd", reason="the extra physics is not installed")
    monkeypatch.setenv("REPLICATOR_DR_CACHE", str(tmp_path))
    outline = np.array([[0, 0], [1, 0], [1, 0.3], [0.3, 0.3], [0.3, 1], [0, 1]])
    points = np.concatenate([np.column_stack([outline, np.full(6, height)]) for height in (0.0, 0.3)])
    top = np.array([[0, 1, 2], [0, 2, 3], [0, 3, 4], [0, 4, 5]])
    sides = [[[i, j, j + 6], [i, j + 6, i + 6]] for i, j in zip(range(6), (*range(1, 6), 0))]
    triangles = np.concatenate([top[:, ::-1], top + 6, np.array(sides).reshape(-1, 3)])
    parts = decompose(points, triangles)
    hulls = [trimesh.convex.convex_hull(part) for part in parts]
    assert sum(hull.volume for hull in hulls) == pytest.approx(0.3 * (1 - 0.49), rel=0.15)
    free = np.array([0.7, 0.7, 0.15])
    assert all(np.max(hull.face_normals @ free - np.sum(hull.face_normals * hull.triangles[:, 0], axis=1)) > 0.05
               for hull in hulls)  # fmt: skip
    monkeypatch.setitem(sys.modules, "coacd", None)
    again = decompose(points, triangles)
    assert all(np.array_equal(a, b) for a, b in itertools.zip_longest(parts, again))
    with pytest.raises(EngineError, match=r'needs CoACD, which is not installed; pip install "replicator_dr\[physics'):
        decompose(2 * points, triangles)


def test_an_item_s_physics_is_usd_physics() -> None:
    """What a spec says is on the stage as USD's own readers see it."""
    graph = build_graph({
        "name": "p",
        "create": {
            "floor": {"plane": {"scale": 4, "physics": {"body": "static", "friction": 0.7, "restitution": 0.2}}},
            "lift": {"cube": {"physics": {"body": "kinematic", "collider": "box"}}},
            "box": {"cube": {"count": 2, "physics": {"mass": 2.5, "linear_damping": 0.1, "friction": 0.4}}},
            "ball": {"sphere": {"physics": {"density": 400}}},
            "mug": {"from_usd": {"usd": str(MESHES / "mug_red.usdc"), "physics": {"collider": "hull"}}},
            "eye": {"camera": {}},
        },
        "render_products": [{"cameras": "eye", "resolution": [16, 16]}],
    })  # fmt: skip
    stage = graph.stage
    bodies = {p.GetName(): UsdPhysics.RigidBodyAPI(p) for p in stage.Traverse() if p.HasAPI(UsdPhysics.RigidBodyAPI)}
    assert set(bodies) == {"lift", "box", "box_01", "ball", "mug"}
    assert [name for name, body in bodies.items() if body.GetKinematicEnabledAttr().Get()] == ["lift"]
    shapes = {
        str(p.GetPath()).split("/")[2]: UsdPhysics.MeshCollisionAPI(p).GetApproximationAttr().Get()
        for p in stage.Traverse()
        if p.HasAPI(UsdPhysics.CollisionAPI)
    }
    assert shapes == {
        "floor": "none", "lift": "boundingCube", "box": "boundingCube", "box_01": "boundingCube",
        "ball": "boundingSphere", "mug": "convexHull",
    }  # fmt: skip
    assert UsdPhysics.MassAPI(bodies["box"]).GetMassAttr().Get() == 2.5
    assert UsdPhysics.MassAPI(bodies["ball"]).GetDensityAttr().Get() == 400
    assert bodies["box"].GetPrim().GetAttribute("physxRigidBody:linearDamping").Get() == pytest.approx(0.1)
    leaf = next(p for p in stage.Traverse() if p.IsA(UsdGeom.Mesh) and "/floor/" in str(p.GetPath()))
    bound = UsdShade.MaterialBindingAPI(leaf).ComputeBoundMaterial("physics")[0]
    material = UsdPhysics.MaterialAPI(bound)
    assert material.GetDynamicFrictionAttr().Get() == pytest.approx(0.7)
    assert material.GetRestitutionAttr().Get() == pytest.approx(0.2)
    assert not UsdShade.MaterialBindingAPI(leaf).ComputeBoundMaterial()[0]
    scenes = [prim for prim in stage.Traverse() if prim.IsA(UsdPhysics.Scene)]
    assert len(scenes) == 1
    graph.close()


def test_a_script_simulates_what_stands_on_the_stage(runtime: Runtime) -> None:
    """rigid_body, collider, mass, material and simulate: a thrown ball, and one that rests on a kinematic lift."""
    pytest.importorskip("mujoco", reason="the extra physics is not installed")
    ball = api.create.sphere(scale=0.1, position=(0, 0, 5), semantics={"class": "ball"})
    rest = api.create.cube(scale=0.2, position=(3, 0, 1.1), semantics={"class": "rest"})
    lift = api.create.cube(scale=(1, 1, 1), position=(3, 0, 0.5))
    api.physics.rigid_body(velocity=(2.0, 0, 0), input_prims=ball)
    with rest:
        api.physics.rigid_body()
        api.physics.mass(mass=0.5)
        api.physics.physics_material(dynamic_friction=0.6)
    prims = lift.get_output_prims()["prims"]
    api.functional.physics.apply_rigid_body(prims, with_collider=True, kinematicEnabled=True)
    api.functional.physics.create_physics_scene("/Physics", gravityMagnitude=4.0)
    runtime.stage.RemovePrim("/Replicator/PhysicsScene")
    with api.trigger.on_frame():
        api.physics.simulate(0.5)
    api.physics.reset()
    world = runtime.evaluate(np.arange(2)).entity_world[:, :, 3, :3]
    assert np.allclose(world[:, 0], [1.0, 0, 5 - 0.5 * 4 * 0.25], atol=1e-4)
    assert np.allclose(world[:, 1], [3, 0, 1.1], atol=1e-3)


def test_a_script_simulates_a_fall_with_nothing_below(runtime: Runtime) -> None:
    pytest.importorskip("mujoco", reason="the extra physics is not installed")
    ball = api.create.sphere(scale=0.1, semantics={"class": "ball"})
    api.physics.rigid_body(input_prims=ball)
    with api.trigger.on_frame():
        api.physics.simulate(0.3)
    assert runtime.evaluate(np.arange(1)).entity_world[0, 0, 3, 2] == pytest.approx(-0.5 * 9.81 * 0.09, abs=1e-4)


def test_what_is_physx_s_own_is_refused(runtime: Runtime) -> None:
    box = api.create.cube()
    with pytest.raises(UnsupportedError, match=r"physics.rigid_body: contact_offset is PhysX's own"):
        api.physics.rigid_body(contact_offset=0.01, input_prims=box)
    with pytest.raises(UnsupportedError, match=r"physics.mass: mass cannot vary here; randomizer.settle varies it by"):
        api.physics.mass(mass=api.distribution.uniform(1, 2), input_prims=box)
    with pytest.raises(
        EngineError, match=r"physics.collider: approximation_shape is 'hull'; give one of none, convexH"
    ):
        api.physics.collider("hull", input_prims=box)


def test_joined_bodies_are_refused(runtime: Runtime) -> None:
    pytest.importorskip("mujoco", reason="the extra physics is not installed")
    from replicator_dr.engines.embedded.draws.own_distributions import register

    register(api)
    floor = api.create.plane(scale=5)
    frame = api.create.xform()
    arm = [api.create.cube(parent=frame), api.create.cube(parent=frame, position=(0, 0, 2))]
    for part in arm:
        api.physics.rigid_body(input_prims=part)
    with api.trigger.on_frame():
        api.randomizer.settle([frame], floor)  # type: ignore[attr-defined]
    with pytest.raises(EngineError, match=r"holds 2 rigid bodies .*; joints are not simulated"):
        runtime.evaluate(np.arange(1))
