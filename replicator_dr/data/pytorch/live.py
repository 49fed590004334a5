"""A graph as an iterable dataset of PyTorch: rendered while it is trained on, with no disk in between."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from torch.utils.data import IterableDataset, get_worker_info

from replicator_dr.data.live import LiveSamples
from replicator_dr.data.order import Order
from replicator_dr.data.pytorch.forms import Form, detection
from replicator_dr.data.pytorch.sampler import ranks
from replicator_dr.data.pytorch.streams import warp_in_order
from replicator_dr.data.pytorch.written import formed
from replicator_dr.errors import EngineError
from replicator_dr.graph import Graph, build_graph
from replicator_dr.spec import Spec

Source = Graph | Spec | str | Path | Mapping[str, Any]


class LiveDataset(IterableDataset[Any]):
    """The frames of a graph; items as those of ``WrittenDataset`` for the same spec.

    source: a running graph, or what ``build_graph`` takes: a spec, its file or a dictionary. Workers of a loader need
    the latter: each builds a graph of its own. frames, split: as for ``LiveSamples``. shuffle, seed: the order of an
    epoch's frames, a function of the seed and the number given to ``set_epoch``, the same for every worker and rank.
    even, rank, of: as for ``SharedSampler``, by frames. form, transforms, pictures: as for ``WrittenDataset``. device:
    for graphs that are built here. batch: frames rendered together; workers: threads of each graph.

    With CUDA and without workers, images and masks stay on the GPU that draws them, and the rest of an item is put
    there.
    Over all ranks and workers each frame comes exactly once an epoch, its images one after the other.
    """

    def __init__(
        self,
        source: Source,
        frames: int | Sequence[int],
        split: str | None = None,
        *,
        shuffle: bool = False,
        seed: int = 0,
        even: bool = False,
        rank: int | None = None,
        of: int | None = None,
        form: Form = detection,
        transforms: Callable[..., Any] | None = None,
        pictures: Sequence[str] | None = None,
        device: str | None = None,
        batch: int = 16,
        workers: int | None = None,
    ) -> None:
        found = ranks()
        self.rank, self.of = found[0] if rank is None else rank, found[1] if of is None else of
        self.form, self.transforms = form, transforms
        self._source, self._device = source, device
        self._frames, self._split = frames, split
        self._shuffle, self._seed, self._even = shuffle, seed, even
        self._pictures = tuple(pictures or (("rgb",) if form is detection else ("rgb", "depth")))
        self._batch, self._workers = batch, workers
        # In shared memory, so that workers that live on see what is set here.
        self._epoch = torch.zeros((), dtype=torch.int64).share_memory_()
        self._process = os.getpid()
        self._samples: LiveSamples | None = None

    def set_epoch(self, epoch: int) -> None:
        """Choose the order of that epoch; call it before each, else all are alike."""
        self._epoch.fill_(epoch)

    @property
    def categories(self) -> dict[int, str]:
        """{label: name}, labels from 1; builds the graph where there is none yet."""
        return {category.id: category.name for category in self.samples.categories}

    @property
    def samples(self) -> LiveSamples:
        """The samples behind the items, in this process."""
        self._refuse_what_cannot_run_here()
        if self._samples is None:
            graph = self._source if isinstance(self._source, Graph) else build_graph(self._source, device=self._device)
            self._samples = LiveSamples(
                graph,
                self._frames,
                self._split,
                self._pictures,
                batch=self._batch,
                workers=self._workers,
                # Tensors of a device cannot leave a worker; there they are made on the host.
                on_device=get_worker_info() is None,
            )
        return self._samples

    def __iter__(self) -> Iterator[Any]:
        samples = self.samples
        order = Order(len(samples.frames), self._shuffle, self._seed, self._even)
        share = order.share(int(self._epoch), self.rank, self.of)
        worker = get_worker_info()
        if worker is not None:
            share = share[worker.id :: worker.num_workers]
        with warp_in_order(samples.graph.device):
            for sample in samples.of_frames(samples.frames[share]):
                yield formed(sample, self.form, self.transforms)

    def close(self) -> None:
        """Close the graph, where it was built here."""
        if self._samples is not None and not isinstance(self._source, Graph):
            self._samples.graph.close()
        self._samples = None

    def __getstate__(self) -> dict[str, Any]:
        if isinstance(self._source, Graph):
            raise EngineError(_NO_GRAPH)
        return {**self.__dict__, "_samples": None}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state, _process=os.getpid())

    def _refuse_what_cannot_run_here(self) -> None:
        """Threads and devices do not survive a fork, so neither does a graph, nor what a renderer has begun."""
        if os.getpid() == self._process:
            return
        if isinstance(self._source, Graph):
            raise EngineError(_NO_GRAPH)
        if "warp" in sys.modules:
            raise EngineError(
                "a worker was forked from a process that has rendered, whose threads and devices it lacks; give the "
                "DataLoader multiprocessing_context='spawn'"
            )


_NO_GRAPH = (
    "a running graph stays in its process; give LiveDataset the spec, its file or a dictionary, so that each worker "
    "builds a graph of its own, or use num_workers=0"
)
