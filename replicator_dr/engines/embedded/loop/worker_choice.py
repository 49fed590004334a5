"""Whether a run's sampling and writing go to other processes, and what these are told."""

from __future__ import annotations

import os
import pickle
from collections.abc import Sequence
from typing import Any

from replicator_dr.engines.embedded.loop.capture_plan import CapturePlan, takes_batches
from replicator_dr.engines.embedded.loop.shared_batch import labelled, plain
from replicator_dr.engines.embedded.loop.worker_pool import WorkerPool
from replicator_dr.engines.embedded.loop.worker_process import Job, Setup
from replicator_dr.engines.embedded.scene.state import Scene
from replicator_dr.errors import EngineError

CORES_FOR_PROCESSES = 6
"""From this many cores on, processes write more than threads do, which share one interpreter."""
FRAMES_FOR_PROCESSES = 128
"""Shorter runs are over before processes have started."""
WINDOWS_A_PROCESS = 4
"""Windows of frames that make a sampling process worth its start."""


def cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0))


def sampling_processes(on_cpu: bool, windows: int, processes: bool | None, alone: bool) -> int:
    """How many processes sample a run. on_cpu: what renders; there a thread samples faster than the others render.

    windows: of frames. processes: False for none; else the cores decide. alone: whether nothing else needs the cores,
    as when no frame is written.
    """
    if on_cpu or processes is False or cores() < CORES_FOR_PROCESSES:
        return 0
    return min(cores() - 2 if alone else cores() // 2, windows // WINDOWS_A_PROCESS)


def worker_pool(
    scene: Scene, plan: CapturePlan, writers: Sequence[Any], frames: int, workers: int, processes: bool | None
) -> WorkerPool | None:
    """Processes for the batched writers of a run, or None where threads do it.

    processes: None lets the numbers of cores and frames decide. EngineError where processes are asked for and a writer
    cannot be sent to them.
    """
    if processes is None and (cores() < CORES_FOR_PROCESSES or frames < FRAMES_FOR_PROCESSES):
        return None
    batched = {position: writer for position, writer in enumerate(writers) if takes_batches(writer)}
    if processes is False or not batched:
        return None
    try:
        setup = _setup(scene, plan, batched)
    except (AttributeError, TypeError, pickle.PicklingError) as error:
        if processes is None:
            return None
        names = ", ".join(type(writer).__name__ for writer in batched.values())
        raise EngineError(
            f"the writers of this run ({names}) cannot be sent to other processes: {error}; run with threads"
        ) from error
    for writer in batched.values():
        prepare = getattr(writer.batch_job(), "prepare", None)
        if prepare is not None:
            prepare()
    return WorkerPool(workers, setup, batched)


def _setup(scene: Scene, plan: CapturePlan, batched: dict[int, Any]) -> bytes:
    jobs = {
        position: Job(writer.batch_job(), tuple(product.name for product in writer.render_products))
        for position, writer in batched.items()
    }
    products = {product.name: plain(product) for product in plan.products}
    content = pickle.dumps(Setup(labelled(scene), products, jobs))
    if b"__main__" in content:
        raise pickle.PicklingError("a class of the script itself is unknown in other processes")
    return content
