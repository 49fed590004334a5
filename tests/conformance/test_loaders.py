"""What every loader gives of what every writer wrote is what the frames show."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.conformance.comparison import compare
from tests.conformance.datasets import DATASETS, Written
from tests.conformance.every_reader import READERS
from tests.conformance.reader import Reader
from tests.conformance.seen import Frames, Seen
from tests.writers.every_writer import DECLARED


@pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.id)
def test_what_is_read_is_what_was_shown(reader: Reader, written: Written) -> None:
    if missing := reader.missing():
        pytest.skip(f"{reader.loader} needs {', '.join(missing)}, which is not installed")
    agreement = compare(reader, written)
    assert agreement.objects > 50


def test_every_writer_is_read() -> None:
    assert {kind for kind, _ in DATASETS.values()} == set(DECLARED), "a writer has no dataset in this suite"
    assert {reader.dataset for reader in READERS} == set(DATASETS), "a dataset has no reader in this suite"


def _moved(seen: Seen) -> Seen:
    assert seen.box is not None
    left, top, right, bottom = seen.box
    return replace(seen, box=(left + 1, top, right + 1, bottom))


def _dented(seen: Seen) -> Seen:
    assert seen.mask is not None
    mask = seen.mask.copy()
    mask.flat[mask.argmax()] = False
    return replace(seen, mask=mask)


FAULTS = {
    "an object is lost": lambda objects: objects[1:],
    "an object is read twice": lambda objects: [*objects, objects[0]],
    "a box is a pixel off": lambda objects: [_moved(objects[0]), *objects[1:]],
    "a pixel is missing": lambda objects: [_dented(objects[0]), *objects[1:]],
    "a category is another": lambda objects: [replace(objects[0], category="floor"), *objects[1:]],
}


@pytest.mark.parametrize("fault", FAULTS)
def test_faults_are_found(fault: str, written: Written) -> None:
    reader = next(one for one in READERS if one.dataset == "coco_depth")

    def read(folder: object) -> Frames:
        found = reader.read(written.folder(reader.dataset))
        return {**found, 0: FAULTS[fault](found[0])}

    with pytest.raises(AssertionError):
        compare(replace(reader, read=read), written)
