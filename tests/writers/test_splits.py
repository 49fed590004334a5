"""Which part of a dataset a frame belongs to: stable, in proportion, and never half."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from pydantic import ValidationError

from replicator_dr.dataset.splits import Splits
from replicator_dr.errors import OutputError
from replicator_dr.run.merge import merge
from tests.writers.every_writer import files, plugin, run
from writers.coco_depth import CocoDepth

SHARES = (("train", 0.8), ("val", 0.1), ("test", 0.1))


def test_shares_are_met() -> None:
    splits = Splits(SHARES)
    frames = 20_000
    counts = Counter(splits.of(frame, {}) for frame in range(frames))
    assert set(counts) == {"train", "val", "test"}
    for name, share in SHARES:
        # Five standard deviations of a binomial count.
        assert abs(counts[name] - frames * share) < 5 * np.sqrt(frames * share * (1 - share))


def test_shares_count_relative_to_their_sum_and_the_parts_never_change() -> None:
    several = Splits((("train", 8.0), ("val", 1.0), ("test", 1.0)))
    parts = [several.of(frame, {}) for frame in range(200)]
    assert parts == [Splits(SHARES).of(frame, {}) for frame in range(200)]
    assert parts == [Splits(SHARES[::-1]).of(frame, {}) for frame in range(200)]
    # Datasets that were made earlier must be continued alike: these are what they are.
    assert [frame for frame in range(40) if parts[frame] != "train"] == [1, 7, 10, 15, 18, 24, 29]


def test_without_splits_there_are_no_parts() -> None:
    assert Splits().of(3, {}) is None


def test_what_drew_the_same_goes_together() -> None:
    splits = Splits(SHARES, "floor.texture")
    textures = [f"{name}.png" for name in "abcdefghijklmnopqrstuvwxyz"]
    rng = np.random.default_rng(0)
    where: dict[str, set[str | None]] = {}
    for frame in range(500):
        drawn = str(rng.choice(textures))
        where.setdefault(drawn, set()).add(splits.of(frame, {"floor.texture": [[drawn]], "light": [[rng.random()]]}))
    assert all(len(parts) == 1 for parts in where.values())
    assert len(set.union(*where.values())) > 1
    assert splits.of(0, {"floor.texture": [["a.png"], ["a.png"]]}) == splits.of(9, {"floor.texture": [["a.png"]]})


def test_groups_that_cannot_be_told_are_errors() -> None:
    with pytest.raises(OutputError, match=r"the draw 'flor', which this graph does not have; it has: floor, light"):
        Splits(SHARES, "flor").of(0, {"light": 1, "floor": 2})
    with pytest.raises(OutputError, match="gives 2 values in one frame: the frame would belong to several groups"):
        Splits(SHARES, "look").of(0, {"look": ["red", "blue"]})


def test_options_are_checked() -> None:
    with pytest.raises(ValidationError, match="the name of a split"):
        CocoDepth(splits={"a/b": 1.0})
    with pytest.raises(ValidationError, match="split_by without splits"):
        CocoDepth(split_by="look")
    with pytest.raises(ValidationError):
        CocoDepth(splits={"train": 0.0})


def test_all_images_of_a_frame_go_together_on_every_shard(tmp_path: Path) -> None:
    shares = {"train": 0.5, "val": 0.5}
    run([plugin("coco_depth", tmp_path / "whole", splits=shares)], 24)
    for number in range(3):
        run([plugin("coco_depth", tmp_path / str(number), splits=shares)], 8, start=8 * number)
    merge(tmp_path / "merged", [tmp_path / str(number) for number in range(3)])
    assert files(tmp_path / "merged") == files(tmp_path / "whole")
    everything, train, val = (
        json.loads((tmp_path / "whole" / f"annotations{part}.json").read_text()) for part in ("", "_train", "_val")
    )
    frames = [{image["frame"] for image in part["images"]} for part in (train, val)]
    assert not frames[0] & frames[1]
    assert min(len(frames[0]), len(frames[1])) > 4
    for section in ("images", "annotations"):
        assert sorted(train[section] + val[section], key=lambda one: one["id"]) == everything[section]
    assert train["categories"] == val["categories"] == everything["categories"]
    counts = json.loads((tmp_path / "whole" / "manifest.json").read_text())["counts"]
    assert counts["images_by_split"] == {"train": len(train["images"]), "val": len(val["images"])}
