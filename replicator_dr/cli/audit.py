"""replicator-dr audit: whether a dataset is what it says it is."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from replicator_dr.cli.console import output
from replicator_dr.cli.guard import guarded
from replicator_dr.cli.options import DebugOption
from replicator_dr.run.exit_codes import ExitCode


def audit(
    dataset: Annotated[
        Path, typer.Argument(metavar="DATASET", help="A folder that coco_depth wrote.", show_default=False)
    ],
    quick: Annotated[
        bool, typer.Option("--quick", help="Leave out what needs decoded images, and look at 500 images at most.")
    ] = False,
    json_file: Annotated[
        Path | None, typer.Option("--json", metavar="FILE", help="Write everything that was found as JSON.")
    ] = None,
    html_file: Annotated[
        Path | None,
        typer.Option("--html", metavar="FILE", help="Write a page with plots and sample images that opens offline."),
    ] = None,
    workers: Annotated[
        int | None, typer.Option("--workers", "-w", min=1, help="Threads; one per core by default.", show_default=False)
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing but errors.")] = False,
    debug: DebugOption = False,
) -> None:
    """Check a dataset: files, ids, boxes, masks, depth, poses and draws against each other. Exit code 1 if it fails.

    Every check, and what to do when it fires: docs/audit.md.

    Examples:
      replicator-dr audit _out/tabletop

      replicator-dr audit _out/tabletop --html audit.html --json audit.json
    """
    with guarded(debug):
        from replicator_dr.cli.audit_progress import AuditProgress
        from replicator_dr.cli.audit_summary import print_audit
        from replicator_dr.run.audit import audit as audited

        if html_file is not None:
            from replicator_dr.run.audit.page import require_jinja

            require_jinja()
        with AuditProgress(shown=not quiet) as progress:
            report = audited(dataset, quick=quick, workers=workers, progress=progress)
        if json_file is not None:
            from replicator_dr.run.audit.written import write_json

            write_json(report, json_file)
        if html_file is not None:
            from replicator_dr.run.audit.page import write_page

            write_page(report, html_file)
        if not quiet:
            print_audit(output(), report)
            for file in (json_file, html_file):
                if file is not None:
                    output().print(f"written: {file}", markup=False)
        if not report.passed:
            raise typer.Exit(ExitCode.RUN_FAILED)
