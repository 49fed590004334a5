"""Rows of annotators' tables, found by image and prim."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from replicator_dr.errors import OutputError


def rows_of(
    tables: Sequence[Any], infos: Sequence[Mapping[str, Any]], pairs: Sequence[tuple[int, str]]
) -> NDArray[Any]:
    """The rows that belong to these prims, in their order.

    tables, infos: of each image, the latter with ``primPaths``. pairs: (image, prim path). OutputError where one is
    missing: a runtime whose annotators do not agree on what is in the image.
    """
    row_of: dict[tuple[int, str], int] = {}
    first = 0
    for image, info in enumerate(infos):
        paths = info["primPaths"]
        row_of.update({(image, path): first + row for row, path in enumerate(paths)})
        first += len(paths)
    found = [row_of.get(pair, -1) for pair in pairs]
    if -1 in found:
        path = pairs[found.index(-1)][1]
        raise OutputError(f"{path} is seen in the segmentation but has no box; label the prim itself")
    rows: NDArray[Any] = np.concatenate([np.asarray(table) for table in tables])[found]
    return rows
