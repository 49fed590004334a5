"""How many tiles Kit puts into one render product."""

from __future__ import annotations


def tile_limit() -> int | None:
    """What ``/rtx/viewTile/limit`` says; None where it says nothing."""
    import carb.settings

    limit = carb.settings.get_settings().get("/rtx/viewTile/limit")
    return int(limit) if limit else None
