"""replicator-dr validate: check specs without rendering anything."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from replicator_dr.cli.console import output
from replicator_dr.cli.guard import guarded, report
from replicator_dr.cli.options import DebugOption, OnlyOption, SetOption, WithoutOption


def validate(
    specs: Annotated[list[Path], typer.Argument(metavar="SPEC...", help="YAML files to check.", show_default=False)],
    overrides: SetOption = None,
    without: WithoutOption = None,
    only: OnlyOption = None,
    debug: DebugOption = False,
) -> None:
    """Check specs: every fault with file, line, column and what to do about it.

    Nothing is rendered. All faults of all files are reported; the exit code is 3 if there was any.

    Example: replicator-dr validate scenes/*.yaml
    """
    from replicator_dr.errors import AssetError, SpecError

    with guarded(debug):
        from replicator_dr import load_spec

        worst: Exception | None = None
        for path in specs:
            try:
                load_spec(path, overrides=overrides or (), without=without or (), only=only or ())
            except (SpecError, AssetError) as error:
                report(error)
                worst = error
            else:
                output().print(f"{path}: ok", markup=False)
        if worst is not None:
            from replicator_dr.run.exit_codes import exit_code

            raise typer.Exit(exit_code(worst)) from worst
