"""Synthetic training data for robotics: one YAML file in, a labelled dataset out.

::

    from replicator_dr import build_graph

    build_graph("scenes/tabletop.yaml").run(1000)

The public names are loaded when they are first used, so that importing the package costs next to nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from replicator_dr.errors import (
    AssetError,
    DatasetError,
    EngineError,
    Fault,
    OutputError,
    PluginError,
    ReplicatorDrError,
    RequirementError,
    SpecError,
    UnsupportedError,
)

if TYPE_CHECKING:
    from replicator_dr.graph import Graph, build_graph
    from replicator_dr.spec import Spec, load_spec

__version__ = "0.1.0"

__all__ = [
    "AssetError",
    "DatasetError",
    "EngineError",
    "Fault",
    "Graph",
    "OutputError",
    "PluginError",
    "ReplicatorDrError",
    "RequirementError",
    "Spec",
    "SpecError",
    "UnsupportedError",
    "__version__",
    "build_graph",
    "load_spec",
]

_HOMES = {
    "Graph": "replicator_dr.graph",
    "build_graph": "replicator_dr.graph",
    "Spec": "replicator_dr.spec",
    "load_spec": "replicator_dr.spec",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return __all__
