"""``rep.distribution``: streams of values for the arguments of create, modify and randomizer functions.

A distribution gives each prim that it feeds a sample of its own at each firing; a sequence gives one item to all.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from replicator_dr.engines.embedded.api.registration import attach
from replicator_dr.engines.embedded.draws.choices import Choice, Combine, Cycle
from replicator_dr.engines.embedded.draws.distributions import Distribution, LogUniform, Normal, Uniform
from replicator_dr.engines.embedded.item import ReplicatorItem, make_item
from replicator_dr.engines.embedded.runtime import current
from replicator_dr.errors import UnsupportedError

Numbers = float | Sequence[float]


def register(fn: Callable[..., Any], override: bool = True, fn_name: str | None = None) -> None:
    """Attach a function of one's own as ``rep.distribution.<name>``."""
    attach(globals(), "distribution", fn, override, fn_name)


def make_distribution(node: Distribution) -> ReplicatorItem:
    """Number a distribution, for streams without a seed, and put it into the graph."""
    node.number = current().graph.next_seeded_id()
    return make_item(node)


def _truthy(seed: int | None) -> int | None:
    """Seeds of uniform, normal and log_uniform: 0 and negative ones count as none, as in Replicator."""
    return seed if seed and seed > 0 else None


def _from_zero(seed: int | None) -> int | None:
    """Seeds of choice and sequence: negative ones count as none."""
    return seed if seed is not None and seed >= 0 else None


def uniform(
    lower: Numbers, upper: Numbers, num_samples: int = 1, seed: int | None = None, name: str | None = None
) -> ReplicatorItem:
    """Uniform between lower and upper, component by component. num_samples: overridden by the number of prims fed.

    Raises ValueError where the bounds differ in length or are exchanged.
    """
    inputs = {"lower": lower, "upper": upper, "numSamples": num_samples, "seed": seed}
    return make_distribution(Uniform("distribution.uniform", inputs, _truthy(seed), name))


def normal(
    mean: Numbers, std: Numbers, num_samples: int = 1, seed: int | None = None, name: str | None = None
) -> ReplicatorItem:
    """Normal with mean and standard deviation, component by component."""
    inputs = {"mean": mean, "std": std, "numSamples": num_samples, "seed": seed}
    return make_distribution(Normal("distribution.normal", inputs, _truthy(seed), name))


def log_uniform(
    lower: Numbers, upper: Numbers, num_samples: int = 1, seed: int | None = None, name: str | None = None
) -> ReplicatorItem:
    """Uniform in the logarithm between lower and upper, both positive."""
    inputs = {"lower": lower, "upper": upper, "numSamples": num_samples, "seed": seed}
    return make_distribution(LogUniform("distribution.log_uniform", inputs, _truthy(seed), name))


def choice(
    choices: Sequence[Any],
    weights: Sequence[float] | None = None,
    num_samples: int = 1,
    seed: int | None = -1,
    with_replacements: bool = True,
    name: str | None = None,
) -> ReplicatorItem:
    """One of several numbers, vectors, paths, items or distributions for each prim. weights: need not add up to 1.

    with_replacements=False: no two prims of a firing get the same one; needs as many choices as prims.
    """
    inputs = {
        "choices": choices,
        "weights": weights,
        "numSamples": num_samples,
        "seed": seed,
        "with_replacements": with_replacements,
    }
    return make_distribution(Choice("distribution.choice", inputs, _from_zero(seed), name))


def sequence(
    items: Sequence[Any],
    ordered: bool = True,
    seed: int | None = -1,
    name: str | None = None,
    stride: int | None = None,
) -> ReplicatorItem:
    """The items one after the other, one at each firing, shared by all prims; an item may hold a value for each prim.

    ordered=False: in random order, all of them before any repeats. UnsupportedError for ``stride``.
    """
    if stride is not None:
        raise UnsupportedError("distribution.sequence: stride is not supported; write the items in the order wanted")
    inputs = {"items": items, "ordered": ordered, "seed": seed}
    return make_distribution(Cycle("distribution.sequence", inputs, _from_zero(seed), name))


def combine(distributions: Sequence[Any], name: str | None = None) -> ReplicatorItem:
    """Components of several distributions or constants side by side: x from one, y from another."""
    return make_item(Combine("distribution.combine", {"distributions": distributions}, None, name))
