"""replicator-dr coverage: how well what is drawn fills what may be drawn."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.table import Table

from replicator_dr.cli.console import output
from replicator_dr.cli.guard import guarded
from replicator_dr.cli.options import DebugOption, OnlyOption, SeedOption, SetOption, WithoutOption, settings

if TYPE_CHECKING:
    from rich.console import Console

    from replicator_dr.run.coverage import CoverageReport

_WORST = 5


def coverage(
    source: Annotated[
        Path, typer.Argument(metavar="SPEC|DATASET", help="A YAML file, or a dataset's folder.", show_default=False)
    ],
    frames: Annotated[int, typer.Option("--frames", "-n", min=1, help="Frames of a spec that are looked at.")] = 256,
    start: Annotated[int, typer.Option("--start", min=0, help="Number of the first one.")] = 0,
    bins: Annotated[int, typer.Option("--bins", min=2, help="Parts of equal probability for each number.")] = 10,
    json_file: Annotated[Path | None, typer.Option("--json", metavar="FILE", help="Write all numbers as JSON.")] = None,
    html_file: Annotated[
        Path | None, typer.Option("--html", metavar="FILE", help="Write a page with plots that opens offline.")
    ] = None,
    seed: SeedOption = None,
    overrides: SetOption = None,
    without: WithoutOption = None,
    only: OnlyOption = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing but errors.")] = False,
    debug: DebugOption = False,
) -> None:
    """Say how well draws fill their ranges: empty parts of each factor, empty cells of pairs, discrepancy of designs.

    For a dataset's folder these are the recorded draws; for a spec those of its first frames, of which nothing is
    rendered.

    Examples:
      replicator-dr coverage scenes/designs.yaml --frames 200 --html coverage.html

      replicator-dr coverage _out/tabletop
    """
    with guarded(debug):
        from replicator_dr.run.coverage import coverage as covered
        from replicator_dr.run.coverage import draws_of_dataset, draws_of_spec

        if html_file is not None:
            from replicator_dr.run.audit.page import require_jinja

            require_jinja()
        if source.is_dir():
            if overrides or without or only or seed is not None:
                raise typer.BadParameter("--set, --without, --only and --seed need a spec; a dataset is as it is")
            drawn = draws_of_dataset(source)
        else:
            from replicator_dr import load_spec

            spec = load_spec(source, settings(overrides, seed), without or (), only=only or ())
            drawn = draws_of_spec(spec, start, frames)
        report = covered(drawn, bins)
        if json_file is not None:
            from replicator_dr.run.audit.written import write_json

            write_json(report, json_file)
        if html_file is not None:
            from replicator_dr.run.coverage.page import write_page

            write_page(report, html_file)
        if not quiet:
            print_coverage(output(), report)
            for file in (json_file, html_file):
                if file is not None:
                    output().print(f"written: {file}", markup=False)


def print_coverage(console: Console, report: CoverageReport) -> None:
    """Print the factors, what they are like together, and the pairs with the most empty cells."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("factor", "law", "values", "empty", "distance"):
        table.add_column(heading, justify="left" if heading in ("factor", "law") else "right", no_wrap=True)
    for factor in report.factors:
        law = f"{factor.law} ({factor.design})" if factor.design else factor.law
        empty = f"[yellow]{factor.empty} of {factor.parts}[/]" if factor.empty else f"0 of {factor.parts}"
        cells = (escape(factor.name), escape(law), f"{len(factor.levels)}", empty, f"{factor.distance:.3f}")
        table.add_row(*cells)
    console.print(table)
    for whole in report.wholes:
        if whole.combinations is not None:
            met, of = whole.combinations
            console.print(f"{whole.name}: {met} of {of} combinations", markup=False)
        elif whole.discrepancy is not None and whole.expected is not None:
            ratio = whole.discrepancy / whole.expected
            console.print(
                f"{whole.name}: discrepancy {whole.discrepancy:.3g}, {ratio:.2f} times that of random points "
                f"({whole.points} points, {len(whole.factors)} factors)",
                markup=False,
            )
    for pair in sorted(report.pairs, key=lambda one: -one.empty / one.cells)[:_WORST]:
        if pair.empty:
            names = f"{pair.first.name} with {pair.second.name}"
            console.print(f"{names}: {pair.empty} of {pair.cells} cells are empty", markup=False)
    if report.left_out:
        console.print(f"left out, their law is not known: {', '.join(report.left_out)}", style="dim", markup=False)
    console.print(f"{report.frames} frames, {len(report.factors)} factors, {report.empty} empty parts")
