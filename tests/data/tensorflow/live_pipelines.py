"""tf.data over a running graph gives what the written dataset gives. Run by test_tensorflow.py."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from replicator_dr import build_graph
from replicator_dr.data.tensorflow import live, written
from replicator_dr.errors import EngineError
from tests.data.world import FRAMES, PRODUCTS, SPEC


def ids(pipeline: Any) -> list[int]:
    return [int(sample["image_id"]) for sample in pipeline]


def test_samples_are_those_of_the_disk(exact: Path) -> None:
    with build_graph(SPEC, device="cpu") as graph:
        taken = list(live(graph, FRAMES))
    assert len(taken) == FRAMES * PRODUCTS
    for found, expected in zip(taken, written(exact), strict=True):
        assert list(found) == list(expected)
        for name, value in expected.items():
            assert found[name].dtype == value.dtype
            assert bool(tf.reduce_all((found[name] == value) | (found[name] != found[name]))), name


def test_passes_and_shards() -> None:
    with build_graph(SPEC, device="cpu") as graph:
        shares = [live(graph, 5, pictures=[], shuffle=True, seed=2, shards=2, shard=shard) for shard in range(2)]
        passes = [[ids(share) for share in shares] for _ in range(2)]
        again = ids(live(graph, 5, pictures=[], shuffle=True, seed=2, epoch=1))
    for each in passes:
        assert sorted(each[0] + each[1]) == list(range(1, 5 * PRODUCTS + 1))
    assert passes[0] != passes[1]
    np.testing.assert_array_equal(np.sort(again), np.arange(1, 5 * PRODUCTS + 1))
    assert again[:PRODUCTS] == passes[1][0][:PRODUCTS]


def test_no_frames() -> None:
    with build_graph(SPEC, device="cpu") as graph, pytest.raises(EngineError, match="no frames were asked for"):
        live(graph, 0)
