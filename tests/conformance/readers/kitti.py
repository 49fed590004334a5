"""KITTI by its devkit's text: 15 fields a line, boxes around whole objects inside the image."""

from __future__ import annotations

from pathlib import Path

from tests.conformance.reader import Reader
from tests.conformance.seen import Frames, Seen


def _line(text: str) -> Seen:
    kind, *numbers = text.split(" ")
    assert len(numbers) == 14
    assert numbers[1] in {"0", "1", "2"}
    left, top, right, bottom = (float(number) for number in numbers[3:7])
    return Seen(kind, whole_box=(left, top, right + 1, bottom + 1))


def read(folder: Path) -> Frames:
    labels = folder / "training" / "label_2"
    names = (folder / "ImageSets" / "trainval.txt").read_text().split()
    return {int(name): [_line(row) for row in (labels / f"{name}.txt").read_text().splitlines()] for name in names}


def joined(name: str) -> str:
    """Fields are blank-separated, so names hold no blanks."""
    return name.replace(" ", "_")


READERS = (
    Reader(
        "kitti",
        "a parser by its layout",
        (),
        read,
        box="whole",
        box_error=0.01,
        mask=None,
        category=joined,
        loses="masks",
    ),
)
