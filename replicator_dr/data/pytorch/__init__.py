"""Datasets of PyTorch. Needs the extra ``torch``.

::

    from torch.utils.data import DataLoader
    from torchvision.transforms import v2

    from replicator_dr.data.pytorch import WrittenDataset, collate

    dataset = WrittenDataset("_out/tabletop", transforms=v2.ToDtype(torch.float32, scale=True))
    for images, targets in DataLoader(dataset, batch_size=4, shuffle=True, num_workers=4, collate_fn=collate):
        losses = model(images, targets)
"""

from __future__ import annotations

try:
    import torch  # noqa: F401
    import torchvision.tv_tensors  # noqa: F401
except ImportError as error:
    raise ImportError(
        "replicator_dr.data.pytorch needs PyTorch and torchvision: pip install 'replicator_dr[torch]'"
    ) from error

from replicator_dr.data.pytorch.batches import collate
from replicator_dr.data.pytorch.forms import detection, tensors
from replicator_dr.data.pytorch.live import LiveDataset
from replicator_dr.data.pytorch.sampler import SharedSampler
from replicator_dr.data.pytorch.written import WrittenDataset

__all__ = ["LiveDataset", "SharedSampler", "WrittenDataset", "collate", "detection", "tensors"]
