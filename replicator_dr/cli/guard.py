"""Errors at the command line: what is wrong, in plain words, and an exit code; no traceback unless asked for."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager

import typer

from replicator_dr.cli.console import messages
from replicator_dr.run.exit_codes import ExitCode, exit_code

_OUTPUT_ERRNOS = {
    errno.ENOSPC, errno.EDQUOT, errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EFBIG, errno.EIO,
}  # fmt: skip


@contextmanager
def guarded(debug: bool = False) -> Iterator[None]:
    """Run a command's body; print what went wrong and end with the documented code.

    Errors that are not ours and not the system's pass through with their traceback: they are faults of the program,
    and their traceback is what a report needs.
    """
    from replicator_dr.errors import ReplicatorDrError

    try:
        yield
    except (ReplicatorDrError, KeyboardInterrupt) as error:
        if debug:
            raise
        report(error)
        raise typer.Exit(exit_code(error)) from error
    except OSError as error:
        if debug or error.errno not in _OUTPUT_ERRNOS:
            raise
        report(error)
        raise typer.Exit(ExitCode.OUTPUT_PROBLEM) from error


def report(error: BaseException) -> None:
    """Print an error as the user should see it."""
    console = messages()
    if isinstance(error, KeyboardInterrupt):
        console.print(str(error) or "interrupted", style="yellow", markup=False)
        return
    console.print("error: ", style="bold red", end="")
    console.print(str(error), markup=False)
