"""Placement that Replicator lacks, as calls of ``rep.randomizer``: ``rep.randomizer.poisson_disk(...)``.

input_prims is a list of items; seeds and spins have an entry for each of them, so that an item's draws stay when
another is added. Further arguments are the rules of ``rules.py``; record: the name under which each frame says how many
things found no room, None where nobody asks.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from types import ModuleType
from typing import Any

from replicator_dr.engines.embedded.api.randomizer import stream
from replicator_dr.engines.embedded.item import ReplicatorItem, make_item
from replicator_dr.engines.embedded.ours import make_known
from replicator_dr.engines.embedded.placement.effect import PlacementEffect
from replicator_dr.engines.embedded.placement.groups import Group
from replicator_dr.engines.embedded.placement.in_volume import InVolume
from replicator_dr.engines.embedded.placement.on_grid import OnGrid
from replicator_dr.engines.embedded.placement.on_path import OnPath
from replicator_dr.engines.embedded.placement.on_surface import OnSurface
from replicator_dr.engines.embedded.placement.pack import PackEffect
from replicator_dr.engines.embedded.placement.pile import PileEffect
from replicator_dr.engines.embedded.placement.proposal import Proposal
from replicator_dr.engines.embedded.placement.rules import rules
from replicator_dr.engines.embedded.targets import paths_of

Limits = tuple[float | None, float | None, float | None]
NONE: Limits = (None, None, None)


def place_on_surface(
    surface_prims: Any, min_samp: Limits = NONE, max_samp: Limits = NONE, align: bool = False, **more: Any
) -> ReplicatorItem:
    """Spread prims over surfaces, evenly by area. align: their own +Z follows the surface's normal."""
    kind = "randomizer.scatter_2d"
    proposal = OnSurface(kind, partial(paths_of, surface_prims), min_samp, max_samp, align)
    return _made(proposal, **more)


def place_in_volume(
    volume_prims: Any = None,
    volume_excl_prims: Any = None,
    min_samp: Limits = NONE,
    max_samp: Limits = NONE,
    prevent_vol_overlap: bool = True,
    **more: Any,
) -> ReplicatorItem:
    """Spread the origins of prims evenly over volumes."""
    volumes, excluded = partial(paths_of, volume_prims), partial(paths_of, volume_excl_prims)
    proposal = InVolume("randomizer.scatter_3d", volumes, excluded, min_samp, max_samp, prevent_vol_overlap)
    return _made(proposal, **{"stand": False, **more})


def poisson_disk(
    surface_prims: Any,
    distance: float,
    min_samp: Limits = NONE,
    max_samp: Limits = NONE,
    align: bool = False,
    **more: Any,
) -> ReplicatorItem:
    """Spread prims over surfaces with ``distance`` [m] at least between the points on which they are put.

    Points are drawn evenly by area and dropped where they are too near to one before (dart throwing): blue noise.
    """
    kind = "randomizer.poisson_disk"
    if distance <= 0:
        raise ValueError(f"{kind}: distance is {distance}; give metres above 0")
    proposal = OnSurface(kind, partial(paths_of, surface_prims), min_samp, max_samp, align, float(distance))
    return _made(proposal, **{"tries": 2000, **more})


def grid(
    counts: tuple[int, int, int],
    pitch: tuple[float, float, float],
    position: Any = (0.0, 0.0, 0.0),
    rotation: Any = None,
    jitter: tuple[float, float, float] = (0.0, 0.0, 0.0),
    shuffle: bool = False,
    **more: Any,
) -> ReplicatorItem:
    """Put prims into the cells of a grid, see ``OnGrid``."""
    return _made(OnGrid("randomizer.grid", counts, pitch, position, rotation, jitter, shuffle), **more)


def along_path(
    path: Any,
    step: float | None = None,
    random: bool = False,
    start: float = 0.0,
    jitter: float = 0.0,
    aside: float = 0.0,
    align: bool = False,
    **more: Any,
) -> ReplicatorItem:
    """Put prims along a path: points, or a prim with BasisCurves, see ``OnPath``."""
    is_points = isinstance(path, (list, tuple)) and bool(path) and isinstance(path[0], (list, tuple))
    where = path if is_points else partial(paths_of, path)
    return _made(OnPath("randomizer.along_path", where, step, random, start, jitter, aside, align), **more)


def stack(
    input_prims: Sequence[Any],
    seeds: Sequence[int],
    on: Any = None,
    position: Any = (0.0, 0.0, 0.0),
    rotation: Any = 0.0,
    columns: int = 1,
    height: int = 1,
    gap: float = 0.0,
    centre: bool = True,
    spins: Sequence[Any] | None = None,
    shifts: Sequence[Any] | None = None,
) -> ReplicatorItem:
    """Pile prims up in rows of stacks, see ``PileEffect``."""
    inputs = {
        "position": position, "rotation": rotation, "columns": columns, "height": height, "gap": gap, "centre": centre,
    }  # fmt: skip
    groups = _groups("randomizer.stack", input_prims, seeds, spin=spins, shift=shifts)
    return make_item(PileEffect(groups, partial(paths_of, on), inputs))


def pack(
    into: Any,
    input_prims: Sequence[Any],
    seeds: Sequence[int],
    height: float | None = None,
    inset: tuple[float, float, float] = (0.0, 0.0, 0.0),
    turn: bool = True,
    spread: bool = False,
    layers: int | None = None,
    support: float = 0.7,
    no_room: str = "error",
    record: str | None = None,
    gaps: Sequence[Any] | None = None,
) -> ReplicatorItem:
    """Pack prims into containers or onto boards, see ``PackEffect``."""
    if no_room not in ("error", "hide"):
        raise ValueError(f"randomizer.pack: no_room is '{no_room}'; give one of error, hide")
    inputs = {
        "height": height, "inset": inset, "turn": turn, "spread": spread, "layers": layers, "support": support,
        "no_room": no_room, "record": record,
    }  # fmt: skip
    groups = _groups("randomizer.pack", input_prims, seeds, gap=gaps)
    return make_item(PackEffect(groups, partial(paths_of, into), inputs))


def _groups(kind: str, items: Sequence[Any], seeds: Sequence[int], **values: Sequence[Any] | None) -> list[Group]:
    """A group for each item. values: an entry for each item, None for none at all."""
    given = {name: entries for name, entries in values.items() if entries is not None}
    return [
        Group(partial(paths_of, item), stream(kind, seed), **{name: entries[i] for name, entries in given.items()})
        for i, (item, seed) in enumerate(zip(items, seeds, strict=True))
    ]


def _made(
    proposal: Proposal,
    input_prims: Sequence[Any],
    seeds: Sequence[int],
    spins: Sequence[Any] | None = None,
    offset: float = 0.0,
    stand: bool = True,
    record: str | None = None,
    name: str | None = None,
    **more: Any,
) -> ReplicatorItem:
    groups = _groups(proposal.kind, input_prims, seeds, spin=spins)
    inputs = {"offset": offset, "stand": stand, "record": record}
    return make_item(PlacementEffect(proposal, groups, rules(proposal.kind, **more), inputs, name))


def register(rep: ModuleType) -> None:
    """Make the calls known to the API."""
    make_known(rep.randomizer, place_on_surface, place_in_volume, poisson_disk, grid, along_path, stack, pack)
