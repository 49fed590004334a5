"""Factors of designs as distribution nodes."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from replicator_dr.spec.distributions import Choice

if TYPE_CHECKING:
    from replicator_dr.graph.lower import Lowering

_LONGEST = 1024
"""Combinations of a grid that are written out where a runtime has no designs."""


def factor_node(lowering: Lowering, name: str, factor: str) -> Any:
    """The node of a factor of the design ``name``.

    A runtime without designs takes a grid as a sequence, combination by combination; UnsupportedError for the others.
    """
    from replicator_dr.graph.lower import plain_constant
    from replicator_dr.graph.place import Place

    design = lowering.spec.designs[name]
    seed = lowering.seed(Place(("designs", name)))
    given = design.factors[factor]
    first, levels = design.first(factor), design.levels
    if levels and not design.random and design.samples <= _LONGEST and not hasattr(lowering.rep.distribution, "factor"):
        assert isinstance(given, Choice)
        stride = math.prod(levels[first + 1 :])
        items = [given.choices[index // stride % levels[first]] for index in range(design.samples)]
        return lowering.rep.distribution.sequence([plain_constant(item) for item in items], ordered=True, seed=seed)
    own = lowering.own("factor", "use mode: stepped, or draws instead of designs")
    return own(
        lowering.distribution(given, Place(("designs", name, factor)), 1, None),
        design.kind,
        dimensions=design.dimensions,
        first=first,
        samples=design.samples,
        levels=levels,
        random=design.random,
        seed=seed,
    )
