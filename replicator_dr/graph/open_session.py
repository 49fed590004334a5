"""Which runtime a graph runs on."""

from __future__ import annotations

from replicator_dr.errors import EngineError
from replicator_dr.graph.session import Session
from replicator_dr.rep import inside_isaac_sim, runtime_name
from replicator_dr.spec import Spec

ENGINES = ("embedded", "isaacsim")


def open_session(spec: Spec, device: str | None, engine: str | None, mode: str | None) -> Session:
    """Compile a spec on an engine, by default the one that runs. EngineError where that one is not there."""
    engine = engine or runtime_name()
    if engine not in ENGINES:
        raise EngineError(f"there is no engine {engine!r}; engines are: {', '.join(ENGINES)}")
    if engine == "embedded":
        from replicator_dr.graph.embedded import EmbeddedSession

        return EmbeddedSession(spec, device)
    if not inside_isaac_sim():
        raise EngineError(
            "Isaac Sim is not running in this process; use the command line with --engine isaacsim, or start "
            "isaacsim.SimulationApp before anything else"
        )
    from replicator_dr.graph.isaacsim.open_mode import open_mode

    return open_mode(spec, mode or spec.mode)
