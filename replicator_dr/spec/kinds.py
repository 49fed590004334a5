"""The kinds of things that a spec creates, and the words for them in messages."""

from __future__ import annotations

SHAPES = ("plane", "cube", "sphere", "cylinder", "cone", "torus", "disk")
ASSETS = ("from_usd", "from_mesh", "from_robot")
GET = ("get_prims", "get_light", "get_camera")
"""What stands on the stage already."""
CREATE_KINDS = (*SHAPES, *ASSETS, "group", "light", "camera", "material", *GET)

ROBOTS = frozenset({"from_robot", "from_usd", "get_prims"})
"""What may have joints."""
PRIMS = frozenset({*SHAPES, *ASSETS, "get_prims"})
LIGHTS = frozenset({"light", "get_light"})
CAMERAS = frozenset({"camera", "get_camera"})
MATERIALS = frozenset({"material"})
POSABLE = PRIMS | LIGHTS | CAMERAS

UNKNOWN_KIND = "item"
"""Stands for the kind of an entry that is faulty itself, so that references to it are not reported as well."""

DISTRIBUTION_KINDS = (
    "uniform", "normal", "truncated_normal", "log_uniform", "choice", "sequence", "combine", "keyframes",
    "hsv", "palette",
)  # fmt: skip

_WORDS = {
    "from_usd": "an asset",
    "from_mesh": "an asset",
    "from_robot": "a robot",
    "get_prims": "a prim",
    "get_light": "a light",
    "get_camera": "a camera",
}


def kind_word(kind: str) -> str:
    """``plane`` -> ``a plane``, ``from_usd`` -> ``an asset``."""
    return _WORDS.get(kind, f"a {kind}")


def kinds_word(kinds: frozenset[str]) -> str:
    """What a field accepts, as a noun: ``light``, ``camera``, ``material`` or ``prim``."""
    if len(kinds) == 1:
        return next(iter(kinds))
    return {LIGHTS: "light", CAMERAS: "camera", ROBOTS: "robot"}.get(kinds, "prim")
