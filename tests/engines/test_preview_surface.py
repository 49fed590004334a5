"""Pictures of UsdPreviewSurface networks: which rows, which bytes, which numbers beside them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pxr import Gf, Sdf, UsdShade

from replicator_dr.engines.embedded.api import create
from replicator_dr.engines.embedded.runtime import Runtime
from replicator_dr.engines.embedded.scene.own_materials import own_materials
from tests.engines.material_pictures import is_hole, materials, number, picture, texture


class TestPreviewSurface:
    """UsdPreviewSurface networks."""

    @pytest.fixture
    def surface(self, runtime: Runtime) -> UsdShade.Shader:
        material = UsdShade.Material.Define(runtime.stage, "/World/Look")
        surface = UsdShade.Shader.Define(runtime.stage, "/World/Look/Surface")
        surface.CreateIdAttr("UsdPreviewSurface")
        material.CreateSurfaceOutput().ConnectToSource(surface.ConnectableAPI(), "surface")
        create.cube()
        cube = runtime.stage.GetPrimAtPath("/Replicator/Cube_Xform/Cube")
        UsdShade.MaterialBindingAPI.Apply(cube).Bind(material)
        return surface

    def connect(
        self, surface: UsdShade.Shader, name: str, file: str, output: str, space: str | None = "raw", **inputs: Any
    ) -> UsdShade.Shader:
        stage = surface.GetPrim().GetStage()
        node = UsdShade.Shader.Define(stage, f"/World/Look/{name}")
        node.CreateIdAttr("UsdUVTexture")
        node.CreateInput("file", Sdf.ValueTypeNames.Asset).Set(file)
        if space is not None:
            node.CreateInput("sourceColorSpace", Sdf.ValueTypeNames.Token).Set(space)
        for key, value in inputs.items():
            node.CreateInput(key, Sdf.ValueTypeNames.Float4).Set(Gf.Vec4f(*value))
        kind = Sdf.ValueTypeNames.Color3f if output == "rgb" else Sdf.ValueTypeNames.Float
        surface.CreateInput(name, kind).ConnectToSource(node.ConnectableAPI(), output)
        return node

    def test_numbers_with_scale_and_bias(self, runtime: Runtime, surface: UsdShade.Shader, tmp_path: Path) -> None:
        file = picture(tmp_path / "orm.png", (0, 51, 204))
        self.connect(surface, "roughness", file, "g", scale=(1, -0.5, 1, 1), bias=(0, 0.9, 0, 0))
        self.connect(surface, "metallic", file, "b")
        assert number(runtime, "roughness") == pytest.approx(0.9 - 0.5 * 0.2)
        assert number(runtime, "metallic") == pytest.approx(0.8)

    @pytest.mark.parametrize(
        ("mode", "output", "space", "linear"),
        [
            ("RGB", "r", "raw", True),
            ("RGB", "r", "sRGB", False),
            # USD's rules for "auto": three or four channels of 8 bits are sRGB, others are not; alpha never is.
            ("RGB", "r", "auto", False),
            ("RGB", "r", None, False),
            ("L", "r", "auto", True),
            ("RGBA", "a", "auto", True),
            ("RGBA", "a", "sRGB", True),
        ],
    )
    def test_colour_spaces(
        self, runtime: Runtime, surface: UsdShade.Shader, tmp_path: Path, mode: str, output: str, space: str | None,
        linear: bool,
    ) -> None:  # fmt: skip
        file = picture(tmp_path / "a.png", (70, 70, 70, 30)[: len(mode)], mode)
        self.connect(surface, "roughness", file, output, space)
        (loaded,) = runtime.scene().arrays.textures
        assert loaded.linear is linear
        assert loaded.pixels[0, 0].tolist() == ([30] if output == "a" else [70]) * 3 + [255]

    def test_raw_colours_keep_their_bytes(self, runtime: Runtime, surface: UsdShade.Shader, tmp_path: Path) -> None:
        self.connect(surface, "diffuseColor", picture(tmp_path / "raw.png", (128, 64, 32)), "rgb", "raw")
        (loaded,) = runtime.scene().arrays.textures
        assert loaded.linear
        assert loaded.pixels[0, 0].tolist() == [128, 64, 32, 255]

    @pytest.mark.parametrize("threshold", [None, 0.25])
    def test_opacity_in_the_alpha_of_the_base_colour(
        self, runtime: Runtime, surface: UsdShade.Shader, tmp_path: Path, threshold: float | None
    ) -> None:
        file = picture(tmp_path / "leaf.png", (1, 2, 3, 77), "RGBA")
        node = self.connect(surface, "diffuseColor", file, "rgb", None)
        surface.CreateInput("opacity", Sdf.ValueTypeNames.Float).ConnectToSource(node.ConnectableAPI(), "a")
        if threshold is not None:
            surface.CreateInput("opacityThreshold", Sdf.ValueTypeNames.Float).Set(threshold)
        arrays = materials(runtime)
        assert texture(runtime, int(arrays.base_texture[0, 1])).pixels[0, 0].tolist() == [1, 2, 3, 77]
        assert texture(runtime, int(arrays.opacity_texture[0, 1])).pixels[0, 0].tolist() == [77, 77, 77, 255]
        assert is_hole(runtime, 63)
        assert is_hole(runtime, 77) is (threshold is None)

    def test_an_alpha_that_nothing_is_connected_to_does_not_count(
        self, runtime: Runtime, surface: UsdShade.Shader, tmp_path: Path
    ) -> None:
        self.connect(surface, "diffuseColor", picture(tmp_path / "a.png", (1, 2, 3, 0), "RGBA"), "rgb")
        assert materials(runtime).opacity_texture[0, 1] == -1
        assert materials(runtime).opacity[0, 1] == 1

    def test_a_transparency_picture_is_turned_round(
        self, runtime: Runtime, surface: UsdShade.Shader, tmp_path: Path
    ) -> None:
        file = picture(tmp_path / "t.png", (200,), "L")
        self.connect(surface, "opacity", file, "r", scale=(-1, -1, -1, -1), bias=(1, 1, 1, 1))
        (mask,) = runtime.scene().arrays.textures
        # Opacity 1 - t: where t is above a half, there is a hole.
        assert mask.pixels[0, 0, 0] == 55
        assert is_hole(runtime, 255 - 128)
        assert not is_hole(runtime, 255 - 127)

    @pytest.mark.parametrize(
        ("scale", "texel", "gain"),
        [
            ((2, 2, 2, 1), [10, 20, 240], 1.0),
            ((1, 1, 1, 1), [10, 20, 240], 1.0),
            ((2, -2, 2, 1), [10, 235, 240], 1.0),
            ((0.5, 0.5, 1, 1), [10, 20, 240], 0.5),
        ],
    )
    def test_normals(
        self, runtime: Runtime, surface: UsdShade.Shader, tmp_path: Path, scale: tuple[float, ...], texel: list[int],
        gain: float,
    ) -> None:  # fmt: skip
        bias = (*(-0.5 * value for value in scale[:3]), 0.0)
        self.connect(surface, "normal", picture(tmp_path / "n.png", (10, 20, 240)), "rgb", None, scale=scale, bias=bias)
        arrays = materials(runtime)
        normals = texture(runtime, int(arrays.normal_texture[0, 1]))
        assert normals.linear
        assert normals.pixels[0, 0, :3].tolist() == texel
        assert arrays.normal_gain[0, 1] == pytest.approx(gain)

    def test_emission(self, runtime: Runtime, surface: UsdShade.Shader, tmp_path: Path) -> None:
        file = picture(tmp_path / "glow.png", (9, 8, 7))
        self.connect(surface, "emissiveColor", file, "rgb", None, scale=(3, 4, 5, 1))
        arrays = materials(runtime)
        assert np.allclose(arrays.emission[0, 1], [3, 4, 5])
        glow = texture(runtime, int(arrays.emission_texture[0, 1]))
        assert not glow.linear
        assert glow.pixels[0, 0, :3].tolist() == [9, 8, 7]

    def test_a_texture_without_a_file_gives_its_fallback(self, runtime: Runtime, surface: UsdShade.Shader) -> None:
        self.connect(surface, "roughness", "", "g", fallback=(0.1, 0.2, 0.3, 0.4))
        assert number(runtime, "roughness") == pytest.approx(0.2)
        assert runtime.scene().arrays.textures == ()

    def transform(self, node: UsdShade.Shader, scale: tuple[float, float]) -> None:
        turn = UsdShade.Shader.Define(node.GetPrim().GetStage(), f"{node.GetPath()}_turn")
        turn.CreateIdAttr("UsdTransform2d")
        turn.CreateInput("scale", Sdf.ValueTypeNames.Float2).Set(Gf.Vec2f(*scale))
        node.CreateInput("st", Sdf.ValueTypeNames.Float2).ConnectToSource(turn.ConnectableAPI(), "result")

    def test_one_transform_for_all_pictures(
        self, runtime: Runtime, surface: UsdShade.Shader, tmp_path: Path, recwarn: pytest.WarningsRecorder
    ) -> None:
        file = picture(tmp_path / "a.png", (1, 2, 3))
        rough = self.connect(surface, "roughness", file, "r")
        self.transform(rough, (2, 3))
        assert np.allclose(materials(runtime).uv_scale[0, 1], [2, 3])
        base = self.connect(surface, "diffuseColor", file, "rgb")
        self.transform(base, (2, 3))
        assert np.allclose(materials(runtime).uv_scale[0, 1], [2, 3])
        assert not recwarn.list
        self.transform(base, (5, 6))
        with pytest.warns(
            UserWarning, match="/World/Look/Surface: the pictures of roughness have other .* than that of diffuseColor"
        ):
            assert np.allclose(materials(runtime).uv_scale[0, 1], [5, 6])

    def test_materials_made_from_it_look_the_same(
        self, runtime: Runtime, surface: UsdShade.Shader, tmp_path: Path
    ) -> None:
        orm = picture(tmp_path / "orm.png", (0, 51, 204))
        self.connect(surface, "roughness", orm, "g")
        self.connect(surface, "metallic", orm, "b", scale=(1, 1, 0.5, 1))
        self.connect(surface, "normal", picture(tmp_path / "n.png", (10, 20, 240)), "rgb")
        self.connect(surface, "opacity", picture(tmp_path / "o.png", (9,), "L"), "r", scale=(0.8,) * 4, bias=(0.1,) * 4)
        self.connect(surface, "emissiveColor", picture(tmp_path / "e.png", (9, 8, 7)), "rgb", None)
        before, old = materials(runtime), runtime.scene().arrays.textures
        own_materials(runtime.stage, ["/Replicator/Cube_Xform"])
        after, new = materials(runtime), runtime.scene().arrays.textures
        row = int(runtime.evaluate(np.zeros(1, np.int64)).arrays.part_material[0, 0])
        for name, value in vars(before).items():
            was, now = value[0, 1], getattr(after, name)[0, row]
            if name.endswith("_texture"):
                assert (was < 0) == (now < 0), name
                if was >= 0:
                    assert old[was].linear == new[now].linear, name
                    assert np.array_equal(old[was].pixels, new[now].pixels), name
            elif name not in ("roughness", "metallic") or before.roughness_texture[0, 1] < 0:
                assert np.allclose(was, now), name
        for name, value in (("roughness", 0.2), ("metallic", 0.4)):
            assert number(runtime, name, material=row) == pytest.approx(value)
