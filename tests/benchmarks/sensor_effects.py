"""What effects behind the lens cost: thread CPU time on a CPU, wall time on CUDA, of one image of 640 x 480.

Run it: python -m tests.benchmarks.sensor_effects [device]
"""

from __future__ import annotations

import sys
import time
from dataclasses import replace
from typing import Any

import numpy as np
import warp as wp

from replicator_dr.render import develop
from replicator_dr.render.photograph import new_film
from replicator_dr.render.renderer import Renderer
from replicator_dr.render.scene import View
from replicator_dr.render.sensor import SensorArrays
from tests.render.scenes import Part, batch, build, move, plane

VIEW = View(0, 640, 480)
ROUNDS = 20
CASES: dict[str, dict[str, float]] = {
    "exposure": {"light": 0.9},
    "gain, white balance": {"light": 0.9, "gain": 2.0, "balance": 1.1},
    "vignetting": {"light": 0.9, "vignetting": 1.0},
    "shot and read noise, 10 bits": {"light": 0.9, "full_well": 1e4, "read_noise": 4.0, "bits": 10.0},
    "hot and dead pixels": {"light": 0.9, "hot_pixels": 1e-4, "dead_pixels": 1e-4},
    "chromatic aberration": {"light": 0.9, "chromatic_aberration": 2.0},
    "blur of 1 pixel": {"light": 0.9, "blur": 1.0},
    "blur of 5 pixels": {"light": 0.9, "blur": 5.0},
    "sharpening": {"light": 0.9, "sharpening": 1.0},
    "JPEG": {"light": 0.9, "jpeg_quality": 75.0},
}


def milliseconds(renderer: Renderer, frames: Any, changes: dict[str, float]) -> float:
    """An image's development, film in and bytes out, the best of some rounds."""
    neutral = SensorArrays.neutral(len(frames), 1)
    own = replace(neutral, **{name: np.full_like(getattr(neutral, name), value) for name, value in changes.items()})
    how = develop.records(replace(frames, sensors=own), VIEW, 0, np.arange(len(frames)))
    clock = time.thread_time if renderer.device.is_cpu else time.perf_counter
    best = np.inf
    for _ in range(ROUNDS):
        film = new_film(renderer.device, len(frames), VIEW)
        film.fill_(0.3)
        wp.synchronize_device(renderer.device)
        begin = clock()
        develop.develop(film, how)
        wp.synchronize_device(renderer.device)
        best = min(best, clock() - begin)
    return best * 1e3 / len(frames)


def main(device: str = "cpu") -> None:
    """A line for each effect: what it adds to an image with an exposure alone."""
    scene, one = build([Part(plane(), move(0, 0, -3))])
    renderer = Renderer(scene, device)
    frames = batch(*[one] * (1 if renderer.device.is_cpu else 32))
    least = milliseconds(renderer, frames, CASES["exposure"])
    print(f"{'film to bytes, exposure':32} {least:8.3f} ms")
    for name, changes in CASES.items():
        if name != "exposure":
            print(f"{name:32} {milliseconds(renderer, frames, changes) - least:+8.3f} ms")


if __name__ == "__main__":
    main(*sys.argv[1:])
