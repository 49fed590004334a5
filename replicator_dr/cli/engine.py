"""Which runtime a command uses: Isaac Sim is started around its work where it is asked for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import typer

KIT_ARGUMENTS: list[str] = []
"""Settings for Kit on the command line, ``--/path=value`` each."""


def take_kit_arguments(arguments: Sequence[str]) -> list[str]:
    """Keep Kit's settings in :data:`KIT_ARGUMENTS`; returns the other arguments."""
    KIT_ARGUMENTS[:] = [argument for argument in arguments if argument.startswith("--/")]
    return [argument for argument in arguments if not argument.startswith("--/")]


@contextmanager
def engine_running(engine: str | None) -> Iterator[None]:
    """The engine, inside the block. Nothing is to be done for one that runs already, and for the embedded one."""
    from replicator_dr.rep import inside_isaac_sim

    wanted = engine == "isaacsim" and not inside_isaac_sim()
    if KIT_ARGUMENTS and not wanted:
        raise typer.BadParameter(f"{KIT_ARGUMENTS[0]} is a setting for Isaac Sim; add --engine isaacsim")
    if not wanted:
        yield
        return
    from replicator_dr.engines.isaacsim.app import running

    with running(KIT_ARGUMENTS):
        yield
