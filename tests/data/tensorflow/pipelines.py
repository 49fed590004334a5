"""tf.data gives what the samples hold: types, shapes, values, each once. Run by test_tensorflow.py."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from replicator_dr.data import WrittenSamples
from replicator_dr.data.tensorflow import written
from tests.data.world import FRAMES, PRODUCTS

IMAGES = FRAMES * PRODUCTS


def ids(pipeline: Any) -> list[int]:
    return [int(sample["image_id"]) for sample in pipeline]


def test_every_value_is_that_of_the_sample(folder: Path) -> None:
    taken = list(written(folder))
    assert len(taken) == IMAGES
    for found, sample in zip(taken, WrittenSamples(folder)):
        assert set(found) == set(sample)
        for name, value in sample.items():
            array = np.asarray(value)
            if array.dtype.kind == "U":
                np.testing.assert_array_equal(found[name].numpy(), np.char.encode(array).astype(object))
            else:
                assert found[name].dtype == tf.as_dtype(array.dtype)
                np.testing.assert_array_equal(found[name].numpy(), array)


def test_batches_are_ragged(folder: Path) -> None:
    batch = next(iter(written(folder).ragged_batch(IMAGES)))
    samples = list(WrittenSamples(folder))
    assert batch["boxes"].row_lengths().numpy().tolist() == [len(sample["labels"]) for sample in samples]
    assert 0 in batch["boxes"].row_lengths()
    np.testing.assert_array_equal(batch["boxes"].flat_values, np.concatenate([sample["boxes"] for sample in samples]))
    assert batch["intrinsics"].shape == (IMAGES, 3, 3)
    np.testing.assert_array_equal(batch["rgb"][1].to_tensor(), samples[1]["rgb"])


@pytest.mark.parametrize("shards", [1, 2, 3])
def test_shards_hold_each_image_once(folder: Path, shards: int) -> None:
    shares = [ids(written(folder, shuffle=True, seed=2, shards=shards, shard=shard)) for shard in range(shards)]
    assert sorted(image for share in shares for image in share) == WrittenSamples(folder).image_ids.tolist()


def test_each_pass_has_its_own_order(folder: Path) -> None:
    pipeline = written(folder, shuffle=True, seed=3, pictures=[])
    first, second = ids(pipeline), ids(pipeline)
    assert first != second
    assert sorted(first) == sorted(second)
    assert ids(written(folder, shuffle=True, seed=3, pictures=[])) == first
    assert ids(written(folder, shuffle=True, seed=3, pictures=[], epoch=1)) == second
    repeated = ids(written(folder, shuffle=True, seed=3, pictures=[]).repeat(2))
    assert repeated == first + second


def test_a_shard_that_does_not_exist(folder: Path) -> None:
    with pytest.raises(ValueError, match="worker 3 of 2 does not exist"):
        written(folder, shards=2, shard=3)
