"""What meshes carry on the stage: colours, normals, primvars, sides, purposes, references."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pxr import Gf, Sdf, Usd, UsdGeom, UsdShade

from replicator_dr.engines.embedded.api import create, distribution, get, modify, randomizer, trigger
from replicator_dr.engines.embedded.runtime import Runtime
from replicator_dr.render.scene import Mesh

PATH = "/World/Sheet"
COLORS = [(1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0), (1.0, 1.0, 0.0), (0.0, 1.0, 1.0), (1.0, 0.0, 1.0)]


def sheet(stage: Usd.Stage, path: str = PATH) -> UsdGeom.Mesh:
    """Two squares side by side that share an edge: points (x, y), y first; faces 0 and 1 along x."""
    mesh = UsdGeom.Mesh.Define(stage, path)
    mesh.CreatePointsAttr([(x, y, 0) for x in range(3) for y in range(2)])
    mesh.CreateFaceVertexCountsAttr([4, 4])
    mesh.CreateFaceVertexIndicesAttr([0, 2, 3, 1, 2, 4, 5, 3])
    return mesh


def primvar(mesh: UsdGeom.Mesh, name: str, kind: Any, values: Any, how: str, indices: list[int] | None = None) -> None:
    made = UsdGeom.PrimvarsAPI(mesh).CreatePrimvar(name, kind, how)
    made.Set(values)
    if indices is not None:
        made.SetIndices(indices)


def paint(mesh: UsdGeom.Mesh, values: Any, how: str, indices: list[int] | None = None) -> None:
    primvar(mesh, "displayColor", Sdf.ValueTypeNames.Color3fArray, values, how, indices)


def corners(mesh: Mesh, values: np.ndarray) -> dict[tuple[int, int, int], list[float]]:
    """{(face, x, y): value} of each corner; face by which side of x = 1 the triangle's middle lies on."""
    found = {}
    for triangle in mesh.triangles:
        face = int(mesh.points[triangle, 0].mean() > 1)
        for vertex in triangle:
            x, y = mesh.points[vertex, :2].astype(int).tolist()
            found[face, x, y] = values[vertex].tolist()
    return found


def only(runtime: Runtime) -> Mesh:
    (mesh,) = runtime.scene().arrays.meshes
    return mesh


def base_color(runtime: Runtime, frames: int = 1) -> np.ndarray:
    """(B, P, 3): the base colour of each part."""
    arrays = runtime.evaluate(np.arange(frames)).arrays
    return np.take_along_axis(arrays.materials.base_color, arrays.part_material[..., None], axis=1)


# Point (x, y) is number 2 x + y; the corners of the faces in their order.
CORNERS = [(0, 0, 0), (0, 1, 0), (0, 1, 1), (0, 0, 1), (1, 1, 0), (1, 2, 0), (1, 2, 1), (1, 1, 1)]
SPREAD = {
    "vertex": (6, [2 * x + y for _, x, y in CORNERS]),
    "varying": (6, [2 * x + y for _, x, y in CORNERS]),
    "uniform": (2, [face for face, _, _ in CORNERS]),
    "faceVarying": (8, list(range(8))),
}


