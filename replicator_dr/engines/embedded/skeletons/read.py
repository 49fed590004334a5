"""Skeletons on a stage, through UsdSkel: which meshes are bound to them, how their joints stand, what that shapes.

All is read at the earliest time that an animation has a sample for, which is its first pose, or at its default value;
without an animation joints stand as at rest, and without a rest pose as the meshes were bound.
"""

from __future__ import annotations

import warnings
from collections.abc import Container, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from pxr import Gf, Usd, UsdGeom, UsdSkel, Vt

from replicator_dr.errors import AssetError
from replicator_dr.pool.usd_keypoints import UsdKeypoints
from replicator_dr.render.scene import Mesh
from replicator_dr.render.skin import Skin

Float64 = NDArray[np.float64]
Float32 = NDArray[np.float32]

SHOWN = Usd.TimeCode.EarliestTime()
LINEAR = "classicLinear"


@dataclass(frozen=True)
class Skeleton:
    """A Skeleton prim with its joints: their full names, and the row of each one's parent, -1 for roots."""

    query: UsdSkel.SkeletonQuery
    path: str
    joints: tuple[str, ...]
    parents: tuple[int, ...]

    @property
    def has_pose(self) -> bool:
        """Whether it is said where joints are: by an animation, at rest or as bound."""
        return bool(self.query.GetAnimQuery()) or self.query.HasRestPose() or self.query.HasBindPose()

    def places(self) -> Float64:
        """(J, 3): where the joints are shown, in the skeleton's own frame [stage units]."""
        shown = _matrices(self.query.ComputeJointSkelTransforms(SHOWN))
        return (shown if len(shown) else self.bound())[:, 3, :3]

    def rows(self, joints: Sequence[str]) -> list[int]:
        """The rows of joints by their full names. AssetError for one that is not there."""
        known = {name: row for row, name in enumerate(self.joints)}
        if missing := [joint for joint in joints if joint not in known]:
            raise AssetError(f"{self.path}: has no joint '{missing[0]}'; joints: {', '.join(self.joints)}")
        return [known[joint] for joint in joints]

    def bound(self) -> Float64:
        """(J, 4, 4): where the joints were when meshes were bound to them, for row vectors; AssetError without."""
        bound = _matrices(self.query.GetJointWorldBindTransforms())
        if len(bound) != len(self.joints):
            raise AssetError(
                f"{self.path}: has {len(bound)} bindTransforms for {len(self.joints)} joints; correct them"
            )
        return bound


