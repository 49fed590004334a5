"""Which of the two ways a spec takes on Isaac Sim."""

from __future__ import annotations

from typing import TYPE_CHECKING

from replicator_dr.engines.embedded import api
from replicator_dr.engines.embedded.runtime import Runtime, activate
from replicator_dr.engines.isaacsim.kit_stage import current_stage, new_stage
from replicator_dr.engines.isaacsim.versions import Release, running
from replicator_dr.errors import UnsupportedError
from replicator_dr.graph.build import build
from replicator_dr.graph.isaacsim.camera_effects import refuse_camera_effects
from replicator_dr.graph.isaacsim.graph_mode import GraphModeSession, graph_style
from replicator_dr.graph.isaacsim.kit_session import KitSession
from replicator_dr.graph.isaacsim.patterns import refuse_patterns
from replicator_dr.graph.isaacsim.sampler import over
from replicator_dr.graph.isaacsim.stepped import SteppedSession
from replicator_dr.spec import Spec
from replicator_dr.spec.stage import CURRENT, NEW

if TYPE_CHECKING:
    from pxr import Usd


def open_mode(spec: Spec, mode: str) -> KitSession:
    """Compile a spec on the running Isaac Sim.

    mode: "graph"; "stepped"; "auto", which is graph where Replicator's graph can express the spec, else stepped.
    """
    refuse_camera_effects(spec)
    refuse_patterns(spec)
    release = running()
    if spec.stage == CURRENT:
        stage = current_stage()
    else:
        stage = new_stage(None if spec.stage == NEW else str(spec.stage))
    if mode == "graph" or (mode == "auto" and _can_be_a_graph(spec, stage, release)):
        return GraphModeSession(spec, stage, release)
    return SteppedSession(spec, stage, release)


def _can_be_a_graph(spec: Spec, stage: Usd.Stage, release: Release) -> bool:
    """Whether Replicator's graph can express a spec: tried on a runtime of ours, so that Kit keeps nothing of it."""
    from pxr import Sdf

    if spec.num_envs > 1 or spec.require:
        return False
    trial = Runtime()
    trial.replace_stage(over(stage, Sdf.Layer.CreateAnonymous("replicator_dr_trial.usda")))
    with activate(trial):
        try:
            build(graph_style(api, release, trial.stage), spec, trial.stage)
        except UnsupportedError:
            return False
    return True
