"""Uncompressed run lengths as JSON text in native code; see ``storage.rle.run_lengths`` for what they are."""

from __future__ import annotations

from collections.abc import Sequence

import warp as wp

from replicator_dr.encode.native_code import native_code
from replicator_dr.encode.streams import joined_counts, streams

wp.set_module_options({"enable_backward": False, "optimization_level": 3})


@wp.func_native(native_code("each_run", "run_texts"))
def write_runs(
    text: wp.array(dtype=wp.uint8),
    text_end: wp.array(dtype=wp.int32),
    out: wp.array(dtype=wp.uint8),
    stream_end: wp.array(dtype=wp.int32),
    needed: wp.array(dtype=wp.int32),
):
    """All masks; needed: as in mask_png.deflate_masks."""


@wp.kernel(enable_backward=False)
def run_texts(
    text: wp.array(dtype=wp.uint8),
    text_end: wp.array(dtype=wp.int32),
    out: wp.array(dtype=wp.uint8),
    stream_end: wp.array(dtype=wp.int32),
    needed: wp.array(dtype=wp.int32),
):
    """All in one thread."""
    write_runs(text, text_end, out, stream_end, needed)


def encode_run_texts(counts: Sequence[str]) -> list[bytes]:
    """A JSON list for each mask: its runs of zeros and ones by turns, zeros first. counts: COCO's compressed ones."""
    if not counts:
        return []
    return streams(run_texts, joined_counts(counts), len(counts))
