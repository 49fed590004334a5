"""Image sizes that change from frame to frame."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from replicator_dr.engines.embedded.draws.distributions import sample

if TYPE_CHECKING:
    from replicator_dr.engines.embedded.products import RenderProduct

Int64 = NDArray[np.int64]


def sizes_at(product: RenderProduct, frames: Int64, seed: int) -> Int64:
    """(B, 2) int64: width and height of a product's images [pixels], a function of the frames' numbers and the seed."""
    if product.sizes is None:
        return np.broadcast_to(np.array(product.tile, np.int64), (len(frames), 2))
    return np.rint(sample(product.sizes, seed, frames, 1, 2)[:, 0]).astype(np.int64)


def alike(products: Sequence[RenderProduct], frames: Int64, seed: int) -> Iterator[slice]:
    """Runs of successive frames in which no product changes its size: what can be one batch."""
    rolling = [product for product in products if product.sizes is not None]
    changed = np.zeros(len(frames), np.bool_)
    for product in rolling:
        changed[1:] |= (np.diff(sizes_at(product, frames, seed), axis=0) != 0).any(axis=1)
    borders = [0, *np.flatnonzero(changed).tolist(), len(frames)]
    yield from (slice(first, last) for first, last in zip(borders, borders[1:], strict=False) if last > first)
