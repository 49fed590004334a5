"""replicator-dr doctor: whether this machine is ready, and what would be used."""

from __future__ import annotations

import typer

from replicator_dr.cli.console import output
from replicator_dr.run.exit_codes import ExitCode

_MARKS = {"ok": "[green]ok[/]", "note": "[yellow]note[/]", "fault": "[bold red]fault[/]"}


def doctor() -> None:
    """Say what is installed, which runtime and device would be used, and what to do about what is missing.

    The exit code is 1 if something that generating needs is missing.
    """
    from rich.markup import escape
    from rich.table import Table

    from replicator_dr.run.doctor import examine

    table = Table(box=None, pad_edge=False, header_style="bold", show_header=False)
    for _ in range(4):
        table.add_column(overflow="fold")
    faults = 0
    topic = ""
    for finding in examine():
        if finding.topic != topic and topic:
            table.add_row()
        name = f"[bold]{finding.topic}[/]" if finding.topic != topic else ""
        topic = finding.topic
        remedy = f"\n[yellow]{escape(finding.remedy)}[/]" if finding.remedy else ""
        table.add_row(name, _MARKS[finding.state], escape(finding.name), escape(finding.value) + remedy)
        faults += finding.state == "fault"
    output().print(table)
    if faults:
        output().print(f"\n{faults} fault{'' if faults == 1 else 's'}: see the remedies above", style="bold red")
        raise typer.Exit(ExitCode.RUN_FAILED)
    output().print("\nready to generate", style="bold green")
