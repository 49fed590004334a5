"""What all writers at once cost, beside one alone, and what masks cost.

    python tests/benchmarks/all_writers.py [REPEATS] [RUNS]

scenes/parts.yaml at 640x480, a camera and about twenty objects in view; sizes are held, as models of BOP have one.
Whole runs of scenes/tabletop.yaml besides: up to ten scanned objects, whose frames take longer to draw.

First whole runs of 240 frames on the CPU, with coco_depth alone and with all writers by turns, RUNS times each (default
3): milliseconds for an image from the first frame to finished datasets, CPU time of all threads and wall-clock time;
the medians. They come first, and what they write stays until the end: some file systems take long to make files just
after many were deleted.

Then the writers alone. A batch of four frames is rendered once. What follows, annotating, encoding and writing, is done
anew each time, into folders without files: CPU milliseconds of one thread for an image, the least of REPEATS (default
10), so that other work on the machine matters little. BasicWriter encodes on threads of its own, which this leaves out.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from replicator_dr import build_graph
from replicator_dr.dataset.folder import JOURNAL
from replicator_dr.encode.masks import encode_masks
from replicator_dr.encode.polygons import outer_polygons
from replicator_dr.engines.embedded.annotate.annotators_segmentation import instance
from replicator_dr.engines.embedded.loop.capture import CapturedBatch
from replicator_dr.engines.embedded.loop.capture_plan import plan_of, takes_batches, write_batches
from replicator_dr.engines.embedded.loop.neighbours import with_neighbours
from replicator_dr.engines.embedded.loop.stage_clock import StageClock
from replicator_dr.engines.embedded.loop.write_queue import QUEUE
from replicator_dr.spec.registry import WRITERS
from tests.writers.every_writer import DECLARED, declared

SCENES = Path(__file__).resolve().parents[2] / "scenes"
OPTIONS: dict[str, dict[str, Any]] = {
    "basic_writer": {"rgb": True, "bounding_box_2d_tight": True, "instance_segmentation": True},
    "tfrecord": {"masks": True},
    "yolo": {"task": "segment"},
}
FRAMES = 4
FRAMES_OF_A_RUN = 240


def spec(folder: Path, kinds: Sequence[str] = sorted(DECLARED), scene: str = "parts") -> dict[str, Any]:
    """A scene with sizes that do not vary, and these writers."""
    content: dict[str, Any] = yaml.safe_load((SCENES / f"{scene}.yaml").read_text())
    for trigger in content["triggers"]:
        for entry in trigger["randomize"]:
            for key in ("scale", "size"):
                entry.get("pose", {}).pop(key, None)
    for name in content["create"].get("solids", {"group": ()})["group"]:
        kind = next(key for key in content["create"][name] if key != "semantics")
        content["create"][name][kind]["size"] = 0.18
    for product in content["render_products"]:
        product["resolution"] = [640, 480]
    content["writers"] = [{kind: {"output_dir": str(folder / kind), **OPTIONS.get(kind, {})}} for kind in kinds]
    return content


def captured(runtime: Any) -> CapturedBatch:
    """A rendered batch with all that the runtime's writers need."""
    plan, scene = plan_of(runtime), runtime.scene()
    state = with_neighbours(runtime.evaluate(np.arange(FRAMES)), runtime.evaluate, plan.steps)
    return plan.capture(runtime.products.renderer(scene), scene, state, StageClock(), runtime.seed)


def best(label: str, repeats: int, work: Callable[[], object], tidy: Callable[[], object] = lambda: None) -> float:
    """Milliseconds for an image, printed. tidy: what is done before each time, and does not count."""
    times = []
    for _ in range(repeats):
        tidy()
        start = time.thread_time()
        work()
        times.append(time.thread_time() - start)
    least = 1e3 * min(times) / FRAMES
    print(f"{label:44s} {least:8.3f} ms")
    return least


