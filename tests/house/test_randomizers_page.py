"""The page of randomizers is what the models and the examples make of it, and lacks none."""

from __future__ import annotations

from PIL import Image

from replicator_dr import load_spec
from tools.pages import randomizers, scenes


def test_every_randomizer_has_an_example_that_uses_it() -> None:
    assert {file.stem for file in randomizers.EXAMPLES.glob("*.yaml")} == set(randomizers.kinds())
    for kind in randomizers.kinds():
        spec = load_spec(randomizers.EXAMPLES / f"{kind}.yaml")
        assert spec.name == kind
        assert kind in {entry.kind for trigger in spec.triggers for entry in trigger.randomize}
        assert spec.render_products


def test_every_randomizer_has_its_picture_and_there_is_no_other() -> None:
    assert {file.stem for file in randomizers.PICTURES.iterdir()} == set(randomizers.kinds())
    for file in randomizers.PICTURES.iterdir():
        with Image.open(file) as picture:
            assert picture.width > 900


def test_the_page_is_up_to_date() -> None:
    """`python -m tools.pages` writes it anew."""
    assert randomizers.PAGE.read_text(encoding="utf-8") == randomizers.page()


def test_every_scene_has_its_picture_in_the_readme() -> None:
    text = scenes.README.read_text(encoding="utf-8")
    assert scenes.updated(text) == text
    assert set(scenes.names()) == {file.stem for file in scenes.SCENES.glob("*.yaml")}
    assert {file.stem for file in scenes.PICTURES.iterdir()} == set(scenes.names())


def test_the_pictures_are_no_burden() -> None:
    files = [*randomizers.PICTURES.iterdir(), *scenes.PICTURES.iterdir()]
    assert sum(file.stat().st_size for file in files) < 6e6
