"""What frames take: time and disk, measured by making a few of them."""

from __future__ import annotations

import tempfile
from pathlib import Path
from time import perf_counter
from typing import Any

from replicator_dr.graph import Graph

Plain = dict[str, Any]

MEASURED = 4
"""Frames that are timed."""


def cost_of(graph: Graph, frames: int) -> Plain:
    """Seconds and bytes of ``frames`` frames, from a few that are made in a temporary folder, and how that was done.

    Frame 0 is made first and not timed, as it loads files and compiles kernels. Nothing is kept.
    """
    seconds, size = _written(graph) if graph.spec.writers else (_streamed(graph), None)
    each = seconds / MEASURED
    what = "written by all writers of the spec" if graph.spec.writers else "rendered; there are no writers"
    return {
        "frames": frames,
        "seconds_a_frame": each,
        "bytes_a_frame": None if size is None else size / MEASURED,
        "seconds": each * frames,
        "bytes": None if size is None else size / MEASURED * frames,
        "device": graph.device,
        "how": f"measured: frames 1 .. {MEASURED} {what} in {seconds:.2f} s on {graph.device}, in a temporary folder, "
        f"after frame 0, which loads and compiles and is left out; multiplied by {frames}. Longer runs use larger "
        "batches and are often faster; other programs that run now make it slower; sizes vary from frame to frame.",
    }


def _written(graph: Graph) -> tuple[float, int]:
    with tempfile.TemporaryDirectory(prefix="replicator_dr_explain_") as folder:
        graph.run(1, output_dir=Path(folder) / "first")
        begun = perf_counter()
        graph.run(MEASURED, start=1, output_dir=Path(folder) / "timed")
        seconds = perf_counter() - begun
        return seconds, sum(path.stat().st_size for path in (Path(folder) / "timed").rglob("*") if path.is_file())


def _streamed(graph: Graph) -> float:
    for _ in graph.frames(1):
        pass
    begun = perf_counter()
    for _ in graph.frames(MEASURED, start=1):
        pass
    return perf_counter() - begun
