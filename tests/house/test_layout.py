"""The house rules that a program can check: docstrings, file length, typing marks, one version, names."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

if sys.version_info >= (3, 11):
    import tomllib
else:
    tomllib = pytest.importorskip("tomli")

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("replicator_dr", "randomizers", "writers")
MODULES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())

LONGEST = 400
MEDIAN = 150


def names(paths: list[Path]) -> list[str]:
    return [str(path.relative_to(ROOT)) for path in paths]


@pytest.mark.parametrize("path", MODULES, ids=names(MODULES))
def test_module_has_a_docstring_and_postponed_annotations(path: Path) -> None:
    tree = ast.parse(path.read_text())
    assert ast.get_docstring(tree), f"{path} does not say what it is for"
    if any(isinstance(node, (ast.FunctionDef, ast.ClassDef, ast.AnnAssign)) for node in tree.body):
        assert "from __future__ import annotations" in path.read_text()


def test_files_are_short() -> None:
    lengths = {path: len(path.read_text().splitlines()) for path in MODULES}
    long = {str(path.relative_to(ROOT)): length for path, length in lengths.items() if length > LONGEST}
    assert not long, f"longer than {LONGEST} lines; split them: {long}"
    assert sorted(lengths.values())[len(lengths) // 2] < MEDIAN


def test_no_module_is_a_drawer_for_odds_and_ends() -> None:
    drawers = {"utils.py", "util.py", "helpers.py", "helper.py", "misc.py", "common.py", "manager.py"}
    # Replicator's own module of that name; its API is what we implement.
    allowed = {"replicator_dr/engines/embedded/api/utils.py"}
    assert {name for name in names(MODULES) if Path(name).name in drawers} <= allowed


@pytest.mark.parametrize("package", PACKAGES)
def test_package_is_typed(package: str) -> None:
    assert (ROOT / package / "py.typed").is_file()


def test_version_stands_in_one_place() -> None:
    import replicator_dr

    assert PROJECT["project"]["dynamic"] == ["version"]
    assert PROJECT["tool"]["hatch"]["version"]["path"] == "replicator_dr/__init__.py"
    assert f"## [{replicator_dr.__version__}]" in (ROOT / "CHANGELOG.md").read_text()


@pytest.mark.parametrize("folder", ["randomizers", "writers"])
def test_entry_points_name_classes_that_exist(folder: str) -> None:
    from replicator_dr.spec.registry import kind_of

    points = PROJECT["project"]["entry-points"][f"replicator_dr.{folder}"]
    assert points
    for name, target in points.items():
        module, _, cls = target.partition(":")
        source = ROOT / (module.replace(".", "/") + ".py")
        classes = {node.name: node for node in ast.parse(source.read_text()).body if isinstance(node, ast.ClassDef)}
        assert cls in classes, f"{target} of entry point {name}"
        assert kind_of(type(cls, (), {})) == name


@pytest.mark.parametrize("folder", ["randomizers", "writers"])
def test_every_plugin_class_has_an_entry_point(folder: str) -> None:
    declared = set(PROJECT["project"]["entry-points"][f"replicator_dr.{folder}"].values())
    base = {"randomizers": "RandomizerPlugin", "writers": "WriterPlugin"}[folder]
    found = {
        f"{folder}.{path.stem}:{node.name}"
        for path in (ROOT / folder).glob("*.py")
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.ClassDef) and any(isinstance(b, ast.Name) and b.id == base for b in node.bases)
    }
    assert found <= declared, "declare these in pyproject.toml"


def test_the_repository_is_small() -> None:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if listed.returncode:
        pytest.skip("not a git checkout")
    files = [ROOT / name for name in listed.stdout.decode().split("\0") if name]
    total = sum(path.stat().st_size for path in files if path.is_file())
    assert total < 25e6, f"{total / 1e6:.1f} MB"


def test_readme_commands_exist() -> None:
    readme = (ROOT / "README.md").read_text()
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = set(re.findall(r"^make ([a-z-]+)\b", "\n".join(code_blocks(readme)), re.MULTILINE))
    assert {"demo", "test"} <= named <= targets


def test_readme_lists_every_command() -> None:
    from replicator_dr.cli.app import app

    commands = {command.name or command.callback.__name__ for command in app.registered_commands if command.callback}
    for page in ("README.md", "docs/cli.md"):
        text = (ROOT / page).read_text()
        assert not {name for name in commands if f"replicator-dr {name}" not in text}, page


def test_links_between_pages_lead_somewhere() -> None:
    for page in [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]:
        for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", page.read_text()):
            if "://" not in target:
                assert (page.parent / target).exists(), f"{page.name} links to {target}"


def code_blocks(text: str) -> list[str]:
    return re.findall(r"^```[a-z]*\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def test_sources_name_no_developers_machine_and_leave_nothing_open() -> None:
    private = re.compile(r"(?<![\w.])/(?:home|root|work|Users)/")
    unfinished = re.compile(r"\b(?:TO" + r"DO|FIX" + r"ME|XX" + r"X)\b")
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"), *(ROOT / "scenes").glob("*.yaml")]
    for path in [*MODULES, *pages, *(ROOT / "examples").glob("*.py"), ROOT / "Makefile", ROOT / ".ci" / "run"]:
        for number, line in enumerate(path.read_text().splitlines(), start=1):
            assert not private.search(line), f"{path}:{number}: {line}"
            assert not unfinished.search(line), f"{path}:{number}: {line}"
