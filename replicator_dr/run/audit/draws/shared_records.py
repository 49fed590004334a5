"""Shared draws that ties use, by the names under which they are recorded: ``draws.night``, ``draws.night.every_4``."""

from __future__ import annotations

from collections.abc import Iterator

from replicator_dr.spec import Spec
from replicator_dr.spec.settle import all_uses, uses
from replicator_dr.spec.triggers import OnFrame
from replicator_dr.spec.varied import given_fields, varied

Times = tuple[int, int]
"""Frames from one draw to the next, 0 for one that is made once or at a moment of a script's; draws, 0 for no end."""
_ONCE: Times = (0, 0)


def shared_records(spec: Spec) -> Iterator[tuple[str, str, Times]]:
    """(recorded name, draw, when it is drawn) of each shared draw that something uses.

    Left out is what entries use at different times under one name: the record is that of the first of them.
    """
    times: dict[tuple[str, int], set[Times]] = {}
    for one in varied(spec):
        when = one.trigger.when
        if one.entry.run == "never" or (one.entry.run == "once" and not isinstance(when, OnFrame)):
            continue
        interval, most = (when.interval, when.max_execs) if isinstance(when, OnFrame) else _ONCE
        own = interval, 1 if one.entry.run == "once" else most
        for draw in all_uses(uses(one.value), spec.draws):
            times.setdefault((draw, max(interval, 1)), set()).add(own)
    for item in spec.create.values():
        for _, value, _ in given_fields(item):
            for draw in all_uses(uses(value), spec.draws):
                times.setdefault((draw, 1), {_ONCE})
    for (draw, interval), found in times.items():
        if len(found) == 1:
            yield f"draws.{draw}" if interval == 1 else f"draws.{draw}.every_{interval}", draw, found.pop()
