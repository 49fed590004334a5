"""Stage to arrays: analytic shapes, and a hand-made layer with everything that real assets have."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from pxr import Sdf, Usd, UsdGeom, UsdShade

from replicator_dr.engines.embedded.api import create, modify, open_stage, trigger
from replicator_dr.engines.embedded.runtime import Runtime
from replicator_dr.engines.embedded.scene.state import FrameState, Scene
from replicator_dr.errors import AssetError
from replicator_dr.render.scene import Mesh

DATA = Path(__file__).parent / "data"


def corners(mesh: Mesh) -> np.ndarray:
    return mesh.points.astype(np.float64)[mesh.triangles]


def area(mesh: Mesh) -> float:
    a, b, c = np.moveaxis(corners(mesh), 1, 0)
    return float(np.linalg.norm(np.cross(b - a, c - a), axis=1).sum() / 2)


def volume(mesh: Mesh) -> float:
    """Positive where the triangles turn counter-clockwise seen from outside."""
    a, b, c = np.moveaxis(corners(mesh), 1, 0)
    return float(np.sum(a * np.cross(b, c)) / 6)


def state0(runtime: Runtime) -> tuple[Scene, FrameState]:
    return runtime.scene(), runtime.evaluate(np.zeros(1, np.int64))


SHAPES = {
    # name: (area, volume, extent) of the true shape 1 m across.
    "cube": (6.0, 1.0, (1, 1, 1)),
    "sphere": (np.pi, np.pi / 6, (1, 1, 1)),
    "cylinder": (1.5 * np.pi, np.pi / 4, (1, 1, 1)),
    "cone": (np.pi / 4 * (1 + np.sqrt(5)), np.pi / 12, (1, 1, 1)),
    "torus": (4 * np.pi**2 * 0.35 * 0.15, 2 * np.pi**2 * 0.35 * 0.15**2, (1, 1, 0.3)),
    "disk": (np.pi / 4, None, (1, 1, 0)),
    "plane": (1.0, None, (1, 1, 0)),
}


CASES = [*((name, True) for name in SHAPES), *((name, False) for name in ("cube", "sphere", "cylinder", "cone"))]


@pytest.mark.parametrize(("name", "as_mesh"), CASES)
def test_primitives_measure_one_metre(runtime: Runtime, name: str, as_mesh: bool) -> None:
    getattr(create, name)(**({} if as_mesh else {"as_mesh": False}))
    (mesh,) = runtime.scene().arrays.meshes
    true_area, true_volume, extent = SHAPES[name]
    assert np.allclose(np.ptp(mesh.points, axis=0), extent, atol=1e-6)
    assert np.allclose(mesh.points.max(axis=0) + mesh.points.min(axis=0), 0, atol=1e-6)
    assert area(mesh) == pytest.approx(true_area, rel=0.01)
    if true_volume is not None:
        assert volume(mesh) == pytest.approx(true_volume, rel=0.015)
    normals = mesh.normals.astype(np.float64)
    assert np.allclose(np.linalg.norm(normals, axis=1), 1, atol=1e-6)
    a, b, c = np.moveaxis(corners(mesh), 1, 0)
    facing = np.cross(b - a, c - a)
    facing /= np.linalg.norm(facing, axis=1, keepdims=True)
    assert np.einsum("tj,tkj->tk", facing, normals[mesh.triangles]).min() > 0.95
    assert mesh.uvs.min() >= 0
    assert mesh.uvs.max() <= 1


def test_a_sphere_is_smooth_and_a_cube_has_edges(runtime: Runtime) -> None:
    create.sphere()
    create.cube()
    sphere, cube = runtime.scene().arrays.meshes
    assert np.allclose(sphere.normals, 2 * sphere.points, atol=1e-3)
    assert len(cube.points) == 24
    assert len(np.unique(cube.normals.round(3), axis=0)) == 6
    # The polygon of 64 sides that a sphere's outline is.
    assert np.cos(np.pi / 64) > 0.9987


def test_copies_share_their_mesh(runtime: Runtime) -> None:
    create.cube(count=5, position=[(i, 0, 0) for i in range(5)])
    create.cube(scale=2)
    arrays = runtime.scene().arrays
    assert len(arrays.meshes) == 1
    assert arrays.part_mesh.tolist() == [0] * 6
    assert len(np.unique(arrays.part_transform)) == 6


def test_wrapper_paths(runtime: Runtime) -> None:
    first = create.cube(count=2, semantics={"class": "c"})
    assert first.paths == ["/Replicator/Cube_Xform", "/Replicator/Cube_Xform_01"]
    assert create.cube().paths == ["/Replicator/Cube_Xform_02"]
    assert create.sphere(name="ball", count=2).paths == ["/Replicator/ball", "/Replicator/ball_01"]
    assert create.light().paths == ["/Replicator/DistantLight_Xform"]
    assert create.camera().paths == ["/Replicator/Camera_Xform"]
    prim = runtime.stage.GetPrimAtPath("/Replicator/Cube_Xform")
    assert prim.GetAttribute("replicatorXform").Get() is True
    assert runtime.stage.GetPrimAtPath("/Replicator/Cube_Xform/Cube").GetTypeName() == "Mesh"
    assert runtime.scene().labels.entity_paths == ("/Replicator/Cube_Xform", "/Replicator/Cube_Xform_01")
    assert runtime.scene().labels.prim_paths[0] == "/Replicator/Cube_Xform/Cube"


def test_lists_are_spread_over_the_count(runtime: Runtime) -> None:
    create.cube(
        count=2, position=[(1, 0, 0), (2, 0, 0)], scale=[0.5, 2], visible=[True, False], semantics={"class": "c"}
    )
    _, state = state0(runtime)
    assert state.entity_world[0, :, 3, 0].tolist() == [1, 2]
    assert state.entity_world[0, :, 0, 0].tolist() == [0.5, 2]
    assert state.arrays.part_visible.tolist() == [[True, False]]
    with pytest.raises(ValueError, match="nor one value for each of 3 prims"):
        create.cube(count=3, position=[(1, 0, 0), (2, 0, 0)])


def test_a_parent_moves_its_children_and_hides_them(runtime: Runtime) -> None:
    parent = create.xform(position=(0, 0, 5))
    create.cube(position=(1, 0, 0), parent=parent, semantics={"class": "c"})
    with trigger.on_frame(), parent:
        modify.pose(rotation=(0, 0, 90))
        modify.visibility(False)
    _, state = state0(runtime)
    assert np.allclose(state.entity_world[0, 0, 3, :3], [0, 1, 5])
    assert not state.arrays.part_visible.any()


def test_an_empty_stage_is_a_scene_too(runtime: Runtime) -> None:
    scene, state = state0(runtime)
    assert scene.arrays.part_mesh.shape == (0,)
    assert state.arrays.world.shape == (1, 0, 4, 4)
    assert state.arrays.lights.color.shape == (1, 0, 3)


class TestHandMade:
    """tests/engines/data/parts.usda."""

    @pytest.fixture
    def scene(self, runtime: Runtime) -> Scene:
        open_stage(str(DATA / "parts.usda"))
        return runtime.scene()

    def part(self, scene: Scene, path: str) -> list[int]:
        row = scene.labels.prim_paths.index(path)
        return np.flatnonzero(scene.arrays.part_prim == row).tolist()

    def test_subsets_are_parts_with_materials_of_their_own(self, runtime: Runtime, scene: Scene) -> None:
        rest, red = self.part(scene, "/World/Box")
        assert len(scene.arrays.meshes[scene.arrays.part_mesh[rest]].triangles) == 2
        assert len(scene.arrays.meshes[scene.arrays.part_mesh[red]].triangles) == 2
        state = runtime.evaluate(np.zeros(1, np.int64))
        materials = state.arrays.materials
        rows = state.arrays.part_material[0]
        assert np.allclose(materials.base_color[0, rows[rest]], [0, 0, 1])
        assert np.allclose(materials.base_color[0, rows[red]], [1, 0, 0])
        assert scene.arrays.part_transform[rest] == scene.arrays.part_transform[red]

    def test_left_handed_faces_are_turned_round(self, scene: Scene) -> None:
        (part,) = self.part(scene, "/World/LeftHanded")
        a, b, c = corners(scene.arrays.meshes[scene.arrays.part_mesh[part]])[0]
        assert np.cross(b - a, c - a)[2] > 0

    def test_holes_and_pentagons(self, scene: Scene) -> None:
        (part,) = self.part(scene, "/World/Holed")
        mesh = scene.arrays.meshes[scene.arrays.part_mesh[part]]
        assert len(mesh.triangles) == 3
        assert area(mesh) == pytest.approx(1.25)

    def test_a_mirrored_prim_keeps_its_matrix(self, runtime: Runtime, scene: Scene) -> None:
        (part,) = self.part(scene, "/World/Mirrored")
        world = runtime.evaluate(np.zeros(1, np.int64)).arrays.world[0, scene.arrays.part_transform[part]]
        assert np.allclose(np.diag(world), [-1, 1, 1, 1])

    def test_instances_share_meshes_and_are_told_apart(self, runtime: Runtime, scene: Scene) -> None:
        first, second = self.part(scene, "/World/InstanceA/Leaf"), self.part(scene, "/World/InstanceB/Leaf")
        assert scene.arrays.part_mesh[first[0]] == scene.arrays.part_mesh[second[0]]
        worlds = runtime.evaluate(np.zeros(1, np.int64)).arrays.world[0]
        assert worlds[scene.arrays.part_transform[first[0]], 3, 0] == 10
        assert worlds[scene.arrays.part_transform[second[0]], 3, 0] == 20

    def test_guides_and_proxies_are_left_out(self, scene: Scene) -> None:
        assert "/World/Guide" not in scene.labels.prim_paths
        assert "/World/Proxy/Leaf" not in scene.labels.prim_paths

    def test_inherited_invisibility(self, runtime: Runtime, scene: Scene) -> None:
        (part,) = self.part(scene, "/World/Hidden/Leaf")
        visible = runtime.evaluate(np.zeros(1, np.int64)).arrays.part_visible[0]
        assert not visible[part]
        assert visible.sum() == len(visible) - 1

    def test_labels_are_those_of_the_lowest_labelled_prim_joined_with_inherited_ones(
        self, runtime: Runtime, scene: Scene
    ) -> None:
        paths = scene.labels.entity_paths
        rows = runtime.evaluate(np.zeros(1, np.int64)).entity_labels[0]
        labels = {path: scene.labels.label_sets[row] for path, row in zip(paths, rows)}
        assert labels["/World/InstanceA"] == {"class": "thing,furniture", "shape": "flat"}
        assert labels["/World"] == {"class": "furniture"}
        assert labels["/World/Old"] == {"class": "chair,furniture"}
        (leaf,) = self.part(scene, "/World/InstanceA/Leaf")
        assert paths[scene.arrays.part_entity[leaf]] == "/World/InstanceA"
        (box, _) = self.part(scene, "/World/Box")
        assert paths[scene.arrays.part_entity[box]] == "/World"

    def test_indexed_face_varying_coordinates(self, scene: Scene) -> None:
        (part,) = self.part(scene, "/World/Old")
        mesh = scene.arrays.meshes[scene.arrays.part_mesh[part]]
        for point, uv in zip(mesh.points, mesh.uvs):
            assert np.allclose(uv, point[:2])

    def test_normals_that_are_not_there_are_smooth_below_the_crease_angle(self, scene: Scene) -> None:
        (part,) = self.part(scene, "/World/Roof")
        mesh = scene.arrays.meshes[scene.arrays.part_mesh[part]]
        ridge = mesh.normals[np.isclose(mesh.points[:, 0], 0)]
        # The two slopes meet at 20 degrees: one normal, straight up.
        assert np.allclose(ridge, [0, 0, 1], atol=1e-6)
        (part,) = self.part(scene, "/World/SteepRoof")
        mesh = scene.arrays.meshes[scene.arrays.part_mesh[part]]
        assert len(np.unique(mesh.normals.round(4), axis=0)) == 2

    def test_shapes_of_usd_geom(self, scene: Scene) -> None:
        (part,) = self.part(scene, "/World/Pill")
        mesh = scene.arrays.meshes[scene.arrays.part_mesh[part]]
        assert np.allclose(np.ptp(mesh.points, axis=0), [3, 1, 1], atol=1e-6)
        assert volume(mesh) == pytest.approx(np.pi * 0.25 * 2 + np.pi / 6, rel=0.01)

    def test_entity_bounds_are_in_the_entitys_frame(self, scene: Scene) -> None:
        row = scene.labels.entity_paths.index("/World/InstanceB")
        assert np.allclose(scene.labels.entity_bounds[row], [[0, 0, 0], [1, 1, 0]])

    def test_the_file_is_not_touched(self, runtime: Runtime, scene: Scene) -> None:
        create.cube()
        assert not Sdf.Layer.FindOrOpen(str(DATA / "parts.usda")).dirty


def test_broken_meshes_are_named(runtime: Runtime) -> None:
    mesh = UsdGeom.Mesh.Define(runtime.stage, "/World/Broken")
    mesh.CreatePointsAttr([(0, 0, 0), (1, 0, 0), (0, 1, 0)])
    mesh.CreateFaceVertexCountsAttr([3])
    mesh.CreateFaceVertexIndicesAttr([0, 1, 7])
    with pytest.raises(AssetError, match="/World/Broken: a face uses point 7 of 3 points"):
        runtime.scene()


def test_points_that_are_not_finite_are_named(runtime: Runtime) -> None:
    mesh = UsdGeom.Mesh.Define(runtime.stage, "/World/Broken")
    mesh.CreatePointsAttr([(0, 0, 0), (1, 0, 0), (0, 1, 0), (0, float("nan"), 0)])
    mesh.CreateFaceVertexCountsAttr([3])
    mesh.CreateFaceVertexIndicesAttr([0, 1, 2])
    with pytest.raises(AssetError, match="/World/Broken: point 3 is not finite; export it again"):
        runtime.scene()


def test_a_mesh_without_faces_on_the_stage_is_left_out_with_a_warning(runtime: Runtime) -> None:
    UsdGeom.Mesh.Define(runtime.stage, "/World/Nothing")
    create.cube()
    with pytest.warns(UserWarning, match="/World/Nothing: has no faces and is not drawn"):
        scene = runtime.scene()
    assert len(scene.arrays.part_mesh) == 1


class TestChanges:
    """Stages edited by hand, and frames written back."""

    def test_a_hand_edit_is_seen_at_the_next_evaluation(self, runtime: Runtime) -> None:
        cube = create.cube(semantics={"class": "a"})
        assert runtime.evaluate(np.zeros(1, np.int64)).entity_world[0, 0, 3, 0] == 0
        runtime.stage.GetPrimAtPath(cube.paths[0]).GetAttribute("xformOp:translate").Set((4, 0, 0))
        assert runtime.evaluate(np.zeros(1, np.int64)).entity_world[0, 0, 3, 0] == 4
        scene = runtime.scene()
        assert runtime.scene() is scene
        UsdGeom.Sphere.Define(runtime.stage, "/World/Extra")
        assert len(runtime.scene().arrays.part_mesh) == 2

    def test_writing_back_shows_the_frame_and_changes_nothing_else(self, runtime: Runtime) -> None:
        cube = create.cube(semantics={"class": "a"})
        lamp = create.light(light_type="sphere")
        look = create.material_omnipbr(diffuse=(1, 0, 0))
        with trigger.on_frame():
            with cube:
                modify.pose(position=create_sequence(), rotation=(0, 0, 30), pivot=(0, 0, -1))
                modify.visibility(False)
                modify.material(look)
                modify.semantics({"class": "b"}, mode="replace")
            with lamp:
                modify.attribute("intensity", 77)
            with look:
                modify.attribute("inputs:metallic_constant", 0.5)
        values = runtime.values(np.arange(3))
        state = runtime.state_of(values)
        scene = runtime.scene()
        runtime.write_back(values, 2)
        stage = runtime.stage
        prim = stage.GetPrimAtPath(cube.paths[0])
        matrix = np.array(UsdGeom.Xformable(prim).ComputeLocalToWorldTransform(Usd.TimeCode.Default()))
        assert np.allclose(matrix, state.entity_world[2, 0])
        assert UsdGeom.Imageable(prim).ComputeVisibility() == "invisible"
        bound, _ = UsdShade.MaterialBindingAPI(prim.GetChildren()[0]).ComputeBoundMaterial()
        assert str(bound.GetPath()) == look.paths[0]
        assert list(prim.GetAttribute("semantics:labels:class").Get()) == ["b"]
        assert stage.GetPrimAtPath(f"{lamp.paths[0]}/SphereLight").GetAttribute("inputs:intensity").Get() == 77
        shader = stage.GetPrimAtPath(f"{look.paths[0]}/Shader")
        assert shader.GetAttribute("inputs:metallic_constant").Get() == 0.5
        assert runtime.scene() is scene
        again = runtime.evaluate(np.arange(3))
        assert again.entity_world.tobytes() == state.entity_world.tobytes()
        runtime.write_back(runtime.values(np.arange(3)), 0)
        moved = UsdGeom.Xformable(prim).ComputeLocalToWorldTransform(Usd.TimeCode.Default())
        assert np.allclose(np.array(moved), state.entity_world[0, 0])

    def test_an_export_opens_with_the_frame_in_it(self, runtime: Runtime, tmp_path: Path) -> None:
        cube = create.cube(semantics={"class": "a"})
        with trigger.on_frame(), cube:
            modify.pose(position=create_sequence())
        runtime.write_back(runtime.values(np.arange(2)), 1)
        runtime.stage.Export(str(tmp_path / "scene.usda"))
        stage = Usd.Stage.Open(str(tmp_path / "scene.usda"))
        prim = stage.GetPrimAtPath(cube.paths[0])
        assert tuple(prim.GetAttribute("xformOp:translate").Get()) == (2, 2, 2)
        assert UsdGeom.GetStageUpAxis(stage) == "Z"
        assert UsdGeom.GetStageMetersPerUnit(stage) == 1.0


def create_sequence() -> object:
    from replicator_dr.engines.embedded.api import distribution

    return distribution.sequence([(1, 1, 1), (2, 2, 2), (3, 3, 3)])
