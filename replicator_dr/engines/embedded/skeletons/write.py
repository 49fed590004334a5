"""The poses of skeletons on the stage, as an animation of each frame's own, for scripts, exports and renderers."""

from __future__ import annotations

import numpy as np
from pxr import Usd, UsdSkel, Vt

from replicator_dr.engines.embedded.skeletons.clip import Clip
from replicator_dr.engines.embedded.skeletons.read import skeleton_of
from replicator_dr.errors import UnsupportedError
from replicator_dr.pool.usd_keypoints import POINTS, read_keypoints

NAME = "pose_of_the_frame"


def write_pose_at(prim: Usd.Prim, clip: Clip, time: float) -> None:
    """Bind a Skeleton to its pose at a time [s], and move its keypoints. UnsupportedError where it is in an instance.

    The pose is an animation's default value: it holds at whatever time the stage is looked at.
    """
    if prim.IsInstanceProxy():
        raise UnsupportedError(f"{prim.GetPath()}: stands in an instance, which cannot have a pose of its own")
    moved, turned, scaled = clip.parts(np.array(time))
    pose = UsdSkel.Animation.Define(prim.GetStage(), prim.GetPath().AppendChild(NAME))
    pose.CreateJointsAttr(UsdSkel.Skeleton(prim).GetJointsAttr().Get())
    pose.CreateTranslationsAttr(Vt.Vec3fArray.FromNumpy(np.ascontiguousarray(moved, np.float32)))
    pose.CreateRotationsAttr(Vt.QuatfArray.FromNumpy(np.ascontiguousarray(np.roll(turned, -1, axis=-1), np.float32)))
    pose.CreateScalesAttr(Vt.Vec3hArray.FromNumpy(np.ascontiguousarray(scaled, np.float16)))
    UsdSkel.BindingAPI.Apply(prim).CreateAnimationSourceRel().SetTargets([pose.GetPath()])
    held, skeleton = read_keypoints(prim), skeleton_of(prim)
    if held is not None and held.joints and skeleton is not None:
        places = clip.poses(np.array(time))[skeleton.rows(held.joints), 3, :3]
        prim.GetAttribute(POINTS).Set([tuple(place) for place in places.tolist()])
