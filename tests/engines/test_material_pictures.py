"""Pictures of OmniPBR materials: which rows, which bytes, which numbers beside them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from pxr import Sdf, UsdShade

from replicator_dr.engines.embedded.api import create, distribution, modify, randomizer, trigger
from replicator_dr.engines.embedded.runtime import Runtime
from replicator_dr.errors import AssetError
from tests.engines.material_pictures import TYPES, is_hole, materials, number, omnipbr, picture, texture


class TestOmniPbr:
    """Inputs by NVIDIA's names."""

    @pytest.mark.parametrize("influence", [0.0, 0.25, 1.0])
    def test_numbers_are_between_constant_and_picture(self, runtime: Runtime, tmp_path: Path, influence: float) -> None:
        # One 8-bit number for each pixel: the mean of the colours, as OmniPBR's mono_average.
        grey, rgb = picture(tmp_path / "grey.png", (204,), "L"), picture(tmp_path / "rgb.png", (51, 102, 153))
        omnipbr(
            runtime, reflection_roughness_constant=0.4, reflectionroughness_texture=grey, metallic_constant=0.9,
            reflection_roughness_texture_influence=influence, metallic_texture=rgb,
            metallic_texture_influence=influence,
        )  # fmt: skip
        assert number(runtime, "roughness") == pytest.approx((1 - influence) * 0.4 + influence * 0.8, abs=1e-6)
        assert number(runtime, "metallic") == pytest.approx((1 - influence) * 0.9 + influence * 0.4, abs=1e-6)

    def test_a_picture_without_influence_is_not_looked_up(self, runtime: Runtime, tmp_path: Path) -> None:
        omnipbr(runtime, reflectionroughness_texture=picture(tmp_path / "a.png", (9, 9, 9)))
        assert materials(runtime).roughness_texture[0, 1] == -1
        assert number(runtime, "roughness") == 0.5

    @pytest.mark.parametrize("enabled", [True, False])
    def test_orm_pictures_hold_roughness_in_green_and_metallic_in_blue(
        self, runtime: Runtime, tmp_path: Path, enabled: bool
    ) -> None:
        omnipbr(
            runtime, enable_ORM_texture=enabled, ORM_texture=picture(tmp_path / "orm.png", (7, 51, 204)),
            metallic_texture=picture(tmp_path / "other.png", (255, 255, 255)),
            reflection_roughness_texture_influence=1.0, metallic_texture_influence=1.0,
        )  # fmt: skip
        assert number(runtime, "roughness") == pytest.approx(0.2 if enabled else 0.5)
        assert number(runtime, "metallic") == pytest.approx(0.8 if enabled else 1.0)

    # Alpha, mean, luminance by Rec. 709, maximum.
    @pytest.mark.parametrize(("mode", "texel"), [(0, 40), (1, 100), (2, 163), (3, 200)])
    def test_what_an_opacity_picture_means(self, runtime: Runtime, tmp_path: Path, mode: int, texel: int) -> None:
        path = picture(tmp_path / "mask.png", (90, 200, 10, 40), "RGBA")
        omnipbr(runtime, enable_opacity=True, enable_opacity_texture=True, opacity_texture=path, opacity_mode=mode)
        mask = texture(runtime, int(materials(runtime).opacity_texture[0, 1]))
        assert mask.pixels[0, 0].tolist() == [texel] * 3 + [255]
        assert mask.linear

    def test_opacity_is_cut_at_the_threshold(self, runtime: Runtime, tmp_path: Path) -> None:
        shader = omnipbr(
            runtime, enable_opacity=True, enable_opacity_texture=True, opacity_constant=0.8, opacity_threshold=0.4,
            opacity_texture=picture(tmp_path / "mask.png", (128,), "L"),
        )  # fmt: skip
        # 0.8 t = 0.4 at t = 127.5 of 255.
        assert is_hole(runtime, 127)
        assert not is_hole(runtime, 128)
        shader.GetInput("opacity_threshold").Set(0.0)
        # What would be blended is cut at a half: 0.8 t = 0.5 at t = 159.4 of 255.
        assert is_hole(runtime, 159)
        assert not is_hole(runtime, 160)
        shader.GetInput("enable_opacity_texture").Set(False)
        assert materials(runtime).opacity_texture[0, 1] == -1
        assert materials(runtime).opacity[0, 1] == pytest.approx(0.8)
        shader.GetInput("enable_opacity").Set(False)
        assert materials(runtime).opacity[0, 1] == 1

    @pytest.mark.parametrize(("constant", "drawn"), [(0.2, False), (0.4, True)])
    def test_a_threshold_without_a_picture_shows_or_hides(self, runtime: Runtime, constant: float, drawn: bool) -> None:
        omnipbr(runtime, enable_opacity=True, opacity_constant=constant, opacity_threshold=0.3)
        assert runtime.evaluate(np.zeros(1, np.int64)).arrays.part_drawn.tolist() == [[drawn]]

    @pytest.mark.parametrize(
        ("flips", "texel"),
        [
            # DirectX's, OmniPBR's default: green points down the picture.
            ({}, [10, 255 - 20, 240]),
            ({"flip_tangent_v": False}, [10, 20, 240]),
            ({"flip_tangent_u": True, "flip_tangent_v": True}, [255 - 10, 255 - 20, 240]),
        ],
    )
    def test_normal_maps(self, runtime: Runtime, tmp_path: Path, flips: dict[str, bool], texel: list[int]) -> None:
        omnipbr(runtime, normalmap_texture=picture(tmp_path / "n.png", (10, 20, 240)), bump_factor=0.7, **flips)
        arrays = materials(runtime)
        normals = texture(runtime, int(arrays.normal_texture[0, 1]))
        assert normals.linear
        assert normals.pixels[0, 0, :3].tolist() == texel
        assert arrays.normal_gain[0, 1] == pytest.approx(0.7)

    def test_emission(self, runtime: Runtime, tmp_path: Path) -> None:
        shader = omnipbr(runtime, emissive_mask_texture=picture(tmp_path / "mask.png", (128, 128, 128)))
        shader.CreateInput("emissive_color", Sdf.ValueTypeNames.Color3f).Set((0.5, 1, 2))
        assert materials(runtime).emission_texture[0, 1] == -1  # create.material_omnipbr's intensity is 0
        shader.GetInput("emissive_intensity").Set(10)
        arrays = materials(runtime)
        assert np.allclose(arrays.emission[0, 1], [5, 10, 20])
        assert texture(runtime, int(arrays.emission_texture[0, 1])).linear
        shader.CreateInput("emissive_color_texture", TYPES[str]).Set(picture(tmp_path / "glow.png", (1, 2, 3)))
        with pytest.warns(UserWarning, match="emissive_mask_texture is left out beside emissive_color_texture"):
            arrays = materials(runtime)
        # Where there is a picture, the plain colour does not count.
        assert np.allclose(arrays.emission[0, 1], [10, 10, 10])
        glow = texture(runtime, int(arrays.emission_texture[0, 1]))
        assert not glow.linear
        assert glow.pixels[0, 0, :3].tolist() == [1, 2, 3]

    def test_colour_spaces_of_attributes(self, runtime: Runtime, tmp_path: Path) -> None:
        path = picture(tmp_path / "a.png", (1, 2, 3))
        shader = omnipbr(runtime, diffuse_texture=path, reflectionroughness_texture=path)
        shader.CreateInput("reflection_roughness_texture_influence", TYPES[float]).Set(1.0)
        assert [one.linear for one in runtime.scene().arrays.textures] == [False, True]
        shader.GetInput("diffuse_texture").GetAttr().SetColorSpace("raw")
        shader.GetInput("reflectionroughness_texture").GetAttr().SetColorSpace("sRGB")
        assert [one.linear for one in runtime.scene().arrays.textures] == [True, False]

    def test_one_file_is_one_row_for_each_use(self, runtime: Runtime, tmp_path: Path) -> None:
        path = picture(tmp_path / "a.png", (1, 2, 3))
        for _ in range(2):
            create.material_omnipbr(diffuse_texture=path, roughness_texture=path, metallic_texture=path)
        arrays = materials(runtime)
        assert len(runtime.scene().arrays.textures) == 2
        assert arrays.base_texture[0].tolist() == [-1, 0, 0]
        assert arrays.roughness_texture[0].tolist() == arrays.metallic_texture[0].tolist() == [-1, 1, 1]


