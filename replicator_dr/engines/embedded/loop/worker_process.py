"""A process that annotates, encodes and writes batches for the run loop: ``python -m ...worker_process FD MEMORY``.

It is told ``sys.path`` and a :class:`Setup`, then batches one after the other; for each it answers a :class:`Reply`.
It ends when the other end of its connection is closed, however that comes about.
"""

from __future__ import annotations

import mmap
import pickle
import sys
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from replicator_dr.engines.embedded.loop.capture import CapturedBatch
    from replicator_dr.engines.embedded.products import RenderProduct
    from replicator_dr.engines.embedded.scene.state import Scene

Records = list[dict[str, Any]]


@dataclass(frozen=True)
class Job:
    """What is done for one writer. products: names of its render products."""

    work: Callable[[CapturedBatch], Records]
    products: tuple[str, ...]


@dataclass(frozen=True)
class Setup:
    """What stays the same in a run. jobs: by the writer's position."""

    scene: Scene
    products: Mapping[str, RenderProduct]
    jobs: Mapping[int, Job]


@dataclass(frozen=True)
class Reply:
    """records: of each job that was done. seconds: of work, by stage. failure: what the next job raised."""

    records: dict[int, Records]
    seconds: dict[str, float]
    failure: Exception | None = None


class _Memory:
    """The shared memory; mapped again when it has grown."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._map: mmap.mmap | None = None

    def of(self, size: int) -> mmap.mmap:
        if self._map is None or len(self._map) < size:
            self._map = mmap.mmap(self._descriptor, 0)
        return self._map


def main(descriptor: int, memory_descriptor: int) -> None:
    """Serve until the connection ends."""
    connection = Connection(descriptor)
    memory = _Memory(memory_descriptor)
    try:
        sys.path[:] = connection.recv()
        setup: Setup = pickle.loads(connection.recv_bytes())
        while True:
            batch = pickle.loads(connection.recv_bytes())
            connection.send_bytes(_encoded(_reply(setup, batch, memory)))
    except (EOFError, ConnectionError):
        return


def _reply(setup: Setup, shared: Any, memory: _Memory) -> Reply:
    from replicator_dr.engines.embedded.loop.shared_batch import restored

    records: dict[int, Records] = {}
    batch = restored(shared, memory.of(shared.size), setup.scene, setup.products)
    failure = None
    try:
        for position, job in setup.jobs.items():
            records[position] = job.work(batch.of([batch.product(name) for name in job.products]))
    except Exception as error:  # noqa: BLE001 - raised again by the run loop
        failure = error
    return Reply(records, batch.clock.seconds(), failure)


def _encoded(reply: Reply) -> bytes:
    if reply.failure is None:
        return pickle.dumps(reply, pickle.HIGHEST_PROTOCOL)
    try:
        content = pickle.dumps(reply)
        pickle.loads(content)  # some exceptions can be written and not read
    except Exception:  # noqa: BLE001 - whatever an exception's own pickling raises
        text = "".join(traceback.format_exception(reply.failure))
        return pickle.dumps(Reply(reply.records, reply.seconds, RuntimeError(text)))
    return content


if __name__ == "__main__":
    from replicator_dr.engines.embedded.loop.worker_process import main as serve

    # Under its importable name, so that what is pickled here is known there.
    serve(int(sys.argv[1]), int(sys.argv[2]))
