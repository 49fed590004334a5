"""replicator-dr bench: how fast this machine makes frames."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from replicator_dr.cli.console import messages, output
from replicator_dr.cli.guard import guarded
from replicator_dr.cli.options import DebugOption, DeviceOption

if TYPE_CHECKING:
    from rich.table import Table as RichTable

    from replicator_dr.run.bench.tables import Table


def bench(
    specs: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="[SPEC]...", help="YAML files to measure; scenes/parts.yaml and tabletop.yaml unless named."
        ),
    ] = None,
    frames: Annotated[int, typer.Option("--frames", "-n", min=1, help="Frames of each run.")] = 300,
    repeats: Annotated[int, typer.Option("--repeats", min=1, help="Measurements; the median counts.")] = 3,
    device: DeviceOption = None,
    batch: Annotated[
        int | None,
        typer.Option("--batch", min=1, help="Frames drawn together, instead of what a run uses.", show_default=False),
    ] = None,
    output_dir: Annotated[
        Path, typer.Option("--output", "-o", metavar="DIR", help="Folder of the report, and of what is written.")
    ] = Path("_bench"),
    json_path: Annotated[
        Path | None,
        typer.Option("--json", metavar="FILE", help="Where the JSON goes, instead of DIR/report.json."),
    ] = None,
    growth: Annotated[
        bool,
        typer.Option("--growth", help="Also follow the rate over batch, triangles, lights, resolution, instances."),
    ] = False,
    peers: Annotated[
        bool,
        typer.Option("--peers", help="Also compare with Newton, MuJoCo, PyBullet and Mitsuba, where installed."),
    ] = False,
    debug: DebugOption = False,
) -> None:
    """Measure how fast this machine makes frames; write a report as JSON and Markdown.

    Each scene runs in a process of its own: every stage alone, then end to end into four sinks (drawn only; labelled in
    memory; files in RAM; files on disk as a run of yours writes them), several times in turn. The table gives medians
    with the slowest and the fastest repeat. Leave the machine alone meanwhile; on a busy one the spread shows it.

    Examples:
      replicator-dr bench

      replicator-dr bench scenes/warehouse.yaml --frames 100 --device cpu

      replicator-dr bench scenes/parts.yaml --growth --peers -o _bench
    """
    with guarded(debug):
        from replicator_dr.cli.bench_progress import BenchProgress
        from replicator_dr.run.bench.options import SPECS, Options
        from replicator_dr.run.bench.report import save
        from replicator_dr.run.bench.suite import measure
        from replicator_dr.run.bench.tables import heading, tables

        options = Options(
            specs=tuple(specs) if specs else SPECS,
            frames=frames,
            repeats=repeats,
            device=device,
            batch=batch,
            output=output_dir,
            growth=growth,
            peers=peers,
        )
        with BenchProgress() as progress:
            report = measure(options, progress)
        written = save(report, output_dir, json_path)
        output().print(heading(report), markup=False)
        for table in tables(report):
            output().print()
            output().print(_drawn(table))
            if table.note:
                output().print(table.note, style="dim", markup=False)
        for path in written:
            messages().print(f"report: {path}", markup=False)
        for comparison in report.get("peers", []):
            messages().print(f"the same picture? {comparison['pictures']}", markup=False)


def _drawn(table: Table) -> RichTable:
    from rich.markup import escape
    from rich.table import Table as RichTable

    drawn = RichTable(
        title=escape(table.title),
        title_style="bold",
        title_justify="left",
        box=None,
        pad_edge=False,
        header_style="bold",
    )
    for number, name in enumerate(table.headings):
        drawn.add_column(escape(name), justify="left" if table.left(number) else "right", overflow="fold")
    for row in table.rows:
        drawn.add_row(*(escape(cell) for cell in row))
    return drawn
