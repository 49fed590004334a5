"""What a :class:`~replicator_dr.graph.Graph` asks of a runtime: one session for each, behind the same methods."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from pxr import Usd

    from replicator_dr.engines.embedded.loop.capture import CapturedBatch
    from replicator_dr.engines.embedded.loop.statistics import Listener, RunStatistics
    from replicator_dr.engines.embedded.scene.state import FrameState, Scene
    from replicator_dr.graph.drawn import DrawnFrame

T = TypeVar("T")


class Session(Protocol):
    """A spec that was compiled on one runtime.

    name: "embedded" or "isaacsim". mode: "graph" where the runtime draws by itself, "stepped" where draws are applied
    frame by frame.
    """

    name: str
    mode: str

    @property
    def stage(self) -> Usd.Stage:
        """The stage that is rendered."""

    @property
    def device(self) -> str:
        """The Warp device that draws; empty where Kit does."""

    @property
    def products(self) -> list[Any]:
        """The runtime's render products."""

    def active(self) -> AbstractContextManager[Any]:
        """Make the session the current one for a block; gives ``rep``."""

    def attach(self, writers: Sequence[Any]) -> None:
        """Give these writers the frames that come."""

    def detach(self) -> None:
        """Take the writers off."""

    def run(
        self,
        frames: range,
        batch: int | None,
        workers: int | None,
        listener: Listener | None,
        processes: bool | None = None,
    ) -> RunStatistics:
        """Write those frames, and wait until they are written."""

    async def run_async(self, frames: range, listener: Listener | None) -> RunStatistics:
        """The same inside a running event loop, such as Kit's."""

    def step(self) -> None:
        """Make the next frame."""

    def finish(self) -> None:
        """End a stepped session."""

    def stream(self, frames: range, batch: int, annotators: Sequence[str]) -> Iterator[dict[str, Any]]:
        """Frames as arrays."""

    def tensors(self, frames: range, batch: int | None, rgb: bool) -> Iterator[dict[str, Any]]:
        """Frames as tensors on the device that draws them. UnsupportedError where there is none of ours."""

    def captures(
        self,
        frames: Sequence[int] | NDArray[np.int64],
        work: Callable[[CapturedBatch], T],
        batch: int,
        annotators: Sequence[str],
        workers: int | None,
        on_device: bool,
    ) -> Iterator[T]:
        """What ``work`` makes of rendered batches of these frames."""

    def preview(self, frame: int, annotators: Sequence[str]) -> dict[str, dict[str, Any]]:
        """One frame of every product."""

    def sample(self, frames: Sequence[int]) -> FrameState:
        """What varies at those frames."""

    def draws(self, frames: Sequence[int]) -> dict[str, NDArray[Any]]:
        """What distributions draw at those frames. UnsupportedError where another runtime draws."""

    def drawn(self, frame: int, facts: bool) -> DrawnFrame:
        """What was drawn for a frame. UnsupportedError where another runtime draws."""

    def scene(self) -> Scene:
        """What stays the same."""

    def close(self) -> None:
        """Let go of everything; calling it twice is no error."""
