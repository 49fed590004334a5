"""What a place must satisfy, beside what proposes it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from replicator_dr.engines.embedded.targets import paths_of
from replicator_dr.errors import EngineError

COLLISIONS = ("hull", "mesh", "none")
NO_ROOM = ("error", "hide", "overlap")


@dataclass(frozen=True)
class Rules:
    """The rules of one placement.

    collision: what is tested, "hull", "mesh" or "none". clearance: least distance between things [m]. tries: places
    tried for each thing. no_room: what happens when none of them is free, "error", "hide" or "overlap". obstacles:
    gives the prims that are to be avoided. keep_out: zones that no part of a thing may enter. views: cameras, the size
    of their image [pixels] and the margin as a share of it, in each of which the whole box of a thing has to be. among:
    whether things avoid each other.
    """

    collision: str = "hull"
    clearance: float = 0.0
    tries: int = 512
    no_room: str = "error"
    obstacles: Callable[[], list[str]] = list
    keep_out: Sequence[Zone] = ()
    views: Sequence[tuple[str, tuple[int, int], float]] = ()
    among: bool = True


@dataclass(frozen=True)
class Zone:
    """Prims, a box from low to high [m], or a sphere: centre and radius [m]."""

    paths: Callable[[], list[str]] = list
    box: tuple[tuple[float, ...], tuple[float, ...]] | None = None
    sphere: tuple[float, ...] | None = None


def rules(
    kind: str,
    collision: str = "hull",
    clearance: float = 0.0,
    tries: int = 512,
    no_room: str = "error",
    no_coll_prims: Any = None,
    keep_out: Sequence[Any] = (),
    in_view: Sequence[tuple[Any, tuple[int, int]]] = (),
    among: bool = True,
    margin: float = 0.0,
) -> Rules:
    """The rules that a call names.

    keep_out: prims, {"box": [low, high]} or {"sphere": [x, y, z, radius]}. in_view: (camera, (width, height)) of images
    [pixels]. among: whether things avoid each other, or only the obstacles. Raises ValueError and EngineError for what
    is none of the rules.
    """
    for name, value, known in (("collision", collision, COLLISIONS), ("no_room", no_room, NO_ROOM)):
        if value not in known:
            raise ValueError(f"{kind}: {name} is '{value}'; give one of {', '.join(known)}")
    if tries < 1:
        raise ValueError(f"{kind}: tries is {tries}; give 1 or more")
    if not 0.0 <= margin < 0.5:
        raise ValueError(f"{kind}: margin is {margin}; give a share of the image below 0.5")
    return Rules(
        collision=collision,
        clearance=float(clearance),
        tries=int(tries),
        no_room=no_room,
        obstacles=lambda: paths_of(no_coll_prims),
        keep_out=tuple(_zone(kind, zone) for zone in keep_out),
        views=tuple((path, size, float(margin)) for camera, size in in_view for path in paths_of(camera)),
        among=among and collision != "none",
    )


def _zone(kind: str, zone: Any) -> Zone:
    if not isinstance(zone, Mapping):
        return Zone(lambda: paths_of(zone))
    if set(zone) == {"box"}:
        low, high = zone["box"]
        return Zone(box=(tuple(map(float, low)), tuple(map(float, high))))
    if set(zone) == {"sphere"} and len(zone["sphere"]) == 4:
        return Zone(sphere=tuple(map(float, zone["sphere"])))
    raise EngineError(
        f"{kind}: keep_out {dict(zone)} is no zone; give prims, a box [low, high] or a sphere [x, y, z, r]"
    )
