"""All state of one embedded session: the stage, the graph, what was attached to it, and their evaluation."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from replicator_dr.engines.embedded.nodes import Node, NodeGraph
from replicator_dr.engines.embedded.scene.assets import AssetCache
from replicator_dr.engines.embedded.scene.state import FrameState, Scene
from replicator_dr.engines.embedded.usd.stage import new_stage
from replicator_dr.errors import EngineError

if TYPE_CHECKING:
    from pxr import Sdf, Usd

    from replicator_dr.engines.embedded.evaluation import Values
    from replicator_dr.engines.embedded.item import ReplicatorItem
    from replicator_dr.engines.embedded.loop.path_tracing import ColorTracer
    from replicator_dr.engines.embedded.loop.sampler import Sampler
    from replicator_dr.engines.embedded.require.redraw import Requirements
    from replicator_dr.engines.embedded.scene.plan import Plan
    from replicator_dr.engines.embedded.triggers import Trigger
    from replicator_dr.engines.embedded.usd.notices import StageWatch


class Runtime:
    """One session. The api functions act on the runtime that is :func:`current`.

    stage: in memory, Z up, metres. graph: the nodes. contexts, executions: the items and triggers entered by ``with``
    now. writers: attached writers. settings: carb settings by path. next_frame: the frame that the next step captures,
    kept by the orchestrator; nodes and events made between steps take effect there. requirements: what frames must
    meet; those that do not are drawn anew.
    """

    def __init__(self) -> None:
        self.stage: Usd.Stage = new_stage()
        self.graph = NodeGraph()
        self.contexts: list[ReplicatorItem] = []
        self.executions: list[Trigger] = []
        self.writers: list[Any] = []
        self.settings: dict[str, object] = {}
        self.assets = AssetCache()
        self.layers: dict[str, Sdf.Layer] = {}
        self.layer_nodes: dict[str, list[Node]] = {}
        self.layer_triggers: dict[str, list[Trigger]] = {}
        self.next_frame = 0
        self.requirements: Requirements | None = None
        self._seed: int | None = None
        self._plan: Plan | None = None
        self._plan_key: tuple[int, int, int] | None = None

    @property
    def seed(self) -> int:
        """The global seed; when none was set, one is drawn and kept."""
        if self._seed is None:
            self._seed = secrets.randbits(32)
        return self._seed

    @seed.setter
    def seed(self, value: int) -> None:
        if value < 0:
            raise ValueError(f"global seed {value} is negative; give 0 or more")
        self._seed = int(value)

    @cached_property
    def products(self) -> Any:
        """The pool of render products."""
        from replicator_dr.engines.embedded.products import ProductPool

        return ProductPool()

    @cached_property
    def _watch(self) -> StageWatch:
        from replicator_dr.engines.embedded.usd.notices import StageWatch

        return StageWatch(self.stage)

    def replace_stage(self, stage: Usd.Stage) -> None:
        """Work on another stage from now on, with an empty graph."""
        self.stage = stage
        self.graph = NodeGraph()
        self.layers, self.layer_nodes, self.layer_triggers = {}, {}, {}
        self.__dict__.pop("_watch", None)
        self._plan = None

    def color_tracer(self, scene: Scene) -> ColorTracer | None:
        """What makes the colour images instead of the raster, where the settings say so."""
        from replicator_dr.engines.embedded.loop.path_tracing import path_tracing

        tracer: ColorTracer | None = self.products.color_tracer(scene, path_tracing(self.settings), self.seed)
        return tracer

    def scene(self) -> Scene:
        """The compiled scene; compiled again when the stage or the graph has changed."""
        return self.plan().scene

    def plan(self) -> Plan:
        """Everything that evaluation needs: the scene, its channels, and the prepared nodes."""
        from replicator_dr.engines.embedded.scene.compile import compile_plan

        key = (id(self.stage), self._watch.version, self.graph.version)
        if self._plan is None or key != self._plan_key:
            with self._watch.paused():
                self._plan = compile_plan(self)
            self._plan_key = key
        return self._plan

    def evaluate(self, frames: NDArray[np.int64]) -> FrameState:
        """The state at each frame, (B,) in any order: a pure function of the graph and the frame numbers.

        Raises EngineError for negative frames.
        """
        return self.state_of(self.values(frames))

    def values(self, frames: NDArray[np.int64]) -> Values:
        """What varies at each frame, for :meth:`state_of` and :meth:`write_back`.

        Raises RequirementError for a frame that cannot be drawn so that it meets what is required.
        """
        from replicator_dr.engines.embedded.evaluation import drawn, values

        wanted, given = _numbered(frames), (self.plan(), self.seed)
        if self.requirements is None:
            return values(*given, wanted)
        return self.requirements.met(self, wanted, partial(values, *given), partial(drawn, *given))

    def drawn(self, frames: NDArray[np.int64]) -> Values:
        """The draws of :meth:`values`, without what was found out for the frames.

        Nothing is placed, simulated or rendered, and there are no tables, unless frames have to meet conditions on more
        than draws, or a node chooses among its draws, as that of a robot's joints does.
        """
        from replicator_dr.engines.embedded.evaluation import drawn

        plan, wanted = self.plan(), _numbered(frames)
        facts = {name for name, (channel, *_) in plan.recorded.items() if channel == "fact"}
        if len(facts) == len(plan.recorded):
            draw = partial(drawn, plan, self.seed)
            if self.requirements is None:
                return draw(wanted)
            if self.requirements.on_draws:
                return self.requirements.met(self, wanted, draw, draw)
        found = self.values(wanted)
        return replace(found, draws={name: made for name, made in found.draws.items() if name not in facts})

    def state_of(self, values: Values) -> FrameState:
        """Values as the renderer and the annotators take them."""
        from replicator_dr.engines.embedded.evaluation import state_of

        return state_of(values)

    def sampler(self) -> Sampler:
        """What :meth:`evaluate` does now, to be sent to other processes."""
        from replicator_dr.engines.embedded.loop.sampler import Sampler

        return Sampler(self.plan(), self.seed)

    def write_back(self, values: Values, row: int) -> None:
        """Author one row of ``values`` onto the stage's frame layer."""
        from replicator_dr.engines.embedded.usd.write_back import write_back

        with self._watch.paused():
            write_back(values, row, self.stage)


def _numbered(frames: NDArray[np.int64]) -> NDArray[np.int64]:
    """(B,) int64. Raises EngineError for negative frames."""
    wanted = np.atleast_1d(np.asarray(frames, dtype=np.int64))
    if wanted.size and wanted.min() < 0:
        raise EngineError(f"frame {int(wanted.min())} does not exist; frames are counted from 0")
    return wanted


_active: list[Runtime] = []


def current() -> Runtime:
    """The runtime that api functions act on; made when first asked for."""
    if not _active:
        _active.append(Runtime())
    return _active[-1]


def reset() -> Runtime:
    """Replace the current runtime by a fresh one."""
    if _active:
        _active.pop()
    _active.append(Runtime())
    return _active[-1]


@contextmanager
def activate(runtime: Runtime) -> Iterator[Runtime]:
    """Make ``runtime`` the current one inside a ``with`` block; blocks may nest."""
    _active.append(runtime)
    try:
        yield runtime
    finally:
        # reset() inside the block may have replaced the entry; what the block pushed is removed in any case.
        _active.pop()
