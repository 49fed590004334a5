"""The files of Replicator's BasicWriter, as scripts read them: arrays with tables of labels."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from PIL import Image

from tests.conformance.reader import Reader, frame_of
from tests.conformance.seen import Frames, Seen


def read(folder: Path) -> Frames:
    found: Frames = {}
    for file in sorted(folder.rglob("bounding_box_2d_tight_[0-9]*.npy")):
        stem = file.stem.replace("bounding_box_2d_tight", "{}")
        labels = json.loads((file.parent / f"{stem.format('bounding_box_2d_tight_labels')}.json").read_text())
        paths = json.loads((file.parent / f"{stem.format('bounding_box_2d_tight_prim_paths')}.json").read_text())
        with Image.open(file.parent / f"{stem.format('instance_segmentation')}.png") as image:
            ids = np.asarray(image)
        mapping = json.loads((file.parent / f"{stem.format('instance_segmentation_mapping')}.json").read_text())
        instances = {str(path): int(number) for number, path in mapping.items()}
        objects = []
        for row, path in zip(np.load(file), paths, strict=True):
            name = labels[str(row["semanticId"])]["class"].split(",")[0]
            box = (float(row["x_min"]), float(row["y_min"]), float(row["x_max"] + 1), float(row["y_max"] + 1))
            objects.append(Seen(name, box, ids == instances[path]))
        found[frame_of(file)] = objects
    return found


READERS = (Reader("basic_writer", "numpy", ("PIL",), read),)
