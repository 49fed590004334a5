"""Every way of starting: what Isaac Sim is given, when, and how it ends."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.isaacsim.standin import RELEASES

ROOT = Path(__file__).parents[2]
LAUNCH = Path(__file__).parent / "launch.py"
SCENE = """
name: tiny
create:
  floor: {plane: {scale: 3}, semantics: {class: floor}}
  sun: {light: {light_type: distant, intensity: 3000}}
  eye: {camera: {position: [3, 0, 2], look_at: [0, 0, 0], clipping_range: [0.01, 100]}}
triggers:
  - on_frame: {}
    randomize: [{light: {lights: sun, intensity: {uniform: [1000, 3000]}}}]
render_products: [{cameras: eye, resolution: [32, 24]}]
writers: [{coco_depth: {output_dir: out}}]
"""


def launch(folder: Path, release: str, *arguments: str) -> tuple[subprocess.CompletedProcess[str], dict[str, Any]]:
    """Run with the stand-in's isaacsim; what it printed, and what Isaac Sim saw."""
    (folder / "scene.yaml").write_text(SCENE)
    log = folder / "log.json"
    done = subprocess.run(
        [sys.executable, str(LAUNCH), release, str(log), *arguments],
        cwd=folder, capture_output=True, text=True, check=False, env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    return done, json.loads(log.read_text()) if log.exists() else {}


GENERATE = ("-m", "replicator_dr", "generate", "scene.yaml", "--engine", "isaacsim")


@pytest.mark.parametrize("release", RELEASES)
def test_generate(tmp_path: Path, release: str) -> None:
    done, seen = launch(tmp_path, release, *GENERATE, "-n", "3", "--/rtx/rendermode=PathTracing", "-o", "made")
    assert done.returncode == 0, done.stderr
    assert len(json.loads((tmp_path / "made" / "annotations.json").read_text())["images"]) == 3
    assert seen["imported before"] == []
    assert seen["config"] == {"headless": True, "extra_args": ["--/rtx/rendermode=PathTracing"]}
    assert seen["argv"] == []  # our own arguments are none of Kit's business
    assert seen["closed"] == 0
    assert seen["faults"] == []


@pytest.mark.parametrize("release", ["5.1", "6.0"])
@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("-o", "/proc/none"), 4, "the output folder /proc/none cannot be written to"),
        (("--mode", "graph", "--start", "3"), 1, "graph mode cannot start at frame 3"),
    ],
)
def test_exit_codes_survive_the_end_of_the_app(
    tmp_path: Path, release: str, arguments: tuple[str, ...], code: int, message: str
) -> None:
    """Isaac Sim's fast shutdown would end the process with 0; only the newer one takes a code."""
    done, seen = launch(tmp_path, release, *GENERATE, *arguments)
    assert done.returncode == code
    assert message in done.stderr.replace("\n", " ")
    assert "Traceback" not in done.stderr
    assert seen.get("closed") == (code if release == "6.0" else None)


def test_faults_of_the_spec_are_found_before_anything_starts(tmp_path: Path) -> None:
    done, seen = launch(tmp_path, "6.0", *GENERATE, "--set", "create.sun.light.intensty=3")
    assert done.returncode == 3
    assert "did you mean 'intensity'" in done.stderr
    assert seen == {}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--bogus",), "No such option: --bogus"),
        (("--rtx/x=1",), "No such option: --rtx/x"),
    ],
)
def test_other_options_are_mistakes(tmp_path: Path, arguments: tuple[str, ...], message: str) -> None:
    done, seen = launch(tmp_path, "6.0", *GENERATE, *arguments)
    assert (done.returncode, seen) == (2, {})
    assert message in done.stderr


def test_kit_settings_need_isaac_sim() -> None:
    command = [sys.executable, "-m", "replicator_dr", "generate", "scenes/parts.yaml", "--/rtx/x=1"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "--/rtx/x=1 is a setting for Isaac Sim; add --engine isaacsim" in done.stderr


def test_without_isaac_sim() -> None:
    command = [sys.executable, "-m", "replicator_dr", "generate", "scenes/parts.yaml", "--engine", "isaacsim"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "Isaac Sim is not installed for this Python" in done.stderr
    assert "leave --engine out" in done.stderr


def test_a_script_of_ones_own(tmp_path: Path) -> None:
    script = tmp_path / "own.py"
    script.write_text(
        "from isaacsim import SimulationApp\n"
        "app = SimulationApp({'headless': True})\n"
        "import omni.usd\n"
        "from pxr import UsdGeom\n"
        "stage = omni.usd.get_context().get_stage()\n"
        "UsdGeom.Cube.Define(stage, '/World/Crate').CreateSizeAttr(0.5)\n"
        "from replicator_dr import build_graph, load_spec\n"
        "spec = load_spec('scene.yaml').resolved()\n"
        "spec['stage'] = 'current'\n"
        "spec['create']['crate'] = {'get_prims': {'path_pattern': '^/World/Crate$'}, 'semantics': {'class': 'crate'}}\n"
        "with build_graph(spec) as graph:\n"
        "    graph.run(2, output_dir='own')\n"
        "assert stage.GetPrimAtPath('/World/Crate'), 'the stage is still there'\n"
        "assert not [prim for prim in stage.Traverse() if 'eye' in str(prim.GetPath())], 'and nothing of ours on it'\n"
        "app.close()\n"
    )
    done, seen = launch(tmp_path, "6.0", str(script))
    assert done.returncode == 0, done.stderr
    assert seen["faults"] == []
    read = json.loads((tmp_path / "own" / "annotations.json").read_text())
    assert "crate" in [category["name"] for category in read["categories"]]
    assert len(read["annotations"]) == 4


def test_verification(tmp_path: Path) -> None:
    verify = ("-m", "replicator_dr", "verify-isaacsim", "scene.yaml", "-n", "2", "--reference", "ref", "-o", "made")
    done, _ = launch(tmp_path, "6.0", *verify)
    assert done.returncode == 4
    assert "ref has no frames of scene; make them outside Isaac Sim" in done.stderr.replace("\n", " ")
    done, seen = launch(tmp_path, "6.0", *verify, "--embedded-python", sys.executable)
    assert done.returncode == 0, done.stderr
    assert (seen["closed"], seen["faults"]) == (0, [])
    report = json.loads((tmp_path / "made" / "verify.json").read_text())
    assert report["release"] == "Isaac Sim 6.x (Replicator 1.13.27)"
    assert report["scenes"][0]["faults"] == []
    assert report["scenes"][0]["objects"] == 2
