"""Sizes as scales: how large a prim is by itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from replicator_dr.errors import UnsupportedError

if TYPE_CHECKING:
    from pxr import Usd


def by_extent(stage: Usd.Stage, paths: Sequence[str]) -> dict[float, list[str]]:
    """{largest extent in its own frame [stage units]: prims}. UnsupportedError for a prim without geometry."""
    from pxr import Usd, UsdGeom

    purposes = [UsdGeom.Tokens.default_, UsdGeom.Tokens.render]
    cache = UsdGeom.BBoxCache(Usd.TimeCode.Default(), purposes)
    groups: dict[float, list[str]] = {}
    for path in paths:
        bounds = cache.ComputeUntransformedBound(stage.GetPrimAtPath(path)).ComputeAlignedRange()
        largest = 0.0 if bounds.IsEmpty() else round(float(max(bounds.GetSize())), 9)
        if largest <= 0:
            raise UnsupportedError(f"{path} has no extent yet, so its size cannot be set; use scale, or mode: stepped")
        groups.setdefault(largest, []).append(path)
    return groups
