"""Names under which a frame's draws say what came of them."""

from __future__ import annotations

MOVING = "moving"
"""How many items ``settle`` shows before they rest."""
NO_ROOM = "no_room"
"""How many things a placement found no place for."""


def is_fact(name: str) -> bool:
    """Whether what is recorded under a name was found out, and not drawn from a distribution."""
    return name.rpartition(".")[2] in (MOVING, NO_ROOM)
