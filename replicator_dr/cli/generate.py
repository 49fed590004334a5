"""replicator-dr generate: make a dataset."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from replicator_dr.cli.console import messages, output
from replicator_dr.cli.engine import engine_running
from replicator_dr.cli.guard import guarded
from replicator_dr.cli.options import (
    BatchOption,
    DebugOption,
    DeviceOption,
    EngineOption,
    ModeOption,
    ProcessesOption,
    SeedOption,
    SetOption,
    SpecArgument,
    WithoutOption,
    WorkersOption,
    settings,
)
from replicator_dr.run.exit_codes import ExitCode


def generate(
    spec: SpecArgument,
    frames: Annotated[int, typer.Option("--frames", "-n", min=1, help="How many frames to make.")] = 16,
    start: Annotated[int, typer.Option("--start", min=0, help="Number of the first frame.")] = 0,
    output_dir: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="DIR", help="Folder of the dataset, instead of the spec's."),
    ] = None,
    seed: SeedOption = None,
    overrides: SetOption = None,
    without: WithoutOption = None,
    batch: BatchOption = None,
    workers: WorkersOption = None,
    processes: ProcessesOption = None,
    device: DeviceOption = None,
    engine: EngineOption = None,
    mode: ModeOption = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Delete a dataset that is there already.")] = False,
    audited: Annotated[
        bool, typer.Option("--audit/--no-audit", help="Check what was written, quickly, when the run has ended.")
    ] = True,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing but errors.")] = False,
    debug: DebugOption = False,
) -> None:
    """Make a dataset: images, depth and labels as the spec's writers say.

    Frame k is the same however it is made: alone, in a batch of any width, on another machine.

    Examples:
      replicator-dr generate scenes/tabletop.yaml --frames 1000

      replicator-dr generate scenes/parts.yaml -n 100 --seed 3 --set create.boxes.cube.count=12 -o _out/many

      replicator-dr generate scenes/parts.yaml --start 13 --frames 1 --without sun

      ./python.sh -m replicator_dr generate scenes/parts.yaml -n 1000 --engine isaacsim
    """
    with guarded(debug):
        from replicator_dr import load_spec

        loaded = load_spec(spec, overrides=settings(overrides, seed), without=without or ())
    # Outside, for an Isaac Sim that does not start; inside, so that its end knows the exit code.
    with guarded(debug), engine_running(engine), guarded(debug):
        from replicator_dr import build_graph
        from replicator_dr.cli.audit_summary import print_quick_audits
        from replicator_dr.cli.progress import RunProgress
        from replicator_dr.cli.summary import print_summary

        # A Replicator graph draws in sequence: only stepped mode begins elsewhere.
        mode = "stepped" if start and (mode or loaded.mode) == "auto" else mode
        with (
            build_graph(loaded, device=device, engine=engine, mode=mode) as graph,
            RunProgress(frames, shown=not quiet) as progress,
        ):
            statistics = graph.run(
                frames,
                start=start,
                output_dir=output_dir,
                batch=batch,
                workers=workers,
                processes=processes,
                overwrite=overwrite,
                listener=progress,
            )
            folders = graph.output_dirs
        if not quiet:
            print_summary(output(), statistics, folders, [entry.kind for entry in loaded.require])
        if audited and not statistics.interrupted:
            print_quick_audits(folders, quiet)
        if statistics.interrupted:
            messages().print(
                f"interrupted after {statistics.frames} of {frames} frames; what was committed is valid",
                style="yellow",
            )
            raise typer.Exit(ExitCode.INTERRUPTED)
