"""How the rate changes while one thing grows and all others stay: batch, triangles, lights, resolution, instances."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from replicator_dr.run.bench.drawing import drawing
from replicator_dr.run.bench.isolated import Progress
from replicator_dr.run.bench.machine import chosen_device
from replicator_dr.run.bench.rate import Rate, timed
from replicator_dr.run.bench.subject import facts
from replicator_dr.run.bench.synthetic import Size, synthetic

PIXELS_ON_CPU = 1_300_000
"""Pixels of a batch on the CPU, unless the batch is what grows."""
BATCH_ON_CUDA = 64
IMAGE_MEMORY = 6_000_000_000
"""Bytes that the images of a batch may take on CUDA, with what drawing them needs."""
_BYTES_PER_PIXEL = 64
LEAST_SECONDS = 0.5
"""A repeat lasts at least that long, and at least one batch."""


@dataclass(frozen=True)
class Point:
    """One measurement. value: as the table shows it. batch: frames drawn together; None as suits the resolution."""

    value: str
    size: Size = field(default_factory=Size)
    resolution: tuple[int, int] = (640, 480)
    batch: int | None = None


def axes(device: str) -> dict[str, list[Point]]:
    """{what grows: its points}. device: a Warp device; a CPU gets narrower batches."""
    batches = (1, 4, 16) if device == "cpu" else (1, 4, 16, 64, 256)
    resolutions = ((160, 120), (320, 240), (640, 480), (1280, 960), (1920, 1440))
    return {
        "views per batch": [Point(str(batch), batch=batch) for batch in batches],
        "triangles": [Point(f"{n:,}", Size(triangles=n)) for n in (1_000, 10_000, 100_000, 1_000_000)],
        "lights": [Point(str(n), Size(lights=n)) for n in (1, 2, 4, 8)],
        "resolution": [Point(f"{width}x{height}", resolution=(width, height)) for width, height in resolutions],
        "instances": [Point(f"{n:,}", Size(instances=n)) for n in (20, 100, 500, 2_000)],
    }


def measure_growth(
    device: str | None, repeats: int, progress: Progress, points: Mapping[str, list[Point]] | None = None
) -> dict[str, Any]:
    """{axis: its points with their rates}, as plain JSON. points: instead of :func:`axes`."""
    chosen = chosen_device(device)
    wanted = axes(chosen) if points is None else points
    total = sum(map(len, wanted.values()))
    done = 0
    found: dict[str, Any] = {}
    for axis, row in wanted.items():
        found[axis] = []
        for point in row:
            progress(f"{axis}: {point.value}", done, total)
            found[axis].append(measure_point(point, chosen, repeats))
            done += 1
    return found


def measure_point(point: Point, device: str, repeats: int) -> dict[str, Any]:
    """One point's rate with its facts, as plain JSON."""
    from replicator_dr.render.renderer import Renderer
    from replicator_dr.render.scene import View

    width, height = point.resolution
    batch = point.batch or default_batch(width * height, device)
    scene, bank = synthetic(point.size, batch)
    drawn = drawing(Renderer(scene, device), (View(0, width, height),))
    if device == "cpu" and point.batch is not None:
        # Threads take whole batches, so that with several of them a wide batch would leave some without work.
        drawn = replace(drawn, threads=1)
    on_device = device != "cpu"
    drawn.draw(bank, batch * drawn.threads, batch, on_device=on_device)
    once = timed(lambda: drawn.draw(bank, batch * drawn.threads, batch, on_device=on_device))
    frames = batch * drawn.threads * max(1, round(LEAST_SECONDS / max(once, 1e-4)))
    seconds = tuple(timed(lambda: drawn.draw(bank, frames, batch, on_device=on_device)) for _ in range(repeats))
    rate = Rate(frames, frames, seconds)
    return {
        "value": point.value,
        **facts(scene, bank),
        "resolution": [width, height],
        "batch": batch,
        "threads": drawn.threads,
        **rate.plain(),
        "megapixels_per_second": round(rate.frames_per_second * width * height / 1e6, 2),
    }


def default_batch(pixels: int, device: str) -> int:
    """Frames drawn together at that many pixels an image."""
    if device == "cpu":
        return max(1, min(16, PIXELS_ON_CPU // pixels))
    return max(1, min(BATCH_ON_CUDA, IMAGE_MEMORY // (_BYTES_PER_PIXEL * pixels)))
