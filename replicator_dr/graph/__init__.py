"""From a spec to a running graph."""

from __future__ import annotations

from typing import TYPE_CHECKING

from replicator_dr.graph.graph import Graph, build_graph

if TYPE_CHECKING:
    from replicator_dr.engines.embedded.loop.statistics import Committed, RunStatistics

__all__ = ["Committed", "Graph", "RunStatistics", "build_graph"]


def __getattr__(name: str) -> object:
    if name in ("Committed", "RunStatistics"):
        from replicator_dr.engines.embedded.loop import statistics

        return getattr(statistics, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
