"""One image's objects as COCO annotations, from the payload of one render product."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product as combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from replicator_dr.errors import OutputError
from replicator_dr.storage.json_numbers import rounded
from replicator_dr.storage.polygon import outer_polygons
from replicator_dr.storage.rle import Masks, compress_runs, find_runs
from writers.coco_camera import METRE_DIGITS, ROTATION_DIGITS, Camera, poses_of

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
    segmentation = values["instance_segmentation_fast"]
    ids = np.asarray(segmentation["data"])
    paths = {int(key): path for key, path in segmentation["idToLabels"].items()}
    names = {
        int(key): category_of(labels, rules.label_type)
        for key, labels in segmentation["idToSemantics"].items()
        if int(key) > _UNLABELLED
    }
    table = np.zeros(int(ids.max(initial=0)) + 1, np.int64)
    for key, name in names.items():
        if name is not None and key < len(table) and (rules.categories is None or name in rules.categories):
            table[key] = key
    masks = compress_runs(find_runs(ids[None], table, background=0))
    objects = _Objects(values, [paths[key] for key in masks.value.tolist()], masks, camera)
    kept = np.flatnonzero((masks.area >= rules.min_pixels) & objects.visible_enough(rules.min_visible_fraction))
    if len(kept) and int(masks.value.max()) >= INSTANCES_PER_IMAGE:
        raise OutputError(
            f"instance id {int(masks.value.max())} is too high: annotation ids hold {INSTANCES_PER_IMAGE} labelled "
            "prims; label fewer prims"
        )
    shapes = _polygons(ids, table) if rules.polygons else _compressed(ids.shape, masks)
    columns = objects.columns()
    records = []
    for row in kept.tolist():
        instance = int(masks.value[row])
        records.append(
            {
                "id": image_id * INSTANCES_PER_IMAGE + instance,
                "image_id": image_id,
                "category": names[instance],
                **{name: column[row] for name, column in columns.items()},
                "segmentation": shapes[instance],
                "iscrowd": 0,
                "instance_id": instance,
                "prim_path": paths[instance],
            }
        )
    return records


def _compressed(shape: tuple[int, ...], masks: Masks) -> dict[int, Any]:
    size = [int(shape[0]), int(shape[1])]
    return {
        instance: {"size": size, "counts": counts}
        for instance, counts in zip(masks.value.tolist(), masks.counts, strict=True)
    }


def _polygons(ids: NDArray[Any], table: NDArray[np.int64]) -> dict[int, Any]:
    return {instance: rings for (_, instance), rings in outer_polygons(ids[None], table, background=0).items()}


class _Objects:
    """The numbers of one image's visible objects, as columns."""

    def __init__(self, values: Mapping[str, Any], paths: Sequence[str], masks: Masks, camera: Camera) -> None:
        self._masks = masks
        self._camera = camera
        self._values = values
        self._boxes = _rows(values["bounding_box_3d_fast"], paths)
        self._coverage = _rows(values["coverage"], paths) if "coverage" in values else None
        known = "bounding_box_2d_loose_fast" in values
        self._loose = _rows(values["bounding_box_2d_loose_fast"], paths) if known else None

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
        depth = np.asarray(self._values["distance_to_image_plane"]["data"])
        ids = np.asarray(self._values["instance_segmentation_fast"]["data"])
        ranges = [depth[ids == instance] for instance in self._masks.value.tolist()]
        return np.array([[seen.min(), seen.max()] for seen in ranges], np.float64).reshape(-1, 2)


def truncation(extent: NDArray[np.float64], camera: Camera) -> NDArray[np.float64]:
    """(N,) share of each projected extent that lies outside the image, 0..1; extent: (N, 4), continuous pixels."""
    size = np.array([camera.width, camera.height], np.float64)
    low, high = extent[:, :2], extent[:, 2:]
    whole = np.prod(np.maximum(high - low, 0.0), axis=1)
    inside = np.prod(np.maximum(np.minimum(high, size) - np.maximum(low, 0.0), 0.0), axis=1)
    share = 1.0 - inside / np.where(whole > 0, whole, 1.0)
    return np.where(whole > 0, np.clip(share, 0.0, 1.0), 0.0)


def _rows(value: Mapping[str, Any], paths: Sequence[str]) -> NDArray[Any]:
    """The rows of an annotator's table that belong to these prims, in their order.

    OutputError where one is missing: a runtime whose annotators do not agree on what is in the image.
    """
    row_of = {path: row for row, path in enumerate(value["primPaths"])}
    missing = [path for path in paths if path not in row_of]
    if missing:
        raise OutputError(f"{missing[0]} is seen in the segmentation but has no box; label the prim itself")
    table: NDArray[Any] = np.asarray(value["data"])[[row_of[path] for path in paths]]
    return table


def _xywh(box: NDArray[np.integer]) -> list[list[float]]:
    """COCO boxes from inclusive corners: width = x_max - x_min + 1."""
    corners = box.astype(np.float64)
    result: list[list[float]] = np.concatenate([corners[:, :2], corners[:, 2:] - corners[:, :2] + 1], axis=1).tolist()
    return result
