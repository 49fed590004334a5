"""Every writer of datasets that this project declares, run over the flat world: for the tests that hold for all."""

from __future__ import annotations

import hashlib
import importlib
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from replicator_dr.dataset.plugin import DatasetPlugin
from replicator_dr.dataset.writer import writer_class
from replicator_dr.engines.embedded.loop import pipeline
from replicator_dr.engines.embedded.runtime import activate
from tests.flat_world import FlatRuntime
from tests.writers.coco_run import INFO

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).resolve().parents[2]

CATEGORIES = ("ball", "box", "mug")

DECLARED: dict[str, str] = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["entry-points"][
    "replicator_dr.writers"
]
"""{name: module:class}, whether this environment's metadata are up to date or not."""


def declared(kind: str) -> type[Any]:
    """The class that stands behind a writer's name."""
    module, _, name = DECLARED[kind].partition(":")
    found: type[Any] = getattr(importlib.import_module(module), name)
    return found


DATASETS = sorted(kind for kind in DECLARED if issubclass(declared(kind), DatasetPlugin))
"""The writers that stand on ``DatasetPlugin``; others have contracts of their own."""


def plugin(kind: str, folder: Path, **fields: Any) -> DatasetPlugin:
    """A writer with its default options. The test is skipped where a package that it needs is not installed."""
    made: DatasetPlugin = declared(kind)(output_dir=str(folder), **fields)
    for package in made.packages:
        pytest.importorskip(package, reason=f"the writer {kind} needs the package {package}")
    return made


def run(
    writers: Iterable[DatasetPlugin],
    frames: int,
    start: int = 0,
    batch: int | None = None,
    processes: bool | None = None,
    one_by_one: bool = False,
    world: type[FlatRuntime] = FlatRuntime,
) -> pipeline.RunStatistics:
    """One run of a fresh runtime with two products, through all these writers at once."""
    with activate(world()) as runtime:  # type: ignore[type-var, arg-type]
        products = [runtime.product("left"), runtime.product("right", (240, 180))]  # type: ignore[attr-defined]
        for writer in writers:
            kind = writer_class(type(writer))
            if one_by_one:
                kind = type(kind.__name__, (kind,), {"write_batch": property()})
            fields = {name: getattr(writer, name) for name in type(writer).model_fields}
            made = kind(**fields, dataset_info=INFO)
            made.attach(products)
        return pipeline.run(runtime, frames, start, batch, processes=processes)  # type: ignore[arg-type]


def files(folder: Path, *leaving_out: str) -> dict[str, str]:
    """{relative path: SHA-256} of everything, hidden files and the journal included."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name not in leaving_out
    }
