"""What recorded values are held against: distribution functions of numbers, and shares of choices."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from glob import has_magic
from typing import Any

import numpy as np
from numpy.typing import NDArray

from replicator_dr.run.audit.draws.declared import Declared
from replicator_dr.spec.distributions import (
    Choice,
    Combine,
    Distribution,
    DrawUse,
    LogUniform,
    Normal,
    Sequence,
    TruncatedNormal,
    Uniform,
    components,
    spread_out,
)
from replicator_dr.spec.files import File
from replicator_dr.spec.ties import Expression, Switch

Float64 = NDArray[np.float64]

_SIGMAS = 8.0
"""A normal value farther out than this comes once in 10^15 draws."""


@dataclass(frozen=True)
class Continuous:
    """One component of a distribution of numbers. kind: its name; low, high: between which all values lie.

    parameters: of the kind: mean and standard deviation of normal ones.
    """

    kind: str
    low: float
    high: float
    mean: float = 0.0
    std: float = 0.0

    @property
    def varies(self) -> bool:
        """Whether two draws differ."""
        return self.high > self.low

    def inside(self, values: Float64) -> NDArray[np.bool_]:
        """(n,) whether each value can have been drawn, up to single precision."""
        spare = 1e-6 * max(abs(self.low), abs(self.high), self.high - self.low)
        return (values >= self.low - spare) & (values <= self.high + spare)

    def function(self, values: Float64) -> Float64:
        """(n,) the probability of a value at most as large, 0..1."""
        if self.kind == "uniform":
            shares = (values - self.low) / (self.high - self.low)
        elif self.kind == "log_uniform":
            shares = np.log(np.maximum(values, 1e-300) / self.low) / math.log(self.high / self.low)
        else:
            below, above = (self._normal(np.array([end]))[0] for end in (self.low, self.high))
            shares = (self._normal(values) - below) / (above - below)
        return np.asarray(np.clip(shares, 0.0, 1.0))

    def _normal(self, values: Float64) -> Float64:
        scaled = (values - self.mean) / (self.std * math.sqrt(2.0))
        return np.array([0.5 * math.erfc(-value) for value in scaled.tolist()])


@dataclass(frozen=True)
class Discrete:
    """Choices, and how often each is taken. shares: None where only membership is known."""

    choices: tuple[Any, ...]
    shares: tuple[float, ...] | None

    @property
    def varies(self) -> bool:
        """Whether two draws may differ."""
        return len(self.choices) > 1


Target = Continuous | Discrete


def targets_of(declared: Declared) -> list[tuple[int | None, Target]]:
    """What each component of a recorded row is held against; component None: the row as a whole."""
    return list(_targets(declared.distribution, DrawUse("", declared.scale, declared.offset)))


def _targets(value: Distribution, use: DrawUse) -> Iterator[tuple[int | None, Target]]:
    if isinstance(value, Combine):
        for index, part in enumerate(value.distributions):
            if isinstance(part, Distribution):
                yield from ((index, target) for _, target in _targets(part, use))
        return
    if isinstance(value, (Expression, Switch)):
        return  # it follows others: its own law is not known
    if isinstance(value, Choice):
        value = _one_by_one(value)
        if any(isinstance(item, File) and has_magic(item.written) for item in value.choices):
            return  # which files a pattern stood for is not known any more
        yield None, _choices([_recorded(item, use) for item in value.choices], value)
        return
    if isinstance(value, Sequence):
        yield None, Discrete(tuple(dict.fromkeys(_recorded(item, use) for item in value.items)), None)
        return
    yield from enumerate(_continuous(value, use))


def _one_by_one(value: Choice) -> Choice:
    """Lists of files among the choices, as patterns make them, as choices of their own that share the list's weight."""
    if not any(isinstance(item, tuple) and isinstance(item[0], File) for item in value.choices):
        return value
    weights = value.weights
    if not value.by_context:
        shares = weights or (1.0,) * len(value.choices)
        weights = tuple(share / len(files) for share, files in zip(shares, value.choices) for _ in files)
    return replace(value, choices=tuple(file for files in value.choices for file in files), weights=weights)


def _continuous(value: Distribution, use: DrawUse) -> Iterator[Continuous]:
    """One target a component; scale and offset act on them one by one."""
    arguments = [getattr(value, name) for name in value.numeric]
    for *numbers, scale, offset in spread_out(*arguments, use.scale, use.offset):
        named = dict(zip(value.numeric, numbers))
        if isinstance(value, (Uniform, LogUniform)):
            ends = sorted((scale * named["lower"] + offset, scale * named["upper"] + offset))
            # A shifted or mirrored logarithm is no longer uniform in it: only its range is known.
            kind = "uniform" if isinstance(value, Uniform) else "log_uniform" if offset == 0 < scale else "range"
            yield Continuous(kind, ends[0], ends[1])
        elif isinstance(value, (Normal, TruncatedNormal)):
            mean, std = scale * named["mean"] + offset, abs(scale) * named["std"]
            lower, upper = named.get("lower", -math.inf), named.get("upper", math.inf)
            ends = sorted((scale * lower + offset, scale * upper + offset)) if scale else [mean, mean]
            low, high = max(ends[0], mean - _SIGMAS * std), min(ends[1], mean + _SIGMAS * std)
            if low > high:  # the whole range lies in a far tail
                low, high = ends
            yield Continuous("normal", low, high, mean, std)


def _choices(items: list[Any], value: Choice) -> Discrete:
    """Each choice once, with the sum of its weights; how often each comes is not known where none may come twice."""
    if value.by_context:
        return Discrete(tuple(dict.fromkeys(items)), None)
    weights = value.weights or (1.0,) * len(items)
    shares: dict[Any, float] = {}
    for item, weight in zip(items, weights):
        shares[item] = shares.get(item, 0.0) + weight / sum(weights)
    known = value.with_replacements or value.weights is None
    return Discrete(tuple(shares), tuple(shares.values()) if known else None)


def _recorded(item: Any, use: DrawUse) -> Any:
    """A choice as a record has it: numbers as a tuple, texts as they were written."""
    if isinstance(item, File):
        return item.written
    if isinstance(item, str):
        return str(item)
    number = float(item) if isinstance(item, bool) else item
    return tuple(round(float(part), 9) for part in components(number if use.is_plain else use.apply(number)))
