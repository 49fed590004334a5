"""Augmentations: functions and Warp kernels that change an annotator's data."""

from __future__ import annotations

import hashlib
import inspect
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from replicator_dr.engines.embedded.annotate.annotation import BatchedAnnotation
from replicator_dr.errors import EngineError


@dataclass(frozen=True)
class AppliedAugmentation:
    """One step: ``function(data_in, **arguments)``, or a kernel launched over ``(data_in, data_out, **arguments)``.

    shape: of the kernel's output; -1 keeps the input's axis, None the whole of the input's shape. name: part of the
    seed, so that two augmentations in a row draw different numbers.
    """

    function: Any
    arguments: dict[str, Any] = field(default_factory=dict)
    shape: Sequence[int] | None = None
    name: str = ""

    def __call__(self, data: NDArray[Any], seed: int) -> NDArray[Any]:
        """The changed data. seed: what a parameter called ``seed`` gets unless the caller fixed it."""
        kernel = is_kernel(self.function)
        names = list(self.function.adj.arg_types) if kernel else _parameters(self.function)
        arguments = dict(self.arguments)
        if "seed" in names and arguments.get("seed") in (None, -1):
            arguments["seed"] = seed
        if not kernel:
            return np.asarray(self.function(data, **arguments))
        return self._launch(data, names, arguments)

    def _launch(self, data: NDArray[Any], names: Sequence[str], arguments: dict[str, Any]) -> NDArray[Any]:
        import warp as wp

        wanted = data.shape if self.shape is None else self.shape
        shape = tuple(
            data.shape[axis] if size == -1 and axis < data.ndim else int(size) for axis, size in enumerate(wanted)
        )
        types = self.function.adj.arg_types
        source = wp.array(np.ascontiguousarray(data), dtype=types[names[0]].dtype, device="cpu")
        inputs = [source]
        target = source
        if len(names) > 1 and names[1] not in arguments:
            target = wp.zeros(shape, dtype=types[names[1]].dtype, device="cpu")
            inputs.append(target)
        missing = [name for name in names[len(inputs) :] if name not in arguments]
        if missing:
            raise EngineError(f"the kernel {self.function.key} needs {', '.join(missing)}; give them to augment()")
        inputs += [arguments[name] for name in names[len(inputs) :]]
        wp.launch(self.function, dim=shape[:2], inputs=inputs, device="cpu")
        return np.asarray(target.numpy())


def is_kernel(function: object) -> bool:
    """Whether this is a Warp kernel; asked without importing Warp."""
    return hasattr(function, "adj") and hasattr(function, "module")


def _parameters(function: Callable[..., Any]) -> list[str]:
    try:
        return list(inspect.signature(function).parameters)
    except (TypeError, ValueError):
        return []


class _Augmented(Sequence[NDArray[Any]]):
    """Frames changed when they are asked for, once."""

    def __init__(self, source: BatchedAnnotation, change: Callable[[NDArray[Any], int], NDArray[Any]]) -> None:
        self._source = source
        self._change = change
        self._done: dict[int, NDArray[Any]] = {}

    def __len__(self) -> int:
        return 0 if self._source.data is None else len(self._source.data)

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            return [self[frame] for frame in range(*index.indices(len(self)))]
        if self._source.data is None:
            raise EngineError("this annotator has no data that could be augmented")
        if index not in self._done:
            self._done[index] = self._change(np.asarray(self._source.data[index]), index)
        return self._done[index]

    def __iter__(self) -> Iterator[NDArray[Any]]:
        return (self[frame] for frame in range(len(self)))


def augmented(
    source: BatchedAnnotation,
    steps: Sequence[AppliedAugmentation],
    frames: NDArray[np.int64],
    seed: int,
) -> BatchedAnnotation:
    """The annotation with every step applied to each frame. Seeds depend on (seed, step, frame number) alone."""

    def change(data: NDArray[Any], index: int) -> NDArray[Any]:
        for number, step in enumerate(steps):
            data = step(data, _seed(seed, f"{number}:{step.name}", int(frames[index])))
        return data

    return BatchedAnnotation(_Augmented(source, change), source.info)


def _seed(seed: int, step: str, frame: int) -> int:
    digest = hashlib.sha256(f"augmentation/{seed}/{step}/{frame}".encode()).digest()
    return int.from_bytes(digest[:4], "little") & 0x7FFFFFFF
