"""Panoptic quality by its published rules: Kirillov et al., Panoptic Segmentation, CVPR 2019, section 4."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np

from tests.conformance.readers.panoptic import read
from tests.conformance.seen import Frames, Seen


def of(folder: Path, predicted: Frames) -> dict[str, float]:
    """{category: quality} of segments against those of a dataset's folder.

    A pair with an IoU above one half is matched, which no two pairs of a segment can have. Pixels that are void in the
    dataset count in no union, and a segment that is mostly void is not held to be wrong.
    """
    overlap: Counter[str] = Counter()
    matched: Counter[str] = Counter()
    missed: Counter[str] = Counter()
    wrong: Counter[str] = Counter()
    for frame, true in read(folder).items():
        void = ~_union(true, predicted[frame])
        left = list(predicted[frame])
        for segment in true:
            pairs = [(_iou(segment, other, void), other) for other in left if other.category == segment.category]
            iou, partner = max(pairs, key=lambda pair: pair[0], default=(0.0, None))
            if partner is None or iou <= 0.5:
                missed[segment.category] += 1
                continue
            left.remove(partner)
            overlap[segment.category] += iou  # type: ignore[assignment]
            matched[segment.category] += 1
        for other in left:
            assert other.mask is not None
            if (other.mask & void).sum() <= 0.5 * other.mask.sum():
                wrong[other.category] += 1
    names = sorted({*matched, *missed, *wrong})
    return {name: overlap[name] / (matched[name] + 0.5 * (missed[name] + wrong[name])) for name in names}


def _union(true: list[Seen], predicted: list[Seen]) -> np.ndarray:
    """Pixels that the dataset gives to a segment."""
    like = next((seen.mask for seen in (*true, *predicted) if seen.mask is not None), np.zeros((1, 1), np.bool_))
    return np.any([np.zeros_like(like), *(seen.mask for seen in true if seen.mask is not None)], axis=0)


def _iou(true: Seen, predicted: Seen, void: np.ndarray) -> float:
    assert true.mask is not None
    assert predicted.mask is not None
    both = int((true.mask & predicted.mask).sum())
    return both / int((true.mask | (predicted.mask & ~void)).sum())
