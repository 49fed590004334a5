"""All loaders of all datasets."""

from __future__ import annotations

from tests.conformance.readers import (
    basic,
    bop,
    coco,
    kitti,
    panoptic,
    pascal_voc,
    poses,
    shards,
    supervision,
    tables,
    torchvision,
    yolo,
)

READERS = (
    *basic.READERS, *bop.READERS, *coco.READERS, *kitti.READERS, *panoptic.READERS, *pascal_voc.READERS,
    *poses.READERS, *shards.READERS, *supervision.READERS, *tables.READERS, *torchvision.READERS, *yolo.READERS,
)  # fmt: skip
