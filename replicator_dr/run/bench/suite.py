"""Everything that a benchmark was asked for, one after the other."""

from __future__ import annotations

from typing import Any

from replicator_dr.run.bench.growth import measure_growth
from replicator_dr.run.bench.isolated import Progress, isolated, silent
from replicator_dr.run.bench.options import Options
from replicator_dr.run.bench.peers.comparison import compare
from replicator_dr.run.bench.report import new_report
from replicator_dr.run.bench.scene import measure_scene


def measure(options: Options, progress: Progress = silent) -> dict[str, Any]:
    """The report, as plain JSON. Raises SpecError or AssetError for a spec with faults before anything is measured."""
    from replicator_dr import load_spec

    for spec in options.specs:
        load_spec(spec)
    options.output.mkdir(parents=True, exist_ok=True)
    report = new_report(options, [isolated(measure_scene, spec, options, progress=progress) for spec in options.specs])
    if options.growth:
        report["growth"] = isolated(measure_growth, options.device, options.repeats, progress=progress)
    if options.peers:
        report["peers"] = [compare(spec, options, progress) for spec in options.specs]
    return report
