"""Randomizers that Replicator lacks, made known through the documented ``rep.randomizer.register``.

A graph calls them beside NVIDIA's, as in ``rep.randomizer.deform(twist=rep.distribution.uniform(0, 90))``.
"""

from __future__ import annotations

from types import ModuleType
from typing import Any

from replicator_dr.engines.embedded.api.randomizer import stream
from replicator_dr.engines.embedded.deform_effect import DeformEffect
from replicator_dr.engines.embedded.item import ReplicatorItem, make_item
from replicator_dr.engines.embedded.targets import targets


def deform(
    bend: Any = None,
    bend_direction: Any = None,
    twist: Any = None,
    taper: Any = None,
    bumps: Any = None,
    wavelength: Any = None,
    axis: str = "z",
    seed: int | None = None,
    input_prims: Any = None,
    name: str | None = None,
) -> ReplicatorItem:
    """Another shape for each prim; see ``render.deformation.DeformArrays`` for the maps and their units."""
    kind = "randomizer.deform"
    if axis not in ("x", "y", "z"):
        raise ValueError(f"{kind}: axis is {axis!r}; give 'x', 'y' or 'z'")
    inputs = {
        "bend": bend,
        "bend_direction": bend_direction,
        "twist": twist,
        "taper": taper,
        "bumps": bumps,
        "wavelength": wavelength,
        "axis": axis,
    }
    return make_item(DeformEffect(targets(kind, input_prims), inputs, stream(kind, seed), name))


def register(rep: ModuleType) -> None:
    """Make the randomizers known to the API; ``stepped_only`` says that Replicator's own graph has no form for them."""
    for function in (deform,):
        if not hasattr(rep.randomizer, function.__name__):
            vars(function)["stepped_only"] = True
            rep.randomizer.register(function)
