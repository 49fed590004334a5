"""A dataset rendered once a session, and copies of it to damage."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from replicator_dr import build_graph, load_spec
from tests.run.audit.written import Written

SPEC = """\
name: audited
seed: 5
create:
  floor: {plane: {scale: 6}, semantics: {class: floor}}
  yard: {plane: {scale: 1.6, visible: false}}
  boxes: {cube: {count: 3}, semantics: {class: box}}
  cones: {cone: {count: 2}, semantics: {class: cone}}
  sun: {light: {light_type: distant, intensity: 3000}}
  sky: {light: {light_type: dome, intensity: 400}}
  eye: {camera: {focal_length: 24}}
triggers:
  - on_frame: {}
    randomize:
      - pose: {prims: boxes, rotation_z: {uniform: [0, 360]}, size: {uniform: [0.2, 0.35]}}
      - pose: {prims: cones, rotation_z: {uniform: [0, 360]}, size: {truncated_normal: [0.2, 0.4, 0.3, 0.05]}}
      - scatter_2d: {prims: [boxes, cones], surface_prims: yard, check_for_collisions: true}
      - color: {prims: boxes, colors: {choice: [[1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 1, 0]]}}
      - light:
          lights: sun
          intensity: {normal: [3000, 300]}
          azimuth: {uniform: [0, 360]}
          elevation: {uniform: [30, 75]}
      - orbit:
          cameras: eye
          target: [0, 0, 0.1]
          distance: {log_uniform: [2, 3]}
          azimuth: {uniform: [0, 360]}
          elevation: {uniform: [35, 60]}
render_products:
  - {cameras: eye, resolution: [160, 120]}
writers:
  - coco_depth: {output_dir: out}
"""
FRAMES = 64


def write_dataset(folder: Path, text: str = SPEC, frames: int = FRAMES) -> Path:
    """Render a spec's frames into a folder."""
    file = folder / "spec.yaml"
    file.write_text(text)
    with build_graph(load_spec(file), device="cpu") as graph:
        graph.run(frames, output_dir=folder / "out")
    return folder / "out"


@pytest.fixture(scope="session")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A faultless dataset of 64 frames; not to be changed."""
    return write_dataset(tmp_path_factory.mktemp("audited"))


@pytest.fixture
def damaged(clean: Path, tmp_path: Path) -> Written:
    """A copy of it."""
    shutil.copytree(clean, tmp_path / "data")
    return Written(tmp_path / "data")
