"""Semantic filters: types, predicates, and what they leave of the labels."""

from __future__ import annotations

import pytest

from replicator_dr.engines.embedded.scene.labels_filter import label_filter

CAR = {"class": "car", "shape": "box"}
TRUCK = {"class": "truck,toy"}
BALL = {"shape": "round"}


@pytest.mark.parametrize(
    ("predicate", "passing"),
    [
        ("class:*", [CAR, TRUCK]),
        ("class: car", [CAR]),
        ("Class:CAR|Truck", [CAR, TRUCK]),
        ("class: car | truck & !toy", [CAR]),
        ("class: truck & toy", [TRUCK]),
        ("class:!car", [TRUCK]),
        ("class:* , shape:*", [CAR]),
        ("class:car ; shape:round", [CAR, BALL]),
        ("colour:*", []),
    ],
)
def test_predicates(predicate: str, passing: list[dict[str, str]]) -> None:
    passes = label_filter(predicate=predicate)
    assert [labels for labels in (CAR, TRUCK, BALL) if passes(labels) is not None] == passing


def test_only_the_named_types_are_kept() -> None:
    assert label_filter(["class"])(CAR) == {"class": "car"}
    assert label_filter(predicate="class:car;shape:*")(CAR) == CAR
    assert label_filter(["class"])(BALL) is None


def test_without_a_filter_every_labelled_prim_passes() -> None:
    passes = label_filter()
    assert passes(CAR) == CAR
    assert passes({}) is None


def test_types_and_predicate_exclude_each_other() -> None:
    with pytest.raises(ValueError, match="exclude each other"):
        label_filter(["class"], "class:*")


def test_a_predicate_that_cannot_be_read_says_where() -> None:
    with pytest.raises(ValueError, match=r"cannot be read at 'truck'; write 'class: car \| truck ; shape: \*'"):
        label_filter(predicate="class:car, truck")
