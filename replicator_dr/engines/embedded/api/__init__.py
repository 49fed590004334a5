"""The public surface of the embedded runtime: the same names as ``omni.replicator.core``.

::

    from replicator_dr.rep import rep

    rep.set_global_seed(7)
    cubes = rep.create.cube(count=10, semantics={"class": "cube"})
    with rep.trigger.on_frame():
        with cubes:
            rep.modify.pose(position=rep.distribution.uniform((-1, -1, 0), (1, 1, 0)))
"""

from __future__ import annotations

from replicator_dr.engines.embedded.api import (
    annotators,
    backends,
    create,
    distribution,
    functional,
    get,
    modify,
    orchestrator,
    physics,
    randomizer,
    rng,
    settings,
    trigger,
    utils,
    vp_manager,
    writers,
)
from replicator_dr.engines.embedded.api.annotators import AnnotatorRegistry
from replicator_dr.engines.embedded.api.backends import BackendDispatch
from replicator_dr.engines.embedded.api.basic_writer import BasicWriter
from replicator_dr.engines.embedded.api.session import get_global_seed, new_layer, open_stage, set_global_seed
from replicator_dr.engines.embedded.api.writers import Writer, WriterRegistry

__all__ = [
    "AnnotatorRegistry",
    "BackendDispatch",
    "BasicWriter",
    "Writer",
    "WriterRegistry",
    "annotators",
    "backends",
    "create",
    "distribution",
    "functional",
    "get",
    "get_global_seed",
    "modify",
    "new_layer",
    "open_stage",
    "orchestrator",
    "physics",
    "randomizer",
    "rng",
    "set_global_seed",
    "settings",
    "trigger",
    "utils",
    "vp_manager",
    "writers",
]
