"""tf.data pipelines over a written dataset, and over a running graph."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import count
from pathlib import Path

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from replicator_dr.data.live import LiveSamples
from replicator_dr.data.order import Order
from replicator_dr.data.sample import PICTURES, Sample
from replicator_dr.data.tensorflow.signature import signature_of
from replicator_dr.data.written import WrittenSamples
from replicator_dr.errors import DatasetError, EngineError
from replicator_dr.graph import Graph


def written(
    folder: str | Path,
    split: str | None = None,
    *,
    pictures: Sequence[str] = PICTURES,
    shuffle: bool = False,
    seed: int = 0,
    epoch: int = 0,
    shards: int = 1,
    shard: int = 0,
) -> tf.data.Dataset:
    """The samples of a folder that ``coco_depth`` wrote, as dictionaries of tensors; keys as in docs/data.md.

    split, pictures: as for ``WrittenSamples``. shuffle, seed: each pass over the pipeline has an order of its own, a
    function of the seed and the number of the pass, which counts from ``epoch``; it is the same on every machine.
    shards, shard: this machine's share is every ``shards``-th of that order, from ``shard`` on; all shards together
    hold each sample once a pass. Batch it with ``ragged_batch``: images have different numbers of objects.
    """
    samples = WrittenSamples(folder, split, pictures)
    if not len(samples):
        raise DatasetError(f"{folder} holds no images to take types and shapes from; generate some frames first")
    order = Order(len(samples), shuffle, seed)

    def taken(numbers: NDArray[np.int64]) -> Iterator[Sample]:
        return map(samples.sample, numbers.tolist())

    return in_passes(taken, samples[0], order, epoch, shards, shard)


def live(
    graph: Graph,
    frames: int | Sequence[int],
    split: str | None = None,
    *,
    pictures: Sequence[str] = ("rgb", "depth"),
    shuffle: bool = False,
    seed: int = 0,
    epoch: int = 0,
    shards: int = 1,
    shard: int = 0,
    batch: int = 16,
) -> tf.data.Dataset:
    """The same samples from a running graph, nothing written.

    frames, split, pictures, batch: as for ``LiveSamples``. The others are as for :func:`written`, by frames: the images
    of a frame come one after the other.
    """
    samples = LiveSamples(graph, frames, split, pictures, batch=batch)
    if not len(samples):
        raise EngineError("no frames were asked for, so there is nothing to take types and shapes from")
    order = Order(len(samples.frames), shuffle, seed)

    def taken(numbers: NDArray[np.int64]) -> Iterator[Sample]:
        return samples.of_frames(samples.frames[numbers])

    return in_passes(taken, next(samples.of_frames(samples.frames[:1])), order, epoch, shards, shard)


def in_passes(
    taken: Callable[[NDArray[np.int64]], Iterator[Sample]],
    example: Sample,
    order: Order,
    epoch: int,
    shards: int,
    shard: int,
) -> tf.data.Dataset:
    """A pipeline of which each pass takes this shard of the next epoch's order. taken: the samples of these numbers."""
    order.share(epoch, shard, shards)  # which refuses shards that do not exist, before anything runs
    passes = count(epoch)

    def one_pass() -> Iterator[Sample]:
        return taken(order.share(next(passes), shard, shards))

    return tf.data.Dataset.from_generator(one_pass, output_signature=signature_of(example))
