"""A runner for commands, and small specs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

SPEC = """\
name: small
seed: 7
create:
  floor: {plane: {scale: 4}, semantics: {class: floor}}
  boxes: {cube: {count: 3, size: 0.3, position: [0, 0, 0.15]}, semantics: {class: box}}
  sun: {light: {light_type: distant, intensity: 3000, rotation: [-40, 10, 0]}}
  eye: {camera: {position: [2, 2, 2], look_at: [0, 0, 0]}}
triggers:
  - on_frame: {}
    randomize:
      - pose: {prims: boxes, position: {uniform: [[-0.8, -0.8, 0.15], [0.8, 0.8, 0.15]]}}
render_products:
  - {cameras: eye, resolution: [64, 48]}
writers:
  - coco_depth: {output_dir: out}
"""


@pytest.fixture
def runner() -> CliRunner:
    """Runs commands in this process; the result's ``output`` holds both streams, ``stdout`` and ``stderr`` one each."""
    return CliRunner()


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
    """Writes the small spec, with texts of it replaced, and works in its folder."""
    monkeypatch.chdir(tmp_path)

    def write(**replacements: str) -> Path:
        text = SPEC
        for old, new in replacements.items():
            assert old in text
            text = text.replace(old, new)
        path = tmp_path / "small.yaml"
        path.write_text(text)
        return Path("small.yaml")

    return write
