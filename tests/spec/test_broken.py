"""Broken specs, each with the faults that must be reported for it, literally: position, path, message and hint.

Each file in ``broken/`` ends with the faults as comments; ``# set ...`` and ``# without ...`` lines before them stand
for the options of the command line.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from replicator_dr.errors import SpecError
from replicator_dr.spec import load_spec

FOLDER = Path(__file__).parent / "broken"
FILES = sorted(path.name for path in FOLDER.glob("*.yaml"))


def options(text: str, name: str) -> list[str]:
    """The comments ``# name value``."""
    lines = text.partition("# faults:")[0].splitlines()
    return [line.removeprefix(f"# {name} ") for line in lines if line.startswith(f"# {name} ")]


@pytest.mark.parametrize("file", FILES)
def test_reports_exactly_these_faults(file: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(FOLDER)
    text = Path(file).read_text(encoding="utf-8")
    expected = [line.removeprefix("# ") for line in text.partition("# faults:\n")[2].splitlines()]
    assert expected, "a broken spec without expected faults"
    with pytest.raises(SpecError) as caught:
        load_spec(file, options(text, "set"), options(text, "without"))
    assert str(caught.value).splitlines() == expected
    assert "pydantic" not in str(caught.value)
    assert "Input should" not in str(caught.value)


def test_there_are_enough_of_them() -> None:
    assert len(FILES) >= 60


def test_the_scene_below_them_is_valid() -> None:
    spec = load_spec(FOLDER / "base" / "scene.yaml")
    assert list(spec.create) == ["floor", "boxes", "balls", "parts", "wood", "sun", "sky", "rig"]
