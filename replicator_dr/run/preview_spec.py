"""The frames of a spec for its sheet: made and written to a temporary folder, then read back like any dataset."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from replicator_dr.errors import EngineError
from replicator_dr.graph import build_graph
from replicator_dr.run.preview_dataset import WrittenDataset
from replicator_dr.run.preview_frame import PreviewFrame
from replicator_dr.run.preview_sheet import SheetTitle
from replicator_dr.spec import Spec
from replicator_dr.spec.output import WriterEntry
from replicator_dr.spec.registry import WRITERS

_WRITER = "coco_depth"


def spec_preview(spec: Spec, frames: Sequence[int], device: str | None = None) -> tuple[list[PreviewFrame], SheetTitle]:
    """The rows and the title of a spec's sheet; nothing stays on the disk. EngineError for a spec without cameras."""
    if not spec.render_products:
        raise EngineError("the spec has no render_products, so there is nothing to see; add a camera and a product")
    previewed = spec.model_copy(update={"writers": (_writer(spec),)})
    rows: list[PreviewFrame] = []
    with tempfile.TemporaryDirectory(prefix="replicator_dr-") as folder, build_graph(previewed, device=device) as graph:
        for frame in dict.fromkeys(frames):
            graph.run(1, start=frame, output_dir=folder)
            images = WrittenDataset(Path(folder)).images_of([frame])
            (arrays,) = graph.frames(1, start=frame, annotators=("normals",))
            rows += [replace(image, normals=arrays[image.product]["normals"][0, :, :, :3]) for image in images]
    shown = f"frame {frames[0]}" if len(frames) == 1 else f"{len(frames)} frames"
    return rows, SheetTitle(spec.name, f"seed {spec.seed}   |   {shown}   |   {spec.source or 'a spec in memory'}")


def _writer(spec: Spec) -> WriterEntry:
    """The spec's own COCO writer, so that the sheet shows what it would keep; else one with default settings."""
    own = next((entry for entry in spec.writers if entry.kind == _WRITER), None)
    return own or WriterEntry(kind=_WRITER, writer=WRITERS.get(_WRITER)())
