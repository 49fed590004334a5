"""Waiting for Kit, in both of its ways.

What a run does is written once, as a generator that yields what it waits for. :func:`drive` waits by blocking, as a
standalone script does; :func:`drive_async` awaits, as everything inside Kit's event loop must.
"""

from __future__ import annotations

import importlib
from collections.abc import Generator
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from replicator_dr.engines.isaacsim.versions import REPLICATOR, Release

T = TypeVar("T")


class Request(Protocol):
    """Something to wait for."""

    def perform(self) -> None:
        """Block until it has happened."""

    async def perform_async(self) -> None:
        """Let Kit go on until it has happened."""


Requests = Generator[Request, None, T]
"""A run: yields what it waits for, returns its result."""


def drive(requests: Requests[T]) -> T:
    """Run to the end, blocking."""
    try:
        while True:
            next(requests).perform()
    except StopIteration as end:
        result: T = end.value
        return result
    finally:
        requests.close()


async def drive_async(requests: Requests[T]) -> T:
    """Run to the end inside Kit's event loop."""
    try:
        while True:
            await next(requests).perform_async()
    except StopIteration as end:
        result: T = end.value
        return result
    finally:
        requests.close()


@dataclass(frozen=True)
class Update:
    """One update of the app: assets load, the stage's changes reach the renderer."""

    def perform(self) -> None:
        """Update once."""
        _app().update()

    async def perform_async(self) -> None:
        """Wait for the next update."""
        await _app().next_update_async()


@dataclass(frozen=True)
class Step:
    """One captured frame, time standing still. rt_subframes: renderings of it, of which the last counts."""

    release: Release
    rt_subframes: int = -1

    def _arguments(self) -> dict[str, Any]:
        arguments: dict[str, Any] = {"rt_subframes": self.rt_subframes, "pause_timeline": True, "delta_time": 0.0}
        return {**arguments, "wait_for_render": True} if self.release.wait_for_render else arguments

    def perform(self) -> None:
        """orchestrator.step."""
        _core().orchestrator.step(**self._arguments())

    async def perform_async(self) -> None:
        """orchestrator.step_async."""
        await _core().orchestrator.step_async(**self._arguments())


@dataclass(frozen=True)
class Complete:
    """The end of a stepped session: everything captured has been handed to the writers."""

    def perform(self) -> None:
        """orchestrator.wait_until_complete."""
        _core().orchestrator.wait_until_complete()

    async def perform_async(self) -> None:
        """orchestrator.wait_until_complete_async."""
        await _core().orchestrator.wait_until_complete_async()


def _core() -> Any:
    return importlib.import_module(REPLICATOR)


def _app() -> Any:
    import omni.kit.app

    return omni.kit.app.get_app()
