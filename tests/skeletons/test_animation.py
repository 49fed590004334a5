"""The randomizer ``animation``: poses at drawn times, against UsdSkel, trigonometry, and assets that stand so."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from pxr import Gf, Sdf, Usd, UsdSkel
from scipy import stats

from replicator_dr import build_graph
from replicator_dr.engines.embedded.loop.sampler import packed, unpacked
from replicator_dr.engines.embedded.loop.shared_batch import labelled
from replicator_dr.engines.embedded.scene.entity_boxes import entity_boxes
from replicator_dr.engines.embedded.scene.rigid_objects import rigid_objects
from replicator_dr.engines.embedded.skeletons.clip import read_clip
from replicator_dr.engines.embedded.skeletons.read import skeletons_below
from replicator_dr.errors import AssetError, EngineError, UnsupportedError
from replicator_dr.graph import Graph
from replicator_dr.pool.usd_keypoints import write_keypoints
from replicator_dr.render.shapes import moved_meshes
from tests.skeletons.conftest import FOCAL, SIZE, joints_at, pixels, spec
from tests.skeletons.test_keypoints import places
from tests.skeletons.test_pose import skinned

MakeArm = Callable[..., Path]
SWING = {0.0: -60.0, 24.0: 0.0, 48.0: 80.0}
"""Degrees of the elbow by time code, 24 to the second."""


def degrees(seconds: NDArray[np.float64] | float) -> NDArray[np.float64]:
    """Between two turns about one axis the angle goes evenly."""
    return np.interp(np.asarray(seconds) * 24, list(SWING), list(SWING.values()))


def animated(file: Path, **fields: Any) -> dict[str, Any]:
    return spec(file, [{"animation": {"prims": "arm", **fields}}])


def drawn(graph: Graph, frame: int) -> NDArray[np.float64]:
    """The corners of all triangles of the first part in a frame, in the mesh's frame."""
    scene, shapes = graph.scene.arrays, graph.sample([frame]).arrays.deform
    (mesh,) = moved_meshes(scene.deform, shapes, np.array([0]), [scene.meshes[scene.part_mesh[0]]])
    return mesh.points[mesh.triangles].reshape(-1, 3).astype(np.float64)


@pytest.mark.parametrize("seconds", [0.0, 0.3, 1.0, 1.7, 2.0])
def test_vertices_are_those_of_usdskel(make_arm: MakeArm, seconds: float) -> None:
    file = make_arm(SWING, tilt=20)
    with build_graph(animated(file, time=seconds), device="cpu") as graph:
        found, state = drawn(graph, 0), graph.sample([0])
    world = state.arrays.world[0, 0]
    expected = skinned(file, Usd.TimeCode(24 * seconds))
    np.testing.assert_allclose(found @ world[:3, :3] + world[3, :3], expected, atol=2e-6)


def test_times_beyond_the_animation_are_held_at_its_ends(make_arm: MakeArm) -> None:
    stage = Usd.Stage.Open(str(make_arm(SWING)))
    (skeleton,) = skeletons_below(stage.GetPrimAtPath("/arm"))
    clip = read_clip(stage, skeleton)
    for seconds, elbow in ((-3.0, -60.0), (0.5, -30.0), (9.0, 80.0)):
        found = clip.poses(np.array([[seconds]]))[0, 0]
        np.testing.assert_allclose(found[:, 3, :3], joints_at(elbow), atol=1e-6)


