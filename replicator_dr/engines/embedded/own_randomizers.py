"""Randomizers that Replicator lacks, made known through the documented ``rep.randomizer.register``.

A graph calls them beside NVIDIA's, as in ``rep.randomizer.deform(twist=rep.distribution.uniform(0, 90))``.
"""

from __future__ import annotations

from types import ModuleType
from typing import Any

from replicator_dr.engines.embedded.api.randomizer import stream
from replicator_dr.engines.embedded.effects.backdrop import backdrop
from replicator_dr.engines.embedded.effects.deform_effect import DeformEffect
from replicator_dr.engines.embedded.effects.occlude_effect import OccludeEffect
from replicator_dr.engines.embedded.effects.populate import populate
from replicator_dr.engines.embedded.effects.room import room
from replicator_dr.engines.embedded.effects.view_effect import ViewEffect
from replicator_dr.engines.embedded.item import ReplicatorItem, make_item
from replicator_dr.engines.embedded.ours import make_known
from replicator_dr.engines.embedded.targets import paths_of, targets


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


def place_in_view(
    camera: str,
    distance: Any,
    horizontal: Any = 0.0,
    vertical: Any = 0.0,
    aspect: float = 1.0,
    input_prims: Any = None,
    name: str | None = None,
) -> ReplicatorItem:
    """Put prims where a camera sees them; see ``view_effect.ViewEffect`` for the inputs."""
    inputs = {
        "camera": camera,
        "distance": distance,
        "horizontal": horizontal,
        "vertical": vertical,
        "aspect": aspect,
    }
    return make_item(ViewEffect(targets("randomizer.place_in_view", input_prims), inputs, name))


def occlude(
    camera: str,
    target_prims: Any,
    cover: Any = 0.5,
    depth: Any = 0.5,
    size: Any = 1.0,
    angle: Any = 0.0,
    turn: Any = 0.0,
    aspect: float = 1.0,
    input_prims: Any = None,
    name: str | None = None,
) -> ReplicatorItem:
    """Put prims between a camera and a target; see ``occlude_effect.OccludeEffect`` for the inputs."""
    inputs = {
        "camera": camera,
        "targets": paths_of(target_prims),
        "cover": cover,
        "depth": depth,
        "size": size,
        "angle": angle,
        "turn": turn,
        "aspect": aspect,
    }
    return make_item(OccludeEffect(targets("randomizer.occlude", input_prims), inputs, name))


def register(rep: ModuleType) -> None:
    """Make the randomizers known to the API."""
    make_known(rep.randomizer, backdrop, deform, occlude, place_in_view, populate, room)
