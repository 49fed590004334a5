"""Pipelines of ``tf.data``. Needs the extra ``tensorflow``.

::

    from replicator_dr.data.tensorflow import written

    for batch in written("_out/tabletop", shuffle=True).ragged_batch(4).prefetch(2):
        batch["boxes"]   # RaggedTensor (4, None, 4)
"""

from __future__ import annotations

try:
    import tensorflow as tf  # noqa: F401
except ImportError as error:
    raise ImportError(
        "replicator_dr.data.tensorflow needs TensorFlow: pip install 'replicator_dr[tensorflow]'"
    ) from error

from replicator_dr.data.tensorflow.pipelines import live, written

__all__ = ["live", "written"]
