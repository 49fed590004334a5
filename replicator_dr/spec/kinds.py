"""The kinds of things that a spec creates, and the words for them in messages."""

from __future__ import annotations

SHAPES = ("plane", "cube", "sphere", "cylinder", "cone", "torus", "disk")
ASSETS = ("from_usd", "from_mesh")
CREATE_KINDS = (*SHAPES, *ASSETS, "group", "light", "camera", "material")

PRIMS = frozenset({*SHAPES, *ASSETS})
LIGHTS = frozenset({"light"})
CAMERAS = frozenset({"camera"})
MATERIALS = frozenset({"material"})
POSABLE = PRIMS | LIGHTS | CAMERAS

UNKNOWN_KIND = "item"
"""Stands for the kind of an entry that is faulty itself, so that references to it are not reported as well."""

DISTRIBUTION_KINDS = ("uniform", "normal", "truncated_normal", "log_uniform", "choice", "sequence", "combine")

_WORDS = {"from_usd": "an asset", "from_mesh": "an asset"}


def kind_word(kind: str) -> str:
    """``plane`` -> ``a plane``, ``from_usd`` -> ``an asset``."""
    return _WORDS.get(kind, f"a {kind}")


def kinds_word(kinds: frozenset[str]) -> str:
    """What a field accepts, as a noun: ``light``, ``camera``, ``material`` or ``prim``."""
    return next(iter(kinds)) if len(kinds) == 1 else "prim"