@dataclass(frozen=True)
class Binding:
    """How a mesh is bound to a skeleton. to_mesh: (4, 4), from the skeleton's frame to the mesh's, for row vectors."""

    skeleton: Skeleton
    skinning: UsdSkel.SkinningQuery
    to_mesh: Float64

    @property
    def path(self) -> str:
        """The mesh."""
        return str(self.skinning.GetPrim().GetPath())

    @property
    def method(self) -> str:
        """How joints are blended."""
        return str(self.skinning.GetSkinningMethod())

    @property
    def base(self) -> Float64:
        """(4, 4): from the mesh's points to the skeleton's frame when they were bound."""
        return np.array(self.skinning.GetGeomBindTransform(), np.float64)

    def order(self) -> NDArray[np.int64]:
        """(K,): rows of the skeleton's joints, in the mesh's order. AssetError for a joint that the skeleton lacks."""
        own = self.skinning.GetJointOrder()
        if own is None:
            return np.arange(len(self.skeleton.joints))
        return np.array(self.skeleton.rows([str(name) for name in own]), np.int64)

    def skin(self, count: int) -> Skin | None:
        """The influences on ``count`` points; None where the mesh has blend shapes alone.

        AssetError where they do not fit the points or the joints.
        """
        if not self.skinning.HasJointInfluences():
            return None
        found = self.skinning.ComputeVaryingJointInfluences(count)
        if not found or count == 0 or len(found[0]) % count or len(found[0]) != len(found[1]):
            raise AssetError(f"{self.path}: its joint influences do not fit its {count} points; bind it anew")
        joints, weights = (np.array(values).reshape(count, -1) for values in found)
        if joints.size and not 0 <= joints.min() <= joints.max() < len(self.order()):
            raise AssetError(f"{self.path}: a point follows joint {joints.max()} of {len(self.order())}; bind it anew")
        return Skin(joints.astype(np.int32), weights.astype(np.float32))

    def matrices(self) -> Float64:
        """(K, 4, 4): what the joints do to points of the skeleton's frame when it was bound."""
        shown = _matrices(self.skeleton.query.ComputeSkinningTransforms(SHOWN))
        if not len(shown):
            warnings.warn(
                f"{self.skeleton.path}: lacks a pose (an animation or restTransforms) or fitting bindTransforms; "
                "what is bound to it is drawn as it was bound",
                stacklevel=2,
            )
            return np.tile(np.eye(4), (len(self.order()), 1, 1))
        if not np.isfinite(shown).all():
            joint = self.skeleton.joints[int(np.argwhere(~np.isfinite(shown))[0, 0])]
            raise AssetError(f"{self.skeleton.path}: the place of joint '{joint}' is not finite; correct its animation")
        return shown[self.order()]

    def blended(self, points: Float32) -> Float32:
        """The mesh's points (V, 3) with its blend shapes, by the weights that the animation shows."""
        query = self.skeleton.query.GetAnimQuery()
        weights = query.ComputeBlendShapeWeights(SHOWN) if query and self.skinning.HasBlendShapes() else None
        mapper = self.skinning.GetBlendShapeMapper()
        if not weights or not mapper:
            return points
        shapes = UsdSkel.BlendShapeQuery(UsdSkel.BindingAPI(self.skinning.GetPrim()))
        parts = shapes.ComputeSubShapeWeights(mapper.Remap(weights))
        moved = Vt.Vec3fArray.FromNumpy(points)
        rows, offsets = shapes.ComputeBlendShapePointIndices(), shapes.ComputeSubShapePointOffsets()
        if not parts or not shapes.ComputeDeformedPoints(*parts, rows, offsets, moved):
            raise AssetError(f"{self.path}: its blend shapes do not fit its {len(points)} points; correct them")
        return np.array(moved, np.float32)


def binding_of(prim: Usd.Prim) -> Binding | None:
    """How a mesh is bound, None where it is not: outside of a SkelRoot nothing is."""
    root = UsdSkel.Root.Find(prim)
    bound = UsdSkel.BindingAPI(prim).GetInheritedSkeleton() if root else None
    if not bound:
        return None
    cache = UsdSkel.Cache()
    cache.Populate(root, Usd.TraverseInstanceProxies())
    skinning = cache.GetSkinningQuery(prim)
    if not skinning or not (skinning.HasJointInfluences() or skinning.HasBlendShapes()):
        return None
    skeleton = _skeleton(cache, bound)
    return None if skeleton is None else Binding(skeleton, skinning, _between(bound.GetPrim(), prim, root.GetPrim()))


def is_posed(prim: Usd.Prim, skeletons: Container[str]) -> bool:
    """Whether a mesh is bound to one of these skeletons."""
    binding = binding_of(prim)
    return binding is not None and binding.skeleton.path in skeletons


def skeleton_of(prim: Usd.Prim) -> Skeleton | None:
    """A Skeleton prim, None where it is none that something may be bound to."""
    root = UsdSkel.Root.Find(prim) if prim.IsA(UsdSkel.Skeleton) else None
    if not root:
        return None
    cache = UsdSkel.Cache()
    cache.Populate(root, Usd.TraverseInstanceProxies())
    return _skeleton(cache, UsdSkel.Skeleton(prim))