def test_clips_agree_with_usdskel_in_all_that_joints_can_do(tmp_path: Path) -> None:
    """Random turns, places and scales, joints that the animation leaves at rest, joints in another order."""
    rng = np.random.default_rng(3)
    stage = Usd.Stage.CreateNew(str(tmp_path / "tree.usda"))
    UsdSkel.Root.Define(stage, "/tree")
    skeleton = UsdSkel.Skeleton.Define(stage, "/tree/skeleton")
    names = ["a", "a/b", "a/b/c", "a/d", "a/d/e", "f"]
    skeleton.CreateJointsAttr(names)

    def turn() -> Gf.Quatf:
        return Gf.Quatf(*rng.normal(size=4).tolist()).GetNormalized()

    rest = [Gf.Matrix4d(Gf.Rotation(turn()), Gf.Vec3d(*rng.normal(size=3))) for _ in names]
    skeleton.CreateRestTransformsAttr(rest)
    skeleton.CreateBindTransformsAttr([Gf.Matrix4d(1)] * len(names))
    motion = UsdSkel.Animation.Define(stage, "/tree/motion")
    moving = ["a/d/e", "a", "f", "a/b/c"]
    motion.CreateJointsAttr(moving)
    for code in (0, 7, 10):
        motion.CreateRotationsAttr().Set([turn() for _ in moving], code)
        motion.CreateScalesAttr().Set([Gf.Vec3h(*rng.uniform(0.5, 2, 3).tolist()) for _ in moving], code)
    for code in (0, 10):
        motion.CreateTranslationsAttr().Set([Gf.Vec3f(*rng.normal(size=3).tolist()) for _ in moving], code)
    UsdSkel.BindingAPI.Apply(skeleton.GetPrim()).CreateAnimationSourceRel().SetTargets(["/tree/motion"])
    (found,) = skeletons_below(stage.GetPrimAtPath("/tree"))
    clip = read_clip(stage, found)
    codes = np.array([0, 1.5, 3, 6.9, 7, 8.5, 10])
    poses = clip.poses(codes / 24)
    for code, pose in zip(codes, poses, strict=True):
        expected = np.array(found.query.ComputeJointSkelTransforms(Usd.TimeCode(code)))
        # USD blends scales in half precision.
        np.testing.assert_allclose(pose, expected, atol=0.02, rtol=0.005)
    for code in (0, 7, 10):
        expected = np.array(found.query.ComputeJointSkelTransforms(Usd.TimeCode(code)))
        np.testing.assert_allclose(clip.poses(np.array(code / 24)), expected, atol=2e-5 if code != 7 else 2e-3)
    stage.SetInterpolationType(Usd.InterpolationTypeHeld)
    held = read_clip(stage, found)
    for code in (3, 8.5, 10):
        expected = np.array(found.query.ComputeJointSkelTransforms(Usd.TimeCode(code)))
        np.testing.assert_allclose(held.poses(np.array(code / 24)), expected, atol=2e-5)


def test_images_and_labels_are_those_of_an_asset_in_that_pose(tmp_path: Path, make_arm: MakeArm) -> None:
    wanted = ("keypoints", "instance_segmentation", "distance_to_image_plane", "bounding_box_3d", "normals")
    with build_graph(animated(make_arm(SWING), time=1.5), device="cpu") as graph:
        moving = graph.preview(0, wanted)["eye"]
    with build_graph(spec(make_arm(float(degrees(1.5)), name="still")), device="cpu") as graph:
        still = graph.preview(0, wanted)["eye"]
    np.testing.assert_allclose(places(moving["keypoints"]["data"]), places(still["keypoints"]["data"]), atol=1e-3)
    assert moving["keypoints"]["keypointSets"] == still["keypoints"]["keypointSets"]
    for name in ("visibility", "keypoint"):
        assert moving["keypoints"]["data"][name].tolist() == still["keypoints"]["data"][name].tolist()
    masks = [np.asarray(one["instance_segmentation"]["data"]) > 1 for one in (moving, still)]
    assert (masks[0] != masks[1]).sum() <= 3
    assert masks[0].sum() > 1000
    both = masks[0] & masks[1]
    depths = [np.asarray(one["distance_to_image_plane"]["data"])[both] for one in (moving, still)]
    np.testing.assert_allclose(*depths, atol=1e-4)
    normals = [np.asarray(one["normals"]["data"])[both][:, :3] for one in (moving, still)]
    assert np.quantile(np.abs(normals[0] - normals[1]), 0.99) < 1e-2
    boxes = [one["bounding_box_3d"]["data"] for one in (moving, still)]
    for name in ("x_min", "y_min", "z_min", "x_max", "y_max", "z_max"):
        np.testing.assert_allclose(boxes[0][name], boxes[1][name], atol=1e-5)


