"""Taking a tiled picture apart."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from replicator_dr.errors import EngineError
from replicator_dr.pool.layout import Sheet


def cut(picture: NDArray[Any], sheet: Sheet) -> list[NDArray[Any]]:
    """The views of a sheet's picture, in their order.

    picture: (H, W, ...), tile i at row i // columns, column i % columns; what lies beyond the last tile is ignored, so
    that a square grid, which older releases make, is cut alike. Gives one (h, w, ...) array a view, without copying.
    EngineError for a picture that is too small.
    """
    if not sheet.tiled:
        return [picture]
    width, height = sheet.tile
    wanted = (sheet.resolution[1], sheet.resolution[0])
    if picture.shape[0] < wanted[0] or picture.shape[1] != wanted[1]:
        raise EngineError(
            f"the tiled product {sheet.name!r} gave {picture.shape[1]} x {picture.shape[0]} pixels; its "
            f"{len(sheet.views)} tiles need {wanted[1]} x {wanted[0]}"
        )
    places = [divmod(number, sheet.columns) for number in range(len(sheet.views))]
    return [
        np.asarray(picture[row * height : (row + 1) * height, column * width : (column + 1) * width])
        for row, column in places
    ]
