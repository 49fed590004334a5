"""What a loader gives, held against what the frames show."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tests.conformance.datasets import Written
from tests.conformance.reader import Mask, Reader
from tests.conformance.seen import Seen


@dataclass(frozen=True)
class Agreement:
    """objects: that were read. box_error: the largest of an edge, in pixels. iou: of masks, the least and the mean.

    iou is against what is shown, whatever the format is known to lose; None where there are no masks.
    """

    objects: int
    box_error: float
    iou: tuple[float, float] | None


def compare(reader: Reader, written: Written) -> Agreement:
    """How far the two agree. AssertionError where they do less than the reader says."""
    found = reader.frames(written.folder(reader.dataset))
    truth = written.truth.frames()
    assert sorted(found) == sorted(truth), "images without objects are there, too"
    box_errors, ious = [0.0], []
    for frame, objects in found.items():
        shown = [seen for seen in truth[frame] if reader.keeps(seen)]
        assert sorted(seen.category for seen in objects) == sorted(reader.category(seen.category) for seen in shown)
        for seen in objects:
            partner = _partner(seen, shown, reader)
            shown.remove(partner)
            box_errors.append(_box_error(seen, partner, reader))
            if seen.mask is not None and partner.mask is not None:
                ious.append(_iou(seen.mask, partner.mask))
    iou = (min(ious), float(np.mean(ious))) if ious else None
    return Agreement(sum(map(len, found.values())), max(box_errors), iou)


def _partner(seen: Seen, shown: list[Seen], reader: Reader) -> Seen:
    """The one of the objects that are shown that was read, with all that the format holds."""
    same = [
        one
        for one in shown
        if reader.category(one.category) == seen.category and _box_error(seen, one, reader) <= reader.box_error
    ]
    assert same, f"no {seen.category} has the box {seen.box or seen.whole_box}"
    if reader.mask is None:
        assert seen.mask is None
        return same[0]
    assert seen.mask is not None
    overlaps = [_iou(seen.mask, reader.mask(one.mask)) for one in same if one.mask is not None]
    best = int(np.argmax(overlaps))
    assert overlaps[best] >= reader.least_iou, f"{same[best].path}: IoU {overlaps[best]:.3f}"
    return same[best]


def _box_error(seen: Seen, shown: Seen, reader: Reader) -> float:
    """The largest distance between two edges of the boxes that the reader has; inf where one is not there."""
    if not reader.box:
        return 0.0
    read, true = (seen.box, shown.box) if reader.box == "visible" else (seen.whole_box, shown.whole_box)
    return float(np.abs(np.subtract(read, true)).max()) if read and true else np.inf


def _iou(first: Mask, second: Mask) -> float:
    union = int((first | second).sum())
    return int((first & second).sum()) / union if union else 1.0