class TestDisplayColors:
    """Colours that vary over a mesh."""

    @pytest.mark.parametrize("how", SPREAD)
    @pytest.mark.parametrize("indexed", [False, True])
    def test_each_corner_has_its_own(self, runtime: Runtime, how: str, indexed: bool) -> None:
        count, numbers = SPREAD[how]
        values = [COLORS[i % 6] for i in range(count)]
        if indexed:
            paint(sheet(runtime.stage), COLORS, how, [i % 6 for i in range(count)])
        else:
            paint(sheet(runtime.stage), values, how)
        mesh = only(runtime)
        assert mesh.colors is not None
        assert mesh.colors.dtype == np.float32
        assert mesh.colors.shape == mesh.points.shape
        assert corners(mesh, mesh.colors) == {corner: list(values[number]) for corner, number in zip(CORNERS, numbers)}
        # They are the colour: the material beside them is white.
        assert base_color(runtime).tolist() == [[[1, 1, 1]]]

    def test_corners_that_differ_are_separate_vertices(self, runtime: Runtime) -> None:
        made = sheet(runtime.stage)
        assert len(only(runtime).points) == 6
        paint(made, COLORS[:2], "uniform")
        assert len(only(runtime).points) == 8

    @pytest.mark.parametrize(("values", "how"), [([(0.2, 0.4, 0.6)], "constant"), ([(0.2, 0.4, 0.6)] * 6, "vertex")])
    def test_constant_colours_stay_with_the_material(self, runtime: Runtime, values: Any, how: str) -> None:
        paint(sheet(runtime.stage), values, how)
        assert only(runtime).colors is None
        assert np.allclose(base_color(runtime), [[[0.2, 0.4, 0.6]]])

    def test_inherited_colours(self, runtime: Runtime) -> None:
        sheet(runtime.stage)
        UsdGeom.PrimvarsAPI(runtime.stage.GetPrimAtPath("/World")).CreatePrimvar(
            "displayColor", Sdf.ValueTypeNames.Color3fArray, "constant"
        ).Set([Gf.Vec3f(0.2, 0.4, 0.6)])
        assert np.allclose(base_color(runtime), [[[0.2, 0.4, 0.6]]])

    def test_too_few_colours_count_by_their_mean(self, runtime: Runtime) -> None:
        paint(sheet(runtime.stage), COLORS[:2], "vertex")
        assert only(runtime).colors is None
        assert np.allclose(base_color(runtime), [[[0.5, 0.5, 0]]])

    def material(self, runtime: Runtime, varname: str | None = None) -> UsdShade.Material:
        look = UsdShade.Material.Define(runtime.stage, "/World/Look")
        surface = UsdShade.Shader.Define(runtime.stage, "/World/Look/Surface")
        surface.CreateIdAttr("UsdPreviewSurface")
        color = surface.CreateInput("diffuseColor", Sdf.ValueTypeNames.Color3f)
        color.Set((0.3, 0.3, 0.3))
        look.CreateSurfaceOutput().ConnectToSource(surface.ConnectableAPI(), "surface")
        if varname:
            reader = UsdShade.Shader.Define(runtime.stage, "/World/Look/Reader")
            reader.CreateIdAttr("UsdPrimvarReader_float3")
            reader.CreateInput("varname", Sdf.ValueTypeNames.String).Set(varname)
            color.ConnectToSource(reader.ConnectableAPI(), "result")
        return look

    def test_a_material_hides_them(self, runtime: Runtime) -> None:
        made = sheet(runtime.stage)
        paint(made, COLORS[:2], "uniform")
        UsdShade.MaterialBindingAPI.Apply(made.GetPrim()).Bind(self.material(runtime))
        assert only(runtime).colors is None
        assert np.allclose(base_color(runtime), 0.3)

    @pytest.mark.parametrize("how", ["uniform", "constant"])
    def test_a_material_that_reads_them_shows_them(self, runtime: Runtime, how: str) -> None:
        made = sheet(runtime.stage)
        paint(made, COLORS[: 2 if how == "uniform" else 1], how)
        UsdShade.MaterialBindingAPI.Apply(made.GetPrim()).Bind(self.material(runtime, "displayColor"))
        colors = only(runtime).colors
        assert colors is not None
        assert {tuple(color) for color in colors.tolist()} == set(COLORS[: 2 if how == "uniform" else 1])
        assert np.allclose(base_color(runtime), 1)

    def test_a_subset_with_a_material_and_the_rest_without(self, runtime: Runtime) -> None:
        made = sheet(runtime.stage)
        paint(made, COLORS[:2], "uniform")
        api = UsdShade.MaterialBindingAPI.Apply(made.GetPrim())
        subset = api.CreateMaterialBindSubset("half", [1])
        UsdShade.MaterialBindingAPI.Apply(subset.GetPrim()).Bind(self.material(runtime))
        rest, half = runtime.scene().arrays.meshes
        assert half.colors is None
        assert rest.colors is not None
        assert {tuple(color) for color in rest.colors.tolist()} == {COLORS[0]}

    def test_what_the_graph_writes_takes_their_place(self, runtime: Runtime) -> None:
        paint(sheet(runtime.stage), COLORS[:2], "uniform")
        with trigger.on_frame(), get.prim_at_path(PATH):
            modify.attribute("primvars:displayColor", distribution.sequence([(0.1, 0.2, 0.3), (0.4, 0.5, 0.6)]))
        assert only(runtime).colors is None
        assert np.allclose(base_color(runtime, 2)[:, 0], [(0.1, 0.2, 0.3), (0.4, 0.5, 0.6)])

    def test_materials_that_the_graph_binds_take_their_place(self, runtime: Runtime) -> None:
        paint(sheet(runtime.stage), COLORS[:2], "uniform")
        with trigger.on_frame(), get.prim_at_path(PATH):
            randomizer.materials(create.material_omnipbr(diffuse=(0.1, 0.2, 0.3)))
        assert only(runtime).colors is None
        assert np.allclose(base_color(runtime), [(0.1, 0.2, 0.3)])


