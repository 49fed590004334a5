"""MuJoCo and CoACD, imported when they are needed."""

from __future__ import annotations

from typing import Any

from replicator_dr.errors import EngineError

INSTALL = 'pip install "replicator_dr[physics]"'


def mujoco() -> Any:
    """The module. EngineError where it is not installed."""
    try:
        import mujoco
    except ImportError as error:
        raise EngineError(f"physics needs MuJoCo, which is not installed; {INSTALL}") from error
    return mujoco


def coacd() -> Any:
    """The module. EngineError where it is not installed."""
    try:
        import coacd
    except ImportError as error:
        raise EngineError(f"the collider decomposition needs CoACD, which is not installed; {INSTALL}") from error
    return coacd
