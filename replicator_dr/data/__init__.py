"""Datasets for training: what was written, or what a running graph makes, as samples for PyTorch and TensorFlow.

::

    from replicator_dr import build_graph
    from replicator_dr.data import LiveSamples, WrittenSamples

    sample = WrittenSamples("_out/tabletop")[0]   # {"rgb": (H, W, 3) uint8, "boxes": (N, 4) float32, ...}
    same = next(iter(LiveSamples(build_graph("scenes/tabletop.yaml"), frames=100)))

``replicator_dr.data.pytorch`` and ``replicator_dr.data.tensorflow`` make datasets of their frameworks from the same
samples; each needs the extra of its name (``torch``, ``tensorflow``).
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from replicator_dr.data.live import LiveSamples
    from replicator_dr.data.sample import Sample
    from replicator_dr.data.written import WrittenSamples

__all__ = ["LiveSamples", "Sample", "WrittenSamples"]

_HOMES = {
    "LiveSamples": "replicator_dr.data.live",
    "Sample": "replicator_dr.data.sample",
    "WrittenSamples": "replicator_dr.data.written",
}


def __getattr__(name: str) -> object:
    # Reading takes no more than NumPy and msgspec; what the language and label records need stays out of it.
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return __all__
