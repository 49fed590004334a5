"""The end of a run: how fast, where the time went, where the files are, and what to do next."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich.markup import escape
from rich.table import Table

from replicator_dr.run.report import stage_rates

if TYPE_CHECKING:
    from rich.console import Console

    from replicator_dr.graph import RunStatistics


def print_summary(
    console: Console, statistics: RunStatistics, folders: Sequence[Path], requirements: Sequence[str] = ()
) -> None:
    """Print the table of stage rates, the totals, the folders and the next command.

    requirements: names of what is required of frames, for how often each was not met.
    """
    if statistics.images:
        console.print(_stage_table(statistics))
    seconds = max(statistics.seconds, 1e-9)
    console.print(
        f"[bold]{statistics.frames} frames[/], {statistics.images} images, {statistics.bytes / 1e6:.1f} MB "
        f"in {statistics.seconds:.1f} s: [bold green]{statistics.frames / seconds:.1f} frames/s[/], "
        f"{statistics.images / seconds:.1f} images/s, {statistics.bytes / seconds / 1e6:.1f} MB/s"
    )
    if requirements:
        console.print(_acceptance(statistics, requirements))
    for folder in folders:
        console.print(f"dataset: [bold]{escape(_short(folder))}[/]")
    shown = next((folder for folder in folders if (folder / "annotations.json").is_file()), None)
    if shown is not None:
        place = escape(_short(shown))
        console.print(f"look at it: replicator-dr preview {place} -o {place}/preview.png", style="dim")


def _acceptance(statistics: RunStatistics, requirements: Sequence[str]) -> str:
    """``require: 100 of 130 draws accepted (77%); not met: 24 visible_fraction, 6 count``."""
    drawn = statistics.frames + statistics.redraws
    failed = statistics.failed or (0,) * len(requirements)
    told = ", ".join(f"{count} {name}" for count, name in zip(failed, requirements, strict=True))
    return f"require: {statistics.frames} of {drawn} draws accepted ({statistics.acceptance:.0%}); not met: {told}"


def _short(folder: Path) -> str:
    """The folder as seen from the current one, where it lies below it."""
    return str(folder.relative_to(Path.cwd())) if folder.is_relative_to(Path.cwd()) else str(folder)


def _stage_table(statistics: RunStatistics) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("stage")
    for heading in ("work [s]", "share", "ms/image", "images/s a thread"):
        table.add_column(heading, justify="right")
    for rate in stage_rates(statistics.stage_seconds, statistics.images):
        table.add_row(
            rate.stage,
            f"{rate.seconds:.2f}",
            f"{rate.share:.0%}",
            f"{rate.milliseconds:.2f}",
            f"{rate.images_per_second:.0f}",
        )
    return table