class TestArguments:
    """create.material_omnipbr and what varies."""

    def test_pictures_take_the_place_of_plain_values(self, runtime: Runtime, tmp_path: Path) -> None:
        files = [picture(tmp_path / f"{value}.png", (value,) * 3) for value in (51, 102, 153)]
        create.cube(
            material=create.material_omnipbr(
                roughness=0.9, roughness_texture=files[0], metallic=0.9, metallic_texture=files[1],
                emissive_color=(1, 0, 0), emissive_texture=files[2], emissive_intensity=3,
            )
        )  # fmt: skip
        assert number(runtime, "roughness") == pytest.approx(0.2)
        assert number(runtime, "metallic") == pytest.approx(0.4)
        arrays = materials(runtime)
        assert np.allclose(arrays.emission[0, 1], [3, 3, 3])
        assert texture(runtime, int(arrays.emission_texture[0, 1])).pixels[0, 0, 0] == 153

    def test_all_pictures_vary(self, runtime: Runtime, tmp_path: Path) -> None:
        files = [picture(tmp_path / f"{value}.png", (value,) * 3) for value in (0, 51, 255)]
        choices = {name: distribution.choice(files, name=name) for name in ("diffuse", "rough", "metal", "glow")}
        with trigger.on_frame():
            create.material_omnipbr(
                diffuse_texture=choices["diffuse"], roughness_texture=choices["rough"],
                metallic_texture=choices["metal"], emissive_texture=choices["glow"], emissive_intensity=1,
            )  # fmt: skip
        state = runtime.evaluate(np.arange(30))
        made = state.arrays.materials
        for name, rows in (
            ("diffuse", made.base_texture),
            ("rough", made.roughness_texture),
            ("metal", made.metallic_texture),
            ("glow", made.emission_texture),
        ):
            texels = [int(texture(runtime, row).pixels[0, 0, 0]) for row in rows[:, 1]]
            assert [Path(str(file[0])).stem for file in state.draws[name].tolist()] == list(map(str, texels))
            assert set(texels) == {0, 51, 255}

    def test_modify_attribute_looks_pictures_up_as_each_shader_does(self, runtime: Runtime, tmp_path: Path) -> None:
        file = picture(tmp_path / "n.png", (10, 20, 240))
        looks = create.material_omnipbr(count=2)
        shader = UsdShade.Shader(runtime.stage.GetPrimAtPath(f"{looks.paths[1]}/Shader"))
        shader.CreateInput("flip_tangent_v", TYPES[bool]).Set(False)
        with trigger.on_frame(), looks:
            modify.attribute("inputs:normalmap_texture", distribution.choice([file]))
        rows = materials(runtime).normal_texture[0]
        assert [texture(runtime, row).pixels[0, 0, 1] for row in rows[1:]] == [235, 20]

    def test_orm_pictures_vary_as_a_whole_and_are_written_back(self, runtime: Runtime, tmp_path: Path) -> None:
        files = [picture(tmp_path / f"{value}.png", (0, value, 255 - value)) for value in (51, 204)]
        shader = omnipbr(
            runtime, enable_ORM_texture=True, reflection_roughness_texture_influence=1.0, metallic_texture_influence=1.0
        )
        with trigger.on_frame():
            modify.attribute(
                "ORM_texture", distribution.sequence(files), input_prims=str(shader.GetPrim().GetParent().GetPath())
            )
        for frame, value in enumerate((51, 204)):
            assert number(runtime, "roughness", frame) == pytest.approx(value / 255)
            assert number(runtime, "metallic", frame) == pytest.approx(1 - value / 255)
        runtime.write_back(runtime.values(np.arange(2)), 1)
        assert shader.GetInput("ORM_texture").Get().path == files[1]

    def test_the_materials_randomizer_changes_all_maps(self, runtime: Runtime, tmp_path: Path) -> None:
        looks = create.group(
            [
                create.material_omnipbr(roughness_texture=picture(tmp_path / f"{value}.png", (value,) * 3))
                for value in (0, 255)
            ]
        )
        with trigger.on_frame(), create.cube():
            randomizer.materials(looks)
        state = runtime.evaluate(np.arange(20)).arrays
        rows = np.take_along_axis(state.materials.roughness_texture, state.part_material, axis=1)
        assert set(rows.ravel()) == {0, 1}

    def test_a_picture_that_does_not_count_is_warned_of(self, runtime: Runtime, tmp_path: Path) -> None:
        look = create.material_omnipbr()
        with look:
            modify.attribute("metallic_texture", distribution.choice([picture(tmp_path / "a.png", (1, 2, 3))]))
        with pytest.warns(UserWarning, match="counts by metallic_texture_influence, which is 0 there"):
            assert materials(runtime).metallic_texture[0, 1] == -1
        with look:
            modify.attribute("metallic_texture_influence", 1.0)
        assert materials(runtime).metallic_texture[0, 1] == 0

    def test_a_missing_picture_is_named(self, runtime: Runtime) -> None:
        with pytest.raises(AssetError, match=r"there is no file /no/rough\.png"):
            create.material_omnipbr(roughness_texture="/no/rough.png")
        with create.material_omnipbr():
            modify.attribute("normalmap_texture", distribution.choice(["/no/normal.png"]))
        with pytest.raises(AssetError, match=r"there is no file /no/normal\.png"):
            runtime.scene()
