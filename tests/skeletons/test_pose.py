"""Skinned meshes stand in the pose that the stage shows: against UsdSkel's own points and against trigonometry."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from pxr import Gf, Usd, UsdGeom, UsdSkel, Vt

from replicator_dr.engines.embedded.scene.assets import AssetCache
from replicator_dr.engines.embedded.scene.scene_meshes import read_geometry
from replicator_dr.engines.embedded.skeletons.read import skeletons_below
from tests.skeletons.conftest import RADIUS, joints_at, tube, weights

MakeArm = Callable[..., Path]


def drawn(file: Path, path: str = "/arm/mesh") -> NDArray[np.float64]:
    """The corners of all triangles as they are drawn, in the world."""
    stage = Usd.Stage.Open(str(file))
    prim = stage.GetPrimAtPath(path)
    (mesh,) = read_geometry(prim, AssetCache()).meshes
    world = np.array(UsdGeom.XformCache().GetLocalToWorldTransform(prim))
    return (mesh.points @ world[:3, :3] + world[3, :3])[mesh.triangles].reshape(-1, 3)


def skinned(file: Path, time: Any, path: str = "/arm/mesh") -> NDArray[np.float64]:
    """The same by ``UsdSkel.SkinningQuery.ComputeSkinnedPoints``, in the skeleton's frame, which is the world here."""
    stage = Usd.Stage.Open(str(file))
    cache = UsdSkel.Cache()
    cache.Populate(UsdSkel.Root(stage.GetPrimAtPath("/arm")), Usd.PrimDefaultPredicate)
    mesh = UsdGeom.Mesh(stage.GetPrimAtPath(path))
    query = cache.GetSkelQuery(UsdSkel.Skeleton(stage.GetPrimAtPath("/arm/skeleton")))
    points = Vt.Vec3fArray(mesh.GetPointsAttr().Get())
    cache.GetSkinningQuery(mesh.GetPrim()).ComputeSkinnedPoints(query.ComputeSkinningTransforms(time), points, time)
    return np.array(points)[fans()]


def fans() -> NDArray[np.int64]:
    """Rows of points of the corners of all triangles: faces as fans."""
    _, counts, indices = tube()
    starts = np.cumsum(counts) - counts
    return np.array(
        [
            indices[start + corner]
            for start, n in zip(starts, counts)
            for k in range(n - 2)
            for corner in (0, k + 1, k + 2)
        ]
    )


@pytest.mark.parametrize("degrees", [0.0, 40.0, -75.0])
def test_points_are_those_of_usdskel(make_arm: MakeArm, degrees: float) -> None:
    file = make_arm(degrees, tilt=15)
    np.testing.assert_allclose(drawn(file), skinned(file, Usd.TimeCode.Default()), atol=1e-6)


def test_the_forearm_is_where_the_angle_puts_it(make_arm: MakeArm) -> None:
    """Away from the elbow the arm is rigid: its points turn about (1, 0, 0) by 50 degrees."""
    points, _, _ = tube()
    rigid = weights(points)[:, 1] == 1.0
    c, s = np.cos(np.radians(50)), np.sin(np.radians(50))
    turned = (points - [1, 0, 0]) @ np.array([[c, s, 0], [-s, c, 0], [0, 0, 1]]) + [1, 0, 0]
    found = drawn(make_arm(50.0))
    rows = fans()
    np.testing.assert_allclose(found[rigid[rows]], turned[rows][rigid[rows]], atol=1e-6)
    np.testing.assert_allclose(found[(points[:, 0] < 0.8)[rows]], points[rows][(points[:, 0] < 0.8)[rows]], atol=1e-6)


def test_without_an_animation_it_is_the_rest_pose(make_arm: MakeArm) -> None:
    np.testing.assert_allclose(drawn(make_arm()), tube()[0][fans()], atol=1e-6)


def test_without_a_rest_pose_either_it_is_as_bound_with_a_warning(make_arm: MakeArm) -> None:
    file = make_arm(rest=False)
    with pytest.warns(UserWarning, match="skeleton: lacks a pose .* drawn as it was bound"):
        found = drawn(file)
    np.testing.assert_allclose(found, tube()[0][fans()], atol=1e-6)


def test_of_an_animation_it_is_the_first_sample(make_arm: MakeArm) -> None:
    file = make_arm({12.0: 30.0, 48.0: 80.0})
    np.testing.assert_allclose(drawn(file), skinned(file, Usd.TimeCode(12)), atol=1e-6)
    stage = Usd.Stage.Open(str(file))
    (skeleton,) = skeletons_below(stage.GetPrimAtPath("/arm"))
    np.testing.assert_allclose(skeleton.places(), joints_at(30), atol=1e-6)
    assert skeleton.parents == (-1, 0, 1)


