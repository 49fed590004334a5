"""``require`` of a spec, in the terms of the embedded runtime: paths, bounds and words for each condition."""

from __future__ import annotations

import math
from collections.abc import Sequence

from replicator_dr.engines.embedded.draws.distributions import distribution_of
from replicator_dr.engines.embedded.products import camera_path
from replicator_dr.engines.embedded.require.conditions import Condition
from replicator_dr.engines.embedded.require.redraw import Requirements
from replicator_dr.graph.context import Built
from replicator_dr.spec.distributions import number
from replicator_dr.spec.require import Condition as Asked
from replicator_dr.spec.require import PrimCondition, Requirement
from replicator_dr.spec.require_draws import KIND as DRAWS
from replicator_dr.spec.require_draws import DrawsCondition

_WHAT = {
    "visible_fraction": "visible fraction",
    "pixels": "visible pixels",
    "truncation": "truncation",
    "distance": "distance [m]",
    "count": "number of visible objects",
    "camera_clear": "free space around the camera [m]",
    "view_clear": "unblocked lines of sight",
}


def requirements_of(built: Built) -> Requirements | None:
    """What the frames of a spec must meet, once its items are created; None where it requires nothing."""
    spec = built.spec
    if not spec.require:
        return None
    return Requirements([_condition(built, index, entry) for index, entry in enumerate(spec.require)], spec.redraws)


def _condition(built: Built, index: int, entry: Requirement) -> Condition:
    asked, spec = entry.condition, built.spec
    if isinstance(asked, DrawsCondition):
        return _on_draws(built, index, asked)
    names = asked.prims
    looking = asked.cameras or tuple(name for product in spec.render_products for name in product.cameras)
    least, most = asked.bounds
    return Condition(
        name=f"require[{index}].{entry.kind}",
        where=spec.position("require", index, entry.kind),
        asked=_words(entry.kind, asked, names),
        kind=entry.kind,
        prims=tuple(_paths(built, names)) if names else None,
        cameras=tuple(camera_path(built.stage, path) for path in _paths(built, looking)),
        least=least,
        most=most,
        any_prim=getattr(asked, "of_prims", "each") == "any",
        any_view=asked.of_cameras == "any",
        min_pixels=getattr(asked, "min_pixels", 1),
    )


def _on_draws(built: Built, index: int, asked: DrawsCondition) -> Condition:
    node = distribution_of(built.lowering.ties.condition(asked.tree))
    return Condition(
        name=f"require[{index}].{DRAWS}",
        where=built.spec.position("require", index, DRAWS),
        asked=f"draws such that {asked.text}",
        kind=DRAWS,
        prims=(),
        cameras=(),
        least=1.0,
        most=1.0,
        draws=node,
    )


def _paths(built: Built, names: Sequence[str]) -> list[str]:
    return [path for name in built.spec.leaves(*names) for path in built.items[name].paths]


def _words(kind: str, asked: Asked, names: Sequence[str]) -> str:
    """``visible fraction of at least 0.3, each of mugs, each camera``."""
    ends = zip(("at least", "at most"), asked.bounds)
    bounds = " and ".join(f"{word} {number(bound)}" for word, bound in ends if math.isfinite(bound))
    prims = f"{asked.of_prims} of {', '.join(names)}" if isinstance(asked, PrimCondition) else ", ".join(names)
    return ", ".join(filter(None, (f"{_WHAT[kind]} of {bounds}", prims, f"{asked.of_cameras} camera")))
