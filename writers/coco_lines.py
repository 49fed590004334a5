"""The journal's lines of COCO datasets: their texts stand in annotations.json as they are, but for rare cases."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from replicator_dr.dataset.lines import TextLine
from replicator_dr.storage.json_numbers import copy_of, loads, short
from writers.coco_keypoints import CategoryKeypoints, KeypointSets

_FIRST_KEY = b'{"id":'
_TO_LINES = bytes.maketrans(b"\t", b"\n")
# A line holds no newlines: annotations are parted by tabs there, which strings hold as escapes only.


class CocoLine(TextLine, kw_only=True):
    """An image's line. frame: its number. objects: {category: annotations}. texts: the image's entry, its annotations.

    depth_missed, depth_beyond: pixels, as in ``StoredDepth``. named: whether annotations have their category's name in
    place of its number, which is not known yet. keypoint_sets: of the annotated objects.
    """

    names: ClassVar[tuple[str, ...]] = ("image", "annotations")

    frame: int
    objects: dict[str, int]
    depth_missed: int
    depth_beyond: int
    named: bool = False
    keypoint_sets: KeypointSets = {}  # noqa: RUF012 - msgspec makes a new one for each line

    @property
    def frame_number(self) -> int:
        """Which frame it is an image of."""
        return self.frame

    @property
    def categories(self) -> Mapping[str, int]:
        """{name: annotations}."""
        return self.objects

    @property
    def numbers(self) -> Mapping[str, int]:
        """Pixels without depth."""
        return {"depth_pixels_without_surface": self.depth_missed, "depth_pixels_beyond_range": self.depth_beyond}


def annotations_text(annotations: Sequence[Mapping[str, Any]]) -> bytes:
    """A list of annotations, parted by tabs."""
    return short(annotations).replace(b"}," + _FIRST_KEY, b"},\t" + _FIRST_KEY)


class Annotations:
    """Annotations as they stand in annotations.json: categories by number, keypoints as each category has them."""

    def __init__(self, ids: Mapping[str, int], keypoints: CategoryKeypoints) -> None:
        self._ids = ids
        self._categories = {number: name for name, number in ids.items()}
        self._keypoints = keypoints

    def text(self, line: CocoLine) -> bytes:
        """Those of one image, a line each, without the list's brackets; empty where there are none."""
        text = line.texts["annotations"]
        if self._keypoints or line.named:
            return b",\n".join(copy_of(self._whole(one)) for one in loads(text))
        return text[1:-1].translate(_TO_LINES)

    def _whole(self, annotation: dict[str, Any]) -> dict[str, Any]:
        category = annotation.get("category") or self._categories[annotation["category_id"]]
        numbered = numbered_by(annotation, self._ids[category])
        return self._keypoints.spread(category, numbered)


def numbered_by(annotation: Mapping[str, Any], category: int) -> dict[str, Any]:
    """The annotation with its category by number."""
    first = {"id": annotation["id"], "image_id": annotation["image_id"], "category_id": category}
    return {**first, **{key: value for key, value in annotation.items() if key != "category" and key not in first}}
