"""Which of the two ways a spec takes on Isaac Sim."""

from __future__ import annotations

from replicator_dr.engines.isaacsim.kit_stage import current_stage, new_stage
from replicator_dr.engines.isaacsim.versions import running
from replicator_dr.errors import UnsupportedError
from replicator_dr.graph.isaacsim.graph_mode import GraphModeSession
from replicator_dr.graph.isaacsim.kit_session import KitSession
from replicator_dr.graph.isaacsim.stepped import SteppedSession
from replicator_dr.spec import Spec


def open_mode(spec: Spec, mode: str) -> KitSession:
    """Compile a spec on the running Isaac Sim.

    mode: "graph"; "stepped"; "auto", which is graph where Replicator's graph can express the spec, else stepped.
    """
    release = running()
    if spec.stage == "current":
        stage = current_stage()
    else:
        stage = new_stage(None if spec.stage == "new" else str(spec.stage))
    if mode != "stepped":
        try:
            return GraphModeSession(spec, stage, release)
        except UnsupportedError:
            if mode == "graph":
                raise
    return SteppedSession(spec, stage, release)
