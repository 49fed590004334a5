"""pose_depth: what the depth image shows of an object lies in its 3D box."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

import numpy as np

from replicator_dr.run.audit.check import ImageCheck
from replicator_dr.run.audit.checks.depth import step_of
from replicator_dr.run.audit.dataset import AuditedDataset
from replicator_dr.run.audit.findings import Finding
from replicator_dr.run.audit.geometry import rays
from replicator_dr.run.audit.image import AuditedImage

_SAMPLES = 1024
"""Pixels of a mask that are tried at most, evenly over it."""
_METRES = 2e-5
_RELATIVE = 2e-5
"""Single precision of depth and pose, and the digits of the record."""
_FEW, _FEW_SHARE = 2, 0.05
"""Pixels of a mask that may lie outside by less than a pixel's width. The renderer puts vertices on a grid of 1/256
pixel, so that a pixel on the outline may see a face beyond its edge; where the face is seen at a grazing angle, that is
a long way along it."""


class PoseDepth(ImageCheck):
    """Each visible pixel, taken to space by its depth and into the object's frame by its pose, is in the box."""

    name = "pose_depth"
    meaning = "Surface points seen within a mask, moved into the object's frame by its pose, lie in its bbox_3d."
    limits: ClassVar[dict[str, float]] = {"samples_a_mask": _SAMPLES, "metres": _METRES, "share": _FEW_SHARE}

    def __init__(self, dataset: AuditedDataset) -> None:
        super().__init__(dataset)
        if dataset.manifest.depth is None:
            self.skip("the dataset has no depth images")

    def find(self, image: AuditedImage) -> Iterator[Finding]:
        """Try pixels of all masks at once."""
        geometry, masks = image.geometry, image.masks
        if geometry is None or masks is None or image.depth is None or not image.exact or not len(geometry.posed):
            return
        own = [
            np.arange(masks.first[place], masks.first[place + 1], max(1, masks.area[place] // _SAMPLES))
            for place in geometry.posed.tolist()
        ]
        rows = np.repeat(np.arange(len(own)), [len(taken) for taken in own])
        column, line = np.divmod(masks.pixels[np.concatenate(own)], masks.height)
        depth = image.depth[line, column].astype(np.float64)
        known = np.isfinite(depth)
        column, line, rows, depth = column[known], line[known], rows[known], depth[known]
        directions = rays(geometry.lens, np.stack([column + 0.5, line + 0.5], axis=-1))
        points = directions * depth[:, None] - geometry.translation[rows]
        local = np.einsum("nji,nj->ni", geometry.rotation[rows], points)
        outside = np.maximum(geometry.low[rows] - local, local - geometry.high[rows]).max(axis=1)
        # A step of the format moves a point along its ray.
        length = np.linalg.norm(directions, axis=1)
        allowed = length * (step_of(image) / 2 + _RELATIVE * np.abs(depth)) + _METRES
        beyond = np.where(np.isnan(outside), -np.inf, outside - allowed)
        width = length * np.abs(depth) / min(geometry.lens.intrinsics[:2])
        for row in np.unique(rows[beyond > 0]).tolist():
            its = np.flatnonzero(rows == row)
            worst = its[np.argmax(beyond[its])]
            share = float(np.mean(beyond[its] > 0))
            if beyond[worst] < width[worst] and np.count_nonzero(beyond[its] > 0) <= max(_FEW, _FEW_SHARE * len(its)):
                continue
            message = (
                f"{share:.0%} of its surface lies outside its 3D box, up to {outside[worst] * 1000:.1f} mm "
                f"(at column {column[worst]}, row {line[worst]})"
            )
            numbers = {"share": share, "metres": float(outside[worst]), "allowed": float(allowed[worst])}
            yield image.finding(message, image.annotations[int(geometry.posed[row])], **numbers)