def test_each_copy_draws_for_itself_and_says_so(make_arm: MakeArm) -> None:
    given = animated(make_arm(SWING))
    given["create"]["arm"]["from_usd"]["count"] = 3
    with build_graph(given, device="cpu") as graph:
        state = graph.sample(range(600))
        (name,) = [name for name in state.draws if name.endswith("animation.time")] or [None]
    assert name is not None
    times = state.draws[name][..., 0]
    assert times.shape == (600, 3)
    for copy in range(3):
        assert stats.kstest(times[:, copy], "uniform", (0, 2)).pvalue > 1e-4
    assert abs(np.corrcoef(times.T)[0, 1]) < 0.15
    held = state.keypoint_world.reshape(600, 3, 3, 4, 4)[..., 3, :3]
    for copy in range(3):
        expected = np.array([joints_at(float(angle)) for angle in degrees(times[:20, copy])])
        np.testing.assert_allclose(held[:20, copy], expected, atol=1e-5)


def test_points_on_a_skeleton_and_one_tolerance_for_all_joints(make_arm: MakeArm) -> None:
    """As a stage may say it by hand: one joint, no tolerance of its own, and a marker at the skeleton's origin."""
    file = make_arm(SWING)
    stage = Usd.Stage.Open(str(file))
    prim = stage.GetPrimAtPath("/arm/skeleton")
    write_keypoints(prim, {"hand": [0, 0, 0]}, [("hand", "base")], 0.5)
    prim.CreateAttribute("keypoints:joints", Sdf.ValueTypeNames.TokenArray).Set(["shoulder/elbow/wrist"])
    prim.CreateAttribute("keypoint:name", Sdf.ValueTypeNames.Token).Set("base")
    stage.GetRootLayer().Save()
    for given, angle in ((animated(file, time=1.5), float(degrees(1.5))), (spec(file), -60.0)):
        with build_graph(given, device="cpu") as graph:
            found = graph.preview(0, ("keypoints",))["eye"]["keypoints"]
            tables = graph.scene.keypoints
        assert found["keypointSets"] == [{"names": ["hand", "base"], "skeleton": [[0, 1]]}]
        np.testing.assert_allclose(places(found["data"]), pixels(joints_at(angle)[[2, 0]]), atol=2e-3)
        assert tables.tolerance.tolist() == [0.5, 0.5]


def test_the_width_of_a_batch_changes_nothing(make_arm: MakeArm) -> None:
    wanted = ("keypoints", "instance_segmentation", "distance_to_image_plane")
    with build_graph(animated(make_arm(SWING)), device="cpu") as graph:
        (whole,) = graph.frames(4, annotators=wanted, batch=4)
        alone = list(graph.frames(4, annotators=wanted, batch=1))
    for frame, one in enumerate(alone):
        for name in wanted:
            np.testing.assert_array_equal(np.asarray(one["eye"][name][0]), np.asarray(whole["eye"][name][frame]))
    spread = [table["x"][-1] for table in whole["eye"]["keypoints"]]
    assert np.ptp(spread) > 5


def test_joints_project_onto_the_limb_in_every_frame(make_arm: MakeArm) -> None:
    with build_graph(animated(make_arm(SWING)), device="cpu") as graph:
        (batch,) = graph.frames(8, annotators=("keypoints", "instance_segmentation"), batch=8)
        times = next(v for k, v in graph.sample(range(8)).draws.items() if k.endswith("animation.time"))[:, 0, 0]
    for frame in range(8):
        table = batch["eye"]["keypoints"][frame]
        np.testing.assert_allclose(places(table), pixels(joints_at(float(degrees(times[frame])))), atol=2e-3)
        mask = np.asarray(batch["eye"]["instance_segmentation"][frame]) > 1
        # Halfway along each bone the limb is drawn, and one width beside it nothing is.
        at = places(table)[:, :2]
        for a, b in ((0, 1), (1, 2)):
            middle, along = 0.5 * (at[a] + at[b]), at[b] - at[a]
            aside = np.array([-along[1], along[0]]) / np.linalg.norm(along) * 2 * 0.15 * FOCAL / 6
            assert mask[tuple(middle.astype(int)[::-1])]
            assert not mask[tuple((middle + aside).astype(int)[::-1])]
            assert not mask[tuple((middle - aside).astype(int)[::-1])]


