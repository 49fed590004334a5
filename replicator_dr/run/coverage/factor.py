"""One factor: a component of a draw, its declared law, and how its values fill it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from replicator_dr.labels.redraws import ATTEMPT, FAILED
from replicator_dr.run.audit.draws.column import as_choice
from replicator_dr.run.audit.draws.declared import Declared, declared_draws
from replicator_dr.run.audit.draws.shared_records import shared_records
from replicator_dr.run.audit.draws.targets import Continuous, Discrete, Target, targets_of
from replicator_dr.run.coverage.sources import Drawn
from replicator_dr.spec import Spec
from replicator_dr.spec.designs import components_of
from replicator_dr.spec.distributions import DrawUse
from replicator_dr.spec.varied import varied
from replicator_dr.storage.flat_draws import suffix

Float64 = NDArray[np.float64]

_SHOWN_BARS = 20
_WORD = 24


@dataclass(frozen=True)
class Factor:
    """A component of a draw.

    name: of its column. source: the design's factor or the shared draw behind it, its own name where there is none.
    design: that it belongs to, or nothing. target: its law. values: of all prims, one for each time it was drawn.
    first: (F,) the level of the first prim at each frame, 0..1, nan where it is given and not drawn. levels: of all
    values, in order, the shares of the law below them.
    """

    name: str
    source: str
    design: str
    target: Target
    values: NDArray[Any]
    first: Float64
    levels: Float64
    bins: int

    @property
    def law(self) -> str:
        """The law's name."""
        return self.target.kind if isinstance(self.target, Continuous) else f"{len(self.target.choices)} values"

    @property
    def parts(self) -> int:
        """Parts of equal probability that it is looked at in; of choices, the choices."""
        return self.bins if isinstance(self.target, Continuous) else len(self.target.choices)

    @property
    def empty(self) -> int:
        """Parts without a value."""
        return int((self.counts == 0).sum())

    @property
    def counts(self) -> NDArray[np.int64]:
        """(parts,) values in each part."""
        places = np.minimum((self.levels * self.parts).astype(np.int64), self.parts - 1)
        return np.bincount(places, minlength=self.parts)

    @property
    def distance(self) -> float:
        """The largest distance of the shares below a value from the law's: Kolmogorov and Smirnov's, or of a choice."""
        n = len(self.levels)
        if not n:
            return 0.0
        if isinstance(self.target, Discrete):
            shares = self.target.shares or (1.0 / self.parts,) * self.parts
            return float(np.abs(self.counts / n - np.array(shares)).max())
        ranks = np.arange(n + 1) / n
        return float(max((ranks[1:] - self.levels).max(), (self.levels - ranks[:-1]).max()))

    def histogram(self) -> tuple[list[tuple[str, int, float]], bool]:
        """Bars (label, count, expected count), and whether they are neighbours on an axis."""
        n = len(self.values)
        if isinstance(self.target, Discrete):
            shares = self.target.shares or (1.0 / self.parts,) * self.parts
            bars = zip(self.target.choices, self.counts.tolist(), shares)
            return [(_word(choice), count, n * share) for choice, count, share in bars], False
        shown = min(2 * self.bins, _SHOWN_BARS)
        edges: Float64 = np.linspace(self.target.low, self.target.high, shown + 1, dtype=np.float64)
        if self.target.kind == "normal":
            edges = np.clip(edges, self.target.mean - 4 * self.target.std, self.target.mean + 4 * self.target.std)
            edges = np.linspace(edges[0], edges[-1], len(edges))
        counts = np.histogram(self.values, edges)[0]
        expected = n * np.diff(self.target.function(edges))
        labels = [f"{low:.4g} to {high:.4g}" for low, high in zip(edges, edges[1:])]
        return list(zip(labels, counts.tolist(), expected.tolist())), True


def factors_of(drawn: Drawn, bins: int) -> tuple[list[Factor], list[str]]:
    """The factors whose law is known, and the names of the draws left out."""
    declared = declared_draws(drawn.spec)
    sources = _sources(drawn.spec)
    found: list[Factor] = []
    left: list[str] = []
    # In the order of the spec: a dataset keeps draws by name.
    for name in sorted(drawn.draws, key=list({**declared, **drawn.draws}).index):
        values, law = drawn.draws[name], declared.get(name)
        made = [] if law is None or values.ndim < 2 else list(_factors(name, values, law, sources, drawn, bins))
        found += made
        left += [] if made or name in (ATTEMPT, FAILED) else [name]
    return found, left


def _sources(spec: Spec) -> dict[str, tuple[str, str]]:
    """{draw: (design, factor or shared draw)} of fields that use one, and of those that ties use."""
    found = {}
    for name, draw, _ in shared_records(spec):
        place = spec.factor(draw)
        found[name] = (place[0] if place else "", spec.full_name(draw))
    for one in varied(spec):
        if isinstance(one.value, DrawUse):
            place = spec.factor(one.value.draw)
            found[one.name] = (place[0] if place else "", spec.full_name(one.value.draw))
    return found


def _factors(
    name: str, values: NDArray[Any], law: Declared, sources: dict[str, tuple[str, str]], drawn: Drawn, bins: int
) -> Iterator[Factor]:
    executions = np.array([law.execution(frame) for frame in drawn.frames.tolist()], dtype=np.int64)
    exact = np.isin(executions * law.interval, sorted(law.exact)) if law.exact else np.zeros(len(executions), np.bool_)
    fresh = np.unique(executions, return_index=True)[1]
    fresh = fresh[~exact[fresh]]
    width = values.shape[2] if values.ndim == 3 else 1
    design, source = sources.get(name, ("", name))
    for component, target in targets_of(law):
        if not target.varies or (isinstance(target, Continuous) and target.kind == "range"):
            continue
        rows = values[:, :1] if law.shared else values
        levels = _levels(rows, component, target)
        if levels is None:
            continue
        whole = component is None or width == 1
        column = name if whole else name + suffix(component or 0, width)
        own = rows if component is None or rows.ndim == 2 else rows[..., component]
        pooled = np.sort(levels[fresh].ravel())
        first = np.where(exact, np.nan, levels[:, 0])
        place = (
            source
            if whole or (law.shared and components_of(law.distribution) == 1)
            else source + suffix(component or 0, width)
        )
        yield Factor(column, place, design, target, own[fresh].reshape(len(pooled), -1)[:, 0], first, pooled, bins)


def _levels(rows: NDArray[Any], component: int | None, target: Target) -> Float64 | None:
    """(F, n) shares of the law below each value; a choice's place among the choices. None where some are no values."""
    if isinstance(target, Continuous):
        if rows.ndim != 3 or (component or 0) >= rows.shape[2]:
            return None
        numbers = rows[..., component or 0]
        return target.function(numbers.ravel()).reshape(numbers.shape)
    place = {choice: (number + 0.5) / len(target.choices) for number, choice in enumerate(target.choices)}
    plain = rows.tolist()
    found = [[place.get(as_choice(row), np.nan) for row in frame] for frame in plain]
    levels = np.array(found, dtype=np.float64)
    return None if np.isnan(levels).all() else np.nan_to_num(levels, nan=0.0)


def _word(choice: Any) -> str:
    text = choice if isinstance(choice, str) else ", ".join(f"{part:.4g}" for part in choice)
    return text if len(text) <= _WORD else "…" + text[1 - _WORD :]
