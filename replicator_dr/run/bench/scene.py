"""One scene, measured: its facts, each stage alone, end to end into each sink, memory over time."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from replicator_dr.run.bench.isolated import Progress
from replicator_dr.run.bench.options import Options
from replicator_dr.run.bench.sinks import SINKS, measure_sinks
from replicator_dr.run.bench.stages import measure_stages
from replicator_dr.run.bench.subject import subject

_STAGE_STEPS = 4


def measure_scene(path: Path, options: Options, progress: Progress) -> dict[str, Any]:
    """The figures of one spec as plain JSON. What is written meanwhile is deleted."""
    from replicator_dr import build_graph, load_spec

    folder = options.output / f"{path.stem}.files"
    total = _STAGE_STEPS + len(SINKS) * (options.repeats + 1)
    steps = iter(range(total))

    def note(what: str) -> None:
        progress(f"{path.stem}: {what}", next(steps, total), total)

    progress(f"{path.stem}: loading", 0, total)
    try:
        with build_graph(load_spec(path), device=options.device) as graph:
            measured = subject(path.stem, graph, options.device, options.batch, options.frames)
            stages = measure_stages(measured, options.repeats, folder, note)
            sinks, memory = measure_sinks(measured, options.repeats, folder, note)
            return {
                **measured.facts(),
                "frames": options.frames,
                "rendered_on_device": measured.device != "cpu",
                "stages": {name: rate.plain() for name, rate in stages.items()},
                "sinks": {name: rate.plain() for name, rate in sinks.items()},
                **memory,
            }
    finally:
        shutil.rmtree(folder, ignore_errors=True)
