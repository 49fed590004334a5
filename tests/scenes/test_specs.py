"""The scenes: each loads without a fault, opens as it should, and names only files that are in the repository."""

from __future__ import annotations

from pathlib import Path

import pytest

from replicator_dr import load_spec

SCENES = Path(__file__).resolve().parents[2] / "scenes"
FILES = sorted(SCENES.glob("*.yaml"))
SCHEMA_LINE = "# yaml-language-server: $schema=replicator_dr.schema.json"


def test_the_scenes_of_the_readme_are_there() -> None:
    assert {path.stem for path in FILES} >= {
        "tabletop", "parts", "warehouse", "bin", "cone_cube", "domain_randomization",
    }  # fmt: skip
    readme = (SCENES / "README.md").read_text(encoding="utf-8")
    assert [path.name for path in FILES if f"[{path.name}]({path.name})" not in readme] == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_it_loads_without_a_fault(path: Path) -> None:
    spec = load_spec(path)
    assert spec.name == path.stem
    assert spec.create
    assert spec.triggers
    assert spec.render_products
    assert spec.writers


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_it_opens_with_the_schema_and_says_what_it_shows(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    assert lines[0] == SCHEMA_LINE
    assert (SCENES / "replicator_dr.schema.json").is_file()
    body = next(number for number, line in enumerate(lines) if line and not line.startswith("#"))
    comment = " ".join(line.lstrip("# ") for line in lines[1:body])
    assert len(comment) > 120
    assert "Classes:" in comment


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_label_stands_in_the_opening_comment(path: Path) -> None:
    """The reader learns the dataset's categories from the first lines; tabletop and bin name the scans as a whole."""
    comment = path.read_text(encoding="utf-8").split("\nname:")[0]
    labels = {label for item in load_spec(path).create.values() for label in (item.semantics or {}).get("class", ())}
    assert labels
    if "ten objects" in comment or "eight objects" in comment:
        return
    assert [label for label in sorted(labels) if label not in comment] == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_its_seed_is_its_own(path: Path) -> None:
    seeds = [load_spec(other).seed for other in FILES]
    assert seeds.count(load_spec(path).seed) == 1
