"""All datasets that one run of the awkward scene writes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from replicator_dr import build_graph
from replicator_dr.plugins import register_writer
from replicator_dr.spec.registry import WRITERS
from tests.conformance.awkward import FRAMES, spec, write_stage
from tests.conformance.seen import Truth, WatchTruth
from tests.writers.every_writer import DECLARED, declared

DATASETS: dict[str, tuple[str, dict[str, Any]]] = {
    "basic_writer": (
        "basic_writer",
        {
            "rgb": True,
            "bounding_box_2d_tight": True,
            "instance_segmentation": True,
            "colorize_instance_segmentation": False,
        },
    ),
    "bop": ("bop", {}),
    "bop_webdataset": ("bop_webdataset", {}),
    "coco_depth": ("coco_depth", {}),
    "coco_depth polygons": ("coco_depth", {"segmentation": "polygon"}),
    "coco_depth filtered": ("coco_depth", {"min_pixels": 30}),
    "coco_panoptic": ("coco_panoptic", {}),
    "hf_imagefolder": ("hf_imagefolder", {}),
    "kitti": ("kitti", {}),
    "parquet": ("parquet", {}),
    "pascal_voc": ("pascal_voc", {}),
    "pose_writer": ("pose_writer", {}),
    "tfrecord": ("tfrecord", {"masks": True}),
    "webdataset": ("webdataset", {}),
    "yolo detect": ("yolo", {"task": "detect"}),
    "yolo segment": ("yolo", {"task": "segment"}),
    "yolo pose": ("yolo", {"task": "pose"}),
    "yolo obb": ("yolo", {"task": "obb"}),
}  # fmt: skip
"""{name: (writer, its options)}."""


@dataclass(frozen=True)
class Written:
    """root: what lies in it are the folders of the datasets, by name. truth: what the frames show."""

    root: Path
    truth: Truth

    def folder(self, dataset: str) -> Path:
        """The folder of a dataset."""
        return self.root / dataset.replace(" ", "_")


def missing(dataset: str) -> list[str]:
    """The packages that its writer needs and that are not installed."""
    return [
        package for package in getattr(declared(DATASETS[dataset][0]), "packages", ()) if find_spec(package) is None
    ]


@contextmanager
def registered() -> Iterator[None]:
    """The declared writers and the one that watches are known, whatever this environment's metadata say."""
    missing = sorted(set(DECLARED) - set(WRITERS.kinds()))
    for kind in missing:
        WRITERS.register(declared(kind), kind)
    register_writer(WatchTruth)
    try:
        yield
    finally:
        for kind in [*missing, "watch_truth"]:
            WRITERS.unregister(kind)


def write_all(folder: Path) -> Written:
    """One run, through all writers at once; those are left out that need a package which is not installed."""
    stage = write_stage(folder)
    made = Written(folder, Truth())
    writers: list[dict[str, Any]] = [{"watch_truth": {}}]
    for name, (kind, options) in DATASETS.items():
        if not missing(name):
            writers.append({kind: {"output_dir": str(made.folder(name)), **options}})
    with registered(), build_graph(spec(stage, writers), device="cpu") as graph:
        graph.run(FRAMES)
    return Written(folder, WatchTruth.truth)
