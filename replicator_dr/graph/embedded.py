"""A spec on the embedded runtime."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from types import ModuleType
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from replicator_dr.engines.embedded import api
from replicator_dr.engines.embedded.own import register
from replicator_dr.engines.embedded.runtime import Runtime, activate, current
from replicator_dr.graph.build import Entry, build, views_of
from replicator_dr.graph.image_sizes import drawn_size, is_rolling
from replicator_dr.graph.own_layer import OwnLayer
from replicator_dr.graph.requirements import requirements_of
from replicator_dr.graph.urls import refuse_urls
from replicator_dr.pool.pool import RenderProductPool
from replicator_dr.spec import Spec
from replicator_dr.spec.stage import CURRENT, NEW

if TYPE_CHECKING:
    from pxr import Usd

    from replicator_dr.engines.embedded.loop.capture import CapturedBatch
    from replicator_dr.engines.embedded.loop.statistics import Listener, RunStatistics
    from replicator_dr.engines.embedded.scene.state import FrameState, Scene
    from replicator_dr.graph.drawn import DrawnFrame

T = TypeVar("T")


class EmbeddedSession:
    """A runtime of its own with the spec's graph in it.

    ``stage: current`` takes the runtime that is current instead, and leaves its stage as it was when it is closed.

    Its pool is the batch of views: a chunk of frames renders every view of every frame together, so that
    environments side by side (``num_envs``) are rows of the batch.
    """

    name = "embedded"
    mode = "graph"

    def __init__(self, spec: Spec, device: str | None = None) -> None:
        self.spec = spec
        self._writers: list[Any] = []
        self.runtime = current() if spec.stage == CURRENT else Runtime()
        if device is not None:
            self.runtime.products.device = device
        refuse_urls(spec)
        with self.active() as rep:
            if spec.stage not in (NEW, CURRENT):
                rep.open_stage(spec.stage)
            self._layer = OwnLayer(rep) if spec.stage == CURRENT else None
            with self._layer.filled() if self._layer else nullcontext():
                self.built = build(rep, spec, self.runtime.stage)
            entries = views_of(self.built)
            self.pool = RenderProductPool(rep, [view for _, views in entries for view in views], tiled=False)
            self._roll(entries)
            self.runtime.requirements = requirements_of(self.built)

    def _roll(self, entries: Sequence[Entry]) -> None:
        """Have products draw their sizes, where the spec gives them several."""
        products = {sheet.name: product for sheet, product in zip(self.pool.sheets, self.pool.products, strict=True)}
        for entry, views in entries:
            for view in views if is_rolling(entry) else ():
                products[view.name].sizes = drawn_size(self.built, entry, view.name)

    @property
    def stage(self) -> Usd.Stage:
        """Z up, metres."""
        return self.runtime.stage

    @property
    def device(self) -> str:
        """The Warp device that draws."""
        return str(self.runtime.products.renderer(self.scene()).device)

    @property
    def products(self) -> list[Any]:
        """A plain product for each view."""
        return list(self.pool.products)

    @contextmanager
    def active(self) -> Iterator[ModuleType]:
        """The runtime made current for a block; gives ``rep``."""
        with activate(self.runtime):
            register(api)
            yield api

    def attach(self, writers: Sequence[Any]) -> None:
        """Attach to every product."""
        for writer in writers:
            writer.attach(self.products)
            self._writers.append(writer)

    def detach(self) -> None:
        """Detach what was attached."""
        for writer in self._writers:
            writer.detach()
        self._writers.clear()

    def run(
        self,
        frames: range,
        batch: int | None,
        workers: int | None,
        listener: Listener | None,
        processes: bool | None = None,
    ) -> RunStatistics:
        """Through the pipeline; an environment is a row of the batch."""
        from replicator_dr.engines.embedded.loop import pipeline

        return pipeline.run(self.runtime, len(frames), frames.start, batch, workers, listener, processes=processes)

    async def run_async(self, frames: range, listener: Listener | None) -> RunStatistics:
        """On a thread of its own."""

        def work() -> RunStatistics:
            with self.active():
                return self.run(frames, None, None, listener)

        return await asyncio.to_thread(work)

    def step(self) -> None:
        """Author, render and write the next frame."""
        api.orchestrator.step()

    def finish(self) -> None:
        """Writers finish their files, and the next step is frame 0 again."""
        api.orchestrator.wait_until_complete()

    def stream(self, frames: range, batch: int, annotators: Sequence[str]) -> Iterator[dict[str, Any]]:
        """Batches from the pipeline."""
        from replicator_dr.engines.embedded.loop import pipeline

        return pipeline.stream(self.runtime, len(frames), frames.start, annotators, batch)

    def tensors(self, frames: range, batch: int | None, rgb: bool) -> Iterator[dict[str, Any]]:
        """Batches that stay on the device."""
        from replicator_dr.engines.embedded.loop.tensor_stream import tensor_stream

        return tensor_stream(self.runtime, tuple(self.products), len(frames), frames.start, batch, rgb)

    def captures(
        self,
        frames: Sequence[int] | NDArray[np.int64],
        work: Callable[[CapturedBatch], T],
        batch: int,
        annotators: Sequence[str],
        workers: int | None,
        on_device: bool,
    ) -> Iterator[T]:
        """Through the pipeline's threads."""
        from replicator_dr.engines.embedded.loop import pipeline

        return pipeline.captures(self.runtime, frames, annotators, work, batch, workers, on_device)

    def preview(self, frame: int, annotators: Sequence[str]) -> dict[str, dict[str, Any]]:
        """One frame, rendered and handed out as a writer would get it."""
        from replicator_dr.engines.embedded.loop.capture_plan import plan_for
        from replicator_dr.engines.embedded.loop.neighbours import with_neighbours
        from replicator_dr.engines.embedded.loop.payload import payload
        from replicator_dr.engines.embedded.loop.stage_clock import StageClock

        runtime = self.runtime
        chosen = [api.annotators.get(name) for name in annotators]
        plan = plan_for(self.products, [(product, annotators) for product in self.products])
        scene = runtime.scene()
        state = with_neighbours(self.sample([frame]), runtime.evaluate, plan.steps)
        tracer = runtime.color_tracer(scene)
        captured = plan.capture(runtime.products.renderer(scene), scene, state, StageClock(), runtime.seed, tracer)
        products: dict[str, dict[str, Any]] = payload(captured, 0, chosen, "renderProduct")["renderProducts"]
        return products

    def sample(self, frames: Sequence[int]) -> FrameState:
        """Evaluate the graph."""
        return self.runtime.evaluate(np.atleast_1d(np.asarray(frames, dtype=np.int64)))

    def draws(self, frames: Sequence[int]) -> dict[str, NDArray[Any]]:
        """From the graph's distributions."""
        return dict(self.runtime.drawn(np.asarray(frames, dtype=np.int64)).draws)

    def drawn(self, frame: int, facts: bool) -> DrawnFrame:
        """From the graph's distributions."""
        from replicator_dr.graph.drawn import drawn_frame

        return drawn_frame(self.runtime, self.built, frame, facts)

    def scene(self) -> Scene:
        """The compiled stage."""
        return self.runtime.scene()

    def close(self) -> None:
        """Detach the writers and destroy the products; calling it twice is no error."""
        with self.active():
            self.detach()
            self.pool.destroy()
            self.runtime.requirements = None
            if self._layer is not None:
                self._layer.clear()
                self._layer = None