class TestNormals:
    """Normals that are given."""

    @pytest.mark.parametrize("how", SPREAD)
    @pytest.mark.parametrize("name", ["normals", "primvars:normals", "indexed"])
    def test_each_corner_has_its_own(self, runtime: Runtime, how: str, name: str) -> None:
        made = sheet(runtime.stage)
        count, numbers = SPREAD[how]
        angles = np.linspace(0, 1, count)
        values = np.stack([np.sin(angles), np.zeros(count), np.cos(angles)], axis=1).astype(np.float32)
        given = [Gf.Vec3f(*map(float, value)) for value in values]
        if name == "normals":
            made.CreateNormalsAttr(given)
            made.SetNormalsInterpolation(how)
        else:
            turned = name == "indexed"
            primvar(
                made, "normals", Sdf.ValueTypeNames.Normal3fArray, given[::-1] if turned else given, how,
                list(range(count))[::-1] if turned else None,
            )  # fmt: skip
        mesh = only(runtime)
        found = corners(mesh, mesh.normals)
        for corner, number in zip(CORNERS, numbers):
            assert np.allclose(found[corner], values[number], atol=1e-6)

    def test_hard_edges_and_smooth_ones(self, runtime: Runtime) -> None:
        """Without normals, the crease angle decides; a shared edge with face-varying ones is two vertices."""
        made = sheet(runtime.stage)
        assert len(only(runtime).points) == 6
        made.CreateNormalsAttr([(0, 0, 1)] * 4 + [(0.6, 0, 0.8)] * 4)
        made.SetNormalsInterpolation("faceVarying")
        assert len(only(runtime).points) == 8

    def test_left_handed_meshes_keep_their_given_normals(self, runtime: Runtime) -> None:
        made = sheet(runtime.stage)
        made.CreateOrientationAttr("leftHanded")
        mesh = only(runtime)
        a, b, c = mesh.points[mesh.triangles[0]]
        assert np.cross(b - a, c - a)[2] < 0
        assert np.allclose(mesh.normals, [0, 0, -1])
        made.CreateNormalsAttr([(0, 0, -1)] * 6)
        made.SetNormalsInterpolation("vertex")
        assert np.allclose(only(runtime).normals, [0, 0, -1])


@pytest.mark.parametrize("how", [*SPREAD, "constant"])
@pytest.mark.parametrize("indexed", [False, True])
def test_texture_coordinates(runtime: Runtime, how: str, indexed: bool) -> None:
    count, numbers = SPREAD.get(how, (1, [0] * 8))
    values = [(i / 8, 1 - i / 8) for i in range(count)]
    order = list(range(count))[::-1]
    primvar(
        sheet(runtime.stage), "st", Sdf.ValueTypeNames.TexCoord2fArray, values[::-1] if indexed else values, how,
        order if indexed else None,
    )  # fmt: skip
    mesh = only(runtime)
    found = corners(mesh, mesh.uvs)
    assert found == {corner: list(values[number]) for corner, number in zip(CORNERS, numbers)}


