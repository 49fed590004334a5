"""What a scene is built on, how it runs, and assets at URLs, as the language takes them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from replicator_dr.spec import load_spec
from replicator_dr.spec.existing import GetPrims

URL = "omniverse://server/props/mug.usd"
CAMERA: dict[str, Any] = {"rig": {"camera": {}}}


def test_the_defaults() -> None:
    spec = load_spec({"name": "a"})
    assert (spec.stage, spec.mode, spec.num_envs, spec.env_spacing) == ("new", "auto", 1, 10.0)


def test_a_stage_starts_from_the_file_that_names_it(tmp_path: Path) -> None:
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "hall.usda").write_text("#usda 1.0\n")
    (tmp_path / "lib" / "base.yaml").write_text("stage: hall.usda\n")
    (tmp_path / "a.yaml").write_text("extends: lib/base.yaml\n")
    assert load_spec(tmp_path / "a.yaml").stage == str(tmp_path / "lib" / "hall.usda")
    assert load_spec(tmp_path / "a.yaml", ["stage=current"]).stage == "current"


@pytest.mark.parametrize("how", [{"mode": "stepped"}, {"num_envs": 64}, {"env_spacing": 2.5}])
def test_how_frames_are_made_is_no_part_of_what_they_are(how: dict[str, Any]) -> None:
    plain, other = load_spec({"seed": 3}), load_spec({"seed": 3, **how})
    assert other.digest() == plain.digest()
    assert other.resolved() == {"seed": 3, **how}


@pytest.mark.parametrize("what", [{"seed": 4}, {"stage": "current"}])
def test_what_they_show_is(what: dict[str, Any]) -> None:
    assert load_spec({"seed": 3, **what}).digest() != load_spec({"seed": 3}).digest()


@pytest.mark.parametrize("tiled", [True, False, None])
def test_tiles_are_the_runtimes_choice_unless_given(tiled: bool | None) -> None:
    product = {"cameras": "rig", "resolution": [8, 8]}
    given = product if tiled is None else {**product, "tiled": tiled}
    assert load_spec({"create": CAMERA, "render_products": [given]}).render_products[0].tiled is tiled


@pytest.mark.parametrize("url", [URL, "https://server/props/mug.usdz", "https://server/props/mug.usd?version=3"])
def test_urls_stay_as_they_are(url: str, tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(f'stage: "{url}"\ncreate: {{mug: {{from_usd: {{usd: ["{url}"]}}}}}}\n')
    spec = load_spec(tmp_path / "a.yaml")
    assert spec.stage == url
    assert spec.create["mug"].usd == (url,)  # type: ignore[attr-defined]


def test_conditions_are_what_was_given() -> None:
    found = {"path_pattern": "^/World", "prim_types": "Mesh"}
    spec = load_spec({"stage": "current", "create": {"shelf": {"get_prims": found, "semantics": {"class": "shelf"}}}})
    shelf = spec.create["shelf"]
    assert isinstance(shelf, GetPrims)
    assert shelf.conditions() == {"path_pattern": "^/World", "prim_types": ["Mesh"]}