def test_flow_of_the_forearm_is_that_of_a_turn_about_the_elbow(make_arm: MakeArm) -> None:
    given = animated(make_arm(SWING), time={"sequence": [1.2, 1.3, 1.4]})
    with build_graph(given, device="cpu") as graph:
        found = next(iter(graph.frames(1, annotators=("optical_flow", "distance_to_image_plane"), batch=1)))["eye"]
    flow, depth = np.asarray(found["optical_flow"][0]), np.asarray(found["distance_to_image_plane"][0])
    y, x = np.nonzero(np.isfinite(depth) & np.isfinite(flow[..., 0]))
    z = depth[y, x].astype(np.float64)
    points = np.stack([1 + (x + 0.5 - SIZE[0] / 2) * z / FOCAL, -(y + 0.5 - SIZE[1] / 2) * z / FOCAL, 6 - z], axis=1)
    first, second = np.radians(degrees(1.2)), np.radians(degrees(1.3))
    c, s = np.cos(first), np.sin(first)
    along = (points - [1, 0, 0]) @ np.array([c, s, 0])
    forearm = (along > 0.25) & (along < 0.95)
    c, s = np.cos(second - first), np.sin(second - first)
    moved = (points - [1, 0, 0]) @ np.array([[c, s, 0], [-s, c, 0], [0, 0, 1]]) + [1, 0, 0]
    expected = pixels(moved)[:, :2] - np.stack([x + 0.5, y + 0.5], axis=1)
    assert forearm.sum() > 200
    assert np.linalg.norm(expected[forearm], axis=1).max() > 4
    np.testing.assert_allclose(flow[y, x][forearm], expected[forearm], atol=0.02)


def test_a_step_writes_the_pose_to_the_stage(make_arm: MakeArm) -> None:
    with build_graph(animated(make_arm(SWING), time=1.7), device="cpu") as graph:
        graph.step()
        prim = graph.stage.GetPrimAtPath("/Replicator/arm/Ref")
        (skeleton,) = skeletons_below(prim)
        shown = np.array(skeleton.query.ComputeJointSkelTransforms(Usd.TimeCode.Default()))[:, 3, :3]
        later = np.array(skeleton.query.ComputeJointSkelTransforms(Usd.TimeCode(5)))[:, 3, :3]
    np.testing.assert_allclose(shown, joints_at(float(degrees(1.7))), atol=1e-5)
    np.testing.assert_array_equal(shown, later)


def test_what_is_placed_rests_on_the_shape_of_the_frame(make_arm: MakeArm) -> None:
    """The arm's animation lifts and lowers its forearm: its lowest point comes to the floor in every frame."""
    file = make_arm(SWING)
    stage = Usd.Stage.Open(str(file))
    motion = UsdSkel.Animation(stage.GetPrimAtPath("/arm/motion"))
    for code, angle in SWING.items():
        elbow = Gf.Quatf(Gf.Rotation((0, 1, 0), angle).GetQuat())
        motion.GetRotationsAttr().Set([Gf.Quatf(1), elbow, Gf.Quatf(1)], code)
    stage.GetRootLayer().Save()
    given = animated(file)
    given["create"]["floor"] = {"plane": {"scale": 20}}
    entry = {"scatter_2d": {"prims": "arm", "surface_prims": "floor", "check_for_collisions": True}}
    given["triggers"][0]["randomize"].append(entry)
    with build_graph(given, device="cpu") as graph:
        scene = graph.scene.arrays
        part = int(np.flatnonzero(scene.deform.part_body >= 0)[0])
        state = graph.sample(range(5))
        lowest = []
        for frame in range(5):
            shapes = state.arrays.deform[slice(frame, frame + 1)]
            (mesh,) = moved_meshes(scene.deform, shapes, np.array([part]), [scene.meshes[scene.part_mesh[part]]])
            world = state.arrays.world[frame, scene.part_transform[part]]
            lowest.append(float((mesh.points @ world[:3, :3] + world[3, :3])[:, 2].min()))
        heights = state.entity_world[:, 0, 3, 2]
    np.testing.assert_allclose(lowest, 0, atol=1e-4)
    assert np.ptp(heights) > 0.1


def test_other_processes_sample_and_label_alike(make_arm: MakeArm) -> None:
    """What they are sent has neither stage nor meshes."""
    frames = np.array([5, 0, 11])
    with build_graph(animated(make_arm(SWING)), device="cpu") as graph:
        session: Any = graph._session
        state = graph.sample(frames.tolist())
        there = unpacked(packed(session.runtime.sampler()))(frames)
        np.testing.assert_array_equal(there.arrays.deform.matrices, state.arrays.deform.matrices)
        np.testing.assert_array_equal(there.keypoint_world, state.keypoint_world)
        boxes = entity_boxes(labelled(graph.scene), state)
        np.testing.assert_array_equal(boxes, entity_boxes(graph.scene, state))
        world = state.arrays.world[:, 0]
        for row, frame in enumerate(frames):
            points = drawn(graph, int(frame)) @ world[row, :3, :3] + world[row, 3, :3]
            np.testing.assert_allclose(boxes[row, 0], [points.min(axis=0), points.max(axis=0)], atol=1e-5)


