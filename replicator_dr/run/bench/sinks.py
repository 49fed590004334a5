"""End to end, into different sinks: where the frames go decides what has to be done for them.

rendered: colours, depth and labels of frames that were sampled before; on CUDA everything stays on the device. tensors:
sampled, rendered and labelled, everything on the device (CUDA only). null: sampled, rendered and labelled in memory;
the arrays are dropped. memory: a user's run whose files lie in RAM. disk: a user's run.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from replicator_dr.run.bench.memory import flatness, resident_bytes
from replicator_dr.run.bench.rate import Rate, timed
from replicator_dr.run.bench.subject import Subject
from replicator_dr.run.doctor import cpu_threads

SINKS = ("rendered", "tensors", "null", "memory", "disk")
LABELLED = ("rgb", "distance_to_image_plane", "instance_segmentation", "bounding_box_2d_tight")
"""Annotators of the null sink."""
RAM = Path("/dev/shm")
_BYTES_PER_PIXEL = 6
"""At most: 8-bit RGB, 16-bit depth, and the journal."""


def measure_sinks(
    subject: Subject, repeats: int, output: Path, note: Callable[[str], None]
) -> tuple[dict[str, Rate], dict[str, Any]]:
    """{sink: rate}, and the memory of the last run to disk.

    The sinks take turns, so that a machine that grows slower meanwhile is slower for all of them. The first turn is
    not counted. The memory sink is absent where the system has no file system in RAM, or too small a one.
    """
    memory: list[tuple[int, int]] = []
    works = _works(subject, output, memory)
    spent: dict[str, list[float]] = {name: [] for name in works}
    warm_up = min(2 * subject.batch * cpu_threads(), subject.frames)
    for turn in range(repeats + 1):
        for name, work in works.items():
            note(name if turn else f"{name}, warming up")
            memory.clear()
            seconds = timed(partial(work, subject.frames if turn else warm_up))
            if turn:
                spent[name].append(seconds)
    return {name: Rate(subject.frames, subject.images, tuple(spent[name])) for name in works}, flatness(memory)


Work = Callable[[int], object]
"""Makes that many frames."""


def _works(subject: Subject, output: Path, memory: list[tuple[int, int]]) -> dict[str, Work]:
    """What to do for each sink. memory: takes (frames, resident bytes) while runs go."""
    bank, drawing = subject.bank(), subject.drawing()

    def rendered(frames: int) -> None:
        drawing.draw(bank, frames, subject.batch, on_device=subject.device != "cpu")

    def null(frames: int) -> None:
        for _ in subject.graph.frames(frames, batch=subject.batch, annotators=LABELLED):
            pass

    def in_memory(frames: int) -> None:
        with tempfile.TemporaryDirectory(dir=RAM) as folder:
            _run(subject, frames, Path(folder), memory)

    def on_disk(frames: int) -> None:
        _run(subject, frames, output / "disk", memory)

    def tensors(frames: int) -> None:
        for _ in subject.graph.tensors(frames, batch=subject.asked):
            pass
        drawing.wait()

    works: dict[str, Work] = {
        "rendered": rendered, "tensors": tensors, "null": null, "memory": in_memory, "disk": on_disk
    }  # fmt: skip
    if subject.device == "cpu":
        del works["tensors"]
    if not room_in_memory(subject):
        del works["memory"]
    return works


def room_in_memory(subject: Subject) -> bool:
    """Whether a run's files fit into the file system that lies in RAM."""
    size = sum(view.width * view.height for view in subject.views) * subject.frames * _BYTES_PER_PIXEL
    return RAM.is_dir() and shutil.disk_usage(RAM).free > size


def _run(subject: Subject, frames: int, folder: Path, memory: list[tuple[int, int]]) -> None:
    subject.graph.run(
        frames,
        output_dir=folder / subject.name,
        batch=subject.batch,
        overwrite=True,
        listener=lambda committed: memory.append((committed.frames, resident_bytes())),
    )
