"""What both modes share: products, writers and the loop of captured steps."""

from __future__ import annotations

import importlib
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import groupby
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np

from replicator_dr.engines.embedded.loop.interrupt import interruptible
from replicator_dr.engines.embedded.loop.stage_clock import StageClock
from replicator_dr.engines.isaacsim import kit_stage
from replicator_dr.engines.isaacsim.capture_settings import capture_settings
from replicator_dr.engines.isaacsim.relay import Relay
from replicator_dr.engines.isaacsim.requests import Complete, Requests, Step, drive, drive_async
from replicator_dr.engines.isaacsim.versions import REPLICATOR, Release
from replicator_dr.errors import UnsupportedError
from replicator_dr.graph.isaacsim.delivery import Delivery
from replicator_dr.graph.isaacsim.pools import Pools, takes_relays
from replicator_dr.graph.isaacsim.sensor_pictures import with_sensors
from replicator_dr.spec import Spec
from replicator_dr.spec.triggers import OnFrame

if TYPE_CHECKING:
    from pxr import Usd

    from replicator_dr.engines.embedded.loop.statistics import Listener, RunStatistics
    from replicator_dr.engines.embedded.scene.state import FrameState, Scene
    from replicator_dr.pool.identity import Entities
    from replicator_dr.pool.layout import View

WARM_UP_SUBFRAMES = 32
"""Renderings of a session's first frame: materials and textures arrive over several."""

Shown = Sequence[Mapping[str, Any]]
"""For each frame of a tick what its payload says beside the pictures: draws and counts of triggers."""


