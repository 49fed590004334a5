"""replicator-dr kit-path: where the Kit extension and apps lie."""

from __future__ import annotations

from pathlib import Path

import typer

from replicator_dr.engines import isaacsim


def kit_path() -> None:
    """Print the folder of the Kit apps, the extension and run_spec.py, for Isaac Sim's command lines.

    Examples:
      ./kit/kit "$(replicator-dr kit-path)/apps/replicator_dr.headless.kit" --no-window --/replicator_dr/spec=scene.yaml

      ./isaac-sim.sh --no-window --exec "$(replicator-dr kit-path)/run_spec.py scene.yaml --frames 100"
    """
    typer.echo(str(Path(isaacsim.__file__).parent / "kit"))