def skeletons_below(prim: Usd.Prim) -> list[Skeleton]:
    """The skeletons at and below a prim, in the order of the stage."""
    found = (skeleton_of(one) for one in Usd.PrimRange(prim, Usd.TraverseInstanceProxies()))
    return [skeleton for skeleton in found if skeleton is not None]


def at_joints(prim: Usd.Prim, held: UsdKeypoints) -> UsdKeypoints:
    """Keypoints of a Skeleton, where its joints are shown. AssetError for a joint that it has not."""
    skeleton = skeleton_of(prim)
    if skeleton is None:
        raise AssetError(f"{prim.GetPath()}: has keypoints at joints, but is no Skeleton within a SkelRoot")
    places = skeleton.places()
    chosen = places[skeleton.rows(held.joints)].tolist()
    return replace(held, points=(*((x, y, z) for x, y, z in chosen), *held.points[len(chosen) :]))


def posed(mesh: Mesh, binding: Binding, matrices: Float64) -> Mesh:
    """A mesh with its points and normals where ``matrices``, (K, 4, 4), bring them; no joints move it any further."""
    points, normals = mesh.points, mesh.normals
    if mesh.skin is not None and len(points):
        many = mesh.skin.joints.shape[1]
        rows = Vt.IntArray.FromNumpy(np.ascontiguousarray(mesh.skin.joints.reshape(-1)))
        weights = Vt.FloatArray.FromNumpy(np.ascontiguousarray(mesh.skin.weights.reshape(-1)))
        base = Gf.Matrix4d(binding.base)
        turns = Vt.Matrix3dArray.FromNumpy(_for_normals(matrices))
        moved, turned = Vt.Vec3fArray.FromNumpy(points), Vt.Vec3fArray.FromNumpy(normals)
        UsdSkel.SkinPoints(binding.method, base, Vt.Matrix4dArray.FromNumpy(matrices), rows, weights, many, moved)
        UsdSkel.SkinNormals(
            binding.method, Gf.Matrix3d(*_for_normals(binding.base).reshape(-1)), turns, rows, weights, many, turned
        )
        there = binding.to_mesh
        points = (np.array(moved) @ there[:3, :3] + there[3, :3]).astype(np.float32)
        upright = np.array(turned) @ _for_normals(there)
        normals = (upright / np.maximum(np.linalg.norm(upright, axis=1, keepdims=True), 1e-30)).astype(np.float32)
    return replace(mesh, points=points, normals=normals, skin=None)


def _for_normals(matrices: Float64) -> Float64:
    """(..., 3, 3): what normals are multiplied with where points are with matrices (..., 4, 4): inverse, transposed."""
    linear = matrices[..., :3, :3]
    return np.ascontiguousarray(np.swapaxes(np.linalg.pinv(linear), -1, -2))


def _skeleton(cache: UsdSkel.Cache, prim: UsdSkel.Skeleton) -> Skeleton | None:
    query = cache.GetSkelQuery(prim)
    if not query:
        return None
    parents = tuple(int(row) for row in query.GetTopology().GetParentIndices())
    return Skeleton(query, str(query.GetPrim().GetPath()), tuple(map(str, query.GetJointOrder())), parents)


def _matrices(values: object) -> Float64:
    return np.array(values if values is not None else [], np.float64).reshape(-1, 4, 4)


def _between(skeleton: Usd.Prim, mesh: Usd.Prim, root: Usd.Prim) -> Float64:
    """(4, 4): from a skeleton's frame to a mesh's, through the SkelRoot above both where there is one."""
    cache = UsdGeom.XformCache(Usd.TimeCode.Default())
    frames = []
    for prim in (skeleton, mesh):
        inside = prim.GetPath().HasPrefix(root.GetPath()) and skeleton.GetPath().HasPrefix(root.GetPath())
        matrix = cache.ComputeRelativeTransform(prim, root)[0] if inside else cache.GetLocalToWorldTransform(prim)
        frames.append(np.array(matrix, np.float64))
    return frames[0] @ np.linalg.inv(frames[1])
