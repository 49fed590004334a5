"""The columns of label records against the rectangles of the flat world, and what writers share of them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from replicator_dr.dataset.labelled import LabelledBatch, LabelledImage
from replicator_dr.engines.embedded.loop.capture import CapturedBatch, capture
from replicator_dr.labels.encoders import NativeEncoders, NumpyEncoders
from replicator_dr.labels.images import AMODAL, COVERAGE, LABELS, RGB, of_batch
from replicator_dr.labels.selection import Rules
from replicator_dr.rep import rep
from replicator_dr.storage.rle import encode_masks
from tests.flat_world import ENTITIES, FlatRenderer, FlatRuntime, frame_rectangles

FRAMES = np.arange(12)


@pytest.fixture
def captured(runtime: FlatRuntime) -> CapturedBatch:
    scene = runtime.scene()
    product = runtime.product("left")
    extras = {"left": {"amodal"}}
    return capture(FlatRenderer(scene), scene, runtime.evaluate(FRAMES), [product], extras=extras)  # type: ignore[arg-type]


def labelled(batch: CapturedBatch, *annotators: str, rules: Rules | None = None, numpy: bool = False) -> LabelledBatch:
    """The batch as a writer with these annotators, beside those of the label records, sees it."""
    wanted = [rep.annotators.get(name) for name in (RGB, *LABELS, COVERAGE, *annotators)]
    encoders: Any = NumpyEncoders() if numpy else NativeEncoders()
    return LabelledBatch(of_batch(batch, "left", wanted), rules or Rules(), encoders, batch.shared)


def test_places_are_those_of_the_rectangles(captured: CapturedBatch) -> None:
    records = labelled(captured).records
    rectangles = frame_rectangles(FRAMES)
    assert len(records) > 15
    assert records.image.tolist() == sorted(records.image.tolist())
    for row in range(len(records)):
        entity = ENTITIES.index(records.paths[row])
        assert records.instance[row] == entity + 2
        x, y, z, width, height = rectangles[records.image[row], entity]
        # The camera looks along -Z; OpenCV's y runs downwards.
        assert records.center[row] == pytest.approx([x, -y, z], abs=1e-6)
        assert records.distance[row] == pytest.approx(np.sqrt(x * x + y * y + z * z), abs=1e-6)
        assert np.ptp(records.bounds[row], axis=0) == pytest.approx([width, height, 0], abs=1e-6)
        assert np.ptp(records.corners[row], axis=0) == pytest.approx([width, height, 0], abs=1e-6)


def test_labels_of_all_types_are_there(captured: CapturedBatch) -> None:
    records = labelled(captured).records
    found = dict(zip(records.paths, records.labels, strict=True))
    assert found[ENTITIES[1]] == {"class": "ball", "shape": "round"}
    by_shape = labelled(captured, rules=Rules(label_type="shape")).selection
    assert {records.paths[row] for row in by_shape.kept.tolist()} == {ENTITIES[1]}
    assert len(by_shape.below) == 0


def test_each_object_fails_the_first_threshold_only(captured: CapturedBatch) -> None:
    rules = Rules(min_pixels=120, min_visible_fraction=0.5, max_truncation=0.3)
    batch = labelled(captured, rules=rules)
    records, selection = batch.records, batch.selection
    few, hidden = records.area < 120, records.visible_fraction < 0.5
    outside = records.truncation > 0.3
    wanted = np.select([few, hidden, outside], [0, 1, 2], -1)
    assert selection.failed.tolist() == wanted.tolist()
    assert set(wanted.tolist()) == {-1, 0, 1, 2}
    assert sorted([*selection.kept, *selection.below]) == list(range(len(records)))


def test_writers_share_what_depends_on_the_same(captured: CapturedBatch) -> None:
    one, other = labelled(captured), labelled(captured, rules=Rules(min_pixels=5))
    first = one.records
    assert first is other.records
    assert one.selection is not other.selection
    assert one.rgb(1) is other.rgb(1)
    assert one.rgb(1) is not other.rgb(3)
    assert one.rgb(1)[0].sha256 is other.rgb(1)[0].sha256
    captured.shared.clear()
    assert labelled(captured).records is not first


def test_an_augmented_picture_is_not_shared(captured: CapturedBatch) -> None:
    wanted = [rep.annotators.get(name) for name in (RGB, *LABELS, COVERAGE)]
    wanted[0].augment(lambda data: np.zeros_like(data))
    darker = LabelledBatch(of_batch(captured, "left", wanted), Rules(), NativeEncoders(), captured.shared)
    plain = labelled(captured)
    assert darker.rgb(1)[0].data != plain.rgb(1)[0].data
    assert darker.records is plain.records


def test_whole_objects_are_asked_for_by_name(captured: CapturedBatch) -> None:
    assert labelled(captured).amodal_counts is None
    batch = labelled(captured, AMODAL)
    records, counts = batch.records, batch.amodal_counts
    assert counts is not None
    part = captured.view("left").rendered.part
    whole = captured.view("left").rendered.entities.amodal
    from pycocotools import mask

    for row in range(len(records)):
        entity = ENTITIES.index(records.paths[row])
        area = mask.area({"size": list(part.shape[1:]), "counts": counts[row]})
        assert area == whole[records.image[row], entity] == records.area_amodal[row]


def test_both_ways_of_encoding_make_the_same_masks(captured: CapturedBatch) -> None:
    native = labelled(captured).records
    captured.shared.clear()
    plain = labelled(captured, numpy=True).records
    assert native.counts == plain.counts
    assert native.outlines == plain.outlines
    one = encode_masks(native.images.instance_image(0)[None], background=1)
    seen = [text for text, value in zip(one.counts, one.value.tolist(), strict=True) if value > 1]
    assert seen == [text for text, image in zip(native.counts, native.image.tolist(), strict=True) if image == 0]


def test_an_image_has_its_own_rows(captured: CapturedBatch) -> None:
    batch = labelled(captured)
    rows = [LabelledImage(batch, index, index + 1, index, None, {}).rows.tolist() for index in range(len(FRAMES))]
    assert [row for own in rows for row in own] == list(range(len(batch.records)))
    assert [] in rows, "every fifth image is empty"
    image = LabelledImage(batch, 2, 8, 2, None, {}, products=3)
    assert (image.position, image.object_ids(rows[2])[0] // 100_000) == (1, 8)
