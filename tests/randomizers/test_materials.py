from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from scipy import stats


def test_every_copy_has_a_material_of_its_own(sampled: Any) -> None:
    entry = {
        "materials": {
            "prims": "parts",
            "roughness": {"uniform": [0.1, 0.9]},
            "diffuse": {"uniform": [[0, 0, 0], [1, 1, 1]]},
        }
    }
    result = sampled(entry, frames=300)
    for name, count in (("boxes", 3), ("balls", 2)):
        roughness = result.material(name, "roughness")
        np.testing.assert_allclose(roughness, result.draw(f"{name}.materials.roughness")[..., 0], rtol=1e-6)
        np.testing.assert_allclose(
            result.material(name, "base_color"), result.draw(f"{name}.materials.diffuse"), atol=1e-6
        )
        assert roughness.shape == (300, count)
        assert stats.kstest(roughness.ravel(), stats.uniform(0.1, 0.8).cdf).pvalue > 1e-4


def test_what_is_not_varied_stays(sampled: Any) -> None:
    create = {"boxes": {"cube": {"material": "shiny"}, "semantics": {"class": "box"}}}
    result = sampled({"materials": {"prims": "boxes", "roughness": {"uniform": [0.5, 0.9]}}}, create=create, frames=5)
    assert (result.material("boxes", "metallic") == 1).all()
    assert (result.material("boxes", "roughness") >= 0.5).all()


def test_a_material_given_to_an_asset_can_be_varied(sampled: Any) -> None:
    asset = Path(__file__).parents[2] / "scenes" / "assets" / "meshes" / "gear.usdc"
    create = {
        "gears": {"from_usd": {"usd": str(asset), "count": 2, "material": "shiny"}, "semantics": {"class": "gear"}}
    }
    result = sampled({"materials": {"prims": "gears", "roughness": {"uniform": [0.5, 0.9]}}}, create=create, frames=5)
    np.testing.assert_allclose(
        result.material("gears", "roughness"), result.draw("gears.materials.roughness")[..., 0], rtol=1e-6
    )
    assert (result.material("gears", "metallic") == 1).all()


def test_a_texture_stays_and_is_tinted(sampled: Any, pictures: list[str]) -> None:
    create = {
        "paint": {"material": {"diffuse_texture": pictures[0], "roughness": 0.3}},
        "boxes": {"cube": {"count": 2, "material": "paint"}, "semantics": {"class": "box"}},
    }
    result = sampled(
        {"materials": {"prims": "boxes", "diffuse": {"uniform": [[0, 0, 0], [1, 1, 1]]}}}, create=create, frames=5
    )
    assert (result.material("boxes", "base_texture") >= 0).all()
    np.testing.assert_allclose(
        result.material("boxes", "base_color"), result.draw("boxes.materials.diffuse"), atol=1e-6
    )
    np.testing.assert_allclose(result.material("boxes", "roughness"), 0.3, rtol=1e-6)


def test_a_bounded_normal_stays_within_the_bounds(sampled: Any) -> None:
    result = sampled({"materials": {"prims": "boxes", "metallic": {"normal": [0.9, 0.3]}}}, frames=400)
    values = result.material("boxes", "metallic").ravel()
    assert values.min() >= 0
    assert values.max() <= 1
    law = stats.truncnorm(-0.9 / 0.3, 0.1 / 0.3, 0.9, 0.3)
    assert stats.kstest(values, law.cdf).pvalue > 1e-4


def test_emission(sampled: Any) -> None:
    entry = {
        "materials": {"prims": "boxes", "emissive_color": [1, 0.5, 0], "emissive_intensity": {"uniform": [10, 20]}}
    }
    result = sampled(entry, frames=5)
    emission = result.material("boxes", "emission")
    np.testing.assert_allclose(emission[..., 1], emission[..., 0] / 2, rtol=1e-6)
    assert (emission[..., 0] >= 10).all()
    assert (emission[..., 2] == 0).all()


def test_whole_materials(sampled: Any) -> None:
    entry = {
        "materials": {"prims": "boxes", "materials": {"choice": {"choices": ["dull", "shiny"], "weights": [1, 3]}}}
    }
    result = sampled(entry, frames=400)
    metallic = result.material("boxes", "metallic")
    assert set(np.unique(metallic)) == {0.0, 1.0}
    assert abs(metallic.mean() - 0.75) < 0.05
    assert ((metallic == 1) == np.isclose(result.material("boxes", "roughness"), 0.1)).all()


