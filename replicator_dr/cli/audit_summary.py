"""What an audit found, for the terminal: a line for each check, the findings below, and how it ended."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich.markup import escape
from rich.table import Table

from replicator_dr.cli.console import messages, output

if TYPE_CHECKING:
    from rich.console import Console

    from replicator_dr.run.audit import AuditReport, CheckResult

_SHOWN = 5
_COLORS = {"passed": "green", "failed": "bold red", "noted": "yellow", "skipped": "dim"}


def print_audit(console: Console, report: AuditReport) -> None:
    """Print the table of checks, what those that found something found, and the verdict."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("check", "", "found", "note"):
        table.add_column(heading, justify="right" if heading == "found" else "left", no_wrap=heading != "note")
    for result in report.results:
        status = result.status.value
        found = str(result.found) if result.found else ""
        table.add_row(result.name, f"[{_COLORS[status]}]{status}[/]", found, escape(result.note))
    console.print(table)
    for result in report.results:
        if result.found:
            _print_findings(console, result)
    console.print(verdict(report))


def _print_findings(console: Console, result: CheckResult) -> None:
    console.print(f"\n[{_COLORS[result.status.value]}]{result.name}[/]: {escape(result.meaning)}")
    for finding in result.findings[:_SHOWN]:
        place = f"image {finding.image_id}" if finding.image_id is not None else ""
        if finding.annotation_id is not None:
            place = f"{place}, annotation {finding.annotation_id}".removeprefix(", ")
        console.print(f"  {place}: {finding.message}" if place else f"  {finding.message}", markup=False)
    if result.found > _SHOWN:
        console.print(f"  and {result.found - _SHOWN} more", style="dim")


def verdict(report: AuditReport) -> str:
    """How the audit ended, as a line with markup."""
    images = f"{report.images} images" if report.images == report.of else f"{report.images} of {report.of} images"
    number = len(report.results)
    kind = "quick audit" if report.quick else "audit"
    if report.passed:
        return f"{kind}: [bold green]passed[/], {number} checks on {images} in {report.seconds:.1f} s"
    names = ", ".join(result.name for result in report.failed)
    return f"{kind}: [bold red]failed[/], {len(report.failed)} of {number} checks on {images}: {names}"


def print_quick_audits(folders: Sequence[Path], quiet: bool = False) -> None:
    """Audit quickly what a run wrote, and print a line for each dataset; only for those that fail where ``quiet``."""
    from replicator_dr.run.audit import audit, holds_dataset

    for folder in folders:
        if not holds_dataset(folder):
            continue
        report = audit(folder, quick=True)
        if not report.passed:
            messages().print(verdict(report))
            messages().print(f"see what is wrong: replicator-dr audit {folder}", markup=False)
        elif not quiet:
            output().print(verdict(report))
