"""All loaders of all datasets."""

from __future__ import annotations

from tests.conformance.readers import (
    basic,
    bop,
    coco,
    datumaro,
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

READERS = tuple(
    reader
    for loaders in (
        basic, bop, coco, datumaro, kitti, panoptic, pascal_voc, poses, shards, supervision, tables, torchvision, yolo,
    )
    for reader in loaders.READERS
)  # fmt: skip
