"""replicator-dr explain: what a spec does, what was drawn for a frame and why, and what frames cost."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from replicator_dr.cli.console import output
from replicator_dr.cli.guard import guarded
from replicator_dr.cli.options import (
    DebugOption,
    DeviceOption,
    SeedOption,
    SetOption,
    SpecArgument,
    WithoutOption,
    settings,
)


def explain(
    spec: SpecArgument,
    frame: Annotated[
        int | None,
        typer.Option(
            "--frame",
            "-k",
            min=0,
            metavar="K",
            help="The frame that is explained, with what came of its draws.",
            show_default="the draws of frame 0",
        ),
    ] = None,
    frames: Annotated[
        int, typer.Option("--frames", "-n", min=1, help="For how many frames time and disk are told.")
    ] = 1000,
    estimated: Annotated[
        bool, typer.Option("--estimate/--no-estimate", help="Make a few frames to measure time and disk.")
    ] = True,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object instead of tables.")] = False,
    overrides: SetOption = None,
    without: WithoutOption = None,
    seed: SeedOption = None,
    device: DeviceOption = None,
    debug: DebugOption = False,
) -> None:
    """Say what a spec does: items, triggers, which draw feeds which field, what was drawn for a frame and why.

    For each value of the frame: its distribution, the seed of its stream, the execution, the branch of a condition that
    was taken, how often the frame was drawn anew. With --frame also what came of them: how many items still move after
    settle, how many found no room, joints' positions. Time and disk are measured with a few frames that are not kept.

    Examples:
      replicator-dr explain scenes/ties.yaml --frame 7

      replicator-dr explain scenes/ties.yaml --no-estimate --json
    """
    with guarded(debug):
        from replicator_dr import build_graph, load_spec
        from replicator_dr.run.explain.cost import cost_of
        from replicator_dr.run.explain.frame import frame_of
        from replicator_dr.run.explain.structure import structure

        loaded = load_spec(spec, overrides=settings(overrides, seed), without=without or ())
        with build_graph(loaded, device=device, engine="embedded") as graph:
            told = {
                "name": loaded.name,
                "seed": loaded.seed,
                "graph": structure(loaded),
                "frame": frame_of(graph, frame or 0, facts=frame is not None),
                "cost": cost_of(graph, frames) if estimated else None,
            }
        if as_json:
            typer.echo(json.dumps(told, indent=2, allow_nan=False, default=str))
            return
        from replicator_dr.cli.explain_tables import print_explanation

        print_explanation(output(), told)
