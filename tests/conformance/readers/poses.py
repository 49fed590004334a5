"""JSON files beside images, as trainers of DOPE find them."""

from __future__ import annotations

import json
from pathlib import Path

from tests.conformance.reader import Reader, frame_of
from tests.conformance.seen import Frames, Seen


def read(folder: Path) -> Frames:
    found: Frames = {}
    for picture in sorted((folder / "data").rglob("*.png")):
        objects = []
        for entry in json.loads(picture.with_suffix(".json").read_text())["objects"]:
            (top, left), (bottom, right) = (entry["bounding_box"][corner] for corner in ("top_left", "bottom_right"))
            objects.append(Seen(entry["class"], (left, top, right, bottom)))
        found[frame_of(picture)] = objects
    return found


READERS = (Reader("pose_writer", "a parser by its layout", (), read, mask=None, loses="masks"),)
