from __future__ import annotations

from pathlib import Path

import pytest

from replicator_dr.errors import SpecError
from replicator_dr.spec import load_spec
from replicator_dr.spec.distributions import Normal, Uniform
from replicator_dr.spec.items import Cube, Sphere
from replicator_dr.spec.lights import Light

BASE = """
name: base
seed: 3
create:
  floor: {plane: {scale: 6}, semantics: {class: floor}}
  box: {cube: {count: 2, scale: {uniform: [1, 2]}}}
  sun: {light: {intensity: 3000, temperature: 5000}}
triggers:
  - on_frame: {}
    randomize:
      - rotation: {prims: box}
"""


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_mappings_are_merged_deeply(tmp_path: Path) -> None:
    write(tmp_path, "base.yaml", BASE)
    spec = load_spec(
        write(tmp_path, "a.yaml", "extends: base.yaml\nseed: 4\ncreate: {sun: {light: {intensity: 10}}}\n")
    )
    assert (spec.name, spec.seed) == ("base", 4)
    sun = spec.create["sun"]
    assert isinstance(sun, Light)
    assert (sun.intensity, sun.temperature) == (10.0, 5000.0)
    assert list(spec.create) == ["floor", "box", "sun"]


def test_lists_replace(tmp_path: Path) -> None:
    write(tmp_path, "base.yaml", BASE)
    spec = load_spec(write(tmp_path, "a.yaml", "extends: base.yaml\ntriggers: []\n"))
    assert spec.triggers == ()


def test_null_removes_an_item(tmp_path: Path) -> None:
    write(tmp_path, "base.yaml", BASE)
    spec = load_spec(write(tmp_path, "a.yaml", "extends: base.yaml\ncreate: {sun: null}\n"))
    assert list(spec.create) == ["floor", "box"]


def test_another_kind_replaces_the_kind_below(tmp_path: Path) -> None:
    write(tmp_path, "base.yaml", BASE)
    spec = load_spec(write(tmp_path, "a.yaml", "extends: base.yaml\ncreate: {box: {sphere: {count: 5}}}\n"))
    assert isinstance(spec.create["box"], Sphere)
    assert spec.create["box"].count == 5


def test_another_distribution_replaces_the_one_below(tmp_path: Path) -> None:
    write(tmp_path, "base.yaml", BASE)
    spec = load_spec(
        write(tmp_path, "a.yaml", "extends: base.yaml\ncreate: {box: {cube: {scale: {normal: [1, 0]}}}}\n")
    )
    box = spec.create["box"]
    assert isinstance(box, Cube)
    assert box.scale == Normal(1.0, 0.0)
    assert box.count == 2


def test_several_files_the_later_one_wins(tmp_path: Path) -> None:
    write(tmp_path, "base.yaml", BASE)
    write(tmp_path, "night.yaml", "seed: 9\ncreate: {sun: {light: {intensity: 1}}}\n")
    spec = load_spec(write(tmp_path, "a.yaml", "extends: [base.yaml, night.yaml]\n"))
    assert spec.seed == 9
    assert spec.create["sun"].intensity == 1.0  # type: ignore[attr-defined]


def test_chains_of_files(tmp_path: Path) -> None:
    write(tmp_path, "base.yaml", BASE)
    write(tmp_path, "b.yaml", "extends: base.yaml\nname: b\n")
    assert load_spec(write(tmp_path, "c.yaml", "extends: b.yaml\nseed: 1\n")).name == "b"


def test_a_ring_names_its_files(tmp_path: Path) -> None:
    write(tmp_path, "a.yaml", "extends: b.yaml\n")
    write(tmp_path, "b.yaml", "extends: a.yaml\n")
    with pytest.raises(SpecError, match=r"ring: a.yaml -> b.yaml -> a.yaml"):
        load_spec(tmp_path / "a.yaml")


def test_file_names_start_from_the_file_that_holds_them(tmp_path: Path) -> None:
    from PIL import Image

    (tmp_path / "lib").mkdir()
    Image.new("RGB", (2, 2)).save(tmp_path / "lib" / "wood.png")
    write(tmp_path, "lib/base.yaml", "create: {wood: {material: {diffuse_texture: wood.png}}}\n")
    spec = load_spec(write(tmp_path, "a.yaml", "extends: lib/base.yaml\n"))
    texture = spec.create["wood"].diffuse_texture  # type: ignore[attr-defined]
    assert texture == str(tmp_path / "lib" / "wood.png")
    assert texture.written == "wood.png"


def test_a_fault_below_is_reported_in_the_file_below(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path, "lib/base.yaml", "create: {a: {cubee: {}}}\n")
    write(tmp_path, "a.yaml", "extends: lib/base.yaml\n")
    with pytest.raises(SpecError) as caught:
        load_spec("a.yaml")
    assert str(caught.value) == "lib/base.yaml:1:14 create.a.cubee: unknown kind; did you mean 'cube'?"


def test_extending_changes_no_distribution_that_it_does_not_name(tmp_path: Path) -> None:
    write(tmp_path, "base.yaml", BASE)
    spec = load_spec(write(tmp_path, "a.yaml", "extends: base.yaml\ncreate: {box: {cube: {count: 3}}}\n"))
    assert spec.create["box"].scale == Uniform(1.0, 2.0)  # type: ignore[attr-defined]
