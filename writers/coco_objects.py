"""The objects of images as COCO annotations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import product as combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from replicator_dr.errors import OutputError
from replicator_dr.optics.outside import outside_share
from replicator_dr.storage.json_numbers import rounded
from replicator_dr.storage.rle import Masks
from writers.coco_camera import METRE_DIGITS, ROTATION_DIGITS, Camera, poses_of, stacked
from writers.coco_encoding import encode_masks, outer_polygons
from writers.coco_images import SEGMENTATION, ImageBatch, of_payload

INSTANCES_PER_IMAGE = 100_000
"""Annotation ids are image id times this plus the instance's id: unique, and independent of what else is written."""

_UNLABELLED = 1
_FRACTION_DIGITS = 6
_PIXEL_DIGITS = 3

_CORNERS = np.array(list(combinations((0, 1), repeat=3)))
"""Which end of x, y, z each corner of a box has: z varies fastest."""


@dataclass(frozen=True)
class ObjectRules:
    """Which objects are annotated, and how. label_type: the semantic type that names the category."""

    label_type: str = "class"
    polygons: bool = False
    min_pixels: int = 1
    min_visible_fraction: float = 0.0
    categories: frozenset[str] | None = None


def category_of(labels: Mapping[str, str], label_type: str) -> str | None:
    """The category that a prim's labels name: its own label, which comes before those it inherits."""
    return labels.get(label_type, "").split(",")[0] or None


def annotations_of(
    image_id: int, values: Mapping[str, Any], camera: Camera, rules: ObjectRules
) -> list[dict[str, Any]]:
    """The annotations of one image, by ascending instance id.

    values: the render product's part of a payload in the "renderProduct" layout, with instance_segmentation_fast,
    bounding_box_3d_fast, distance_to_image_plane and, where they are known, bounding_box_2d_loose_fast and coverage.
    Without those two nobody knows how much of an object is hidden: what says so is left out.
    """
    return annotations_of_batch([image_id], replace(of_payload("", values), cameras=[camera]), rules)[0]


def annotations_of_batch(
    image_ids: Sequence[int], images: ImageBatch, rules: ObjectRules
) -> list[list[dict[str, Any]]]:
    """The annotations of each image of a batch: what is computed is computed for all objects of all images at once."""
    names = [_names(values, rules) for values in images.values]
    table = images.table.astype(np.int64)
    for image, known in enumerate(names):
        table[image, ~np.isin(table[image], list(known))] = -1
    masks = encode_masks(images.ids, table)
    paths = [{int(key): path for key, path in values[SEGMENTATION]["idToLabels"].items()} for values in images.values]
    pairs = list(zip(masks.image.tolist(), masks.value.tolist(), strict=True))
    objects = _Objects(images, [paths[image][instance] for image, instance in pairs], masks)
    kept = (masks.area >= rules.min_pixels) & objects.visible_enough(rules.min_visible_fraction)
    if kept.any() and int(masks.value.max()) >= INSTANCES_PER_IMAGE:
        raise OutputError(
            f"instance id {int(masks.value.max())} is too high: annotation ids hold {INSTANCES_PER_IMAGE} labelled "
            "prims; label fewer prims"
        )
    shapes = _polygons(images, table, pairs) if rules.polygons else _compressed(images.ids.shape, masks)
    columns = objects.columns()
    records: list[list[dict[str, Any]]] = [[] for _ in image_ids]
    for row in np.flatnonzero(kept).tolist():
        image, instance = pairs[row]
        records[image].append(
            {
                "id": image_ids[image] * INSTANCES_PER_IMAGE + instance,
                "image_id": image_ids[image],
                "category": names[image][instance],
                **{name: column[row] for name, column in columns.items()},
                "segmentation": shapes[row],
                "iscrowd": 0,
                "instance_id": instance,
                "prim_path": paths[image][instance],
            }
        )
    return records


def _names(values: Mapping[str, Any], rules: ObjectRules) -> dict[int, str]:
    """{instance id: category} of the prims of an image that are to be annotated."""
    named = (
        (int(key), category_of(labels, rules.label_type))
        for key, labels in values[SEGMENTATION]["idToSemantics"].items()
        if int(key) > _UNLABELLED
    )
    return {
        key: name for key, name in named if name is not None and (rules.categories is None or name in rules.categories)
    }


def _compressed(shape: tuple[int, ...], masks: Masks) -> list[Any]:
    size = [int(shape[1]), int(shape[2])]
    return [{"size": size, "counts": counts} for counts in masks.counts]


def _polygons(images: ImageBatch, table: NDArray[np.int64], pairs: Sequence[tuple[int, int]]) -> list[Any]:
    rings = outer_polygons(images.ids, table)
    return [rings[pair] for pair in pairs]


