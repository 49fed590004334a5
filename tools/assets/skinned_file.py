"""Writing a character as OpenUSD: a SkelRoot with a skinned mesh for each material, a Skeleton and its animation."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from tools.assets import character, usd_file
from tools.assets.materials import MATERIALS
from tools.assets.shape import Array, index


def write(path: Path) -> int:
    """Write a binary .usdc, metres, Z up, default prim named as the file; its number of triangles."""
    from pxr import Usd, UsdGeom, UsdSkel

    path.unlink(missing_ok=True)
    stage = Usd.Stage.CreateNew(str(path))
    UsdGeom.SetStageUpAxis(stage, UsdGeom.Tokens.z)
    UsdGeom.SetStageMetersPerUnit(stage, 1.0)
    stage.SetTimeCodesPerSecond(character.CODES_PER_SECOND)
    stage.SetStartTimeCode(0)
    stage.SetEndTimeCode(character.SECONDS * character.CODES_PER_SECOND)
    root = UsdSkel.Root.Define(stage, f"/{path.stem}")
    stage.SetDefaultPrim(root.GetPrim())
    _skeleton(stage, f"/{path.stem}/Skeleton")
    _walk(stage, f"/{path.stem}/Walk")
    bound = UsdSkel.BindingAPI.Apply(stage.GetPrimAtPath(f"/{path.stem}/Skeleton"))
    bound.CreateAnimationSourceRel().SetTargets([f"/{path.stem}/Walk"])
    UsdSkel.BindingAPI.Apply(root.GetPrim()).CreateSkeletonRel().SetTargets([f"/{path.stem}/Skeleton"])
    triangles = _meshes(stage, f"/{path.stem}")
    stage.GetRootLayer().Save()
    return triangles


def _skeleton(stage: Any, path: str) -> None:
    from pxr import Gf, UsdSkel

    joints = character.joints()
    skeleton = UsdSkel.Skeleton.Define(stage, path)
    skeleton.CreateJointsAttr([joint.name for joint in joints])
    skeleton.CreateBindTransformsAttr([Gf.Matrix4d(1).SetTranslate(joint.place) for joint in joints])
    steps = [Gf.Matrix4d(1).SetTranslate(Gf.Vec3d(*step)) for step in _steps()]
    skeleton.CreateRestTransformsAttr(steps)


def _steps() -> Array:
    """(J, 3): from each joint's parent to it."""
    joints = character.joints()
    return np.array([
        np.array(joint.place) - (joints[joint.parent].place if joint.parent >= 0 else np.zeros(3)) for joint in joints
    ])  # fmt: skip


def _walk(stage: Any, path: str) -> None:
    from pxr import Gf, UsdSkel

    joints = character.joints()
    names = [joint.name.rpartition("/")[2] for joint in joints]
    walk = UsdSkel.Animation.Define(stage, path)
    walk.CreateJointsAttr([joint.name for joint in joints])
    walk.CreateScalesAttr([Gf.Vec3h(1, 1, 1)] * len(joints))
    steps = _steps()
    for code in range(0, character.SECONDS * character.CODES_PER_SECOND + 1, character.STEP):
        turns = character.turns(code)
        places = steps.copy()
        places[0, 2] -= character.bob(code)
        walk.CreateTranslationsAttr().Set([Gf.Vec3f(*map(float, place)) for place in places], code)
        walk.CreateRotationsAttr().Set([_turn(turns.get(name, ())) for name in names], code)


def _turn(parts: tuple[tuple[str, float], ...]) -> Any:
    from pxr import Gf

    whole = Gf.Rotation(Gf.Vec3d(1, 0, 0), 0.0)
    for axis, degrees in parts:
        whole *= Gf.Rotation(Gf.Vec3d(*(float(axis == name) for name in "xyz")), float(degrees))
    return Gf.Quatf(whole.GetQuat())


def _meshes(stage: Any, root: str) -> int:
    from pxr import UsdSkel, Vt

    rows = {joint.name.rpartition("/")[2]: row for row, joint in enumerate(character.joints())}
    groups: dict[str, list[character.Limb]] = {}
    for limb in character.limbs():
        groups.setdefault(limb.shape.material, []).append(limb)
    triangles = 0
    for material, limbs in groups.items():
        pieces = [index(limb.shape) for limb in limbs]
        whole = usd_file.joined(pieces)
        path, look = f"{root}/{material}", f"{root}/Looks/{material}"
        usd_file.write_mesh(stage, path, look, whole)
        usd_file.write_material(stage, look, MATERIALS[material])
        joints, weights = [], []
        for limb, piece in zip(limbs, pieces, strict=True):
            chain = [rows[name] for name, _, _ in limb.chain]
            share = limb.weights(piece.points.astype(float))
            joints.append(np.tile(np.pad(chain, (0, 3 - len(chain))), (len(share), 1)))
            weights.append(np.pad(share, ((0, 0), (0, 3 - len(chain)))))
        bound = UsdSkel.BindingAPI.Apply(stage.GetPrimAtPath(path))
        flat = np.ascontiguousarray(np.concatenate(joints).reshape(-1), np.int32)
        bound.CreateJointIndicesPrimvar(False, 3).Set(Vt.IntArray.FromNumpy(flat))
        shares = np.ascontiguousarray(np.concatenate(weights).reshape(-1), np.float32)
        bound.CreateJointWeightsPrimvar(False, 3).Set(Vt.FloatArray.FromNumpy(shares))
        triangles += len(whole.triangles)
    return triangles
