"""mask_depth, depth_range: masks and depth show the same surfaces."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from replicator_dr.run.audit.check import ImageCheck
from replicator_dr.run.audit.dataset import AuditedDataset
from replicator_dr.run.audit.findings import Finding
from replicator_dr.run.audit.image import AuditedImage
from replicator_dr.run.audit.records import Pair

HIGHEST_STEP = 65535
"""The farthest depth of a 16-bit image, in its steps; beyond it nothing is stored."""
_ROUNDING = 1e-6
"""depth_range is written in micrometres."""
_SINGLE = 1e-6
"""Depth is computed in single precision: about 1e-7 of its value, and a few operations."""


def step_of(image: AuditedImage) -> float:
    """What one step of the image's depth stands for [m]; 0 for arrays."""
    name = image.record.depth_file_name or ""
    return 0.0 if name.endswith(".npy") else image.dataset.metres_per_unit


class MaskDepth(ImageCheck):
    """A pixel at which an object is seen has the depth of its surface."""

    name = "mask_depth"
    meaning = "Every pixel of a mask has a depth, unless its surface is too far for the format."

    def __init__(self, dataset: AuditedDataset) -> None:
        super().__init__(dataset)
        if dataset.manifest.depth is None:
            self.skip("the dataset has no depth images")

    def find(self, image: AuditedImage) -> Iterator[Finding]:
        """Count pixels without depth in each mask."""
        depths, masks = image.mask_depths, image.masks
        if depths is None or masks is None or len(depths) == 0:
            return
        missing = np.add.reduceat(~np.isfinite(depths), masks.first[:-1][masks.area > 0])
        for row, number in zip(np.flatnonzero(masks.area > 0).tolist(), missing.tolist()):
            annotation = image.annotations[row]
            if number and not _out_of_format(annotation.depth_range, step_of(image)):
                message = f"{number} of its {masks.area[row]} pixels have no depth"
                yield image.finding(message, annotation, without_depth=number, pixels=int(masks.area[row]))


def _out_of_format(depth_range: Pair | None, step: float) -> bool:
    """Whether 16 bits cannot hold some of these depths."""
    return step > 0 and depth_range is not None and (
        depth_range[1] > (HIGHEST_STEP + 0.5) * step * (1 - _SINGLE) or depth_range[0] < 0.5 * step * (1 + _SINGLE)
    )  # fmt: skip


class DepthRange(ImageCheck):
    """What an annotation says of its object's depth is what the depth image shows."""

    name = "depth_range"
    meaning = "depth_range is the nearest and the farthest depth that the depth image shows within the mask."

    def __init__(self, dataset: AuditedDataset) -> None:
        super().__init__(dataset)
        if dataset.manifest.depth is None:
            self.skip("the dataset has no depth images")

    def find(self, image: AuditedImage) -> Iterator[Finding]:
        """Compare both ends for each annotation, up to half a step of the format."""
        depths, masks = image.mask_depths, image.masks
        if depths is None or masks is None or len(depths) == 0:
            return
        present = np.flatnonzero(masks.area > 0)
        first = masks.first[:-1][present]
        nearest = np.minimum.reduceat(depths, first)
        farthest = np.maximum.reduceat(np.where(np.isfinite(depths), depths, -np.inf), first)
        step = step_of(image)
        missing = np.add.reduceat(~np.isfinite(depths), first)
        for row, near, far, gone in zip(present.tolist(), nearest.tolist(), farthest.tolist(), missing.tolist()):
            recorded = image.annotations[row].depth_range
            if recorded is None or not np.isfinite(near) or (gone and _out_of_format(recorded, step)):
                continue
            allowed = step / 2 + _ROUNDING + _SINGLE * abs(recorded[1])
            gap = max(abs(recorded[0] - near), abs(recorded[1] - far))
            if gap > allowed:
                message = (
                    f"depth_range {recorded[0]:.4f} to {recorded[1]:.4f} m, the depth image shows "
                    f"{near:.4f} to {far:.4f} m"
                )
                yield image.finding(message, image.annotations[row], gap=gap, allowed=allowed)
