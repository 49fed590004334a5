"""replicator-dr graph: the spec's graph as Mermaid."""

from __future__ import annotations

import typer

from replicator_dr.cli.guard import guarded
from replicator_dr.cli.options import DebugOption, OnlyOption, SetOption, SpecArgument, WithoutOption


def graph(
    spec: SpecArgument,
    overrides: SetOption = None,
    without: WithoutOption = None,
    only: OnlyOption = None,
    debug: DebugOption = False,
) -> None:
    """Print the graph of a spec as a Mermaid flowchart: items, triggers, randomizers, cameras, writers.

    GitHub and most editors draw it. Nothing is rendered.

    Example: replicator-dr graph scenes/tabletop.yaml > tabletop.mmd
    """
    with guarded(debug):
        from replicator_dr import load_spec
        from replicator_dr.run.mermaid import mermaid

        typer.echo(mermaid(load_spec(spec, overrides=overrides or (), without=without or (), only=only or ())))
