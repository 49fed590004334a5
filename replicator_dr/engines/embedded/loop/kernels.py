"""The modules with kernels that the run loop's threads use, imported before there are threads.

Warp parses the source of a kernel when its module is imported, and CPython 3.11 raises SystemError ("AST constructor
recursion depth mismatch") where several threads make syntax trees at a time.
"""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

from replicator_dr import encode

MODULES = (
    *(f"{encode.__name__}.{module.name}" for module in iter_modules(encode.__path__)),
    "replicator_dr.engines.embedded.loop.neighbours",
    "replicator_dr.render.depth_sensor",
    "replicator_dr.render.flow_shapes",
    "replicator_dr.render.photograph",
    "replicator_dr.render.renderer",
    "replicator_dr.render.shapes",
    "replicator_dr.render.silhouette",
)


def import_kernels() -> None:
    """Import them; a second call costs nothing."""
    for name in MODULES:
        import_module(name)
