"""Materials and pictures: OmniPBR, UsdPreviewSurface, display colours, bindings, textures, panoramas."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pxr import Gf, Sdf, UsdGeom, UsdShade, UsdUtils

from replicator_dr.engines.embedded.api import create, distribution, get, modify, randomizer, trigger
from replicator_dr.engines.embedded.runtime import Runtime
from replicator_dr.engines.embedded.scene.hdr import read_hdr
from replicator_dr.engines.embedded.scene.pictures import decode_srgb, encode_srgb, read_panorama, read_texture
from replicator_dr.errors import AssetError, EngineError, UnsupportedError
from replicator_dr.render.scene import MaterialArrays


def picture(path: Path, color: tuple[int, ...], size: tuple[int, int] = (4, 4), mode: str = "RGB") -> str:
    Image.new(mode, size, color).save(path)
    return str(path)


def shown(runtime: Runtime, frames: int = 1) -> tuple[MaterialArrays, np.ndarray]:
    """The materials, and the row (B, P) of each part."""
    state = runtime.evaluate(np.arange(frames))
    return state.arrays.materials, state.arrays.part_material


def test_omnipbr_arguments_reach_the_arrays_and_the_stage(runtime: Runtime, tmp_path: Path) -> None:
    wood = picture(tmp_path / "wood.png", (10, 20, 30))
    look = create.material_omnipbr(
        diffuse=(0.1, 0.2, 0.3), diffuse_texture=wood, roughness=0.3, metallic=0.9, specular=0.7,
        emissive_color=(1, 2, 3), emissive_intensity=5,
    )  # fmt: skip
    create.cube(material=look)
    materials, rows = shown(runtime)
    row = rows[0, 0]
    assert row == 1
    # With a picture the plain colour does not count.
    assert materials.base_color[0, row].tolist() == [1, 1, 1]
    assert materials.base_texture[0, row] == 0
    assert runtime.scene().arrays.textures[0].pixels[0, 0].tolist() == [10, 20, 30, 255]
    values = [materials.roughness, materials.metallic, materials.specular, materials.opacity]
    assert np.allclose([value[0, row] for value in values], [0.3, 0.9, 0.7, 1.0])
    assert np.allclose(materials.emission[0, row], [5, 10, 15])
    shader = UsdShade.Shader(runtime.stage.GetPrimAtPath(f"{look.paths[0]}/Shader"))
    assert shader.GetSourceAsset("mdl").path == "OmniPBR.mdl"
    assert shader.GetSourceAssetSubIdentifier("mdl") == "OmniPBR"
    assert shader.GetInput("enable_emission").Get() is True


def test_nothing_bound_is_the_default_grey(runtime: Runtime) -> None:
    create.cube()
    materials, rows = shown(runtime)
    assert rows.tolist() == [[0]]
    assert materials.base_color[0, 0].tolist() == [0.5, 0.5, 0.5]
    assert materials.base_texture[0, 0] == -1


def test_display_colors_are_read_and_varied(runtime: Runtime) -> None:
    cubes = create.cube(count=2)
    prim = runtime.stage.GetPrimAtPath("/Replicator/Cube_Xform/Cube")
    UsdGeom.Gprim(prim).CreateDisplayColorAttr([(0.9, 0.1, 0.2)])
    materials, rows = shown(runtime)
    assert np.allclose(materials.base_color[0, rows[0]], [[0.9, 0.1, 0.2], [0.5, 0.5, 0.5]])
    with trigger.on_frame(), cubes:
        modify.attribute("primvars:displayColor", distribution.uniform((0, 0, 0), (1, 1, 1), name="color"))
    materials, rows = shown(runtime, 3)
    draws = runtime.evaluate(np.arange(3)).draws["color"]
    assert np.allclose(np.take_along_axis(materials.base_color, rows[..., None], axis=1), draws)


class TestPreviewSurface:
    """UsdPreviewSurface networks."""

    def material(self, runtime: Runtime, file: str, space: str = "auto") -> tuple[UsdShade.Shader, UsdShade.Shader]:
        stage = runtime.stage
        material = UsdShade.Material.Define(stage, "/World/Look")
        surface = UsdShade.Shader.Define(stage, "/World/Look/Surface")
        surface.CreateIdAttr("UsdPreviewSurface")
        material.CreateSurfaceOutput().ConnectToSource(surface.ConnectableAPI(), "surface")
        texture = UsdShade.Shader.Define(stage, "/World/Look/Texture")
        texture.CreateIdAttr("UsdUVTexture")
        texture.CreateInput("file", Sdf.ValueTypeNames.Asset).Set(file)
        texture.CreateInput("sourceColorSpace", Sdf.ValueTypeNames.Token).Set(space)
        create.cube()
        cube = runtime.stage.GetPrimAtPath("/Replicator/Cube_Xform/Cube")
        UsdShade.MaterialBindingAPI.Apply(cube).Bind(material)
        return surface, texture

    def connect(self, surface: UsdShade.Shader, name: str, texture: UsdShade.Shader, output: str) -> None:
        kind = Sdf.ValueTypeNames.Color3f if output == "rgb" else Sdf.ValueTypeNames.Float
        surface.CreateInput(name, kind).ConnectToSource(texture.ConnectableAPI(), output)

    def test_a_base_colour_picture_with_scale_and_transform(self, runtime: Runtime, tmp_path: Path) -> None:
        surface, texture = self.material(runtime, picture(tmp_path / "a.png", (200, 100, 50)))
        self.connect(surface, "diffuseColor", texture, "rgb")
        texture.CreateInput("scale", Sdf.ValueTypeNames.Float4).Set(Gf.Vec4f(0.5, 0.25, 1, 1))
        turn = UsdShade.Shader.Define(runtime.stage, "/World/Look/Turn")
        turn.CreateIdAttr("UsdTransform2d")
        turn.CreateInput("scale", Sdf.ValueTypeNames.Float2).Set(Gf.Vec2f(3, 4))
        turn.CreateInput("rotation", Sdf.ValueTypeNames.Float).Set(30.0)
        turn.CreateInput("translation", Sdf.ValueTypeNames.Float2).Set(Gf.Vec2f(0.1, 0.2))
        texture.CreateInput("st", Sdf.ValueTypeNames.Float2).ConnectToSource(turn.ConnectableAPI(), "result")
        materials, rows = shown(runtime)
        row = rows[0, 0]
        assert np.allclose(materials.base_color[0, row], [0.5, 0.25, 1])
        assert materials.base_texture[0, row] == 0
        assert np.allclose(materials.uv_scale[0, row], [3, 4])
        assert np.allclose(materials.uv_offset[0, row], [0.1, 0.2])
        assert materials.uv_rotation[0, row] == 30

    def test_index_of_refraction(self, runtime: Runtime, tmp_path: Path) -> None:
        surface, _ = self.material(runtime, picture(tmp_path / "a.png", (0, 0, 0)))
        surface.CreateInput("ior", Sdf.ValueTypeNames.Float).Set(1.5)
        materials, rows = shown(runtime)
        assert materials.specular[0, rows[0, 0]] == pytest.approx(0.5)


class TestBindings:
    """modify.material and the randomizers that bind."""

    def test_a_choice_of_materials_for_each_prim(self, runtime: Runtime) -> None:
        looks = create.material_omnipbr(diffuse=distribution.uniform((0, 0, 0), (1, 1, 1)), count=4)
        with trigger.on_frame(), create.cube(count=6):
            randomizer.materials(looks)
        _, rows = shown(runtime, 20)
        assert set(rows.ravel()) == {1, 2, 3, 4}
        assert all(len(np.unique(row)) > 1 for row in rows)

    def test_a_binding_above_wins_over_those_below(self, runtime: Runtime) -> None:
        own, over = create.material_omnipbr(diffuse=(1, 0, 0)), create.material_omnipbr(diffuse=(0, 1, 0))
        parent = create.xform()
        create.cube(parent=parent, material=own)
        _, rows = shown(runtime)
        assert rows[0, 0] == 1
        with get.prim_at_path(runtime.stage.GetPrimAtPath(parent.paths[0]).GetChildren()[0]):
            modify.material(over)
        _, rows = shown(runtime)
        assert rows[0, 0] == 2

    def test_colors_and_textures_get_materials_of_their_own(self, runtime: Runtime, tmp_path: Path) -> None:
        files = [picture(tmp_path / f"{i}.png", (i, 0, 0)) for i in range(3)]
        with trigger.on_frame():
            with create.cube(count=2):
                randomizer.color([(1, 0, 0), (0, 1, 0)])
            with create.sphere():
                randomizer.texture(files, texture_scale=[(2, 2), (3, 3)], texture_rotate=[45])
        materials, rows = shown(runtime, 30)
        assert rows[0].tolist() == [1, 2, 3]
        assert {tuple(color) for color in materials.base_color[:, 1]} == {(1, 0, 0), (0, 1, 0)}
        assert not np.array_equal(materials.base_color[:, 1], materials.base_color[:, 2])
        assert set(materials.base_texture[:, 3]) == {0, 1, 2}
        assert set(materials.uv_scale[:, 3, 0]) == {2, 3}
        assert set(materials.uv_rotation[:, 3]) == {45}

    def test_what_is_no_material(self, runtime: Runtime) -> None:
        cube = create.cube()
        with cube:
            modify.material(cube)
        with pytest.raises(EngineError, match="is a Xform, not a material"):
            runtime.scene()


class TestAttributes:
    """modify.attribute on shaders."""

    def test_shader_inputs_with_and_without_prefix(self, runtime: Runtime) -> None:
        look = create.material_omnipbr()
        create.cube(material=look)
        with trigger.on_frame():
            with look:
                modify.attribute("reflection_roughness_constant", 0.25)
            with get.prim_at_path(f"{look.paths[0]}/Shader"):
                modify.attribute("inputs:diffuse_tint", (0.5, 1, 1))
                modify.attribute("inputs:diffuse_color_constant", (0.4, 0.4, 0.4))
        materials, _ = shown(runtime)
        assert materials.roughness[0, 1] == 0.25
        assert np.allclose(materials.base_color[0, 1], [0.2, 0.4, 0.4])

    def test_an_unknown_attribute_names_what_there_is(self, runtime: Runtime) -> None:
        with create.material_omnipbr():
            modify.attribute("inputs:roughnes", 1)
        with pytest.raises(
            EngineError, match=r"has no attribute 'inputs:roughnes'; a Material has: .*metallic_constant"
        ):
            runtime.scene()

    def test_an_attribute_that_cannot_vary(self, runtime: Runtime) -> None:
        with create.sphere(as_mesh=False):
            modify.attribute("radius", distribution.uniform(1, 2))
        with pytest.raises(UnsupportedError, match=r"'radius' of .* cannot vary from frame to frame"):
            runtime.scene()

    def test_a_missing_picture_is_named_before_anything_is_drawn(self, runtime: Runtime) -> None:
        with create.material_omnipbr():
            modify.attribute("diffuse_texture", distribution.choice(["/no/such/wood.png"]))
        with pytest.raises(AssetError, match=r"there is no file /no/such/wood\.png"):
            runtime.scene()
        with pytest.raises(AssetError, match=r"there is no file /no/such/oak\.png"):
            create.material_omnipbr(diffuse_texture="/no/such/oak.png")


class TestPictures:
    """Files to pixels."""

    def test_large_pictures_are_shrunk(self, tmp_path: Path) -> None:
        assert read_texture(picture(tmp_path / "big.png", (1, 2, 3), (4096, 1024))).shape == (512, 2048, 4)

    def test_grey_palette_and_16_bit_pictures(self, tmp_path: Path) -> None:
        Image.new("L", (2, 2), 77).save(tmp_path / "grey.png")
        assert read_texture(str(tmp_path / "grey.png"))[0, 0].tolist() == [77, 77, 77, 255]
        Image.new("RGBA", (2, 2), (1, 2, 3, 4)).save(tmp_path / "alpha.png")
        assert read_texture(str(tmp_path / "alpha.png"))[0, 0].tolist() == [1, 2, 3, 4]
        Image.fromarray(np.full((2, 2), 40000, dtype=np.uint16)).save(tmp_path / "deep.png")
        assert read_texture(str(tmp_path / "deep.png"))[0, 0].tolist() == [156, 156, 156, 255]

    def test_what_is_no_picture(self, tmp_path: Path) -> None:
        (tmp_path / "text.png").write_text("no picture")
        with pytest.raises(AssetError, match=r"text\.png: is not a picture"):
            read_texture(str(tmp_path / "text.png"))
        with pytest.raises(UnsupportedError, match=r"convert it to Radiance HDR \(\.hdr\)"):
            read_panorama(str(tmp_path / "sky.exr"))

    def test_srgb_there_and_back(self) -> None:
        codes = np.arange(256, dtype=np.uint8)
        assert np.array_equal(encode_srgb(decode_srgb(codes)), codes)

    def test_pictures_inside_packages(self, runtime: Runtime, tmp_path: Path) -> None:
        from pxr import Usd

        picture(tmp_path / "skin.png", (9, 8, 7))
        stage = Usd.Stage.CreateNew(str(tmp_path / "asset.usda"))
        root = UsdGeom.Xform.Define(stage, "/asset")
        stage.SetDefaultPrim(root.GetPrim())
        mesh = UsdGeom.Mesh.Define(stage, "/asset/mesh")
        mesh.CreatePointsAttr([(0, 0, 0), (1, 0, 0), (0, 1, 0)])
        mesh.CreateFaceVertexCountsAttr([3])
        mesh.CreateFaceVertexIndicesAttr([0, 1, 2])
        look = UsdShade.Material.Define(stage, "/asset/look")
        surface = UsdShade.Shader.Define(stage, "/asset/look/surface")
        surface.CreateIdAttr("UsdPreviewSurface")
        look.CreateSurfaceOutput().ConnectToSource(surface.ConnectableAPI(), "surface")
        texture = UsdShade.Shader.Define(stage, "/asset/look/texture")
        texture.CreateIdAttr("UsdUVTexture")
        texture.CreateInput("file", Sdf.ValueTypeNames.Asset).Set("./skin.png")
        color = surface.CreateInput("diffuseColor", Sdf.ValueTypeNames.Color3f)
        color.ConnectToSource(texture.ConnectableAPI(), "rgb")
        UsdShade.MaterialBindingAPI.Apply(mesh.GetPrim()).Bind(look)
        stage.Save()
        assert UsdUtils.CreateNewUsdzPackage(str(tmp_path / "asset.usda"), str(tmp_path / "asset.usdz"))
        assert zipfile.is_zipfile(tmp_path / "asset.usdz")
        (tmp_path / "skin.png").unlink()
        create.from_usd(str(tmp_path / "asset.usdz"))
        (loaded,) = runtime.scene().arrays.textures
        assert loaded.pixels[0, 0].tolist() == [9, 8, 7, 255]


def rgbe(pixels: np.ndarray, rle: bool) -> bytes:
    """A Radiance file from (H, W, 4) bytes, written here for the test."""
    height, width = pixels.shape[:2]
    head = b"#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n" + f"-Y {height} +X {width}\n".encode()
    if not rle:
        return head + pixels.tobytes()
    body = b""
    for row in pixels:
        body += bytes([2, 2, width >> 8, width & 255])
        for plane in row.T:
            values, at = plane.tolist(), 0
            while at < width:
                run = 1
                while at + run < width and run < 127 and values[at + run] == values[at]:
                    run += 1
                body += bytes([128 + run, values[at]]) if run > 2 else bytes([1, values[at]])
                at += run if run > 2 else 1
    return head + body


@pytest.mark.parametrize("rle", [True, False])
def test_radiance_pictures(rle: bool) -> None:
    rng = np.random.default_rng(2)
    pixels = rng.integers(0, 255, (5, 300, 4)).astype(np.uint8)
    pixels[:, 50:250] = pixels[:, 50:51]
    pixels[..., 3] = rng.choice([0, 120, 128, 136], (5, 300))
    pixels[0, 0] = [7, 8, 9, 100]
    made = read_hdr(rgbe(pixels, rle), "x.hdr")
    scale = np.where(pixels[..., 3:] > 0, 2.0 ** (pixels[..., 3:].astype(float) - 136), 0.0)
    assert np.allclose(made, (pixels[..., :3] + 0.5) * scale, rtol=1e-6)


def test_damaged_radiance_pictures() -> None:
    whole = rgbe(np.full((4, 64, 4), 128, dtype=np.uint8), True)
    with pytest.raises(AssetError, match=r"x\.hdr: ends early"):
        read_hdr(whole[:-3], "x.hdr")
    with pytest.raises(AssetError, match="does not begin with"):
        read_hdr(b"GIF89a", "x.hdr")
