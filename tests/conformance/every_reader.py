"""All loaders of all datasets."""

from __future__ import annotations

from tests.conformance.readers import basic, bop, coco, kitti, panoptic, pascal_voc, poses, yolo

READERS = (
    *basic.READERS, *bop.READERS, *coco.READERS, *kitti.READERS, *panoptic.READERS, *pascal_voc.READERS,
    *poses.READERS, *yolo.READERS,
)  # fmt: skip
