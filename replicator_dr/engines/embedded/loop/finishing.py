"""The end of a run: every writer brings its files together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from replicator_dr.engines.embedded.loop.capture_plan import takes_batches
from replicator_dr.engines.embedded.loop.worker_choice import cores


def finish(writers: Sequence[Any]) -> list[Exception]:
    """Call every writer's ``on_final_frame``, also after one has failed; the errors, in the writers' order.

    Datasets, whose writers work on any thread, are finished side by side; then the others, on this thread.
    """
    with ThreadPoolExecutor(cores(), thread_name_prefix="finish") as pool:
        begun = {
            position: pool.submit(_failure, writer.on_final_frame)
            for position, writer in enumerate(writers)
            if takes_batches(writer)
        }
    failures = [
        begun[position].result() if position in begun else _failure(writer.on_final_frame)
        for position, writer in enumerate(writers)
    ]
    return [failure for failure in failures if failure is not None]


def _failure(step: Callable[[], object]) -> Exception | None:
    try:
        step()
    except Exception as error:  # noqa: BLE001 - every writer gets its turn; whoever asked raises it
        return error
    return None
