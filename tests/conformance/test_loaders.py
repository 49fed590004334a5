"""What every loader gives of what every writer wrote is what the frames show."""

from __future__ import annotations

import numpy as np
import pytest

from tests.conformance.datasets import DATASETS, Written
from tests.conformance.every_reader import READERS
from tests.conformance.reader import Reader
from tests.conformance.seen import Seen
from tests.writers.every_writer import DECLARED


@pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.id)
def test_what_is_read_is_what_was_shown(reader: Reader, written: Written) -> None:
    if missing := reader.missing():
        pytest.skip(f"{reader.loader} needs {', '.join(missing)}, which is not installed")
    found = reader.frames(written.folder(reader.dataset))
    truth = written.truth.frames()
    assert sorted(found) == sorted(truth), "images without objects are there, too"
    for frame, objects in found.items():
        shown = [seen for seen in truth[frame] if reader.keeps(seen)]
        assert sorted(seen.category for seen in objects) == sorted(reader.category(seen.category) for seen in shown)
        for seen in objects:
            shown.remove(_partner(seen, shown, reader))


def test_every_writer_is_read() -> None:
    assert {kind for kind, _ in DATASETS.values()} == set(DECLARED), "a writer has no dataset in this suite"
    assert {reader.dataset for reader in READERS} == set(DATASETS), "a dataset has no reader in this suite"


def _partner(seen: Seen, shown: list[Seen], reader: Reader) -> Seen:
    """The one of the objects that are shown that was read, with all that the format holds."""
    same = [one for one in shown if reader.category(one.category) == seen.category and _boxes_agree(seen, one, reader)]
    assert same, f"no {seen.category} has the box {seen.box or seen.whole_box}"
    if reader.mask is None:
        assert seen.mask is None
        return same[0]
    assert seen.mask is not None
    overlaps = [_iou(seen.mask, reader.mask(one.mask)) for one in same if one.mask is not None]
    best = int(np.argmax(overlaps))
    assert overlaps[best] >= reader.least_iou, f"{same[best].path}: IoU {overlaps[best]:.3f}"
    return same[best]


def _boxes_agree(seen: Seen, shown: Seen, reader: Reader) -> bool:
    pairs = {"visible": (seen.box, shown.box), "whole": (seen.whole_box, shown.whole_box), "": ((), ())}
    read, true = pairs[reader.box]
    assert read is not None
    assert true is not None
    return bool(np.abs(np.subtract(read, true)).max(initial=0.0) <= reader.box_error)


def _iou(first: np.ndarray, second: np.ndarray) -> float:
    union = int((first | second).sum())
    return int((first & second).sum()) / union if union else 1.0