class KitSession(ABC):
    """A spec on Isaac Sim. A tick is one captured step; it shows ``width`` frames, one in each environment."""

    name = "isaacsim"
    device = ""
    mode: str

    def __init__(self, spec: Spec, stage: Usd.Stage, release: Release) -> None:
        self.spec = spec
        self.release = release
        bent = [name for name, item in spec.create.items() if getattr(item, "lens", None) is not None]
        if bent and not release.lens_schemas:
            raise UnsupportedError(
                f"create.{bent[0]}: {release.name} has no OmniLensDistortion schemas and would show a pinhole; use "
                "Isaac Sim 5 or later, or the embedded engine"
            )
        self.core: Any = importlib.import_module(REPLICATOR)
        self.width = spec.num_envs
        self._stage = stage
        self._pools: Pools | None = None
        self._attached: list[tuple[Any, list[Relay]]] = []
        self._others: list[Any] = []
        self._subframes = max([1, *_subframes(spec)])
        self._warm = False
        self._stepping: Delivery | None = None
        self._next_frame = 0

    @abstractmethod
    def views(self) -> list[tuple[bool | None, list[View]]]:
        """The views of all environments, with what each entry of ``render_products`` says of tiles."""

    @abstractmethod
    def show(self, frames: Sequence[int]) -> Shown | None:
        """Bring the frames of one tick onto the stage. None where Replicator's own graph does."""

    def entities(self) -> Entities | None:
        """The labelled prims with their numbers and extents, where they are known before anything is captured."""
        return None

    @property
    def stage(self) -> Usd.Stage:
        """Kit's."""
        return self._stage

    @property
    def pools(self) -> Pools:
        """The render products, made when they are first needed."""
        if self._pools is None:
            self._pools = Pools(self.core, self.views(), self._stage)
        return self._pools

    @property
    def products(self) -> list[Any]:
        """Those of the pools, which make them when they are first asked for."""
        if not self.pools.products:
            self.pools.open(())
        return self.pools.products

    @contextmanager
    def active(self) -> Iterator[Any]:
        """There is one Kit, and it is always active."""
        yield self.core

    def attach(self, writers: Sequence[Any]) -> None:
        """Give the writers what is captured.

        One in the "renderProduct" layout gets relays, which see to tiles, environments and frame numbers; any other is
        attached to plain products as it is, and counts frames by itself.
        """
        others = [writer for writer in writers if not takes_relays(writer)]
        if others and self.width > 1:
            name = type(others[0]).__name__
            raise UnsupportedError(f"{name} cannot tell environments apart; use num_envs: 1 with it")
        self.pools.open(writers)
        for writer in others:
            writer.attach(self.pools.products)
            self._others.append(writer)
        for writer in writers:
            if takes_relays(writer):
                relays = [Relay(annotators, products) for annotators, products in self.pools.wanted(writer)]
                self._attached.append((writer, relays))

    def detach(self) -> None:
        """Take the relays off."""
        self._end_stepping()
        for _, relays in self._attached:
            for relay in relays:
                relay.detach()
        self._attached.clear()
        for writer in self._others:
            writer.detach()
        self._others.clear()

    def run(
        self,
        frames: range,
        batch: int | None,
        workers: int | None,
        listener: Listener | None,
        processes: bool | None = None,
    ) -> RunStatistics:
        """Blocking, for standalone scripts; Ctrl-C ends it after the frame in the making."""
        return drive(self.requests(frames, listener))

    async def run_async(self, frames: range, listener: Listener | None) -> RunStatistics:
        """Inside Kit's event loop."""
        return await drive_async(self.requests(frames, listener))

    def requests(self, frames: range, listener: Listener | None) -> Requests[RunStatistics]:
        """The run, as what it waits for."""
        delivery = self._delivery(listener)
        done = True
        try:
            with interruptible() as interrupted, capture_settings(), self.pools.capturing():
                for tick in self._ticks(frames):
                    if interrupted():
                        done = False
                        break
                    yield from self._tick(tick, delivery)
                yield Complete()
            return delivery.finish(interrupted=not done)
        finally:
            delivery.close()

    def _delivery(self, listener: Listener | None) -> Delivery:
        writers = [writer for writer, _ in self._attached]
        for writer in writers:
            if hasattr(writer, "prepare"):
                writer.prepare()
        return Delivery(writers, listener)

    def _ticks(self, frames: range) -> Iterator[list[int]]:
        """The wanted frames, those of one tick together."""
        for _, tick in groupby(frames, key=lambda frame: frame // self.width):
            yield list(tick)

    def _tick(self, frames: Sequence[int], delivery: Delivery) -> Requests[None]:
        """Capture a tick and hand it to the writers."""
        relays = [relay for _, relays in self._attached for relay in relays]
        shown = yield from self._capture(frames, relays, delivery.clock)
        ticks = []
        for _, relays in self._attached:
            payloads = yield from self._payloads(frames, shown, relays)
            ticks.append(payloads)
        delivery.put(ticks, len(frames))

    def _capture(self, frames: Sequence[int], relays: Sequence[Relay], clock: StageClock) -> Requests[Shown | None]:
        for relay in relays:
            relay.clear()
        with clock.measure("sample"):
            shown = self.show(frames)
        with clock.measure("render"):
            if not self._warm:
                yield from kit_stage.until_loaded()
            subframes = self._subframes if self._warm else max(self._subframes, WARM_UP_SUBFRAMES)
            self._warm = True
            yield Step(self.release, subframes)
        return shown

    def _payloads(
        self, frames: Sequence[int], shown: Shown | None, relays: Sequence[Relay]
    ) -> Requests[list[dict[str, Any]]]:
        """What a writer gets for each frame of the tick."""
        products: dict[str, Any] = {}
        told: dict[str, Any] = {}
        for relay in relays:
            data = yield from relay.received()
            products.update(data["renderProducts"])
            told = {name: data.get(name, {}) for name in ("trigger_outputs", "distribution_outputs")}
        views = self.pools.payloads({"renderProducts": products}, self.entities())
        for frame in frames:
            env = frame % self.width
            views[env] = with_sensors(views[env], self._stage, self.pools.views_of(env), frame, self.spec.seed)
        return [
            {**(told if shown is None else shown[row]), "renderProducts": views[frame % self.width], "frame": frame}
            for row, frame in enumerate(frames)
        ]

    def step(self) -> None:
        """The next frame; blocking."""
        if self._stepping is None:
            self._stepping = self._delivery(None)
            self._next_frame = 0
        with capture_settings(), self.pools.capturing():
            drive(self._tick([self._next_frame], self._stepping))
        self._next_frame += 1

    def finish(self) -> None:
        """Write what was captured; the next step is frame 0 again."""
        drive(_complete())
        self._end_stepping()

    def _end_stepping(self) -> None:
        if self._stepping is not None:
            delivery, self._stepping = self._stepping, None
            try:
                delivery.finish()
            finally:
                delivery.close()

    def stream(self, frames: range, batch: int, annotators: Sequence[str]) -> Iterator[dict[str, Any]]:
        """A batch for each tick, whatever ``batch`` says: as many frames as there are environments."""
        with self._looking(annotators, plain=False) as relays:
            for tick in self._ticks(frames):
                payloads = drive(self._look(tick, relays))
                yield {
                    **_stacked([payload["renderProducts"] for payload in payloads], annotators),
                    "frames": np.array(tick, np.int64),
                    "draws": _columns([payload["distribution_outputs"] for payload in payloads]),
                }

    def tensors(self, frames: range, batch: int | None, rgb: bool) -> Iterator[dict[str, Any]]:
        """RTX hands its images out through annotators."""
        raise UnsupportedError("tensors() is the embedded runtime's: on Isaac Sim use frames(), or engine='embedded'")

    def captures(self, *_: Any) -> Iterator[Any]:
        """Not here: Kit captures frames in its own order, one tick after the other."""
        raise UnsupportedError("captures is of the embedded runtime; use frames, or build with engine='embedded'")

    def draws(self, frames: Sequence[int]) -> NoReturn:
        """Not here: what stepped mode draws is what the embedded runtime says of the same spec."""
        raise UnsupportedError(
            "draws is of the embedded runtime, whose draws stepped mode shows; use engine='embedded'"
        )

    def drawn(self, frame: int, facts: bool) -> NoReturn:
        """Not here, as draws."""
        raise UnsupportedError(
            "drawn is of the embedded runtime, whose draws stepped mode shows; use engine='embedded'"
        )

    def preview(self, frame: int, annotators: Sequence[str]) -> dict[str, dict[str, Any]]:
        """One frame through plain products, which give every annotator."""
        with self._looking(annotators, plain=True) as relays:
            payloads = drive(self._look([frame], relays))
        products: dict[str, dict[str, Any]] = payloads[0]["renderProducts"]
        return products

    @contextmanager
    def _looking(self, annotators: Sequence[str], plain: bool) -> Iterator[list[Relay]]:
        with self.pools.looking(annotators, plain) as wanted, capture_settings(), self.pools.capturing():
            relays = [Relay(made, products) for made, products in wanted]
            try:
                yield relays
            finally:
                for relay in relays:
                    relay.detach()

    def _look(self, tick: Sequence[int], relays: Sequence[Relay]) -> Requests[list[dict[str, Any]]]:
        shown = yield from self._capture(tick, relays, StageClock())
        payloads = yield from self._payloads(tick, shown, relays)
        return payloads

    @abstractmethod
    def sample(self, frames: Sequence[int]) -> FrameState:
        """What varies at those frames."""

    @abstractmethod
    def scene(self) -> Scene:
        """What stays the same."""

    def close(self) -> None:
        """Detach and destroy the products; calling it twice is no error."""
        self.detach()
        if self._pools is not None:
            self._pools.close()
            self._pools = None


def _complete() -> Requests[None]:
    yield Complete()


def _subframes(spec: Spec) -> list[int]:
    return [trigger.when.rt_subframes for trigger in spec.triggers if isinstance(trigger.when, OnFrame)]


def _stacked(frames: Sequence[Mapping[str, Any]], annotators: Sequence[str]) -> dict[str, Any]:
    """{product: {annotator: (B, ...) array, or a list of B tables}}."""
    stacked: dict[str, Any] = {}
    for product in frames[0]:
        values = {name: [frame[product][name]["data"] for frame in frames] for name in annotators}
        stacked[product] = {
            name: np.stack(arrays) if all(array.ndim > 1 for array in arrays) else arrays
            for name, arrays in values.items()
        }
    return stacked


def _columns(draws: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """{distribution: (B, n, k) array}."""
    return {name: np.array([frame[name] for frame in draws]) for name in draws[0]}