def test_textures_are_chosen_by_copy(sampled: Any, pictures: list[str]) -> None:
    entries = [
        {"texture": {"prims": "boxes", "textures": {"choice": pictures}, "texture_scale": 3, "texture_rotate": 90}},
        {"materials": {"prims": "boxes", "roughness": {"uniform": [0, 1]}}},
    ]
    result = sampled(*entries, frames=60)
    rows = result.material("boxes", "base_texture")
    assert len(np.unique(rows)) == 3
    assert (rows[:, 0] != rows[:, 1]).any()
    assert (result.material("boxes", "uv_scale") == 3).all()
    assert (result.material("boxes", "uv_rotation") == 90).all()
    # A randomizer of the material does not take the texture away.
    assert len(np.unique(result.material("boxes", "roughness"))) == 180
    first = result.scene.arrays.textures[int(rows[0, 0])].pixels[0, 0, :3]
    assert result.draw("boxes.texture.textures")[0, 0].endswith(
        ("red.png", "green.png", "blue.png")[int(np.argmax(first))]
    )


def test_colors(sampled: Any) -> None:
    result = sampled({"color": {"prims": "parts", "colors": {"choice": [[1, 0, 0], [0, 0, 1]]}}}, frames=50)
    colors = {tuple(color) for color in result.material("balls", "base_color").reshape(-1, 3)}
    assert colors == {(1.0, 0.0, 0.0), (0.0, 0.0, 1.0)}


def test_materials_exclude_their_parts(sampled: Any) -> None:
    from replicator_dr.errors import SpecError

    with pytest.raises(SpecError, match="materials and roughness exclude each other"):
        sampled({"materials": {"prims": "boxes", "materials": "dull", "roughness": 0.2}})


def test_chosen_files_are_recorded_as_they_were_written(
    sampled: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Image.new("RGB", (2, 2)).save(tmp_path / "oak.png")
    monkeypatch.chdir(tmp_path)
    result = sampled({"texture": {"prims": "balls", "textures": {"choice": ["oak.png"]}}}, frames=1)
    assert result.draw("balls.texture.textures").tolist() == [["oak.png", "oak.png"]]


def test_a_folder_and_a_pattern_are_a_choice_of_their_files(sampled: Any, pictures: list[str]) -> None:
    folder = Path(pictures[0]).parent
    (folder / "notes.txt").write_text("no picture")
    for textures in (str(folder), str(folder / "*.png"), {"choice": [str(folder / "[rg]*.png"), pictures[2]]}):
        result = sampled({"texture": {"prims": "boxes", "textures": textures}}, frames=300)
        drawn = result.draw("boxes.texture.textures").ravel()
        names, counts = np.unique([Path(name).name for name in drawn], return_counts=True)
        assert names.tolist() == ["blue.png", "green.png", "red.png"]
        assert stats.chisquare(counts).pvalue > 1e-3


def test_the_weight_of_a_pattern_is_shared_by_its_files(sampled: Any, pictures: list[str]) -> None:
    choices = [str(Path(pictures[0]).parent / "[rg]*.png"), pictures[2]]
    result = sampled(
        {"texture": {"prims": "boxes", "textures": {"choice": {"choices": choices, "weights": [2, 2]}}}}, frames=300
    )
    names, counts = np.unique(result.draw("boxes.texture.textures"), return_counts=True)
    assert [Path(name).name for name in names] == ["blue.png", "green.png", "red.png"]
    assert stats.chisquare(counts, np.array([0.5, 0.25, 0.25]) * 900).pvalue > 1e-3


def test_opacity_takes_parts_away(sampled: Any) -> None:
    result = sampled({"materials": {"prims": "boxes", "opacity": {"uniform": [0, 1]}}}, frames=100)
    opacity = result.draw("boxes.materials.opacity")[..., 0]
    shown = result.state.arrays.part_drawn[:, result.parts("boxes")]
    assert (shown == (np.float32(opacity) >= 0.5)).all()
    assert 0.4 < shown.mean() < 0.6


def test_the_materials_pictures_are_scaled_and_turned(sampled: Any) -> None:
    entry = {"prims": "boxes", "texture_scale": {"uniform": [1, 4]}, "texture_rotate": {"uniform": [0, 360]}}
    result = sampled({"materials": entry}, frames=20)
    np.testing.assert_allclose(
        result.material("boxes", "uv_rotation"), result.draw("boxes.materials.texture_rotate")[..., 0]
    )
