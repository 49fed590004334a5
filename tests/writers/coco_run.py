"""Runs CocoDepth over the flat world, for the tests beside it."""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
from pathlib import Path
from typing import Any

from pycocotools.coco import COCO

from replicator_dr.dataset.writer import writer_class
from replicator_dr.engines.embedded.loop import pipeline
from replicator_dr.rep import rep
from tests.flat_world import FlatRuntime
from writers.coco_depth import CocoDepth

INFO = {"name": "flat", "seed": 7, "spec_hash": "abc", "spec": {"name": "flat"}, "versions": {"replicator_dr": "0"}}


CocoDepthWriter = writer_class(CocoDepth)


class OneByOne(CocoDepthWriter):  # type: ignore[misc, valid-type]
    """The same writer without its batched path, as it runs on Isaac Sim."""

    write_batch = property()  # hasattr() is false


class WithoutCoverage(OneByOne):
    """As on a runtime that has NVIDIA's annotators only."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.annotators = [annotator for annotator in self.annotators if annotator.name != "coverage"]


def attached(
    runtime: FlatRuntime, folder: Path, products: Any = None, kind: type[Any] = CocoDepthWriter, **fields: Any
) -> Any:
    """The writer that a spec's entry with these fields would make."""
    plugin = CocoDepth(output_dir=str(folder), **fields)
    if kind is CocoDepthWriter:
        writer = plugin.build(rep, INFO)
    else:
        writer = kind(**{name: getattr(plugin, name) for name in CocoDepth.model_fields}, dataset_info=INFO)
    writer.attach(products or [runtime.product("left"), runtime.product("right", (240, 180))])
    return writer


def written(
    folder: Path,
    frames: int = 20,
    start: int = 0,
    batch: int | None = None,
    processes: bool | None = None,
    **options: Any,
) -> pipeline.RunStatistics:
    """One run of a fresh runtime into a folder."""
    from replicator_dr.engines.embedded.runtime import activate

    with activate(FlatRuntime()) as runtime:  # type: ignore[type-var, arg-type]
        attached(runtime, folder, **options)  # type: ignore[arg-type]
        return pipeline.run(runtime, frames, start, batch, processes=processes)


def load(folder: Path) -> COCO:
    with contextlib.redirect_stdout(io.StringIO()):
        return COCO(str(folder / "annotations.json"))


def manifest(folder: Path) -> dict[str, Any]:
    return dict(json.loads((folder / "manifest.json").read_text()))


def checksums(folder: Path, pattern: str = "**/*.*") -> dict[str, str]:
    """{relative path: SHA-256} of the files, journal and hidden files left out."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.glob(pattern))
        if path.is_file() and path.name != "journal.jsonl"
    }
