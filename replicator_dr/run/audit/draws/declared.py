"""The distributions of a spec under the names by which images record their draws.

A draw of a randomizer is ``<item>.<entry's name or kind>.<field>``, the kind with ``#2`` behind it where an earlier
entry of that kind varied the same field; one of ``create`` is ``<item>.create.<field>``. Those that ties use are in
``shared_records``.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from replicator_dr.run.audit.draws.shared_records import shared_records
from replicator_dr.spec import Spec
from replicator_dr.spec.distributions import Choice, Distribution, DrawUse, Numeric
from replicator_dr.spec.stage import NEW
from replicator_dr.spec.triggers import OnFrame
from replicator_dr.spec.varied import given_fields, varied

_F_STOP = 100.0
"""USD counts apertures in tenths of a stage unit; a stage of ours is in metres."""


@dataclass(frozen=True)
class Declared:
    """Where the values recorded under a name come from.

    Recorded is scale * value + offset of the distribution. interval: frames from one draw to the next, 0 for a draw
    that is made once, or at a moment of a script's; most: draws after which the values stay, 0 for no end. shared: one
    value for all prims. exact: frames of which the values are given, not drawn. chosen: whether frames are drawn anew
    until they meet conditions, so that values need not follow the distribution, but for their range.
    """

    distribution: Distribution
    scale: Numeric = 1.0
    offset: Numeric = 0.0
    interval: int = 1
    most: int = 0
    shared: bool = False
    exact: frozenset[int] = frozenset()
    chosen: bool = False

    def execution(self, frame: int) -> int:
        """Which draw a frame shows."""
        if self.interval == 0:
            return 0
        number = frame // self.interval
        return min(number, self.most - 1) if self.most else number


def declared_draws(spec: Spec) -> dict[str, Declared]:
    """{name: where its values come from}."""
    found: dict[str, Declared] = {}
    for item_name, item in spec.create.items():
        for field, drawn, _ in given_fields(item):
            if isinstance(drawn, (Distribution, DrawUse)):
                found[f"{item_name}.create.{field}"] = _declared(spec, drawn, field, 0, 0, 1.0)
    for one in varied(spec):
        when = one.trigger.when
        interval = when.interval if isinstance(when, OnFrame) else 0
        most = when.max_execs if isinstance(when, OnFrame) else 0
        value = _drawn(one.entry.kind, one.field, one.value)
        factor = _factor(spec, one.owner, one.field)
        if value is None or factor == 0.0 or one.entry.run == "never":
            continue
        exact = _exact(spec, one.name, *([f"${spec.full_name(value.draw)}"] if isinstance(value, DrawUse) else []))
        if exact is not None:
            declared = _declared(spec, value, one.field, interval, 1 if one.entry.run == "once" else most, factor)
            found.setdefault(one.name, replace(declared, exact=exact))
    for name, draw, (interval, most) in shared_records(spec):
        exact = _exact(spec, f"${spec.full_name(draw)}")
        if exact is not None:
            found[name] = replace(_declared(spec, DrawUse(draw), "", interval, most, 1.0), exact=exact)
    if spec.require:
        # A firing that several frames share stays as it is.
        return {name: replace(one, chosen=one.interval == 1) for name, one in found.items()}
    return found


def _exact(spec: Spec, *places: str) -> frozenset[int] | None:
    """The frames at which values are given; None where they always are."""
    pins = [pin for place in places if (pin := spec.exact(place)) is not None]
    return None if any(pin.always for pin in pins) else frozenset(frame for pin in pins for frame in pin.at_frames)


def _drawn(kind: str, field: str, given: object) -> Distribution | DrawUse | None:
    """What a field draws from; None where it is constant."""
    if (kind, field) == ("visibility", "probability") and isinstance(given, float):
        return Choice((True, False), weights=(given, 1.0 - given))
    return given if isinstance(given, (Distribution, DrawUse)) else None


def _declared(
    spec: Spec, value: Distribution | DrawUse, field: str, interval: int, most: int, factor: float
) -> Declared:
    factor *= _F_STOP if field == "f_stop" and spec.stage == NEW else 1.0
    if isinstance(value, Distribution):
        return Declared(value, factor, 0.0, interval, most)
    draw = spec.shared(value.draw)
    scale, offset = _times(value.scale, factor), _times(value.offset, factor)
    return Declared(draw.distribution, scale, offset, interval, most, draw.per == "frame")


def _times(value: Numeric, factor: float) -> Numeric:
    return tuple(number * factor for number in value) if isinstance(value, tuple) else value * factor


def _factor(spec: Spec, owner: str, field: str) -> float:
    """What a recorded value is a multiple of; 0 where that is not known."""
    if field in ("f_stop", "baseline") and spec.stage != NEW:
        return 0.0
    if field != "intensity_scale":
        return 1.0
    created = getattr(spec.create.get(owner), "intensity", None)
    return float(created) if isinstance(created, (int, float)) else 0.0
