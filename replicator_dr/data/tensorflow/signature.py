"""What tf.data has to know of samples before it sees them: types and shapes."""

from __future__ import annotations

from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from replicator_dr.data.sample import DRAWS, PER_OBJECT, PICTURES, Sample


def signature_of(sample: Sample) -> dict[str, tf.TensorSpec]:
    """The TensorSpec of each key: objects and pixels may be any number, all else is as in this sample."""
    return {name: _spec(name, np.asarray(value)) for name, value in sample.items()}


def _spec(name: str, value: NDArray[Any]) -> tf.TensorSpec:
    shape: list[int | None] = list(value.shape)
    if name in PER_OBJECT or name.startswith(DRAWS) or name == "distortion":
        shape[0] = None
    if name in PICTURES:
        shape[:2] = None, None
    if name == "masks":
        shape = [None, None, None]
    return tf.TensorSpec(shape, tf.string if value.dtype.kind == "U" else tf.as_dtype(value.dtype))
