"""What the pages show works: the README's spec and Python, the randomizer of CONTRIBUTING."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import pytest
import yaml

from replicator_dr import build_graph, load_spec
from replicator_dr.plugins import RandomizerPlugin, register_randomizer, register_writer
from replicator_dr.spec.registry import RANDOMIZERS, WRITERS

ROOT = Path(__file__).resolve().parents[2]


def blocks(page: str, language: str) -> list[str]:
    """The code blocks of a language, unindented."""
    text = (ROOT / page).read_text()
    found = re.findall(rf"^( *)```{language}\n(.*?)^ *```", text, re.MULTILINE | re.DOTALL)
    return [re.sub(rf"^{indent}", "", body, flags=re.MULTILINE) for indent, body in found]


def test_the_spec_of_the_readme_makes_what_the_readme_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (spec,) = blocks("README.md", "yaml")
    Path("first.yaml").write_text(spec)
    (script,) = blocks("README.md", "python")
    exec(script.replace("1000", "2"), {})
    product = next(Path("_out/first/rgb").iterdir()).name
    made = {str(path) for path in Path("_out/first").rglob("*") if path.is_file()}
    assert {
        f"_out/first/rgb/{product}/000000.png",
        f"_out/first/depth/{product}/000001.png",
        "_out/first/annotations.json",
        "_out/first/manifest.json",
    } <= made


def test_the_randomizer_of_contributing_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    code = next(block for block in blocks("CONTRIBUTING.md", "python") if "RandomizerPlugin" in block)
    (tmp_path / "wobble_of_contributing.py").write_text(code)
    monkeypatch.syspath_prepend(tmp_path)
    wobble = importlib.import_module("wobble_of_contributing").Wobble
    assert issubclass(wobble, RandomizerPlugin)
    register_randomizer(wobble)
    try:
        spec = {
            "create": {"box": {"cube": {}}, "eye": {"camera": {"position": [3, 3, 3], "look_at": [0, 0, 0]}}},
            "triggers": [{"on_frame": {}, "randomize": [{"wobble": {"prims": "box", "angle": {"uniform": [10, 20]}}}]}],
            "render_products": [{"cameras": "eye", "resolution": [8, 8]}],
        }
        with build_graph(spec) as graph:
            (batch,) = graph.frames(3)
    finally:
        RANDOMIZERS.unregister("wobble")
    (angles,) = batch["draws"].values()
    assert angles.shape[0] == 3
    assert ((angles >= 10) & (angles <= 20)).all()


def test_the_writer_of_contributing_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    code = next(block for block in blocks("CONTRIBUTING.md", "python") if "DatasetPlugin" in block)
    (tmp_path / "table_of_contributing.py").write_text(code)
    monkeypatch.syspath_prepend(tmp_path)
    table = importlib.import_module("table_of_contributing").BoxTable
    register_writer(table)
    try:
        spec = {
            "create": {
                "box": {"cube": {}, "semantics": {"class": "box"}},
                "eye": {"camera": {"position": [3, 3, 3], "look_at": [0, 0, 0]}},
            },
            "render_products": [{"cameras": "eye", "resolution": [32, 24]}],
            "writers": [{"box_table": {"output_dir": str(tmp_path / "set"), "header": False}}],
        }
        with build_graph(spec) as graph:
            graph.run(2)
    finally:
        WRITERS.unregister("box_table")
    rows = (tmp_path / "set" / "boxes.csv").read_text().splitlines()
    assert [row.split(",")[:2] for row in rows] == [[f"images/eye_00000{frame}.png", "box"] for frame in (0, 1)]


def test_the_yaml_of_the_language_page_is_a_spec() -> None:
    page = blocks("docs/language.md", "yaml")
    assert page
    for block in page:
        load_spec(yaml.safe_load(block))
