"""Which object each id of an image belongs to, as the kernels look it up."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def object_rows(batch: int, table: NDArray[np.integer], background: int) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """The distinct values of a table, ascending, and (B, T + 1) int32: the place among them of each id from -1 on.

    table: (T,) or (B, T) values. The place is -1 for id -1, and where the id or the value is the background.
    """
    per_image = np.broadcast_to(table, (batch, np.shape(table)[-1]))
    values = np.unique(per_image).astype(np.int64)
    values = values[values != background]
    rows = np.full((batch, per_image.shape[1] + 1), -1, np.int32)
    if len(values):
        rows[:, 1:] = np.where(per_image == background, -1, np.searchsorted(values, per_image))
    rows[:, background + 1] = -1
    return values, rows
