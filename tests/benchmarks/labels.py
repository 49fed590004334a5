"""What annotating, encoding and writing one image costs, stage by stage.

    python tests/benchmarks/labels.py [REPEATS]

One 640x480 image with 20 objects, textured and noisy about as much as a rendered one. Times are CPU milliseconds of
one thread, the best of REPEATS (default 30), so that other work on the machine matters little.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from replicator_dr.dataset.writer import writer_class
from replicator_dr.encode.depth_png import encode_depth
from replicator_dr.encode.masks import encode_masks
from replicator_dr.encode.polygons import outer_polygons
from replicator_dr.encode.rgb_png import encode_rgb
from replicator_dr.engines.embedded.annotate.annotators_segmentation import instance
from replicator_dr.engines.embedded.loop.capture import CapturedBatch, CapturedView
from replicator_dr.engines.embedded.products import ProductPool
from replicator_dr.engines.embedded.runtime import activate
from replicator_dr.engines.embedded.scene.state import FrameState, LabelTables, Scene
from replicator_dr.render.scene import EntityTable, RenderedView, SceneArrays, View
from replicator_dr.storage.atomic import write_file
from replicator_dr.storage.json_numbers import line, loads
from tests.flat_world import CAMERA, FlatRuntime, bounds, flat_cameras
from writers.coco_depth import CocoDepth

WIDTH, HEIGHT, OBJECTS = 640, 480, 20


def picture(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Colours, depth and part image: ellipses over a slanted floor, shaded, with a little noise."""
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)
    depth = 4.0 - 2.5 * y / HEIGHT
    part = np.full((HEIGHT, WIDTH), OBJECTS, np.int32)
    color = np.stack([90 + 40 * np.sin(x / 9) * np.cos(y / 13), 100 + x / 12, 80 + y / 9], axis=-1)
    for row in range(OBJECTS):
        centre, radius = rng.uniform([0, 0], [WIDTH, HEIGHT]), rng.uniform(20, 70, 2)
        bulge = 1 - ((x - centre[0]) / radius[0]) ** 2 - ((y - centre[1]) / radius[1]) ** 2
        inside = bulge > 0
        height = np.sqrt(np.maximum(bulge, 0))
        part[inside] = row
        depth[inside] = (2.0 - 0.3 * height)[inside]
        color[inside] = (rng.uniform(60, 250, 3) * (0.3 + 0.7 * height[..., None]))[inside]
    color += rng.normal(0, 1.5, color.shape)
    rgba = np.concatenate([np.clip(color, 0, 255), np.full((HEIGHT, WIDTH, 1), 255)], axis=-1).astype(np.uint8)
    return rgba, depth.astype(np.float32), part


def captured(batch: int) -> CapturedBatch:
    """The picture as a captured batch of equal frames, seen through the flat world's camera."""
    rgba, depth, part = picture(np.random.default_rng(1))
    parts = np.arange(OBJECTS + 1, dtype=np.int32)
    owner = np.where(parts < OBJECTS, parts, -1).astype(np.int32)
    arrays = SceneArrays((), (), (), parts, parts, parts, owner, np.zeros(0, np.int32), OBJECTS + 1, OBJECTS)
    names = tuple(f"/World/Object_{row:02d}" for row in range(OBJECTS))
    sets = tuple({"class": f"class_{row % 5}"} for row in range(OBJECTS))
    box = np.tile(np.array([[-0.5] * 3, [0.5] * 3], np.float32), (OBJECTS, 1, 1))
    scene = Scene(arrays, LabelTables((*names, "/World/Floor"), names, box, sets), (CAMERA,))
    seen = [part == row for row in range(OBJECTS)]
    visible = np.array([mask.sum() for mask in seen], np.int32)
    boxes = np.stack([bounds(mask) for mask in seen])
    table = EntityTable(
        visible=visible,
        amodal=visible + 50,
        visible_box=boxes,
        amodal_box=boxes,
        depth_min=np.array([depth[mask].min(initial=9) for mask in seen], np.float32),
        depth_max=np.array([depth[mask].max(initial=0) for mask in seen], np.float32),
        extent=boxes.astype(np.float32),
    )

    def repeated(array: np.ndarray) -> np.ndarray:
        return np.repeat(array[None], batch, axis=0)

    frames = np.arange(batch, dtype=np.int64)
    cameras = flat_cameras(batch)
    world = np.tile(np.eye(4), (batch, OBJECTS, 1, 1))
    world[..., 3, 2] = -3.0
    state = FrameState(
        frames=frames,
        arrays=type("Arrays", (), {"cameras": cameras})(),  # type: ignore[arg-type]
        entity_world=world,
        entity_labels=np.tile(np.arange(OBJECTS, dtype=np.int32), (batch, 1)),
        draws={f"draw_{k}": np.random.default_rng(k).uniform(size=(batch, OBJECTS, 3)) for k in range(5)},
        trigger_counts={"on_frame": frames + 1},
    )
    view = View(0, WIDTH, HEIGHT)
    rendered = RenderedView(
        view,
        cameras.intrinsics(0, WIDTH, HEIGHT),
        repeated(depth),
        repeated(part),
        EntityTable(**{name: repeated(value) for name, value in vars(table).items()}),
        repeated(rgba),
    )
    product = ProductPool().add((CAMERA,), (WIDTH, HEIGHT), name="camera")
    views = {"camera": (CapturedView(scene, state, rendered, 0),)}
    return CapturedBatch(state, scene, (product,), views)


def main(repeats: int) -> None:
    batch = captured(4)
    view = batch.view("camera")
    painting = instance(view).painting
    assert painting is not None
    of_part = painting.table[:, :-1].astype(np.int64)
    colors, depths = view.rendered.rgb, view.rendered.depth
    assert colors is not None
    color, grey = encode_rgb(colors)[0], encode_depth(depths).content[0]

    def best(label: str, work: Callable[[], object], per: int = 1) -> None:
        times = []
        for _ in range(repeats):
            start = time.thread_time()
            work()
            times.append(time.thread_time() - start)
        print(f"{label:42s} {1e3 * min(times) / per:8.3f} ms")

    with tempfile.TemporaryDirectory() as name, activate(FlatRuntime()):  # type: ignore[type-var, arg-type]
        folder = Path(name)
        writer = writer_class(CocoDepth)(
            output_dir=str(folder / "set"), categories=[f"class_{row}" for row in range(5)]
        )
        writer.prepare()
        record = writer.write_batch(batch)[0]
        best("instance segmentation image", lambda: instance(view).data, 4)
        best("run-length masks", lambda: encode_masks(painting.part, of_part), 4)
        best("outlines", lambda: outer_polygons(painting.part, of_part), 4)
        best(f"depth PNG ({len(grey)} bytes)", lambda: encode_depth(depths), 4)
        best(f"RGB PNG ({len(color)} bytes)", lambda: encode_rgb(colors), 4)
        best("write both files, checksums included", lambda: [write_file(folder / "x", c) for c in (color, grey)])
        best(f"journal line ({len(record['line'])} bytes)", lambda: line(loads(record["line"])))

        def whole() -> None:
            batch._cache.clear()
            batch.shared.clear()
            writer.write_batch(batch)

        before = batch.clock.seconds()
        best("all of write_batch, an image", whole, 4)
        after = batch.clock.seconds()
        for stage in ("annotate", "encode", "write"):
            print(f"    {stage:38s} {1e3 * (after[stage] - before[stage]) / repeats / 4:8.3f} ms (mean, wall clock)")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 30)
