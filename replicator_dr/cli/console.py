"""Where the commands print: results to standard output, progress and errors to standard error."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console


@cache
def output() -> Console:
    """The console of results. Wide when piped, so that no line is broken for a terminal that is not there."""
    from rich.console import Console

    console = Console(highlight=False, soft_wrap=True)
    return console if console.is_terminal else Console(highlight=False, soft_wrap=True, width=160)


@cache
def messages() -> Console:
    """The console of progress and errors."""
    from rich.console import Console

    return Console(stderr=True, highlight=False, soft_wrap=True)
