"""A renderer at work: as many processes as it takes to use the machine, and the batch width that suits it best."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil
from pathlib import Path

from replicator_dr.run.bench.peers.protocol import Pictures
from replicator_dr.run.bench.peers.registry import PEERS
from replicator_dr.run.bench.peers.shared_scene import SharedScene
from replicator_dr.run.bench.peers.worker import Batch, PeerError, Worker
from replicator_dr.run.doctor import cpu_threads

TURN = 1.0
"""Seconds that a turn should last."""


class Crew:
    """One renderer. A serial one has a process for each core of a CPU; the others use all cores by themselves."""

    def __init__(self, key: str, device: str, folder: Path) -> None:
        """key: of ``PEERS``. folder: for the logs."""
        peer = PEERS[key]()
        self.key, self.name, self.lacks = key, peer.name, peer.lacks
        self.width = 1
        self._device = device
        self._widths = peer.widths
        count = cpu_threads() if peer.serial and device == "cpu" else 1
        self._workers = [Worker(key, folder / f"{key}.{number}.log") for number in range(count)]
        self._batches = {True: 1, False: 1}

    @property
    def processes(self) -> int:
        """How many there are."""
        return len(self._workers)

    def setup(self, scene: SharedScene) -> None:
        """Take the scene and find the batch width and the length of a turn. PeerError where it cannot."""
        reason = self._workers[0].ask("available", self._device)
        if reason:
            raise PeerError(reason)
        self._all("available", self._device)
        self._all("setup", scene, self._device)
        self._cameras = len(scene.cameras)
        costs = {width: self._cost(width) for width in self._widths if width <= self._cameras}
        self.width = min(costs, key=costs.__getitem__)
        for labels in (True, False):
            self._batches[labels] = self.processes
            self.seconds(labels)
            once = self.seconds(labels)
            self._batches[labels] = self.processes * max(1, ceil(TURN / max(once, 1e-4)))

    def frames(self, labels: bool) -> int:
        """Images of a turn."""
        return self._batches[labels] * self.width

    def seconds(self, labels: bool) -> float:
        """Take a turn: how long the images take."""
        return self._draw(self._turn(self._batches[labels], self.width), labels)

    def show(self) -> Pictures:
        """The view of the first camera, with what it knows about it."""
        shown = self._workers[0].ask("show", 0)
        assert isinstance(shown, Pictures)
        return shown

    def close(self) -> None:
        """End the processes."""
        for worker in self._workers:
            worker.close()

    def _cost(self, width: int) -> float:
        """Seconds for an image in batches of that width."""
        turn = self._turn(self.processes, width)
        self._draw(turn, True)
        return self._draw(turn, True) / width

    def _turn(self, count: int, width: int) -> list[Batch]:
        starts = range(0, self._cameras - width + 1, width)
        return [list(range(first, first + width)) for first in (starts[i % len(starts)] for i in range(count))]

    def _draw(self, batches: Sequence[Batch], labels: bool) -> float:
        for number, worker in enumerate(self._workers):
            worker.tell("draw", batches[number :: self.processes], labels)
        return max(float(worker.answer()) for worker in self._workers)

    def _all(self, action: str, *arguments: object) -> None:
        for worker in self._workers:
            worker.tell(action, *arguments)
        for worker in self._workers:
            worker.answer()
