"""The seam: ``from replicator_dr.rep import rep`` gives the Replicator API of the runtime that is active.

Inside a running Isaac Sim (a Kit app) that is NVIDIA's ``omni.replicator.core``; everywhere else it is the embedded
implementation of the same API. This is the only place that asks which one it is.
"""

from __future__ import annotations

import importlib
import sys
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    rep: ModuleType

__all__ = ["inside_isaac_sim", "rep", "runtime_name"]


def inside_isaac_sim() -> bool:
    """Whether this process is a running Kit app. An installed but not started Isaac Sim does not count."""
    return "omni.kit.app" in sys.modules


def runtime_name() -> str:
    """``"isaacsim"`` or ``"embedded"``: what :data:`rep` stands for now."""
    return "isaacsim" if inside_isaac_sim() else "embedded"


def __getattr__(name: str) -> ModuleType:
    if name != "rep":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    if inside_isaac_sim():
        return importlib.import_module("omni.replicator.core")
    return importlib.import_module("replicator_dr.engines.embedded.api")
