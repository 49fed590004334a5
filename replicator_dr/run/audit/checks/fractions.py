"""fractions: what is said of hidden and cut-off parts fits the areas."""

from __future__ import annotations

from collections.abc import Iterator

from replicator_dr.run.audit.check import ImageCheck
from replicator_dr.run.audit.findings import Finding
from replicator_dr.run.audit.image import AuditedImage
from replicator_dr.run.audit.records import AnnotationRecord

_ROUNDING = 1e-6
_PIXELS = 1.0


class Fractions(ImageCheck):
    """visible_fraction and truncation, their ranges, and the areas and boxes that they follow from."""

    name = "fractions"
    meaning = (
        "visible_fraction and truncation are in 0..1; the first is area / area_amodal, the second is 0 where the whole "
        "3D box projects into the image; amodal boxes hold the visible ones and stay in the image."
    )
    quick = True

    def find(self, image: AuditedImage) -> Iterator[Finding]:
        """Look at each annotation."""
        width, height = image.record.width, image.record.height
        bent = image.record.camera is not None and image.record.camera.distortion is not None
        for one in image.annotations:
            # Through a lens a box may leave the image between its corners.
            cut_off = () if bent else _cut_off(one, width, height)
            for name in ("visible_fraction", "truncation"):
                value = getattr(one, name)
                if value is not None and not 0.0 <= value <= 1.0:
                    yield image.finding(f"{name} is {value}, outside 0..1", one, **{name: value})
            for message, numbers in (*_areas(one), *_boxes(one, width, height), *cut_off):
                yield image.finding(message, one, **numbers)


Wrong = tuple[str, dict[str, float]]


def _areas(one: AnnotationRecord) -> Iterator[Wrong]:
    if one.area_amodal is None or one.visible_fraction is None:
        return
    share = one.area / max(one.area_amodal, 1)
    if share > 1.0:
        yield f"area {one.area} is above area_amodal {one.area_amodal}", {"area": one.area, "amodal": one.area_amodal}
    elif abs(share - one.visible_fraction) > _ROUNDING:
        message = f"visible_fraction is {one.visible_fraction}, area / area_amodal is {share:.6f}"
        yield message, {"visible_fraction": one.visible_fraction, "share": share}


def _boxes(one: AnnotationRecord, width: int, height: int) -> Iterator[Wrong]:
    if one.bbox_amodal is None:
        return
    x, y, w, h = one.bbox_amodal
    if x < 0 or y < 0 or x + w > width or y + h > height:
        yield f"bbox_amodal {list(one.bbox_amodal)} leaves the image of {width} x {height}", {}
    left, top, wide, tall = one.bbox
    if left < x or top < y or left + wide > x + w or top + tall > y + h:
        yield f"bbox {list(one.bbox)} leaves bbox_amodal {list(one.bbox_amodal)}", {}


def _cut_off(one: AnnotationRecord, width: int, height: int) -> Iterator[Wrong]:
    if one.truncation is None or one.truncation <= _ROUNDING or one.bbox_3d is None:
        return
    points = one.bbox_3d.image_points
    if not points or any(number is None for point in points for number in point):
        return
    x, y = ([point[axis] or 0.0 for point in points] for axis in range(2))
    inside = min(*x, *y) >= _PIXELS and max(x) <= width - _PIXELS and max(y) <= height - _PIXELS
    if inside:
        yield (
            f"truncation is {one.truncation}, and its whole 3D box projects into the image",
            {"truncation": one.truncation},
        )
