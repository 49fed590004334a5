"""How long exact placement takes: ``python tests/benchmarks/placement.py [frames]``.

Twenty scanned objects, turned at random, by their hulls on floors of several sizes: thread CPU time a frame, and the
share of things that found no room.
"""

from __future__ import annotations

import sys
import time
import warnings
from pathlib import Path

import numpy as np

from replicator_dr.engines.embedded import api
from replicator_dr.engines.embedded.api import create, distribution, modify, randomizer, trigger
from replicator_dr.engines.embedded.placement import calls
from replicator_dr.engines.embedded.runtime import Runtime, activate
from replicator_dr.engines.embedded.scene.mesh_import import import_mesh

SCANS = sorted((Path(__file__).parents[2] / "scenes/assets/ycb").glob("*.glb"))
BATCH = 64


def scene(surface: float, collision: str) -> Runtime:
    """Two of each of ten scans on a square of ``surface`` metres."""
    runtime = Runtime()
    runtime.seed = 7
    calls.register(api)
    with activate(runtime):
        floor = create.plane(scale=surface)
        items = [create.from_usd(import_mesh(path, "Z"), count=2, semantics={"class": "scan"}) for path in SCANS]
        with trigger.on_frame():
            for item in items:
                modify.pose(rotation=distribution.uniform((0, 0, 0), (360, 360, 360)), input_prims=item)
            randomizer.place_on_surface(
                floor, input_prims=items, seeds=list(range(1, 11)), collision=collision, no_room="hide"
            )
    return runtime


def main() -> None:
    """Print a line for each case."""
    frames = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    warnings.simplefilter("ignore")
    for surface, collision in ((2.0, "hull"), (1.2, "hull"), (0.9, "hull"), (1.2, "mesh"), (1.2, "none")):
        runtime = scene(surface, collision)
        runtime.evaluate(np.arange(1))
        shown, began = 0.0, time.thread_time()
        for first in range(0, frames, BATCH):
            state = runtime.evaluate(np.arange(first, min(first + BATCH, frames)))
            shown += float(state.arrays.part_visible[:, runtime.scene().arrays.part_entity >= 0].mean(axis=1).sum())
        cost = (time.thread_time() - began) / frames * 1e3
        print(f"{surface:4.1f} m  {collision:5s} {cost:6.2f} ms a frame  {1 - shown / frames:7.2%} without room")


if __name__ == "__main__":
    main()
