"""The project's writers, where every tool of Replicator finds them."""

from __future__ import annotations

import omni.replicator.core as rep

from replicator_dr.plugins import WriterPlugin
from replicator_dr.spec.registry import WRITERS


def register_writers() -> None:
    """Put every writer that is installed into ``rep.WriterRegistry``."""
    for kind in WRITERS.kinds():
        plugin = WRITERS.get(kind)
        if issubclass(plugin, WriterPlugin):
            plugin.register(rep)
