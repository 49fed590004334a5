"""Measures whole runs: frames a second, work per stage, memory over time. ``python -m replicator_dr.run.bench --help``.

Each scene runs in a process of its own, so that its memory is its own; everything is written to disk as a user's run
would. A short run before the measured one compiles kernels and warms the file cache.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from replicator_dr.run.doctor import cpu_threads
from replicator_dr.run.report import stage_rates

_SCENES = ("scenes/parts.yaml", "scenes/tabletop.yaml")
_RESOLUTION = (640, 480)


def resident_bytes() -> int:
    """Memory of this process that is in RAM now; 0 where the system does not say (/proc is Linux's)."""
    statm = Path("/proc/self/statm")
    return int(statm.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") if statm.exists() else 0


def measure(scene: Path, frames: int, output: Path, device: str | None = None) -> dict[str, Any]:
    """Run one scene and give its figures as plain JSON.

    frames_per_second counts everything from the first sample to the last byte; memory is the resident set [MB] when
    each tenth of the run was committed.
    """
    from replicator_dr import build_graph, load_spec

    spec = load_spec(scene)
    folder = output / scene.stem
    shutil.rmtree(folder, ignore_errors=True)
    memory: list[tuple[int, int]] = []
    with build_graph(spec, device=device) as graph:
        graph.run(4, output_dir=folder / "warm_up")
        statistics = graph.run(
            frames,
            output_dir=folder / "measured",
            listener=lambda committed: memory.append((committed.frames, resident_bytes())),
        )
    shutil.rmtree(folder)
    return {
        "scene": scene.stem,
        "frames": statistics.frames,
        "images": statistics.images,
        "megabytes": round(statistics.bytes / 1e6, 1),
        "seconds": round(statistics.seconds, 2),
        "frames_per_second": round(statistics.frames / statistics.seconds, 1),
        "stages": {
            rate.stage: {"seconds": round(rate.seconds, 3), "milliseconds_per_image": round(rate.milliseconds, 2)}
            for rate in stage_rates(statistics.stage_seconds, statistics.images)
        },
        "memory_megabytes": [round(resident / 1e6, 1) for resident in tenths(memory)],
    }


def tenths(samples: Sequence[tuple[int, int]]) -> list[int]:
    """The value at each tenth of the way through (position, value) samples, the last one included."""
    if not samples:
        return []
    end = samples[-1][0]
    return [next(value for position, value in samples if position >= end * tenth / 10) for tenth in range(1, 11)]


def machine() -> dict[str, Any]:
    """What the figures were measured on."""
    model = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        names = [line.split(":", 1)[1].strip() for line in cpuinfo.read_text().splitlines() if "model name" in line]
        model = names[0] if names else model
    return {"processor": model, "threads": cpu_threads(), "python": platform.python_version()}


def as_markdown(report: dict[str, Any]) -> str:
    """The report as the table that the README shows."""
    results = report["results"]
    stages = list(results[0]["stages"])
    lines = [
        f"{report['machine']['processor']}, {report['machine']['threads']} threads, "
        f"{_RESOLUTION[0]}x{_RESOLUTION[1]}, {results[0]['frames']} frames:",
        "",
        "| scene | frames/s | " + " | ".join(f"{stage} [ms]" for stage in stages) + " | memory, first to last tenth |",
        "|---" * (len(stages) + 3) + "|",
    ]
    for result in results:
        work = " | ".join(f"{result['stages'][stage]['milliseconds_per_image']:.2f}" for stage in stages)
        memory = result["memory_megabytes"]
        span = f"{memory[0]:.0f} to {memory[-1]:.0f} MB" if memory else "-"
        lines.append(f"| {result['scene']} | **{result['frames_per_second']:.1f}** | {work} | {span} |")
    lines += ["", "The stages' figures are work per image, summed over all threads."]
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure the scenes, print the table, write the JSON report."""
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("scenes", nargs="*", default=list(_SCENES), help="specs to measure")
    parser.add_argument("--frames", type=int, default=300)
    parser.add_argument("--output", type=Path, default=Path("_bench"), help="folder for the report and the images")
    parser.add_argument("--device", default=None, help="cpu or cuda")
    parser.add_argument("--one", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.one:
        result = measure(Path(options.scenes[0]), options.frames, options.output, options.device)
        (options.output / "one.json").write_text(json.dumps(result))
        return
    options.output.mkdir(parents=True, exist_ok=True)
    results = []
    for scene in options.scenes:
        print(f"measuring {scene}: {options.frames} frames", file=sys.stderr)
        command = [sys.executable, "-m", "replicator_dr.run.bench", scene, "--one", "--frames", str(options.frames)]
        device = ["--device", options.device] if options.device else []
        subprocess.run([*command, "--output", str(options.output), *device], check=True)
        one = options.output / "one.json"
        results.append(json.loads(one.read_text()))
        one.unlink()
    report = {"machine": machine(), "results": results}
    (options.output / "report.json").write_text(json.dumps(report, indent=2) + "\n")
    print(as_markdown(report))
    print(f"\nreport: {options.output / 'report.json'}", file=sys.stderr)


if __name__ == "__main__":
    main()