def main(repeats: int, runs: int) -> None:
    """Print all figures."""
    for kind in sorted(set(DECLARED) - set(WRITERS.kinds())):
        WRITERS.register(declared(kind), kind)
    os.chdir(SCENES)
    for scene in ("parts", "tabletop"):
        whole_runs(runs, scene)
    with tempfile.TemporaryDirectory() as name, build_graph(spec(Path(name)), device="cpu") as graph:
        session: Any = graph._session
        with session.active() as rep:
            graph._attach(rep, None, False)  # as a run does it
            measure(session.runtime, repeats, Path(name))


def whole_runs(runs: int, scene: str) -> None:
    """What a user pays: from the first frame to finished datasets."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        wanted = {"coco_depth": ["coco_depth"], "all writers": sorted(DECLARED)}
        graphs = {label: build_graph(spec(folder, kinds, scene), device="cpu") for label, kinds in wanted.items()}
        clocks = {"CPU": time.process_time, "wall-clock": time.perf_counter}
        times: dict[tuple[str, str], list[float]] = {(label, clock): [] for label in graphs for clock in clocks}
        for number in range(runs + 1):
            for label, graph in graphs.items():
                starts = {clock: now() for clock, now in clocks.items()}
                graph.run(FRAMES_OF_A_RUN, output_dir=folder / label / str(number), processes=False)
                for clock, now in clocks.items():
                    times[label, clock].append(1e3 * (now() - starts[clock]) / FRAMES_OF_A_RUN)
        for graph in graphs.values():
            graph.close()
    medians = {key: statistics.median(found[1:]) for key, found in times.items()}  # the first compiles
    for (label, clock), median in medians.items():
        print(f"{f'{scene}: a run with {label}, {clock}':44s} {median:8.3f} ms")
    for clock in clocks:
        ratio = medians["all writers", clock] / medians["coco_depth", clock]
        print(f"{scene}: a run with all writers over one with coco_depth, {clock}: {ratio:.2f}")


def measure(runtime: Any, repeats: int, folder: Path) -> None:
    """The writers one by one and together, then masks alone."""
    for writer in runtime.writers:
        if hasattr(writer, "prepare"):
            writer.prepare()
    batch = captured(runtime)

    def written(writers: Sequence[Any]) -> None:
        batch._cache.clear()
        write_batches(batch, [writer for writer in writers if takes_batches(writer)], {})
        for writer in writers:
            if not takes_batches(writer):
                for index in range(FRAMES):
                    data = batch.payload(index, writer.get_annotators(), writer.data_structure)
                    writer.write(data)

    def tidy() -> None:
        QUEUE.wait()
        for path in folder.rglob("*"):
            if path.is_file() and path.name != JOURNAL:
                path.unlink()

    alone = {}
    for kind, writer in zip(sorted(DECLARED), runtime.writers, strict=True):
        alone[kind] = best(f"{kind} alone", repeats, lambda writer=writer: written([writer]), tidy)  # type: ignore[misc]
    together = best("all at once", repeats, lambda: written(runtime.writers), tidy)
    QUEUE.wait()
    print(f"all at once over coco_depth alone: {together / alone['coco_depth']:.2f}")
    print(f"the sum of each alone over all at once: {sum(alone.values()) / together:.2f}")

    view = batch.view(batch.products[0].name)
    painting = instance(view).painting
    assert painting is not None
    owner = painting.table[:, :-1].astype(np.int64)
    objects = len(np.unique(view.rendered.part[0]))
    best(f"run-length masks ({objects} parts in the first image)", repeats, lambda: encode_masks(painting.part, owner))
    best("outlines", repeats, lambda: outer_polygons(painting.part, owner))
    best("outlines and holes", repeats, lambda: outer_polygons(painting.part, owner, holes=True))


if __name__ == "__main__":
    given = [int(text) for text in sys.argv[1:]]
    main(*given, *(10, 3)[len(given) :])
