"""Label records: what is known of every object in a batch of images, as columns, each computed once when asked for."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from itertools import product as combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from replicator_dr.labels.cameras import Camera, stacked
from replicator_dr.labels.encoders import Encoders
from replicator_dr.labels.images import BOXES_3D, BOXES_AMODAL, COVERAGE, SEGMENTATION, ProductImages
from replicator_dr.labels.poses import Poses, poses_of
from replicator_dr.labels.table_rows import rows_of
from replicator_dr.optics.outside import outside_share
from replicator_dr.storage.rle import Masks

Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]

FIRST_INSTANCE = 2
"""Instance ids below this are the background and what has no label."""

CORNERS = np.array(list(combinations((0, 1), repeat=3)))
"""Which end of x, y, z each corner of a box has: z varies fastest."""


class LabelRecords:
    """The N objects that a batch of B images shows, sorted by image, then instance: a row each, in every column.

    An object is a prim with a semantic label of any type, of which at least one pixel is seen. image, instance: (N,)
    int64, which image of the batch, and which object it is over all images. paths: N prim paths. labels: N mappings
    {type: "a,b"} of all types that the writer's annotators let through. area: (N,) int64, visible pixels. box: (N, 4)
    int64, x_min, y_min, x_max, y_max of the visible pixels, inclusive. counts: N COCO run-length strings.
    """

    def __init__(self, images: ProductImages, encoders: Encoders) -> None:
        self.images = images
        self._encoders = encoders
        tables = images.tables(SEGMENTATION)
        labels = [_numbered(table["idToSemantics"]) for table in tables]
        known = images.instances.astype(np.int64)
        for index, named in enumerate(labels):
            present = [number for number in named if number >= FIRST_INSTANCE]
            known[index, ~np.isin(known[index], present)] = -1
        self._known = known
        self.masks: Masks = encoders.masks(images.ids, known)
        paths = [_numbered(table["idToLabels"]) for table in tables]
        self._seen = list(zip(self.masks.image.tolist(), self.masks.value.tolist(), strict=True))
        self.paths: list[str] = [paths[image][instance] for image, instance in self._seen]
        self.labels: list[Mapping[str, str]] = [labels[image][instance] for image, instance in self._seen]

    def __len__(self) -> int:
        return len(self.paths)

    @property
    def image(self) -> Int64:
        """(N,) which image of the batch."""
        return self.masks.image

    @property
    def instance(self) -> Int64:
        """(N,) which object it is, over all images of the dataset."""
        return self.masks.value

    @property
    def area(self) -> Int64:
        """(N,) visible pixels."""
        return self.masks.area

    @property
    def box(self) -> Int64:
        """(N, 4) x_min, y_min, x_max, y_max of the visible pixels, inclusive."""
        return self.masks.box

    @property
    def counts(self) -> tuple[str, ...]:
        """N masks of the visible pixels: COCO's compressed run lengths."""
        return self.masks.counts

    @cached_property
    def outlines(self) -> list[list[list[int]]]:
        """N lists of rings [x0, y0, x1, y1, ...] along the outer corners of the visible pixels; holes are filled."""
        rings = self._encoders.outlines(self.images.ids, self._known)
        return [rings[pair] for pair in self._seen]

    @cached_property
    def ways(self) -> list[NDArray[np.int32]]:
        """N times (n, 2): the corners of the visible pixels' outer and inner borders as one way."""
        ways = self._encoders.ways(self.images.ids, self._known)
        return [ways[pair] for pair in self._seen]

    @cached_property
    def camera(self) -> Camera:
        """The camera of each object's image."""
        return stacked(self.images.cameras, self.image)

    # ---- what others hide ------------------------------------------------------------------------------------

    @property
    def knows_hidden_parts(self) -> bool:
        """Whether amodal boxes, areas and visible fractions are there: tiles on Isaac Sim do not have them."""
        return BOXES_AMODAL in self.images

    @cached_property
    def area_amodal(self) -> Int64:
        """(N,) pixels that each would cover if nothing were in front, inside the image."""
        if self._coverage is not None:
            return self._coverage["amodal"].astype(np.int64)
        # The ratio is 1 - visible / amodal in single precision.
        seen = np.maximum(1.0 - self._loose["occlusionRatio"].astype(np.float64), 1e-9)
        whole: Int64 = np.maximum(np.rint(self.area / seen).astype(np.int64), self.area)
        return whole

    @cached_property
    def box_amodal(self) -> Int64:
        """(N, 4) x_min, y_min, x_max, y_max of those pixels, inclusive."""
        corners = [self._loose[name] for name in ("x_min", "y_min", "x_max", "y_max")]
        return np.stack(corners, axis=-1).astype(np.int64)

    @cached_property
    def visible_fraction(self) -> Float64:
        """(N,) visible share of each, 0..1."""
        fraction: Float64 = self.area / np.maximum(self.area_amodal, 1)
        return fraction

    # ---- in space --------------------------------------------------------------------------------------------

    @cached_property
    def pose(self) -> Poses:
        """Poses in the camera's frame."""
        return poses_of(self.camera, self._boxes["transform"])

    @cached_property
    def bounds(self) -> Float64:
        """(N, 2, 3) [m]: two opposite corners of each box in the object's frame, scale applied.

        The first is the lower end of each axis, except along an axis that is mirrored.
        """
        ends = [np.stack([self._boxes[f"{axis}_{end}"] for axis in "xyz"], axis=-1) for end in ("min", "max")]
        scaled: Float64 = np.stack(ends, axis=1).astype(np.float64) * self.pose.scale[:, None, :]
        return scaled

    @cached_property
    def corners(self) -> Float64:
        """(N, 8, 3) [m]: the corners of each box in the camera's frame, in the order of ``CORNERS``."""
        own = np.stack([self.bounds[:, CORNERS[:, axis], axis] for axis in range(3)], axis=-1)
        turned = (own[:, :, None, :] * self.pose.rotation[:, None]).sum(axis=-1)
        placed: Float64 = turned + self.pose.translation[:, None, :]
        return placed

    @cached_property
    def image_points(self) -> Float64:
        """(N, 8, 2) [pixels]: those corners in the image; nan behind the camera and where its lens does not see."""
        return self.camera.project(self.corners)

    @cached_property
    def center(self) -> Float64:
        """(N, 3) [m]: the centre of each box in the camera's frame."""
        own = self.bounds.mean(axis=1)
        placed: Float64 = (own[:, None, :] * self.pose.rotation).sum(axis=-1) + self.pose.translation
        return placed

    @cached_property
    def distance(self) -> Float64:
        """(N,) [m]: from the camera to the centre of each box."""
        return np.asarray(np.linalg.norm(self.center, axis=1), np.float64)

    @cached_property
    def depth_range(self) -> Float64:
        """(N, 2) [m]: nearest and farthest visible depth along the optical axis."""
        if self._coverage is not None:
            return self._coverage["depthRange"].astype(np.float64)
        ranges = []
        for image, instance in zip(self.image.tolist(), self.instance.tolist(), strict=True):
            seen = self.images.depth[image][self.images.instance_image(image) == instance]
            ranges.append([seen.min(), seen.max()])
        return np.array(ranges, np.float64).reshape(-1, 2)

    @cached_property
    def extent(self) -> Float64:
        """(N, 4) [pixels]: x_min, y_min, x_max, y_max of each projected object, also outside the image.

        Where the runtime knows no better, that of its 3D box.
        """
        if self._coverage is not None:
            return self._coverage["extent"].astype(np.float64)
        inside = np.nan_to_num(self.image_points, nan=0.0)
        return np.concatenate([inside.min(axis=1), inside.max(axis=1)], axis=-1)

    @cached_property
    def truncation(self) -> Float64:
        """(N,) share of each projected extent that lies outside the image, 0..1."""
        return truncation(self.extent, self.camera)

    # ---- annotators' rows ------------------------------------------------------------------------------------

    def rows(self, annotator: str) -> NDArray[Any]:
        """(N,) rows of an annotator that has one for each prim, with ``primPaths`` in its tables."""
        return rows_of(self.images.annotation(annotator).data, self.images.tables(annotator), self.pairs)

    @cached_property
    def pairs(self) -> list[tuple[int, str]]:
        """N times (image of the batch, prim path)."""
        return list(zip(self.image.tolist(), self.paths, strict=True))

    @cached_property
    def _boxes(self) -> NDArray[Any]:
        return self.rows(BOXES_3D)

    @cached_property
    def _loose(self) -> NDArray[Any]:
        return self.rows(BOXES_AMODAL)

    @cached_property
    def _coverage(self) -> NDArray[Any] | None:
        return self.rows(COVERAGE) if COVERAGE in self.images else None


def truncation(extent: Float64, camera: Camera) -> Float64:
    """(N,) share of each projected extent that lies outside the image, 0..1; extent: (N, 4), continuous pixels."""
    return outside_share(extent, np.array([camera.width, camera.height], np.float64))


def _numbered(table: Mapping[Any, Any]) -> Mapping[int, Any]:
    """An annotator's table with whole numbers for keys, as not every runtime gives it."""
    return table if all(type(key) is int for key in table) else {int(key): value for key, value in table.items()}
