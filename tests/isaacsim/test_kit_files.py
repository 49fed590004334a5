"""The extension and the apps: documented keys, names that exist, files that are there, settings that are read."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from replicator_dr.engines import isaacsim
from replicator_dr.engines.isaacsim.capture_settings import EXACT
from tests.isaacsim.kit_keys import DEPENDENCY, EXTENSIONS, PACKAGE, PYTHON_MODULE, SETTINGS, TABLES

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

KIT = Path(isaacsim.__file__).parent / "kit"
EXTENSION = KIT / "exts" / "replicator_dr.kit"
TOML = EXTENSION / "config" / "extension.toml"
APPS = sorted((KIT / "apps").glob("*.kit"))
OWN = "replicator_dr"


def read(file: Path) -> dict[str, Any]:
    return tomllib.loads(file.read_text())


def flat(table: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in table.items():
        name = f"{path}.{key}" if path else key
        if isinstance(value, dict):
            yield from flat(value, name)
        else:
            yield name.removesuffix(".++"), value


@pytest.mark.parametrize("file", [TOML, *APPS], ids=lambda file: file.name)
def test_keys_are_documented(file: Path) -> None:
    content = read(file)
    assert set(content) <= TABLES
    assert set(content["package"]) <= PACKAGE
    assert {"title", "description", "version"} <= set(content["package"])
    for name, options in content["dependencies"].items():
        assert set(options) <= DEPENDENCY, name
        assert name in EXTENSIONS or name == EXTENSION.name
    for module in content.get("python", {}).get("module", []):
        assert set(module) <= PYTHON_MODULE


def test_there_is_an_app_with_and_one_without_a_window() -> None:
    assert [app.name for app in APPS] == ["replicator_dr.headless.kit", "replicator_dr.window.kit"]


def test_the_extension_has_what_its_file_names() -> None:
    content = read(TOML)
    for key in ("readme", "changelog"):
        assert (EXTENSION / content["package"][key]).is_file()
    for module in content["python"]["module"]:
        assert (EXTENSION / module["name"] / "__init__.py").is_file()


def test_versions_are_one() -> None:
    from replicator_dr import __version__

    assert {read(file)["package"]["version"] for file in (TOML, *APPS)} == {__version__}
    assert f"## [{__version__}]" in (EXTENSION / "docs" / "CHANGELOG.md").read_text()


@pytest.mark.parametrize("app", APPS, ids=lambda app: app.stem)
def test_settings_of_an_app(app: Path) -> None:
    """Those of others are known to exist; those of ours are declared by the extension."""
    declared = {name for name, _ in flat(read(TOML)["settings"])}
    for name, _ in flat(read(app)["settings"]):
        assert name in declared if name.startswith(f"{OWN}.") else name in SETTINGS


def test_the_headless_app_is_frame_exact() -> None:
    given = dict(flat(read(KIT / "apps" / "replicator_dr.headless.kit")["settings"]))
    for path, value in EXACT.items():
        assert given[path.removeprefix("/").replace("/", ".")] == value
    assert given["app.player.useFixedTimeStepping"] is True
    assert given["replicator_dr.quit"] is True
    assert "isaacsim.exp.base.zero_delay" in read(KIT / "apps" / "replicator_dr.headless.kit")["dependencies"]


def test_settings_that_are_read_are_declared_and_the_other_way_round() -> None:
    declared = {name.removeprefix(f"{OWN}.") for name, _ in flat(read(TOML)["settings"])}
    code = "".join(file.read_text() for file in (EXTENSION / "replicator_dr_kit").glob("*.py"))
    assert set(re.findall(r'_setting\("(\w+)"\)', code)) == declared
    documented = set(re.findall(r"`/replicator_dr/(\w+)`", (EXTENSION / "docs" / "README.md").read_text()))
    assert documented == declared


def test_apps_find_our_extension_and_isaac_sims() -> None:
    for app in APPS:
        folders = read(app)["settings"]["app"]["exts"]["folders"]["++"]
        assert "${app}/../exts" in folders  # beside the apps folder
        assert {"${kit}/../apps", "${kit}/../exts", "${kit}/../extscache"} <= set(folders)


def test_modules_of_kit_are_those_of_a_dependency() -> None:
    """What our Kit files import beyond this project comes from a declared extension, from Kit itself or from Python."""
    provided = set(read(TOML)["dependencies"]) | {"omni.kit.app", "omni.ext", "carb"}
    for file in [*EXTENSION.rglob("*.py"), KIT / "run_spec.py"]:
        for node in ast.walk(ast.parse(file.read_text())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            for name in names:
                if name.split(".")[0] in ("omni", "carb", "isaacsim"):
                    assert any(name == one or name.startswith(f"{one}.") for one in provided), (file.name, name)
