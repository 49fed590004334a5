"""What the run loop costs around the renderer: frames a second, and work of this process and of its workers.

    python tests/benchmarks/run_loop.py [FRAMES] [--scene scenes/parts.yaml] [--workers N] [--threads]

The scene's frames are sampled, annotated, encoded and written as in any run, but rendered once: a stand-in for a GPU
that renders at no cost gives the same sixteen pictures again and again. Without ``--threads`` worker processes do what
comes after rendering. The work of this process bounds the rate from above, however many workers there are.
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from dataclasses import fields
from types import SimpleNamespace
from typing import Any

import numpy as np

from replicator_dr import build_graph, load_spec
from replicator_dr.engines.embedded.loop.capture_plan import plan_of
from replicator_dr.engines.embedded.loop.stage_clock import StageClock
from replicator_dr.render.scene import EntityTable, FrameArrays, RenderedView, View

PICTURES = 16


class InstantRenderer:
    """Gives kept pictures for any frames."""

    device = SimpleNamespace(is_cpu=False)

    def __init__(self, rendered: RenderedView) -> None:
        self._rendered = rendered

    def render(self, frames: FrameArrays, view: View, *_: object) -> RenderedView:
        index = np.arange(len(frames)) % PICTURES

        def again(value: Any) -> Any:
            if isinstance(value, EntityTable):
                return EntityTable(**{one.name: getattr(value, one.name)[index] for one in fields(value)})
            return value[index] if isinstance(value, np.ndarray) else value

        changed = {one.name: again(getattr(self._rendered, one.name)) for one in fields(RenderedView)}
        return RenderedView(**changed)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("frames", nargs="?", type=int, default=512)
    parser.add_argument("--scene", default="scenes/parts.yaml")
    parser.add_argument("--workers", type=int, default=None)
    parser.add_argument("--threads", action="store_true")
    options = parser.parse_args()
    with build_graph(load_spec(options.scene), device="cpu") as graph, tempfile.TemporaryDirectory() as folder:
        graph.run(2, output_dir=f"{folder}/warm_up")
        session: Any = graph._session
        with session.active():
            runtime = session.runtime
            scene = runtime.scene()
            renderer = runtime.products.renderer(scene)
            state = runtime.evaluate(np.arange(PICTURES))
            captured = plan_of(runtime).capture(renderer, scene, state, StageClock(), 0)
            instant = InstantRenderer(captured.view(captured.products[0].name).rendered)
            runtime.products.renderer = lambda scene: instant
        own, theirs = time.process_time(), resource.getrusage(resource.RUSAGE_CHILDREN)
        statistics = graph.run(
            options.frames, output_dir=f"{folder}/run", workers=options.workers, processes=not options.threads
        )
        own = time.process_time() - own
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        workers = after.ru_utime + after.ru_stime - theirs.ru_utime - theirs.ru_stime
    per_frame = 1000 / options.frames
    print(f"{statistics.frames / statistics.seconds:.1f} frames/s")
    print(f"this process {own * per_frame:.2f} ms a frame, workers {workers * per_frame:.2f} ms (their start included)")
    for stage, seconds in statistics.stage_seconds.items():
        print(f"    {stage:10s} {seconds * per_frame:7.2f} ms a frame, by the clock on the wall")


if __name__ == "__main__":
    main()