class _Objects:
    """The numbers of the visible objects of a batch of images, as columns."""

    def __init__(self, images: ImageBatch, paths: Sequence[str], masks: Masks) -> None:
        self._images = images
        self._masks = masks
        self._camera = stacked(images.cameras, masks.image)
        known = images.values[0]

        def rows(name: str) -> NDArray[Any]:
            return _rows([values[name] for values in images.values], masks.image, paths)

        self._boxes = rows("bounding_box_3d_fast")
        self._coverage = rows("coverage") if "coverage" in known else None
        self._loose = rows("bounding_box_2d_loose_fast") if "bounding_box_2d_loose_fast" in known else None

    @cached_property
    def _area_amodal(self) -> NDArray[np.int64]:
        """(N,) pixels that each would cover if nothing were in front."""
        if self._coverage is not None:
            return self._coverage["amodal"].astype(np.int64)
        assert self._loose is not None
        # The ratio is 1 - visible / amodal in single precision.
        seen = np.maximum(1.0 - self._loose["occlusionRatio"].astype(np.float64), 1e-9)
        return np.maximum(np.rint(self._masks.area / seen).astype(np.int64), self._masks.area)

    @cached_property
    def _visible_fraction(self) -> NDArray[np.float64]:
        return self._masks.area / np.maximum(self._area_amodal, 1)

    def visible_enough(self, least: float) -> NDArray[np.bool_]:
        """(N,) whether at least that share of each is visible. OutputError where that is not known."""
        if self._loose is not None:
            return self._visible_fraction >= least
        if least > 0:
            raise OutputError(
                f"min_visible_fraction is {least}, and tiled render products do not say how much of an object is "
                "hidden; set tiled: false in render_products"
            )
        return np.ones(len(self._masks.area), np.bool_)

    def _amodal(self) -> dict[str, list[Any]]:
        """What is known of the hidden parts."""
        if self._loose is None:
            return {}
        box = np.stack([self._loose[name] for name in ("x_min", "y_min", "x_max", "y_max")], axis=-1)
        return {
            "bbox_amodal": _xywh(box),
            "area_amodal": self._area_amodal.tolist(),
            "visible_fraction": rounded(self._visible_fraction, _FRACTION_DIGITS),
        }

    def columns(self) -> dict[str, list[Any]]:
        """{key of the annotation: one value per object}."""
        pose = poses_of(self._camera, self._boxes["transform"])
        ends = np.stack(
            [np.stack([self._boxes[f"{axis}_{end}"] for axis in "xyz"], axis=-1) for end in ("min", "max")], axis=1
        ).astype(np.float64)
        ends = ends * pose.scale[:, None, :]
        corners = np.stack([ends[:, _CORNERS[:, axis], axis] for axis in range(3)], axis=-1)
        in_camera = (corners[:, :, None, :] * pose.rotation[:, None]).sum(axis=-1) + pose.translation[:, None, :]
        points = self._camera.project(in_camera)
        pose_columns = zip(
            rounded(pose.quaternion, ROTATION_DIGITS),
            rounded(pose.translation, METRE_DIGITS),
            rounded(pose.scale, METRE_DIGITS),
            strict=True,
        )
        box_columns = zip(
            rounded(ends.min(axis=1), METRE_DIGITS),
            rounded(ends.max(axis=1), METRE_DIGITS),
            rounded(points, _PIXEL_DIGITS),
            strict=True,
        )
        return {
            "bbox": _xywh(self._masks.box),
            "area": self._masks.area.tolist(),
            **self._amodal(),
            "truncation": rounded(truncation(self._extent(points), self._camera), _FRACTION_DIGITS),
            "pose": [
                {"quaternion": quaternion, "translation": translation, "scale": scale}
                for quaternion, translation, scale in pose_columns
            ],
            "bbox_3d": [{"min": low, "max": high, "image_points": image} for low, high, image in box_columns],
            "depth_range": rounded(self._depth_range(), METRE_DIGITS),
        }

    def _extent(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """(N, 4): x_min, y_min, x_max, y_max of each projected object; of its 3D box where no better is known."""
        if self._coverage is not None:
            return self._coverage["extent"].astype(np.float64)
        inside = np.nan_to_num(points, nan=0.0)
        return np.concatenate([inside.min(axis=1), inside.max(axis=1)], axis=-1)

    def _depth_range(self) -> NDArray[np.float64]:
        """(N, 2) [m]: nearest and farthest visible depth."""
        if self._coverage is not None:
            return self._coverage["depthRange"].astype(np.float64)
        ranges = []
        for image, instance in zip(self._masks.image.tolist(), self._masks.value.tolist(), strict=True):
            seen = self._images.depth[image][self._images.instance_image(image) == instance]
            ranges.append([seen.min(), seen.max()])
        return np.array(ranges, np.float64).reshape(-1, 2)


def truncation(extent: NDArray[np.float64], camera: Camera) -> NDArray[np.float64]:
    """(N,) share of each projected extent that lies outside the image, 0..1; extent: (N, 4), continuous pixels."""
    return outside_share(extent, np.array([camera.width, camera.height], np.float64))


def _rows(tables: Sequence[Mapping[str, Any]], image: NDArray[np.int64], paths: Sequence[str]) -> NDArray[Any]:
    """The rows of an annotator's tables, one for each image, that belong to these images' prims, in their order.

    OutputError where one is missing: a runtime whose annotators do not agree on what is in the image.
    """
    row_of: dict[tuple[int, str], int] = {}
    first = 0
    for number, table in enumerate(tables):
        row_of.update({(number, path): first + row for row, path in enumerate(table["primPaths"])})
        first += len(table["primPaths"])
    found = [row_of.get(pair, -1) for pair in zip(image.tolist(), paths, strict=True)]
    if -1 in found:
        raise OutputError(f"{paths[found.index(-1)]} is seen in the segmentation but has no box; label the prim itself")
    rows: NDArray[Any] = np.concatenate([np.asarray(table["data"]) for table in tables])[found]
    return rows


def _xywh(box: NDArray[np.integer]) -> list[list[float]]:
    """COCO boxes from inclusive corners: width = x_max - x_min + 1."""
    corners = box.astype(np.float64)
    result: list[list[float]] = np.concatenate([corners[:, :2], corners[:, 2:] - corners[:, :2] + 1], axis=1).tolist()
    return result
