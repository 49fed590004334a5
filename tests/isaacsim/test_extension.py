"""The extension, its panel and the script for a running app: what they start, show and end with."""

from __future__ import annotations

import asyncio
import importlib
import json
import runpy
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from replicator_dr.engines import isaacsim
from tests.isaacsim.standin import Standin
from tests.isaacsim.test_launch import SCENE

KIT = Path(isaacsim.__file__).parent / "kit"
DEFAULTS = {
    "spec": "", "frames": 16, "start": 0, "output": "", "mode": "", "overwrite": False, "quit": False, "panel": False,
}  # fmt: skip


@pytest.fixture
def extension(standin: Standin, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Any]:
    """The extension's class, with a scene in the working directory and the extension's settings at their defaults."""
    monkeypatch.syspath_prepend(str(KIT / "exts" / "replicator_dr.kit"))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "scene.yaml").write_text(SCENE)
    for name, value in DEFAULTS.items():
        standin.settings.set(f"/replicator_dr/{name}", value)
    yield importlib.import_module("replicator_dr_kit").ReplicatorDrExtension
    for name in [name for name in sys.modules if name.startswith("replicator_dr_kit")]:
        del sys.modules[name]


async def until(done: Any, updates: int = 2000) -> None:
    for _ in range(updates):
        if done():
            return
        await asyncio.sleep(0.001)
    raise AssertionError("it did not happen")


def test_settings_generate_and_end_the_app(standin: Standin, extension: Any, tmp_path: Path) -> None:
    for name, value in {"spec": "scene.yaml", "frames": 3, "output": "made", "quit": True}.items():
        standin.settings.set(f"/replicator_dr/{name}", value)

    async def session() -> None:
        running = extension()
        running.on_startup("replicator_dr.kit-0.1.0")
        await until(lambda: standin.app.quit_code is not None)
        running.on_shutdown()

    asyncio.run(session())
    assert standin.app.quit_code == 0
    assert len(json.loads((tmp_path / "made" / "annotations.json").read_text())["images"]) == 3


def test_a_fault_ends_the_app_with_its_code(standin: Standin, extension: Any, capsys: Any) -> None:
    standin.settings.set("/replicator_dr/spec", "nowhere.yaml")
    standin.settings.set("/replicator_dr/quit", True)

    async def session() -> None:
        running = extension()
        running.on_startup("replicator_dr.kit-0.1.0")
        await until(lambda: standin.app.quit_code is not None)
        running.on_shutdown()

    asyncio.run(session())
    assert standin.app.quit_code == 3
    assert "replicator_dr: nowhere.yaml" in capsys.readouterr().out


def test_writers_are_registered_and_come_back_with_a_new_stage(standin: Standin, extension: Any) -> None:
    running = extension()
    running.on_startup("replicator_dr.kit-0.1.0")
    registry = standin.core.WriterRegistry
    assert "CocoDepthWriter" in registry.get_writers()
    registry.unregister("CocoDepthWriter")
    standin.context.new_stage()
    assert "CocoDepthWriter" in registry.get_writers()
    running.on_shutdown()
    registry.unregister("CocoDepthWriter")
    standin.context.new_stage()
    assert "CocoDepthWriter" not in registry.get_writers()


def test_nothing_runs_without_a_spec(standin: Standin, extension: Any) -> None:
    running = extension()
    running.on_startup("replicator_dr.kit-0.1.0")
    running.on_shutdown()
    assert standin.app.quit_code is None


def panel_of(extension: Any) -> Any:
    return importlib.import_module("replicator_dr_kit.panel").Panel()


def test_the_panel_starts_a_run_and_shows_its_progress(standin: Standin, extension: Any, tmp_path: Path) -> None:
    async def session() -> None:
        panel = panel_of(extension)
        panel.spec.set_value("scene.yaml")
        panel.output.set_value(str(tmp_path / "made"))
        panel.frames.set_value(4)
        shown: list[float] = []
        panel.start.click()
        await until(lambda: shown.append(panel.bar.get_value_as_float()) or not panel.job.is_running)
        assert panel.message.text.startswith("4 frames in ")
        assert shown[-1] == 1.0
        assert sorted(shown) == shown
        assert panel.start.enabled
        assert not panel.stop.enabled
        panel.destroy()
        assert panel.window.destroyed

    asyncio.run(session())
    assert (tmp_path / "made" / "annotations.json").is_file()


def test_the_panel_stops_a_run(standin: Standin, extension: Any, tmp_path: Path) -> None:
    async def session() -> None:
        panel = panel_of(extension)
        panel.spec.set_value("scene.yaml")
        panel.output.set_value(str(tmp_path / "made"))
        panel.frames.set_value(100_000)
        panel.start.click()
        await until(lambda: panel.job.progress.frames >= 2)
        panel.stop.click()
        await until(lambda: not panel.job.is_running)
        assert panel.message.text == "stopped; what was written is valid"
        panel.destroy()

    asyncio.run(session())
    written = json.loads((tmp_path / "made" / "annotations.json").read_text())
    assert 2 <= len(written["images"]) < 100


def test_the_panel_says_what_is_wrong(standin: Standin, extension: Any) -> None:
    async def session() -> None:
        panel = panel_of(extension)
        panel.frames.set_value(0)
        panel.start.click()
        assert panel.message.text == "frames is 0; give 1 or more"
        panel.frames.set_value(1)
        panel.spec.set_value("nowhere.yaml")
        panel.start.click()
        await until(lambda: not panel.job.is_running)
        assert "nowhere.yaml" in panel.message.text
        panel.destroy()

    asyncio.run(session())


def run_spec(standin: Standin, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int | None:
    """As ``--exec "run_spec.py ..."`` does it: the script's own arguments, inside the event loop."""
    monkeypatch.setattr(sys, "argv", ["run_spec.py", *arguments])

    async def session() -> None:
        runpy.run_path(str(KIT / "run_spec.py"), run_name="__main__")
        await until(lambda: standin.app.quit_code is not None)

    asyncio.run(session())
    return standin.app.quit_code


def test_the_script_runs_and_quits(standin: Standin, extension: Any, monkeypatch: Any, tmp_path: Path) -> None:
    code = run_spec(standin, monkeypatch, "scene.yaml", "--frames", "2", "-o", "made", "--set", "seed=5")
    assert code == 0
    assert json.loads((tmp_path / "made" / "manifest.json").read_text())["seed"] == 5


@pytest.mark.parametrize(
    ("arguments", "code"), [(("--help",), 0), (("--bogus",), 2), (("scene.yaml", "-o", "/proc/none"), 4)]
)
def test_the_script_quits_with_a_code(
    standin: Standin, extension: Any, monkeypatch: Any, capsys: Any, arguments: tuple[str, ...], code: int
) -> None:
    assert run_spec(standin, monkeypatch, *arguments) == code
    if code == 0:
        assert "exit codes:" in capsys.readouterr().out
