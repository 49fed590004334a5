"""Each stage of the pipeline alone: what an image costs in it when nothing else runs."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from replicator_dr.run.bench.rate import Rate, timed
from replicator_dr.run.bench.subject import Subject

MOST_FRAMES = 128
"""Frames that a stage is measured with at most; its cost does not depend on how many there are."""
WRITING = ("annotate", "encode", "write")


def measure_stages(subject: Subject, repeats: int, output: Path, note: Callable[[str], None]) -> dict[str, Rate]:
    """Rates of sample, render_labels, render_color, annotate, encode and write, each on one thread.

    repeats: measurements of each. output: folder to write into; emptied afterwards. note: told what begins.
    """
    subject = replace(subject, frames=min(subject.frames, MOST_FRAMES))
    bank = subject.bank()
    drawing = replace(subject.drawing(), threads=1)
    labels, color = (
        lambda: drawing.draw(bank, subject.frames, subject.batch, rgb=False),
        lambda: drawing.draw(bank, subject.frames, subject.batch, rgb=True),
    )
    alone: dict[str, Callable[[], object]] = {
        "sample": lambda: _sample(subject),
        "render_labels": labels,
        "render_color": color,
    }
    rates = {}
    for name, work in alone.items():
        note(name)
        drawing.draw(bank, subject.batch, subject.batch, rgb=name != "render_labels")
        rates[name] = Rate(subject.frames, subject.images, tuple(timed(work) for _ in range(repeats)))
    note("annotate, encode, write")
    return {**rates, **_writing(subject, repeats, output)}


def _sample(subject: Subject) -> None:
    """In windows, as the pipeline does."""
    from replicator_dr.engines.embedded.loop.pipeline import WINDOW

    for first in range(0, subject.frames, WINDOW):
        subject.graph.sample(range(first, min(first + WINDOW, subject.frames)))


def _writing(subject: Subject, repeats: int, output: Path) -> dict[str, Rate]:
    """The stages behind the renderer, from runs with a single worker: it does one thing at a time."""
    spent: list[dict[str, Any]] = []
    for _ in range(repeats):
        statistics = subject.graph.run(
            subject.frames, output_dir=output / "alone", batch=subject.batch, workers=1, overwrite=True
        )
        spent.append(dict(statistics.stage_seconds))
    shutil.rmtree(output / "alone", ignore_errors=True)
    return {name: Rate(subject.frames, subject.images, tuple(one[name] for one in spent)) for name in WRITING}
