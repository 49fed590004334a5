"""Pascal VOC by its devkit's text: XML boxes that count from 1, images of places in a palette."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np
from PIL import Image

from tests.conformance.reader import Reader, frame_of
from tests.conformance.seen import Box, Frames, Seen


def edges(box: dict[str, str]) -> Box:
    """Edges from ``bndbox``, which counts from 1, maxima inclusive."""
    x_min, y_min, x_max, y_max = (float(box[name]) for name in ("xmin", "ymin", "xmax", "ymax"))
    return x_min - 1, y_min - 1, x_max, y_max


def read(folder: Path) -> Frames:
    found: Frames = {}
    for stem in (folder / "ImageSets" / "Segmentation" / "trainval.txt").read_text().split():
        root = ET.parse(folder / "Annotations" / f"{stem}.xml").getroot()
        with Image.open(folder / "SegmentationObject" / f"{stem}.png") as image:
            assert image.mode == "P"
            places = np.asarray(image)
        objects = []
        for place, entry in enumerate(root.iter("object"), start=1):
            box = {child.tag: str(child.text) for child in entry.find("bndbox") or ()}
            objects.append(Seen(str(entry.findtext("name")), edges(box), places == place))
        found[frame_of(stem)] = objects
    return found


READERS = (Reader("pascal_voc", "a parser by its layout", ("PIL",), read),)
