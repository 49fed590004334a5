"""A loader, and what the format that it reads is known to lose."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from importlib.util import find_spec
from multiprocessing import get_context
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tests.conformance.datasets import missing
from tests.conformance.seen import Frames, Seen

Mask = NDArray[np.bool_]


def exactly(mask: Mask) -> Mask:
    """Nothing is lost."""
    return mask


def filled(mask: Mask) -> Mask:
    """Holes are covered: a list of polygons is a union."""
    from scipy.ndimage import binary_fill_holes

    return np.asarray(binary_fill_holes(mask), np.bool_)


def everything(seen: Seen) -> bool:
    """No object is filtered out."""
    return True


def same(name: str) -> str:
    """Names of categories stay as they are."""
    return name


@dataclass(frozen=True)
class Reader:
    """One way to read one dataset.

    dataset: as ``datasets.DATASETS`` names it. loader: as the matrix of the documentation names it. packages: that it
    needs. read: {frame: objects} of a dataset's folder. box: "visible", "whole" or "", what its boxes are around.
    box_error: of an edge, in pixels. mask: what the format makes of a mask; None where it has none. least_iou: of a
    mask and what the format makes of it, where the loader's own rasteriser blurs that. keeps: what the writer's options
    let through. category: what the format makes of a category's name. loses, note: in words, for the matrix. apart:
    whether the package is loaded in a process of its own, as it does not bear the others beside it.
    """

    dataset: str
    loader: str
    packages: tuple[str, ...]
    read: Callable[[Path], Frames]
    box: str = "visible"
    box_error: float = 0.0
    mask: Callable[[Mask], Mask] | None = exactly
    least_iou: float = 1.0
    keeps: Callable[[Seen], bool] = everything
    category: Callable[[str], str] = same
    loses: str = ""
    note: str = ""
    apart: bool = False

    @property
    def id(self) -> str:
        """For the names of tests."""
        return f"{self.dataset}, {self.loader}".replace(" ", "_")

    def frames(self, folder: Path) -> Frames:
        """What the loader gives."""
        if not self.apart:
            return self.read(folder)
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
            return pool.submit(self.read, folder).result()

    def missing(self) -> list[str]:
        """The packages that are not installed, for the writer or for the loader."""
        own = [package for package in self.packages if find_spec(package) is None]
        return [*missing(self.dataset), *own]


def frame_of(name: str | Path) -> int:
    """The frame's number, with which the names of files end."""
    return int(Path(name).stem.rpartition("_")[2])
