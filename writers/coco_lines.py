"""The journal's lines of COCO datasets: their text is passed on, hardly anything of it is read."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping

import msgspec

from replicator_dr.dataset.lines import JournalLine
from replicator_dr.storage.json_numbers import copy_of, loads
from writers.coco_keypoints import CategoryKeypoints, KeypointSets


class CocoLine(JournalLine, kw_only=True):
    """An image's line. image, annotations: JSON text. depth_missed, depth_beyond: pixels, as in ``StoredDepth``.

    keypoint_sets: of the annotated objects.
    """

    image: msgspec.Raw
    annotations: list[msgspec.Raw]
    depth_missed: int
    depth_beyond: int
    keypoint_sets: KeypointSets = {}  # noqa: RUF012 - msgspec makes a new one for each line

    @property
    def frame_number(self) -> int:
        """Which frame it is an image of."""
        return _FRAME.decode(self.image).frame

    @property
    def categories(self) -> Mapping[str, int]:
        """{name: annotations}."""
        names = Counter(_head(bytes(annotation))[2] for annotation in self.annotations)
        return {loads(name): number for name, number in names.items()}

    @property
    def numbers(self) -> Mapping[str, int]:
        """Pixels without depth."""
        return {"depth_pixels_without_surface": self.depth_missed, "depth_pixels_beyond_range": self.depth_beyond}


class _Numbered(msgspec.Struct):
    frame: int


_FRAME = msgspec.json.Decoder(_Numbered)
# Every annotation begins so; the name is JSON text.
_HEAD = re.compile(rb'\{("id":\d+,"image_id":\d+),"category":("(?:[^"\\]|\\.)*")')
# The journal spells such numbers as Python does, annotations.json as msgspec does.
_EXPONENT = re.compile(rb"e[-+][0-9]")


def image_text(line: CocoLine) -> bytes:
    """The image's entry in annotations.json."""
    text = bytes(line.image)
    return copy_of(loads(text)) if _EXPONENT.search(text) else text


def annotation_text(annotation: msgspec.Raw, ids: Mapping[str, int], keypoints: CategoryKeypoints) -> bytes:
    """An annotation's entry: its category by number, with a keypoint for each name that the category has."""
    text = bytes(annotation)
    head = _head(text)
    category = loads(head[2])
    text = b'{%s,"category_id":%d%s' % (head[1], ids[category], text[head.end() :])
    if keypoints.differs(category, text):
        return copy_of(keypoints.spread(category, loads(text)))
    return copy_of(loads(text)) if _EXPONENT.search(text) else text


def _head(text: bytes) -> re.Match[bytes]:
    head = _HEAD.match(text)
    if head is None:
        raise ValueError(f"the journal holds an annotation of another kind: {text[:80]!r}")
    return head
