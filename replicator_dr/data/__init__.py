"""Datasets for training: what was written, or what a running graph makes, as samples for PyTorch and TensorFlow.

::

    from replicator_dr.data import WrittenSamples

    sample = WrittenSamples("_out/tabletop")[0]   # {"rgb": (H, W, 3) uint8, "boxes": (N, 4) float32, ...}

``replicator_dr.data.pytorch`` and ``replicator_dr.data.tensorflow`` make datasets of their frameworks from the same
samples; each needs the extra of its name (``torch``, ``tensorflow``).
"""

from __future__ import annotations

from replicator_dr.data.sample import Sample
from replicator_dr.data.written import WrittenSamples

__all__ = ["Sample", "WrittenSamples"]
