"""How the API learns of what Replicator lacks and this project brings: by the documented ``register``."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any


def make_known(module: ModuleType, *functions: Callable[..., Any]) -> None:
    """Register functions with one of the API's modules, unless it has them already.

    Each bears ``ours`` from then on: graph mode on Isaac Sim refuses it, as Replicator would have to run it there.
    """
    for function in functions:
        vars(function)["ours"] = True
        if not hasattr(module, function.__name__):
            module.register(function)
