"""The objects of images as COCO annotations, and the images themselves."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from replicator_dr.dataset.labelled import OBJECTS_PER_IMAGE, LabelledImage
from replicator_dr.errors import OutputError
from replicator_dr.labels.cameras import FRACTION_DIGITS, METRE_DIGITS, PIXEL_DIGITS, ROTATION_DIGITS
from replicator_dr.labels.records import LabelRecords
from replicator_dr.storage.json_numbers import rounded
from writers.coco_keypoints import keypoint_columns

Columns = dict[str, list[Any]]
"""{key of an annotation: its value for each row of the label records}."""


def image_entry(image: LabelledImage, names: dict[str, str]) -> dict[str, Any]:
    """An image's entry in ``images``. names: its files, by key."""
    return {
        "id": image.id,
        "width": image.camera.width,
        "height": image.camera.height,
        **names,
        "frame": image.frame,
        "product": image.product,
        "camera": image.camera_record,
        "draws": image.draws,
    }


def annotations_of(image: LabelledImage, polygons: bool = False) -> list[dict[str, Any]]:
    """The annotations of one image, by ascending id, with the category's name in place of its number.

    Where the runtime does not know how much of an object is hidden, what says so is left out. OutputError where an
    instance's number leaves no room for it in annotation ids.
    """
    records, rows = image.batch.records, image.rows.tolist()
    if rows and int(records.instance[rows].max()) >= OBJECTS_PER_IMAGE:
        raise OutputError(
            f"instance id {int(records.instance[rows].max())} is too high: annotation ids hold {OBJECTS_PER_IMAGE} "
            "labelled prims; label fewer prims"
        )
    columns = image.batch.once("coco columns", lambda: _columns(records))
    points = keypoint_columns(image.batch)
    shapes = records.outlines if polygons else columns["rle"]
    instances = records.instance.tolist()
    keys = [key for key in columns if key != "rle"]
    return [
        {
            "id": number,
            "image_id": image.id,
            "category": category,
            **{key: columns[key][row] for key in keys},
            **points.get(row, {}),
            "segmentation": shapes[row],
            "iscrowd": 0,
            "instance_id": instances[row],
            "prim_path": records.paths[row],
        }
        for number, category, row in zip(image.object_ids(rows), image.category_names, rows, strict=True)
    ]


def _columns(records: LabelRecords) -> Columns:
    """What the annotations of all objects say, whoever asks for them."""
    pose, bounds = records.pose, records.bounds
    poses = zip(
        rounded(pose.quaternion, ROTATION_DIGITS),
        rounded(pose.translation, METRE_DIGITS),
        rounded(pose.scale, METRE_DIGITS),
        strict=True,
    )
    boxes = zip(
        rounded(bounds.min(axis=1), METRE_DIGITS),
        rounded(bounds.max(axis=1), METRE_DIGITS),
        rounded(records.image_points, PIXEL_DIGITS),
        strict=True,
    )
    size = [int(records.images.ids.shape[1]), int(records.images.ids.shape[2])]
    return {
        "bbox": xywh(records.box),
        "area": records.area.tolist(),
        **(_hidden(records) if records.knows_hidden_parts else {}),
        "truncation": rounded(records.truncation, FRACTION_DIGITS),
        "pose": [
            {"quaternion": quaternion, "translation": translation, "scale": scale}
            for quaternion, translation, scale in poses
        ],
        "bbox_3d": [{"min": low, "max": high, "image_points": image} for low, high, image in boxes],
        "depth_range": rounded(records.depth_range, METRE_DIGITS),
        "rle": [{"size": size, "counts": counts} for counts in records.counts],
    }


def _hidden(records: LabelRecords) -> Columns:
    """What is known of the hidden parts."""
    return {
        "bbox_amodal": xywh(records.box_amodal),
        "area_amodal": records.area_amodal.tolist(),
        "visible_fraction": rounded(records.visible_fraction, FRACTION_DIGITS),
    }


def xywh(box: NDArray[np.integer]) -> list[list[float]]:
    """COCO boxes from inclusive corners: width = x_max - x_min + 1."""
    corners = box.astype(np.float64)
    result: list[list[float]] = np.concatenate([corners[:, :2], corners[:, 2:] - corners[:, :2] + 1], axis=1).tolist()
    return result
