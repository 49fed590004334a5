"""Graph mode: the spec as a graph of NVIDIA's Replicator, which draws by itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

from replicator_dr.engines.isaacsim.graph_style import GraphStyle
from replicator_dr.engines.isaacsim.requests import Requests
from replicator_dr.engines.isaacsim.versions import Release
from replicator_dr.errors import EngineError, UnsupportedError
from replicator_dr.graph.build import build, views_of
from replicator_dr.graph.isaacsim.kit_session import KitSession
from replicator_dr.graph.own_layer import OwnLayer
from replicator_dr.pool.layout import View
from replicator_dr.spec import Spec

if TYPE_CHECKING:
    from types import ModuleType
    from typing import NoReturn

    from pxr import Usd

    from replicator_dr.engines.embedded.loop.statistics import Listener, RunStatistics
    from replicator_dr.engines.embedded.scene.state import FrameState, Scene


class GraphModeSession(KitSession):
    """A spec on Isaac Sim as a Replicator graph. Raises UnsupportedError for what such a graph cannot express."""

    mode = "graph"

    def __init__(self, spec: Spec, stage: Usd.Stage, release: Release) -> None:
        super().__init__(spec, stage, release)
        if spec.num_envs > 1:
            raise UnsupportedError(f"num_envs is {spec.num_envs}; several environments need mode: stepped")
        if spec.require:
            raise UnsupportedError(
                "require: in graph mode the draws are made inside Isaac Sim, and none of them can be taken back; use "
                "mode: stepped"
            )
        self._layer = OwnLayer(self.core)
        try:
            with self._layer.filled():
                self._built = build(graph_style(self.core, release, stage), spec, stage)
        except BaseException:
            self._layer.clear()
            raise

    def views(self) -> list[tuple[bool | None, list[View]]]:
        """The spec's views."""
        return [(entry.tiled, views) for entry, views in views_of(self._built)]

    def show(self, frames: Sequence[int]) -> None:
        """The graph's triggers fire with the step."""

    def requests(self, frames: range, listener: Listener | None) -> Requests[RunStatistics]:
        """As for both modes, from frame 0: the graph draws in sequence."""
        if frames.start:
            raise EngineError(
                f"graph mode cannot start at frame {frames.start}, it draws in sequence; use mode: stepped"
            )
        return super().requests(frames, listener)

    def sample(self, frames: Sequence[int]) -> FrameState:
        """Not known here."""
        return _inside("sample()")

    def scene(self) -> Scene:
        """Not known here."""
        return _inside("scene")

    def close(self) -> None:
        """As for both modes; what was created leaves the stage."""
        super().close()
        self._layer.clear()


def graph_style(core: object, release: Release, stage: Usd.Stage) -> ModuleType:
    """What a spec's graph is built with: looks like the module, and lowers what the module lacks."""
    return cast("ModuleType", GraphStyle(core, release, stage=stage))


def _inside(what: str) -> NoReturn:
    raise UnsupportedError(f"{what}: in graph mode the draws are made inside Isaac Sim; use mode: stepped")
