"""What an annotator gives: arrays for a batch of frames, and the tables that explain their numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from replicator_dr.storage.rle import Masks

Data = NDArray[Any] | Sequence[NDArray[Any]]
Info = dict[str, Any]
"""Tables beside the data, such as idToLabels; an annotation without data is made of them alone."""


def no_info(frame: int) -> Info:  # noqa: ARG001 - the signature of BatchedAnnotation.info
    """Annotators that need no table."""
    return {}


@dataclass(frozen=True)
class Painting:
    """An id image before it is painted: which part is seen in each pixel, and the id that each part gets.

    part: (B, H, W) int32, -1 = background. table: (B, P + 1) uint32; the last column is the background's.
    """

    part: NDArray[np.int32]
    table: NDArray[np.uint32]


class BatchedAnnotation:
    """One annotator's result over B frames.

    data: (B, ...) array; or B arrays of different lengths, for tables with a row per object; None where everything is
    in the info; or a function that makes it, called when it is first asked for. info: gives one frame's tables, made
    when asked for: they are Python objects, and slow. painting: what data is painted from, where it is an id image.
    masks: run-length masks of all frames, where there are any. jpegs: JPEG files of colours, by quality, where the
    device that renders made them.
    """

    def __init__(
        self,
        data: Data | Callable[[], Data] | None,
        info: Callable[[int], Info] = no_info,
        painting: Painting | None = None,
        masks: Masks | None = None,
        jpegs: Mapping[int, Sequence[bytes]] = MappingProxyType({}),
    ) -> None:
        self._data = data
        self.info = info
        self.painting = painting
        self.masks = masks
        self.jpegs = jpegs

    @cached_property
    def data(self) -> Data | None:
        """(B, ...) array, or a sequence of B arrays."""
        return self._data() if callable(self._data) else self._data

    def frame(self, index: int) -> tuple[NDArray[Any] | None, Info]:
        """Data and tables of one frame of the batch."""
        return (None if self.data is None else self.data[index]), self.info(index)

    def flat(self, index: int) -> Info:
        """One frame as the layouts "renderProduct" and "annotator" hold it: ``data`` beside the tables."""
        data, info = self.frame(index)
        return info if data is None else {"data": data, **info}

    def legacy(self, index: int) -> NDArray[Any] | Info:
        """One frame in the "legacy" layout: a bare array, or {"data", "info"}, or the tables alone."""
        data, info = self.frame(index)
        if data is None:
            return info
        return {"data": data, "info": info} if info else data


def string_keys(table: dict[int, Any]) -> dict[str, Any]:
    """The same table under text keys, as the annotators without ``_fast`` give it."""
    return {str(key): value for key, value in table.items()}


def rows_by_frame(frames: NDArray[np.int64], table: NDArray[Any], batch: int) -> list[NDArray[Any]]:
    """Cut a table whose rows belong to ascending frames into one table per frame."""
    return np.split(table, np.searchsorted(frames, np.arange(1, batch)))
