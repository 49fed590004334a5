"""Point instancers: every instance is a part of its own, named, placed and labelled as if it stood on the stage."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from pxr import Gf, Sdf, Usd, UsdGeom, UsdSemantics, UsdShade

from replicator_dr.engines.embedded.api import create, distribution, get, modify, randomizer, trigger
from replicator_dr.engines.embedded.loop.pipeline import stream
from replicator_dr.engines.embedded.runtime import Runtime
from replicator_dr.errors import AssetError

PATH = "/World/Field"


def label(prim: Usd.Prim, value: str) -> None:
    UsdSemantics.LabelsAPI.Apply(prim, "class").CreateLabelsAttr([value])


def prototype(stage: Usd.Stage, path: str, size: float = 1.0) -> Usd.Prim:
    """An Xform with a cube of this edge below it, 1 above its origin."""
    UsdGeom.Xform.Define(stage, path)
    cube = UsdGeom.Cube.Define(stage, f"{path}/Body")
    cube.CreateSizeAttr(size)
    cube.AddTranslateOp().Set((0, 0, 1))
    return stage.GetPrimAtPath(path)


def instancer(
    stage: Usd.Stage, rows: Sequence[int], positions: Sequence[Sequence[float]], prototypes: Sequence[str] = ("A", "B"),
    path: str = PATH, **attributes: Any,
) -> UsdGeom.PointInstancer:  # fmt: skip
    """A point instancer with its prototypes below it."""
    made = UsdGeom.PointInstancer.Define(stage, path)
    for name in prototypes:
        target = name if name.startswith("/") else f"{path}/{name}"
        if not stage.GetPrimAtPath(target):
            prototype(stage, target)
        made.CreatePrototypesRel().AddTarget(target)
    made.CreateProtoIndicesAttr(list(rows))
    made.CreatePositionsAttr([Gf.Vec3f(*map(float, position)) for position in positions])
    for name, value in attributes.items():
        made.GetPrim().GetAttribute(name).Set(value)
    return made


def worlds(runtime: Runtime, frames: int = 1) -> np.ndarray:
    """(B, P, 4, 4): the world matrix of each part."""
    world = runtime.evaluate(np.arange(frames)).arrays.world
    return world[:, runtime.scene().arrays.part_transform]


def test_instances_are_parts_with_names_of_their_own(runtime: Runtime) -> None:
    instancer(runtime.stage, [0, 1, 0], [(0, 0, 0), (5, 0, 0), (0, 7, 0)])
    scene = runtime.scene()
    assert scene.labels.prim_paths == tuple(f"{PATH}/{name}/Body" for name in ("A_0", "B_1", "A_2"))
    assert len(scene.arrays.meshes) == 1
    assert np.allclose(worlds(runtime)[0, :, 3, :3], [(0, 0, 1), (5, 0, 1), (0, 7, 1)])


def test_matrices_are_those_of_usd(runtime: Runtime) -> None:
    """Against Gf's own composition: scale, then orientation, then position, after the prototype's own transform."""
    rng = np.random.default_rng(4)
    count = 20
    turns = [Gf.Rotation(Gf.Vec3d(*rng.normal(size=3)), float(rng.uniform(0, 360))) for _ in range(count)]
    positions, scales = rng.normal(size=(count, 3)), rng.uniform(0.5, 2, (count, 3))
    made = instancer(
        runtime.stage, [0] * count, positions.tolist(), ["A"], scales=[Gf.Vec3f(*map(float, s)) for s in scales],
        orientations=[Gf.Quath(turn.GetQuat()) for turn in turns],
    )  # fmt: skip
    UsdGeom.Xformable(runtime.stage.GetPrimAtPath(f"{PATH}/A")).AddRotateZOp().Set(30.0)
    made.AddTranslateOp().Set((0, 0, 10))
    for row, world in enumerate(worlds(runtime)[0]):
        expected = (
            Gf.Matrix4d().SetTranslate(Gf.Vec3d(0, 0, 1))
            * Gf.Matrix4d().SetRotate(Gf.Rotation(Gf.Vec3d(0, 0, 1), 30))
            * Gf.Matrix4d().SetScale(Gf.Vec3d(*map(float, scales[row])))
            * Gf.Matrix4d().SetRotate(turns[row])
            * Gf.Matrix4d().SetTranslate(Gf.Vec3d(*map(float, positions[row])))
            * Gf.Matrix4d().SetTranslate(Gf.Vec3d(0, 0, 10))
        )
        # Orientations have half precision.
        assert np.allclose(world, np.array(expected), atol=5e-3)


def test_inactive_and_invisible_ids_leave_the_names_of_the_others(runtime: Runtime) -> None:
    made = instancer(runtime.stage, [0, 0, 0, 1], [(i, 0, 0) for i in range(4)])
    made.CreateIdsAttr([70, 80, 90, 100])
    made.InvisIds([80], Usd.TimeCode.Default())
    made.DeactivateIds([90])
    assert runtime.scene().labels.prim_paths == (f"{PATH}/A_0/Body", f"{PATH}/B_3/Body")
    assert worlds(runtime)[0, :, 3, 0].tolist() == [0, 3]


def test_labels_are_those_of_instanceable_prims(runtime: Runtime) -> None:
    made = instancer(runtime.stage, [0, 1], [(0, 0, 0), (5, 0, 0)])
    label(made.GetPrim(), "field")
    label(runtime.stage.GetPrimAtPath(f"{PATH}/A"), "bush")
    scene = runtime.scene()
    # B is not labelled: its instance belongs to the instancer. The prototypes themselves are nowhere.
    assert scene.labels.entity_paths == (PATH, f"{PATH}/A_0")
    assert scene.arrays.part_entity.tolist() == [1, 0]
    state = runtime.evaluate(np.zeros(1, np.int64))
    sets = [scene.labels.label_sets[row] for row in state.entity_labels[0]]
    assert sets == [{"class": "field"}, {"class": "bush,field"}]
    assert np.allclose(scene.labels.entity_bounds[1], [[-0.5, -0.5, 0.5], [0.5, 0.5, 1.5]])
    assert np.allclose(scene.labels.entity_bounds[0], [[-0.5, -0.5, 0.5], [5.5, 0.5, 1.5]])


def test_labels_of_prototypes_vary(runtime: Runtime) -> None:
    instancer(runtime.stage, [0, 0], [(0, 0, 0), (5, 0, 0)], ["A"])
    with trigger.on_frame(), get.prim_at_path(f"{PATH}/A"):
        modify.semantics(distribution.sequence([{"class": "ripe"}, {"class": "raw"}]), mode="replace")
    scene, state = runtime.scene(), runtime.evaluate(np.arange(2))
    assert scene.labels.entity_paths == (f"{PATH}/A_0", f"{PATH}/A_1")
    sets = [[scene.labels.label_sets[row]["class"] for row in frame] for frame in state.entity_labels]
    assert sets == [["ripe", "ripe"], ["raw", "raw"]]


def test_poses_and_visibility_above_move_and_hide_the_instances(runtime: Runtime) -> None:
    made = instancer(runtime.stage, [0, 1], [(0, 0, 0), (5, 0, 0)])
    label(runtime.stage.GetPrimAtPath(f"{PATH}/A"), "bush")
    with trigger.on_frame():
        with get.prim_at_path(str(made.GetPath())):
            modify.pose(position=distribution.sequence([(0, 0, 0), (0, 0, 3)]), rotation=(0, 0, 90))
        with get.prim_at_path(f"{PATH}/B"):
            modify.visibility(distribution.sequence([True, False]))
    state = runtime.evaluate(np.arange(2))
    assert np.allclose(worlds(runtime, 2)[:, 1, 3, :3], [(0, 5, 1), (0, 5, 4)])
    assert np.allclose(state.entity_world[:, 0, 3, :3], [(0, 0, 0), (0, 0, 3)])
    assert state.arrays.part_visible.tolist() == [[True, True], [True, False]]


def test_hidden_prims_of_a_prototype(runtime: Runtime) -> None:
    made = instancer(runtime.stage, [0, 1], [(0, 0, 0), (5, 0, 0)])
    UsdGeom.Imageable(runtime.stage.GetPrimAtPath(f"{PATH}/A/Body")).MakeInvisible()
    assert runtime.evaluate(np.zeros(1, np.int64)).arrays.part_visible.tolist() == [[False, True]]
    made.MakeInvisible()
    assert not runtime.evaluate(np.zeros(1, np.int64)).arrays.part_visible.any()
    made.MakeVisible()
    UsdGeom.Imageable(made).CreatePurposeAttr("proxy")
    assert runtime.scene().labels.prim_paths == ()


def test_materials_of_prototypes_and_of_the_graph(runtime: Runtime) -> None:
    instancer(runtime.stage, [0, 1], [(0, 0, 0), (5, 0, 0)])
    red = UsdShade.Material.Define(runtime.stage, f"{PATH}/Looks/Red")
    shader = UsdShade.Shader.Define(runtime.stage, f"{PATH}/Looks/Red/Surface")
    shader.CreateIdAttr("UsdPreviewSurface")
    shader.CreateInput("diffuseColor", Sdf.ValueTypeNames.Color3f).Set((1, 0, 0))
    red.CreateSurfaceOutput().ConnectToSource(shader.ConnectableAPI(), "surface")
    UsdShade.MaterialBindingAPI.Apply(runtime.stage.GetPrimAtPath(f"{PATH}/A")).Bind(red)
    UsdGeom.Gprim(runtime.stage.GetPrimAtPath(f"{PATH}/B/Body")).CreateDisplayColorAttr([(0, 0, 1)])

    def colors() -> list[list[float]]:
        arrays = runtime.evaluate(np.zeros(1, np.int64)).arrays
        return arrays.materials.base_color[0, arrays.part_material[0]].tolist()

    assert colors() == [[1, 0, 0], [0, 0, 1]]
    with trigger.on_frame(), get.prim_at_path(f"{PATH}/B"):
        randomizer.materials(create.material_omnipbr(diffuse=(0, 1, 0)))
    assert colors() == [[1, 0, 0], [0, 1, 0]]


@pytest.mark.parametrize("kind", ["over", "class"])
def test_prototypes_that_stand_outside_the_scene(runtime: Runtime, kind: str) -> None:
    stage = runtime.stage
    prototype(stage, "/Prototypes/A")
    look = UsdShade.Material.Define(stage, "/Prototypes/Look")
    UsdShade.Shader.Define(stage, "/Prototypes/Look/Surface").CreateIdAttr("UsdPreviewSurface")
    UsdShade.MaterialBindingAPI.Apply(stage.GetPrimAtPath("/Prototypes/A")).Bind(look)
    specifier = {"over": Sdf.SpecifierOver, "class": Sdf.SpecifierClass}[kind]
    stage.GetRootLayer().GetPrimAtPath("/Prototypes").specifier = specifier
    made = instancer(stage, [0], [(3, 0, 0)], ["/Prototypes/A"])
    label(made.GetPrim(), "field")
    scene = runtime.scene()
    assert scene.labels.prim_paths == (f"{PATH}/A_0/Body",)
    assert np.allclose(scene.labels.entity_bounds[0], [[2.5, -0.5, 0.5], [3.5, 0.5, 1.5]])
    assert runtime.evaluate(np.zeros(1, np.int64)).arrays.part_material[0, 0] > 0


def test_instancers_within_prototypes(runtime: Runtime) -> None:
    instancer(runtime.stage, [0, 0], [(0, 0, 0), (1, 0, 0)], ["Leaf"], path=f"{PATH}/Tree")
    instancer(runtime.stage, [0, 0], [(0, 0, 0), (0, 10, 0)], [f"{PATH}/Tree"])
    names = [f"{PATH}/Tree_{i}/Leaf_{j}/Body" for i in (0, 1) for j in (0, 1)]
    assert runtime.scene().labels.prim_paths == tuple(names)
    assert worlds(runtime)[0, :, 3, :2].tolist() == [[0, 0], [1, 0], [0, 10], [1, 10]]


def test_instancers_within_instanceable_prims(runtime: Runtime) -> None:
    made = Usd.Stage.CreateInMemory()
    root = UsdGeom.Xform.Define(made, "/Bed")
    made.SetDefaultPrim(root.GetPrim())
    instancer(made, [0], [(1, 0, 0)], ["A"], path="/Bed/Plants")
    for index in range(2):
        prim = runtime.stage.DefinePrim(f"/World/Bed{index}", "Xform")
        prim.GetReferences().AddReference(made.GetRootLayer().identifier)
        prim.SetInstanceable(True)
        UsdGeom.Xformable(prim).AddTranslateOp().Set((0, 10.0 * index, 0))
    assert runtime.scene().labels.prim_paths == tuple(f"/World/Bed{i}/Plants/A_0/Body" for i in (0, 1))
    assert worlds(runtime)[0, :, 3, :3].tolist() == [[1, 0, 1], [1, 10, 1]]


@pytest.mark.parametrize(
    ("rows", "attributes", "message"),
    [
        ([0, 2], {}, "/World/Field: an instance uses prototype 2 of 2 prototypes"),
        ([0, -1], {}, "/World/Field: an instance uses prototype -1 of 2 prototypes"),
        ([0, 1, 1], {}, r"/World/Field: has 2 positions for 3 instances \(its protoIndices\)"),
        ([0, 1], {"scales": [(1, 1, 1)]}, r"/World/Field: has 1 scales for 2 instances"),
        ([0, 1], {"ids": [1, 2, 3]}, r"/World/Field: has 3 ids for 2 instances"),
    ],
)
def test_arrays_that_do_not_fit(runtime: Runtime, rows: list[int], attributes: dict[str, Any], message: str) -> None:
    instancer(runtime.stage, rows, [(0, 0, 0), (5, 0, 0)], **attributes)
    with pytest.raises(AssetError, match=message):
        runtime.scene()


def test_prototypes_that_are_none(runtime: Runtime) -> None:
    made = instancer(runtime.stage, [0], [(0, 0, 0)], ["A"])
    made.GetPrototypesRel().SetTargets(["/World/None"])
    with pytest.raises(AssetError, match="/World/Field: there is no prim at /World/None, which it names as"):
        runtime.scene()
    made.GetPrototypesRel().SetTargets([PATH])
    with pytest.raises(AssetError, match="/World/Field: is a prototype of itself"):
        runtime.scene()


def test_scattering_on_instances(runtime: Runtime) -> None:
    stage = runtime.stage
    UsdGeom.Plane.Define(stage, f"{PATH}/Slab")
    instancer(stage, [0, 0], [(0, 0, 4), (100, 0, 4)], [f"{PATH}/Slab"])
    with trigger.on_frame(), create.sphere(count=8, semantics={"class": "ball"}):
        randomizer.scatter_2d(get.prim_at_path(PATH))
    places = runtime.evaluate(np.arange(4)).entity_world[:, :, 3, :3]
    assert np.allclose(places[..., 2], 4)
    assert set(places[..., 0].round(-2).ravel()) == {0, 100}


def test_two_thousand_instances(runtime: Runtime) -> None:
    rng = np.random.default_rng(1)
    instancer(runtime.stage, rng.integers(0, 2, 2000).tolist(), rng.uniform(-9, 9, (2000, 3)).tolist())
    for name in ("A", "B"):
        label(runtime.stage.GetPrimAtPath(f"{PATH}/{name}"), name)
    scene = runtime.scene()
    assert len(scene.arrays.part_mesh) == len(scene.labels.entity_paths) == 2000
    assert len(set(scene.labels.entity_paths)) == 2000


def test_depth_and_labels_of_a_rendered_image(runtime: Runtime) -> None:
    """Cubes of 1 m at 2 m to the left and to the right, their tops 9.5 m below a camera of 90 degrees."""
    instancer(runtime.stage, [0, 1], [(-2, 0, 0), (2, 0, 0)])
    for name in ("A", "B"):
        label(runtime.stage.GetPrimAtPath(f"{PATH}/{name}"), name)
    camera = UsdGeom.Camera.Define(runtime.stage, "/World/Eye")
    camera.AddTranslateOp().Set((0, 0, 11))
    camera.CreateFocalLengthAttr(0.5)
    camera.CreateHorizontalApertureAttr(1.0)
    camera.CreateClippingRangeAttr((0.1, 100))
    create.render_product("/World/Eye", (190, 38), name="view")
    names = (
        "distance_to_image_plane",
        "instance_segmentation_fast",
        "instance_id_segmentation_fast",
        "bounding_box_3d",
    )
    (batch,) = stream(runtime, 1, annotators=names)
    depth, labelled, leaf, boxes = (batch["view"][name][0] for name in names)
    # 190 pixels are 19 m at that distance: a cube's top is 10 pixels wide.
    for row, left in ((0, 70), (1, 110)):
        top = np.s_[14:24, left : left + 10]
        assert np.allclose(depth[top], 9.5, atol=1e-4)
        assert set(labelled[top].ravel()) == {row + 2}
        assert set(leaf[top].ravel()) == {row + 2}
    assert (labelled == 2).sum() >= 100
    assert np.allclose(np.sort([box["transform"][3][0] for box in boxes]), [-2, 2])