def test_what_cannot_be_is_refused_by_name(make_arm: MakeArm) -> None:
    def fails(file: Path, error: type[Exception], match: str, *further: dict[str, Any]) -> None:
        given = animated(file)
        given["triggers"][0]["randomize"] += further
        with pytest.raises(error, match=match), build_graph(given, device="cpu") as graph:
            graph.sample([0])

    still = make_arm(30.0, name="still")
    fails(still, AssetError, "skeleton: no animation with time samples is bound to it")
    fails(
        make_arm(SWING),
        EngineError,
        "joints move it, so it cannot be deformed",
        {"deform": {"prims": "arm", "twist": 9}},
    )
    file = make_arm(SWING, name="dual")
    stage = Usd.Stage.Open(str(file))
    UsdSkel.BindingAPI(stage.GetPrimAtPath("/dual/mesh")).CreateSkinningMethodAttr("dualQuaternion")
    stage.GetRootLayer().Save()
    fails(file, UnsupportedError, "blends joints by 'dualQuaternion'; to vary its pose, set skinningMethod")
    file = make_arm(SWING, name="face")
    stage = Usd.Stage.Open(str(file))
    motion = UsdSkel.Animation(stage.GetPrimAtPath("/face/motion"))
    motion.CreateBlendShapesAttr(["smile"])
    for code in (0, 10):
        motion.CreateBlendShapeWeightsAttr().Set([code / 10], code)
    stage.GetRootLayer().Save()
    fails(file, UnsupportedError, "changes blend shapes from time to time")
    with build_graph(animated(make_arm(SWING, name="model")), device="cpu") as graph:
        session: Any = graph._session
        with pytest.raises(UnsupportedError, match="arm is moved by joints from frame to frame: it has no model"):
            rigid_objects(session.runtime)
    near = {"camera_clear": {"cameras": "eye", "at_least": 0.1}}
    given = {**animated(make_arm(SWING, name="near")), "require": [near]}
    with pytest.raises(UnsupportedError, match="moved by joints"), build_graph(given, device="cpu") as graph:
        graph.sample([0])
    given = animated(still)
    given["create"]["arm"] = {"cube": {}, "semantics": {"class": "arm"}}
    with (
        pytest.raises(AssetError, match="holds no Skeleton within a SkelRoot"),
        build_graph(given, device="cpu") as graph,
    ):
        graph.sample([0])


def test_without_it_an_asset_stands_in_its_first_pose_and_nothing_is_made_anew(make_arm: MakeArm) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with build_graph(spec(make_arm(SWING)), device="cpu") as graph:
            state = graph.sample([0])
            assert graph.scene.arrays.deform is None
            assert state.arrays.deform is None
            assert all(mesh.skin is None for mesh in graph.scene.arrays.meshes)
            table = graph.preview(0, ("keypoints",))["eye"]["keypoints"]["data"]
    np.testing.assert_allclose(places(table), pixels(joints_at(-60)), atol=2e-3)


@pytest.mark.parametrize("mode", ["raster", "path_traced"])
def test_both_renderers_show_the_skinned_surface(make_arm: MakeArm, mode: str) -> None:
    pictures = []
    for given in (animated(make_arm(SWING), time=1.5), spec(make_arm(float(degrees(1.5)), name="still"))):
        given["create"]["sun"] = {"light": {"light_type": "distant", "intensity": 3000, "rotation": [0, 30, 0]}}
        given["renderer"] = {"mode": mode, **({"samples_per_pixel": 16} if mode == "path_traced" else {})}
        with build_graph(given, device="cpu") as graph:
            pictures.append(np.asarray(graph.preview(0, ("rgb",))["eye"]["rgb"]["data"]).astype(int)[..., :3])
    apart = np.abs(pictures[0] - pictures[1]).max(axis=-1)
    assert pictures[0].max() > 60
    assert np.quantile(apart, 0.995) <= 3
