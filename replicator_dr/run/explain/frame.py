"""What was drawn for a frame, as plain data: each value with its distribution, stream, execution and ties."""

from __future__ import annotations

from typing import Any

import numpy as np

from replicator_dr.graph import Graph
from replicator_dr.graph.drawn import SHARED, DrawnValue
from replicator_dr.run.explain.text import text_of
from replicator_dr.spec import Spec
from replicator_dr.spec.distributions import Choice, DrawUse
from replicator_dr.spec.settle import uses
from replicator_dr.spec.ties import Expression, Switch

Plain = dict[str, Any]


def frame_of(graph: Graph, frame: int, facts: bool = True) -> Plain:
    """The draws of one frame, how many there are, and with ``facts`` what came of them."""
    drawn = graph.drawn(frame, facts)
    values = [_value(graph.spec, value) for value in drawn.values]
    random = [entry for entry in values if entry["stream"] is not None]
    return {
        "frame": frame,
        "redraws": drawn.attempt,
        "turned_down": dict(zip([f"require[{i}]" for i in range(len(drawn.failed))], drawn.failed)),
        "values": values,
        "facts": None if drawn.facts is None else {name: plain(found) for name, found in drawn.facts.items()},
        "draws": {
            "numbers": sum(entry["numbers"] for entry in random),
            "streams": len(random),
            "ties": len(values) - len(random),
            "counted": "numbers and choices that have a stream of their own; expressions and uses of shared draws "
            "draw nothing. Not counted: what is drawn in branches of conditions, and by randomizers inside, such as "
            "the places of scatter_2d.",
        },
    }


def _value(spec: Spec, drawn: DrawnValue) -> Plain:
    written = drawn.written
    shared = drawn.name.removeprefix(f"{SHARED}.") if drawn.name.startswith(f"{SHARED}.") else None
    group = next((one for one in spec.correlations if shared in one.draws), None)
    return {
        "name": drawn.name,
        "value": plain(drawn.value),
        "numbers": int(np.prod(drawn.value.shape)),
        "from": _why(written),
        "distribution": None if written is None else text_of(written),
        "uses": list(uses(written)),
        "stream": None if drawn.seed is None else {"path": list(drawn.stream or ()), "seed": drawn.seed},
        "execution": drawn.execution,
        "attempt": drawn.attempt,
        "trigger": drawn.trigger or None,
        "drawn_at_frame": drawn.fired if drawn.fired >= 0 else None,
        "branch": None if drawn.taken is None else list(drawn.taken),
        "correlated_with": [] if group is None else [name for name in group.draws if name != shared],
    }


def _why(written: Any) -> str:
    """What made a value."""
    if written is None:
        return "randomizer"
    if isinstance(written, DrawUse):
        return "shared draw"
    if isinstance(written, Expression):
        return "expression"
    if isinstance(written, Switch):
        return "condition"
    if isinstance(written, Choice) and written.by_context:
        return "choice by context"
    return "distribution"


def plain(value: Any) -> Any:
    """Samples as plain data: one for all prims without a list around it."""
    rows = [row.tolist() if isinstance(row, np.ndarray) else row for row in value]
    rows = [row[0] if isinstance(row, list) and len(row) == 1 else row for row in rows]
    rows = [row if isinstance(row, (list, int, float, bool)) or row is None else str(row) for row in rows]
    return rows[0] if len(rows) == 1 else rows