def test_double_sided(runtime: Runtime) -> None:
    made = sheet(runtime.stage)
    assert not only(runtime).double_sided
    made.CreateDoubleSidedAttr(True)
    assert only(runtime).double_sided
    cube = UsdGeom.Cube.Define(runtime.stage, "/World/Cube")
    cube.CreateDoubleSidedAttr(True)
    assert all(mesh.double_sided for mesh in runtime.scene().arrays.meshes)


@pytest.mark.parametrize(
    ("purpose", "drawn"), [("default", True), ("render", True), ("proxy", False), ("guide", False)]
)
@pytest.mark.parametrize("inherited", [False, True])
def test_purposes(runtime: Runtime, purpose: str, drawn: bool, inherited: bool) -> None:
    UsdGeom.Xform.Define(runtime.stage, "/World/Group")
    sheet(runtime.stage, "/World/Group/Sheet")
    path = "/World/Group" if inherited else "/World/Group/Sheet"
    UsdGeom.Imageable(runtime.stage.GetPrimAtPath(path)).CreatePurposeAttr(purpose)
    assert runtime.scene().labels.prim_paths == (("/World/Group/Sheet",) if drawn else ())


def test_visibility_is_inherited_and_varies(runtime: Runtime) -> None:
    UsdGeom.Xform.Define(runtime.stage, "/World/Group")
    sheet(runtime.stage, "/World/Group/Sheet")
    with trigger.on_frame(), get.prim_at_path("/World/Group"):
        modify.visibility(distribution.sequence([True, False]))
    assert runtime.evaluate(np.arange(2)).arrays.part_visible[:, 0].tolist() == [True, False]
    UsdGeom.Imageable(runtime.stage.GetPrimAtPath("/World/Group/Sheet")).MakeInvisible()
    assert not runtime.evaluate(np.arange(2)).arrays.part_visible.any()


def test_references_within_references_that_are_instanceable(runtime: Runtime, tmp_path: Path) -> None:
    """A leaf in a branch in a tree, each a file, the branches instanceable: materials, places and names hold."""
    leaf = Usd.Stage.CreateNew(str(tmp_path / "leaf.usda"))
    leaf.SetDefaultPrim(UsdGeom.Xform.Define(leaf, "/Leaf").GetPrim())
    made = sheet(leaf, "/Leaf/Sheet")
    look = UsdShade.Material.Define(leaf, "/Leaf/Look")
    surface = UsdShade.Shader.Define(leaf, "/Leaf/Look/Surface")
    surface.CreateIdAttr("UsdPreviewSurface")
    surface.CreateInput("diffuseColor", Sdf.ValueTypeNames.Color3f).Set((0, 1, 0))
    look.CreateSurfaceOutput().ConnectToSource(surface.ConnectableAPI(), "surface")
    UsdShade.MaterialBindingAPI.Apply(made.GetPrim()).Bind(look)
    leaf.Save()
    above = "leaf"
    for name, step in (("branch", 1.0), ("tree", 10.0)):
        stage = Usd.Stage.CreateNew(str(tmp_path / f"{name}.usda"))
        UsdGeom.SetStageMetersPerUnit(stage, 1.0)
        UsdGeom.SetStageUpAxis(stage, "Z")
        stage.SetDefaultPrim(UsdGeom.Xform.Define(stage, f"/{name}").GetPrim())
        for index in range(2):
            prim = stage.DefinePrim(f"/{name}/{above}{index}", "Xform")
            prim.GetReferences().AddReference(f"./{above}.usda")
            prim.SetInstanceable(True)
            UsdGeom.Xformable(prim).AddTranslateOp().Set((step * index, 0, 0))
        stage.Save()
        above = name
    create.from_usd(str(tmp_path / "tree.usda"))
    scene = runtime.scene()
    names = [f"/Replicator/tree_Xform/Ref/branch{i}/leaf{j}/Sheet" for i in (0, 1) for j in (0, 1)]
    assert [path.split("/")[3:] for path in scene.labels.prim_paths] == [name.split("/")[3:] for name in names]
    assert len(scene.arrays.meshes) == 1
    world = runtime.evaluate(np.zeros(1, np.int64)).arrays.world[0, scene.arrays.part_transform]
    assert world[:, 3, 0].tolist() == [0, 1, 10, 11]
    assert np.allclose(base_color(runtime), [0, 1, 0])
