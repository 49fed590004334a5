"""The objects of an image from label records, as the columns that samples are made from."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from replicator_dr.data.keypoints import CategoryKeypoints
from replicator_dr.data.sample import UNKNOWN
from replicator_dr.dataset.labelled import LabelledImage
from replicator_dr.labels.cameras import FRACTION_DIGITS, METRE_DIGITS, PIXEL_DIGITS, ROTATION_DIGITS
from replicator_dr.labels.records import LabelRecords

Columns = dict[str, NDArray[Any]]

_NO_MASK = -1


def objects_of(image: LabelledImage, points: CategoryKeypoints, part: Any = None) -> dict[str, Any]:
    """Columns as ``sample_of`` takes them, rounded as in files.

    points: the categories. part: the image's parts as a Warp array, where masks are to be made on its device.
    """
    rows, found = image.rows, image.batch.keypoints
    numbers = {category.name: category.id for category in points.categories}
    labels = np.array([numbers[name] for name in image.category_names], np.int64)
    columns = image.batch.once("sample columns", lambda: _columns(image.batch.records))
    return {
        **{name: column[rows] for name, column in columns.items()},
        "masks": masks_of(image) if part is None else masks_on_device(image, part),
        "labels": labels,
        "annotation_ids": np.array(image.object_ids(rows.tolist()), np.int64),
        "iscrowd": np.zeros(len(rows), np.int64),
        **({"keypoints": points.of(found, rows, labels)} if points and found is not None else {}),
    }


def masks_of(image: LabelledImage) -> NDArray[np.bool_]:
    """(N, H, W): the visible pixels of each annotated object."""
    # The last entry is for -1, which is nothing.
    shown = np.append(_mask_of_id(image), np.int32(_NO_MASK))[image.batch.images.ids[image.index]]
    masks: NDArray[np.bool_] = shown == np.arange(len(image.rows), dtype=np.int32)[:, None, None]
    return masks


def masks_on_device(image: LabelledImage, part: Any) -> Any:
    """The same as a Warp array, uint8."""
    from replicator_dr.render.object_masks import object_masks

    return object_masks(part, _mask_of_id(image), len(image.rows))


def _mask_of_id(image: LabelledImage) -> NDArray[np.int32]:
    """(T,) which mask each id of ``images.ids`` belongs to."""
    instances = image.batch.records.instance[image.rows]  # ascending
    known = image.batch.images.instances[image.index].astype(np.int64)
    place = np.searchsorted(instances, known)
    found = np.append(instances, _NO_MASK)[place] == known
    return np.where(found, place, _NO_MASK).astype(np.int32)


def _columns(records: LabelRecords) -> Columns:
    """What is said of all objects of a batch, whoever annotates them."""
    pose, bounds = records.pose, records.bounds
    hidden = records.knows_hidden_parts
    unknown = np.full(len(records), np.nan)
    return {
        "boxes": _corners(records.box),
        "boxes_amodal": _corners(records.box_amodal) if hidden else np.tile(unknown[:, None], 4),
        "areas": records.area,
        "areas_amodal": records.area_amodal if hidden else np.full(len(records), UNKNOWN),
        "visible_fraction": _rounded(records.visible_fraction, FRACTION_DIGITS) if hidden else unknown,
        "truncation": _rounded(records.truncation, FRACTION_DIGITS),
        "depth_range": _rounded(records.depth_range, METRE_DIGITS),
        "instance_ids": records.instance,
        "prim_paths": np.array(records.paths, np.str_),
        "quaternions": _rounded(pose.quaternion, ROTATION_DIGITS),
        "translations": _rounded(pose.translation, METRE_DIGITS),
        "scales": _rounded(pose.scale, METRE_DIGITS),
        "boxes_3d": _rounded(np.sort(bounds, axis=1), METRE_DIGITS),
        "box_3d_points": _rounded(records.image_points, PIXEL_DIGITS),
    }


def _corners(box: NDArray[np.integer]) -> NDArray[np.float64]:
    """The ends of inclusive bounds as edges."""
    return box.astype(np.float64) + np.array([0.0, 0.0, 1.0, 1.0])


def _rounded(values: NDArray[np.floating], digits: int) -> NDArray[np.float64]:
    """The numbers that ``json_numbers.rounded`` writes; nan for what is not finite."""
    wide = np.round(values.astype(np.float64), digits) + 0.0
    return np.where(np.isfinite(wide), wide, np.nan)
