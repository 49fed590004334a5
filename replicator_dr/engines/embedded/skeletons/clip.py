"""An animation of a skeleton, so that the poses of many times are worked out at once."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from pxr import Gf, Usd, UsdSkel

from replicator_dr.engines.embedded.skeletons.read import Skeleton
from replicator_dr.errors import AssetError, UnsupportedError

Float64 = NDArray[np.float64]

ALIKE = 1.0 - 1e-5
"""Cosine of half the angle between two turns from which on they are blended in a straight line, as OpenUSD does."""


@dataclass(frozen=True)
class Clip:
    """Joints, each in its parent's frame, at T times.

    parents: (J,) -1 for roots. times: (T,) [s] on the stage's time line, increasing. translations, scales: (T, J, 3).
    turns: (T, J, 4) unit quaternions w, x, y, z. held: whether nothing is blended between the times. digest: equal for
    equal clips.
    """

    parents: tuple[int, ...]
    times: Float64
    translations: Float64
    turns: Float64
    scales: Float64
    held: bool = False
    digest: bytes = field(init=False)

    def __post_init__(self) -> None:
        parts = (self.times, self.translations, self.turns, self.scales)
        whole = repr((self.parents, self.held)).encode() + b"".join(part.tobytes() for part in parts)
        object.__setattr__(self, "digest", hashlib.blake2b(whole, digest_size=16).digest())

    def parts(self, times: Float64) -> tuple[Float64, Float64, Float64]:
        """Translations (..., J, 3), turns (..., J, 4) and scales (..., J, 3) at times (...), held beyond the ends."""
        after = np.clip(np.searchsorted(self.times, times, side="right"), 1, max(len(self.times) - 1, 1))
        before, after = after - 1, np.minimum(after, len(self.times) - 1)
        span = self.times[after] - self.times[before]
        share = np.clip((times - self.times[before]) / np.where(span > 0, span, 1.0), 0.0, 1.0)
        if self.held:
            share = np.floor(share)
        u = share[..., None, None]
        moved, scaled = ((1 - u) * part[before] + u * part[after] for part in (self.translations, self.scales))
        return moved, slerp(self.turns[before], self.turns[after], u), scaled

    def poses(self, times: Float64) -> Float64:
        """(..., J, 4, 4): from each joint's frame to the skeleton's at times (...), for row vectors."""
        local = matrices(*self.parts(times))
        result = local.copy()
        for row, parent in levels(self.parents):
            result[..., row, :, :] = local[..., row, :, :] @ result[..., parent, :, :]
        return result


def read_clip(stage: Usd.Stage, skeleton: Skeleton) -> Clip:
    """The animation that is bound to a skeleton.

    AssetError where there is none with time samples or the joints have no rest pose to start from, UnsupportedError
    where it changes blend shapes.
    """
    query = skeleton.query.GetAnimQuery()
    codes = query.GetJointTransformTimeSamples() if query else []
    if not codes:
        raise AssetError(f"{skeleton.path}: no animation with time samples is bound to it, so there is no time to draw")
    if query.BlendShapeWeightsMightBeTimeVarying():
        raise UnsupportedError(
            f"{query.GetPrim().GetPath()}: changes blend shapes from time to time, which vary with the stage alone; "
            "keep their weights the same, or leave the animation at its first pose"
        )
    rest = _rest(skeleton)
    rows = {name: row for row, name in enumerate(skeleton.joints)}
    own = [(rows[str(name)], place) for place, name in enumerate(query.GetJointOrder()) if str(name) in rows]
    there, here = np.array(own, np.int64).reshape(-1, 2).T
    parts = [np.repeat(part[None], len(codes), axis=0) for part in rest]
    for number, code in enumerate(codes):
        for part, values in zip(parts, query.ComputeJointLocalTransformComponents(Usd.TimeCode(code)), strict=True):
            part[number, there] = _numbers(values)[here]
    translations, turns, scales = parts
    turns = turns / np.maximum(np.linalg.norm(turns, axis=-1, keepdims=True), 1e-12)
    held = stage.GetInterpolationType() == Usd.InterpolationTypeHeld
    times = np.array(codes, np.float64) / stage.GetTimeCodesPerSecond()
    return Clip(skeleton.parents, times, translations, turns, scales, bool(held))


def _rest(skeleton: Skeleton) -> tuple[Float64, Float64, Float64]:
    """Translations (J, 3), turns (J, 4) and scales (J, 3) of joints that an animation leaves alone."""
    if not skeleton.query.HasRestPose():
        count = len(skeleton.joints)
        return np.zeros((count, 3)), np.tile([1.0, 0, 0, 0], (count, 1)), np.ones((count, 3))
    local = skeleton.query.ComputeJointLocalTransforms(Usd.TimeCode.Default(), True)
    translations, turns, scales = UsdSkel.DecomposeTransforms(local)
    return _numbers(translations), _numbers(turns), _numbers(scales)


def _numbers(values: Sequence[object]) -> Float64:
    """Vectors (N, 3), or quaternions (N, 4) as w, x, y, z."""
    found = [(value.GetReal(), *value.GetImaginary()) if isinstance(value, Gf.Quatf) else value for value in values]
    return np.array(found, np.float64)


def slerp(first: Float64, second: Float64, share: Float64) -> Float64:
    """Unit quaternions (..., 4) between two, the shorter way around.

    K. Shoemake, "Animating rotation with quaternion curves", SIGGRAPH 1985.
    """
    cosine = np.sum(first * second, axis=-1, keepdims=True)
    second = np.where(cosine < 0, -second, second)
    cosine = np.abs(cosine)
    angle = np.arccos(np.minimum(cosine, 1.0))
    sine = np.where(cosine > ALIKE, 1.0, np.sin(angle))
    a = np.where(cosine > ALIKE, 1 - share, np.sin((1 - share) * angle) / sine)
    b = np.where(cosine > ALIKE, share, np.sin(share * angle) / sine)
    blend = a * first + b * second
    return np.asarray(blend / np.linalg.norm(blend, axis=-1, keepdims=True))


def matrices(translations: Float64, turns: Float64, scales: Float64) -> Float64:
    """(..., 4, 4) for row vectors: scaled, then turned, then moved, as ``UsdSkelMakeTransform`` does."""
    w, x, y, z = np.moveaxis(turns, -1, 0)
    rows = [
        [1 - 2 * (y * y + z * z), 2 * (x * y + z * w), 2 * (x * z - y * w)],
        [2 * (x * y - z * w), 1 - 2 * (x * x + z * z), 2 * (y * z + x * w)],
        [2 * (x * z + y * w), 2 * (y * z - x * w), 1 - 2 * (x * x + y * y)],
    ]
    result = np.zeros((*turns.shape[:-1], 4, 4))
    result[..., :3, :3] = np.moveaxis(np.array(rows), (0, 1), (-2, -1)) * scales[..., None]
    result[..., 3, :3] = translations
    result[..., 3, 3] = 1.0
    return result


def levels(parents: Sequence[int]) -> list[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Joints and their parents, generation by generation from the roots' children on; parents come before children."""
    depth = np.zeros(len(parents), np.int64)
    for row, parent in enumerate(parents):
        depth[row] = 0 if parent < 0 else depth[parent] + 1
    above = np.array(parents, np.int64)
    found = [np.flatnonzero(depth == level) for level in range(1, int(depth.max(initial=0)) + 1)]
    return [(rows, above[rows]) for rows in found]
