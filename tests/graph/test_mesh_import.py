from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import trimesh
from PIL import Image

from replicator_dr.engines.embedded.scene.mesh_import import import_mesh
from replicator_dr.errors import AssetError
from replicator_dr.graph import build_graph


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("REPLICATOR_DR_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def slab() -> Any:
    """A box of 1 x 2 x 3."""
    return trimesh.creation.box(extents=(1, 2, 3))


def textured(folder: Path, suffix: str) -> Path:
    """A square with a picture: red above, blue below."""
    picture = Image.new("RGB", (4, 4), (255, 0, 0))
    picture.paste((0, 0, 255), (0, 2, 4, 4))
    mesh = trimesh.Trimesh(
        vertices=[[0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 1, 0]],
        faces=[[0, 1, 2], [0, 2, 3]],
        visual=trimesh.visual.TextureVisuals(
            uv=np.array([[0, 0], [1, 0], [1, 1], [0, 1.0]]),
            material=trimesh.visual.material.PBRMaterial(
                baseColorTexture=picture, roughnessFactor=0.3, metallicFactor=0.0
            ),
        ),
        process=False,
    )
    if suffix == ".obj":
        mesh.visual.material = mesh.visual.material.to_simple()
    mesh.export(folder / f"square{suffix}")
    return folder / f"square{suffix}"


def extent(path: Path, **options: Any) -> list[float]:
    from pxr import Usd, UsdGeom

    stage = Usd.Stage.Open(import_mesh(path, **options))
    assert UsdGeom.GetStageMetersPerUnit(stage) == 1
    assert UsdGeom.GetStageUpAxis(stage) == "Z"
    box = UsdGeom.BBoxCache(0, ["default"]).ComputeWorldBound(stage.GetDefaultPrim()).ComputeAlignedRange()
    return [round(float(v), 6) for v in box.GetSize()]


@pytest.mark.parametrize("suffix", [".obj", ".ply", ".stl"])
def test_z_up_files_stay(tmp_path: Path, suffix: str) -> None:
    slab().export(tmp_path / f"slab{suffix}")
    assert extent(tmp_path / f"slab{suffix}") == [1, 2, 3]
    assert extent(tmp_path / f"slab{suffix}", meters_per_unit=0.001) == [0.001, 0.002, 0.003]
    assert extent(tmp_path / f"slab{suffix}", up_axis="Y") == [1, 3, 2]


def test_glb_is_y_up_unless_told_otherwise(tmp_path: Path) -> None:
    slab().export(tmp_path / "slab.glb")
    assert extent(tmp_path / "slab.glb") == [1, 3, 2]
    assert extent(tmp_path / "slab.glb", up_axis="Z") == [1, 2, 3]


def test_what_was_up_is_up(tmp_path: Path) -> None:
    from pxr import Usd, UsdGeom

    mesh = slab()
    mesh.apply_translation([0, 5, 0])
    mesh.export(tmp_path / "slab.glb")
    stage = Usd.Stage.Open(import_mesh(tmp_path / "slab.glb"))
    points = np.array(UsdGeom.Mesh(stage.GetPrimAtPath("/asset/mesh_00")).GetPointsAttr().Get())
    np.testing.assert_allclose(points.mean(axis=0), [0, 0, 5], atol=1e-6)


@pytest.mark.parametrize("suffix", [".glb", ".obj"])
def test_textures_are_kept_the_right_way_up(tmp_path: Path, suffix: str) -> None:
    create = {"square": {"from_mesh": {"mesh": str(textured(tmp_path, suffix)), "up_axis": "Z"}}}
    with build_graph({"create": create}) as graph:
        arrays, constant = graph.sample(0).arrays, graph.scene.arrays
    row = arrays.materials.base_texture[0, arrays.part_material[0, 0]]
    pixels = constant.textures[int(row)].pixels
    assert pixels[0, 0, :3].tolist() == [255, 0, 0]
    mesh = constant.meshes[int(constant.part_mesh[0])]
    # uv (0, 0) is the lower left corner in USD: the vertex at the origin.
    corner = np.argmin(np.abs(mesh.points).sum(axis=1))
    np.testing.assert_allclose(mesh.uvs[corner], [0, 0], atol=1e-6)


def test_pictures_of_gltf_are_kept(tmp_path: Path) -> None:
    """Roughness in green, metallic in blue, each times its factor; cut-out alpha; normals; emission."""
    colours = {"base": (9, 8, 7, 60), "packed": (0, 51, 204), "normal": (10, 20, 240), "glow": (1, 2, 3)}
    images = {name: Image.new("RGB" if len(c) == 3 else "RGBA", (4, 4), c) for name, c in colours.items()}
    material = trimesh.visual.material.PBRMaterial(
        baseColorTexture=images["base"], metallicRoughnessTexture=images["packed"], roughnessFactor=0.5,
        metallicFactor=1.0, normalTexture=images["normal"], emissiveTexture=images["glow"],
        emissiveFactor=[1.0, 1.0, 0.5], alphaMode="MASK", alphaCutoff=0.25,
    )  # fmt: skip
    uv = np.array([[0, 0], [1, 0], [1, 1], [0, 1]])
    trimesh.Trimesh(
        vertices=[[0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 1, 0]], faces=[[0, 1, 2], [0, 2, 3]], process=False,
        visual=trimesh.visual.TextureVisuals(uv=uv, material=material),
    ).export(tmp_path / "square.glb")  # fmt: skip
    with build_graph({"create": {"square": {"from_mesh": {"mesh": str(tmp_path / "square.glb")}}}}) as graph:
        arrays, textures = graph.sample(0).arrays, graph.scene.arrays.textures
    made, row = arrays.materials, int(arrays.part_material[0, 0])

    def texel(name: str) -> list[int]:
        return textures[int(getattr(made, name)[0, row])].pixels[0, 0, :3].tolist()

    assert texel("base_texture") == [9, 8, 7]
    assert texel("roughness_texture") == [51] * 3
    assert texel("metallic_texture") == [204] * 3
    assert made.roughness_gain[0, row] == 0.5
    assert made.metallic_gain[0, row] == 1
    assert texel("normal_texture") == [10, 20, 240]
    assert made.normal_gain[0, row] == 1
    assert texel("opacity_texture") == [60] * 3
    assert made.opacity_threshold[0, row] == 0.25
    assert texel("emission_texture") == [1, 2, 3]
    np.testing.assert_allclose(made.emission[0, row], [1, 1, 0.5])


def test_colours_at_vertices_are_kept(tmp_path: Path) -> None:
    mesh = slab()
    mesh.visual.vertex_colors = [[255 * (i % 2), 0, 128, 255] for i in range(len(mesh.vertices))]
    mesh.export(tmp_path / "slab.ply")
    with build_graph({"create": {"slab": {"from_mesh": {"mesh": str(tmp_path / "slab.ply")}}}}) as graph:
        (made,) = graph.scene.arrays.meshes
    # 128 in sRGB is 0.2159 in linear light.
    assert made.colors is not None
    found = {tuple(color) for color in made.colors.round(3).tolist()}
    assert {tuple(np.round(color, 3)) for color in found} == {(0.0, 0.0, 0.216), (1.0, 0.0, 0.216)}


def test_roughness_of_gltf_is_kept(tmp_path: Path) -> None:
    create = {"square": {"from_mesh": {"mesh": str(textured(tmp_path, ".glb"))}}}
    with build_graph({"create": create}) as graph:
        arrays = graph.sample(0).arrays
    np.testing.assert_allclose(arrays.materials.roughness[0, arrays.part_material[0, 0]], 0.3, rtol=1e-6)


def test_conversion_is_cached_by_content(tmp_path: Path, own_cache: Path) -> None:
    slab().export(tmp_path / "a.stl")
    first = import_mesh(tmp_path / "a.stl")
    stamp = Path(first).stat().st_mtime_ns
    assert first.startswith(str(own_cache))
    assert import_mesh(tmp_path / "a.stl") == first
    assert Path(first).stat().st_mtime_ns == stamp
    trimesh.creation.icosphere().export(tmp_path / "a.stl")
    assert import_mesh(tmp_path / "a.stl") != first


def test_a_changed_picture_is_noticed(tmp_path: Path) -> None:
    path = textured(tmp_path, ".obj")
    first = import_mesh(path)
    picture = next(tmp_path.glob("*.png"), None) or next(tmp_path.glob("*.jp*g"))
    Image.new("RGB", (4, 4)).save(picture)
    assert import_mesh(path) != first


def test_a_mesh_without_faces(tmp_path: Path) -> None:
    trimesh.PointCloud(np.eye(3)).export(tmp_path / "points.ply")
    with pytest.raises(AssetError, match=r"create\.cloud: .*: a mesh without faces .*; export it with triangles"):
        build_graph({"create": {"cloud": {"from_mesh": {"mesh": str(tmp_path / "points.ply")}}}})


def test_a_broken_file(tmp_path: Path) -> None:
    (tmp_path / "a.glb").write_bytes(b"not a glb")
    with pytest.raises(AssetError, match=r"a.glb: cannot be read as a mesh"):
        import_mesh(tmp_path / "a.glb")


def test_several_meshes_keep_their_places(tmp_path: Path) -> None:
    scene = trimesh.Scene()
    scene.add_geometry(slab(), node_name="a")
    scene.add_geometry(slab(), node_name="b", transform=trimesh.transformations.translation_matrix([10, 0, 0]))
    scene.export(tmp_path / "two.glb")
    assert extent(tmp_path / "two.glb", up_axis="Z") == [11, 2, 3]


def test_a_file_with_points_that_are_not_finite_is_named(tmp_path: Path) -> None:
    source = tmp_path / "broken.obj"
    source.write_text("v nan 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 3\n")
    with pytest.raises(AssetError, match=r"broken\.obj: the mesh .* has points that are not finite; export it again"):
        import_mesh(source)
