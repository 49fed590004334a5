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
    """An image's line. image, annotations: JSON text, the latter of a list, with categories' names for their numbers.

    depth_missed, depth_beyond: pixels, as in ``StoredDepth``. keypoint_sets: of the annotated objects.
    """

    image: msgspec.Raw
    annotations: msgspec.Raw
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
        names = Counter(_CATEGORY.findall(bytes(self.annotations)))
        return {loads(name): number for name, number in names.items()}

    @property
    def numbers(self) -> Mapping[str, int]:
        """Pixels without depth."""
        return {"depth_pixels_without_surface": self.depth_missed, "depth_pixels_beyond_range": self.depth_beyond}


class _Numbered(msgspec.Struct):
    frame: int


_FRAME = msgspec.json.Decoder(_Numbered)
# No other key is called so, and quotation marks inside of strings are escaped. The name is JSON text.
_CATEGORY = re.compile(rb'"category":("(?:[^"\\]|\\.)*")')
# The journal spells such numbers as Python does, annotations.json as msgspec does.
_EXPONENT = re.compile(rb"e[-+][0-9]")


def image_text(line: CocoLine) -> bytes:
    """The image's entry in annotations.json."""
    text = bytes(line.image)
    return copy_of(loads(text)) if _EXPONENT.search(text) else text


class Annotations:
    """Annotations as they stand in annotations.json: categories by number, keypoints as each category has them."""

    def __init__(self, ids: Mapping[str, int], keypoints: CategoryKeypoints) -> None:
        self._numbers = {copy_of(name): b'"category_id":%d' % number for name, number in ids.items()}
        self._keypoints = keypoints

    def text(self, line: CocoLine) -> bytes:
        """Those of one image, a line each, without the list's brackets; empty where there are none."""
        text = bytes(line.annotations)
        if self._keypoints or _EXPONENT.search(text):
            return b",\n".join(self._numbered(copy_of(self._keypoints.spread(one))) for one in loads(text))
        return self._numbered(text[1:-1].replace(b'},{"id":', b'},\n{"id":'))

    def _numbered(self, text: bytes) -> bytes:
        return _CATEGORY.sub(lambda found: self._numbers[found[1]], text)
