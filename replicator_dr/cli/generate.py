"""replicator-dr generate: make a dataset."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

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
    OnlyOption,
    ProcessesOption,
    SeedOption,
    SetOption,
    SpecArgument,
    VaryOption,
    WithoutOption,
    WorkersOption,
    settings,
)
from replicator_dr.run.exit_codes import ExitCode

if TYPE_CHECKING:
    from replicator_dr.spec import Spec


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
    only: OnlyOption = None,
    vary: VaryOption = None,
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

      replicator-dr generate scenes/tabletop.yaml -n 100 --vary room.intensity=200,800,3000 -o _out/lit

      ./python.sh -m replicator_dr generate scenes/parts.yaml -n 1000 --engine isaacsim
    """
    with guarded(debug):
        from replicator_dr import load_spec
        from replicator_dr.run.design_notes import design_notes
        from replicator_dr.run.variants import folder_of_all, load_variant, variants, write_index

        settled = (settings(overrides, seed), without or (), only or ())
        loaded = load_spec(spec, settled[0], settled[1], only=settled[2])
        jobs: list[tuple[Spec, Path | None]] = [(loaded, output_dir)]
        if vary:
            above = output_dir or folder_of_all(loaded)
            every = variants(vary)
            jobs = [(load_variant(spec, loaded, one, *settled), above / one.folder) for one in every]
        for note in design_notes(loaded, start, frames) if not quiet else ():
            messages().print(f"note: {note}", style="yellow", markup=False)
    # Outside, for an Isaac Sim that does not start; inside, so that its end knows the exit code.
    with guarded(debug), engine_running(engine), guarded(debug):
        from replicator_dr import build_graph
        from replicator_dr.cli.audit_summary import print_quick_audits
        from replicator_dr.cli.progress import RunProgress
        from replicator_dr.cli.summary import print_summary

        # A Replicator graph draws in sequence: only stepped mode begins elsewhere.
        mode = "stepped" if start and (mode or loaded.mode) == "auto" else mode
        for job, folder in jobs:
            with (
                build_graph(job, device=device, engine=engine, mode=mode) as graph,
                RunProgress(frames, shown=not quiet) as progress,
            ):
                statistics = graph.run(
                    frames,
                    start=start,
                    output_dir=folder,
                    batch=batch,
                    workers=workers,
                    processes=processes,
                    overwrite=overwrite,
                    listener=progress,
                )
                folders = graph.output_dirs
            if not quiet:
                print_summary(output(), statistics, folders, [entry.kind for entry in job.require])
            if audited and not statistics.interrupted:
                print_quick_audits(folders, quiet)
            if statistics.interrupted:
                messages().print(
                    f"interrupted after {statistics.frames} of {frames} frames; what was committed is valid",
                    style="yellow",
                )
                raise typer.Exit(ExitCode.INTERRUPTED)
        if vary:
            write_index(above, every)
