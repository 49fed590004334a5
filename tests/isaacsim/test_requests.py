"""A run is written once and waits in both of Kit's ways."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

import pytest

from replicator_dr.engines.isaacsim.requests import Requests, drive, drive_async

LOG: list[str] = []


@dataclass
class Note:
    name: str
    log: list[str] = field(default_factory=lambda: LOG)

    def perform(self) -> None:
        self.log.append(self.name)

    async def perform_async(self) -> None:
        await asyncio.sleep(0)
        self.log.append(f"async {self.name}")


@dataclass
class Fails:
    def perform(self) -> None:
        raise OSError("no space")

    async def perform_async(self) -> None:
        raise OSError("no space")


def work(log: list[str], fails: bool = False) -> Requests[int]:
    try:
        yield Note("first", log)
        if fails:
            yield Fails()
        yield Note("second", log)
        return 7
    finally:
        log.append("closed")


def test_blocking() -> None:
    log: list[str] = []
    assert drive(work(log)) == 7
    assert log == ["first", "second", "closed"]


def test_awaiting() -> None:
    log: list[str] = []
    assert asyncio.run(drive_async(work(log))) == 7
    assert log == ["async first", "async second", "closed"]


def test_what_fails_closes_the_run() -> None:
    log: list[str] = []
    with pytest.raises(OSError, match="no space"):
        drive(work(log, fails=True))
    assert log == ["first", "closed"]
    with pytest.raises(OSError, match="no space"):
        asyncio.run(drive_async(work(log, fails=True)))
    assert log[2:] == ["async first", "closed"]
