"""What the tests of skeletons share: an arm of two bones along X, with rings of vertices around it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from pxr import Gf, Usd, UsdGeom, UsdSkel, Vt

JOINTS = ("shoulder", "shoulder/elbow", "shoulder/elbow/wrist")
PLACES = np.array([[0.0, 0, 0], [1, 0, 0], [2, 0, 0]])
"""Where the joints are when the arm is straight [m]."""
RADIUS, RINGS, AROUND = 0.15, 33, 12


def tube() -> tuple[NDArray[np.float64], NDArray[np.int32], NDArray[np.int32]]:
    """Points of a closed tube from x = 0 to x = 2, counts and indices of its faces."""
    angle = 2 * np.pi * np.arange(AROUND) / AROUND
    x = np.repeat(np.linspace(0, 2, RINGS), AROUND)
    points = np.stack([x, np.tile(RADIUS * np.cos(angle), RINGS), np.tile(RADIUS * np.sin(angle), RINGS)], axis=1)
    quads = [
        [r * AROUND + a, r * AROUND + b, (r + 1) * AROUND + b, (r + 1) * AROUND + a]
        for r in range(RINGS - 1)
        for a, b in zip(range(AROUND), [*range(1, AROUND), 0])
    ]
    first, last = list(range(AROUND))[::-1], [(RINGS - 1) * AROUND + a for a in range(AROUND)]
    faces = [*(quad[::-1] for quad in quads), first[::-1], last[::-1]]
    return (
        points,
        np.array([len(f) for f in faces], np.int32),
        np.array([row for face in faces for row in face], np.int32),
    )


def rig(stage: Usd.Stage, path: str, unit: float, rest: bool = True) -> UsdSkel.Skeleton:
    """The joints of the straight arm."""
    skeleton = UsdSkel.Skeleton.Define(stage, path)
    skeleton.CreateJointsAttr(list(JOINTS))
    places = PLACES / unit
    skeleton.CreateBindTransformsAttr([Gf.Matrix4d(1).SetTranslate(tuple(place)) for place in places])
    if rest:
        steps = np.diff(places, axis=0, prepend=0)
        skeleton.CreateRestTransformsAttr([Gf.Matrix4d(1).SetTranslate(tuple(step)) for step in steps])
    return skeleton


def bend(
    stage: Usd.Stage, path: str, degrees: dict[float, float] | float, tilt: float = 0.0, unit: float = 1.0
) -> None:
    """An animation that turns the elbow about Z, and the shoulder by ``tilt`` about Y; by time code, or for all."""
    motion = UsdSkel.Animation.Define(stage, path)
    motion.CreateJointsAttr(list(JOINTS))
    motion.CreateTranslationsAttr([tuple(step) for step in np.diff(PLACES / unit, axis=0, prepend=0)])
    motion.CreateScalesAttr([Gf.Vec3h(1, 1, 1)] * 3)
    turns = motion.CreateRotationsAttr()
    for time, angle in degrees.items() if isinstance(degrees, dict) else [(Usd.TimeCode.Default(), degrees)]:
        shoulder, elbow = Gf.Rotation((0, 1, 0), tilt), Gf.Rotation((0, 0, 1), angle)
        turns.Set([Gf.Quatf(turn.GetQuat()) for turn in (shoulder, elbow, Gf.Rotation((0, 0, 1), 0))], time)


def arm(
    file: Path,
    degrees: dict[float, float] | float | None = None,
    *,
    tilt: float = 0.0,
    unit: float = 1.0,
    rest: bool = True,
    name: str = "arm",
) -> Path:
    """An asset of one arm: straight when bound, bent by an animation; its mesh stands turned against the skeleton."""
    stage = Usd.Stage.CreateNew(str(file))
    UsdGeom.SetStageUpAxis(stage, UsdGeom.Tokens.z)
    UsdGeom.SetStageMetersPerUnit(stage, unit)
    root = UsdSkel.Root.Define(stage, f"/{name}")
    stage.SetDefaultPrim(root.GetPrim())
    skeleton = rig(stage, f"/{name}/skeleton", unit, rest)
    if degrees is not None:
        bend(stage, f"/{name}/motion", degrees, tilt, unit)
        UsdSkel.BindingAPI.Apply(skeleton.GetPrim()).CreateAnimationSourceRel().SetTargets([f"/{name}/motion"])
    skin(stage, f"/{name}/mesh", f"/{name}/skeleton", unit)
    stage.GetRootLayer().Save()
    return file


def weights(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """(V, 2): of shoulder and elbow, from one to the other over 0.2 m on either side of the elbow."""
    elbow = np.clip((points[:, 0] - 0.8) / 0.4, 0, 1)
    return np.stack([1 - elbow, elbow], axis=1)


def skin(stage: Usd.Stage, path: str, skeleton: str, unit: float) -> UsdGeom.Mesh:
    """The tube in a frame of its own, bound so that it lies around the bones."""
    points, counts, indices = tube()
    mesh = UsdGeom.Mesh.Define(stage, path)
    # What the mesh's own place says does not matter to where skinned points are, but they are written in its frame.
    mesh.AddTranslateOp().Set((0.3 / unit, -0.2 / unit, 0.1 / unit))
    mesh.AddRotateZOp().Set(35.0)
    base = Gf.Matrix4d(Gf.Rotation((0, 0, 1), -20), (0.05 / unit, 0.1 / unit, 0))
    inverse = np.linalg.inv(np.array(base))
    local = (points / unit) @ inverse[:3, :3] + inverse[3, :3]
    mesh.CreatePointsAttr(Vt.Vec3fArray.FromNumpy(local.astype(np.float32)))
    mesh.CreateFaceVertexCountsAttr(Vt.IntArray.FromNumpy(counts))
    mesh.CreateFaceVertexIndicesAttr(Vt.IntArray.FromNumpy(indices))
    mesh.CreateSubdivisionSchemeAttr(UsdGeom.Tokens.none)
    bound = UsdSkel.BindingAPI.Apply(mesh.GetPrim())
    bound.CreateSkeletonRel().SetTargets([skeleton])
    bound.CreateGeomBindTransformAttr(base)
    bound.CreateJointIndicesPrimvar(False, 2).Set(
        Vt.IntArray.FromNumpy(np.tile(np.array([0, 1], np.int32), len(points)))
    )
    bound.CreateJointWeightsPrimvar(False, 2).Set(
        Vt.FloatArray.FromNumpy(weights(points).reshape(-1).astype(np.float32))
    )
    return mesh


def joints_at(degrees: float, tilt: float = 0.0) -> NDArray[np.float64]:
    """(3, 3): where the joints are, by trigonometry: the elbow turns the lower arm, the shoulder all of it about Y."""
    turn = np.radians(degrees)
    straight = np.array([[0, 0, 0], [1, 0, 0], [1 + np.cos(turn), np.sin(turn), 0]])
    c, s = np.cos(np.radians(tilt)), np.sin(np.radians(tilt))
    return straight @ np.array([[c, 0, -s], [0, 1, 0], [s, 0, c]])


SIZE = (320, 240)
FOCAL = 24 / 20.955 * SIZE[0]


def spec(file: Path, randomize: Sequence[dict[str, Any]] = (), **fields: Any) -> dict[str, Any]:
    """The arm seen from above: the camera at (1, 0, 6) looks along -Z, x to the right and y up in the image."""
    item = {"from_usd": {"usd": str(file)}, "semantics": {"class": "arm"}, **fields}
    return {
        "name": "skeletons",
        "seed": 5,
        "create": {"arm": item, "eye": {"camera": {"position": [1, 0, 6], "rotation": [-90, -90, 0]}}},
        "triggers": [{"on_frame": {}, "randomize": list(randomize)}] if randomize else [],
        "render_products": [{"cameras": "eye", "resolution": list(SIZE), "name": "eye"}],
    }


def pixels(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """(N, 3): x, y [pixels] and depth [m] of points of the world through that camera."""
    depth = 6 - points[:, 2]
    x = SIZE[0] / 2 + FOCAL * (points[:, 0] - 1) / depth
    return np.stack([x, SIZE[1] / 2 - FOCAL * points[:, 1] / depth, depth], axis=1)


@pytest.fixture
def make_arm(tmp_path: Path) -> Callable[..., Path]:
    """An arm's file."""
    return lambda *args, **options: arm(tmp_path / f"{options.get('name', 'arm')}.usda", *args, **options)