def test_normals_stand_upright_on_the_skinned_surface(make_arm: MakeArm) -> None:
    stage = Usd.Stage.Open(str(make_arm(60.0)))
    (mesh,) = read_geometry(stage.GetPrimAtPath("/arm/mesh"), AssetCache()).meshes
    a, b, c = (mesh.points[mesh.triangles[:, k]].astype(float) for k in range(3))
    faces = np.cross(b - a, c - a)
    faces /= np.linalg.norm(faces, axis=1, keepdims=True)
    cosines = np.einsum("tc,tkc->tk", faces, mesh.normals[mesh.triangles].astype(float))
    np.testing.assert_allclose(np.linalg.norm(mesh.normals, axis=1), 1, atol=1e-5)
    assert np.median(cosines) > np.cos(np.radians(180 / 12 + 1))
    assert cosines.min() > 0.5


def test_joints_in_an_order_of_the_meshs_own(make_arm: MakeArm) -> None:
    file = make_arm(40.0)
    before = drawn(file)
    stage = Usd.Stage.Open(str(file))
    bound = UsdSkel.BindingAPI(stage.GetPrimAtPath("/arm/mesh"))
    bound.CreateJointsAttr(["shoulder/elbow", "shoulder"])
    rows = np.array(bound.GetJointIndicesPrimvar().Get())
    bound.GetJointIndicesPrimvar().Set(Vt.IntArray.FromNumpy((1 - rows).astype(np.int32)))
    stage.GetRootLayer().Save()
    np.testing.assert_allclose(drawn(file), before, atol=1e-7)
    assert np.ptp(before[:, 1]) > 0.5


def test_blend_shapes_come_before_the_joints(make_arm: MakeArm) -> None:
    file = make_arm(40.0)
    stage = Usd.Stage.Open(str(file))
    mesh = UsdGeom.Mesh(stage.GetPrimAtPath("/arm/mesh"))
    offsets = np.zeros((len(mesh.GetPointsAttr().Get()), 3), np.float32)
    offsets[:, 2] = 0.2
    shape = UsdSkel.BlendShape.Define(stage, "/arm/mesh/up")
    shape.CreateOffsetsAttr(Vt.Vec3fArray.FromNumpy(offsets))
    bound = UsdSkel.BindingAPI(mesh.GetPrim())
    bound.CreateBlendShapesAttr(["up"])
    bound.CreateBlendShapeTargetsRel().SetTargets(["/arm/mesh/up"])
    before = drawn(file)
    motion = UsdSkel.Animation(stage.GetPrimAtPath("/arm/motion"))
    motion.CreateBlendShapesAttr(["up"])
    motion.CreateBlendShapeWeightsAttr([0.5])
    stage.GetRootLayer().Save()
    np.testing.assert_allclose(drawn(file), before + np.array([0, 0, 0.1]), atol=1e-6)


def test_a_shape_that_follows_one_joint_goes_with_it(make_arm: MakeArm) -> None:
    file = make_arm(90.0)
    stage = Usd.Stage.Open(str(file))
    ball = UsdGeom.Sphere.Define(stage, "/arm/ball")
    ball.CreateRadiusAttr(RADIUS)
    bound = UsdSkel.BindingAPI.Apply(ball.GetPrim())
    bound.CreateSkeletonRel().SetTargets(["/arm/skeleton"])
    bound.CreateGeomBindTransformAttr(Gf.Matrix4d(1).SetTranslate((2, 0, 0)))
    bound.CreateJointIndicesPrimvar(True, 1).Set([2])
    bound.CreateJointWeightsPrimvar(True, 1).Set([1.0])
    stage.GetRootLayer().Save()
    found = drawn(file, "/arm/ball")
    np.testing.assert_allclose(0.5 * (found.min(axis=0) + found.max(axis=0)), [1, 1, 0], atol=1e-5)


def test_influences_that_do_not_fit_are_told(make_arm: MakeArm) -> None:
    file = make_arm(40.0)
    stage = Usd.Stage.Open(str(file))
    bound = UsdSkel.BindingAPI(stage.GetPrimAtPath("/arm/mesh"))
    rows = np.array(bound.GetJointIndicesPrimvar().Get())
    rows[0] = 7
    bound.GetJointIndicesPrimvar().Set(Vt.IntArray.FromNumpy(rows.astype(np.int32)))
    stage.GetRootLayer().Save()
    from replicator_dr.errors import AssetError

    with pytest.raises(AssetError, match="/arm/mesh: a point follows joint 7 of 3; bind it anew"):
        drawn(file)
