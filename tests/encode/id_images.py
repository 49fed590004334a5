"""Images of object ids to encode: random ones, and shapes that outlines find hard."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

Int32 = NDArray[np.int32]
IdsAndValues = tuple[Int32, NDArray[np.int64]]


class RandomIds(NamedTuple):
    """ids: (B, H, W), of so many objects, -1 where there is none. rng: for what else is drawn."""

    ids: Int32
    objects: int
    rng: np.random.Generator


def random_ids(shape: tuple[int, int, int], objects: int, coarse: bool, seed: int) -> RandomIds:
    """Noise; coarse: each pixel of it is a block of 5 by 7."""
    rng = np.random.default_rng(seed)
    ids = rng.integers(-1, objects, shape).astype(np.int32)
    return RandomIds(ids.repeat(5, axis=1).repeat(7, axis=2) if coarse else ids, objects, rng)


def with_values(images: RandomIds, each: bool) -> IdsAndValues:
    """Such images, and what their ids stand for, -1 for nothing: in each image, or in all of them."""
    ids, objects, rng = images
    return ids, rng.integers(-1, 3, (len(ids), objects) if each else objects)


def any_ids(height: int, width: int, objects: int) -> st.SearchStrategy[RandomIds]:
    """One to three images of at most that size, before their pixels become blocks, and number of objects."""
    shape = st.tuples(st.integers(1, 3), st.integers(1, height), st.integers(1, width))
    seed = st.integers(0, 2**32 - 1)
    return st.builds(random_ids, shape=shape, objects=st.integers(1, objects), coarse=st.booleans(), seed=seed)


def any_ids_with_values(height: int, width: int, objects: int) -> st.SearchStrategy[IdsAndValues]:
    """The same with values."""
    return st.builds(with_values, any_ids(height, width, objects), each=st.booleans())


def rings_within_rings() -> Int32:
    """(1, 90, 120): rings of two objects and of nothing, around islands."""
    y, x = np.mgrid[:90, :120]
    ids = (np.hypot(x - 55, y - 44).astype(np.int32) // 7) % 3 - 1
    return ids[None].astype(np.int32)


def chessboard(height: int, width: int) -> Int32:
    """(1, height, width): objects 0 and 1."""
    return np.indices((height, width)).sum(axis=0)[None].astype(np.int32) % 2
