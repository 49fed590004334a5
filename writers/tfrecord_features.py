"""What tf.train.Example messages say of an image: the Object Detection API's keys, and a few of our own.

Keys: tensorflow/models, research/object_detection/data_decoders/tf_example_decoder.py.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from replicator_dr.dataset.labelled import LabelledImage
from replicator_dr.errors import OutputError
from replicator_dr.labels.content import Content
from replicator_dr.storage.tf_example import Bytes, Feature, Floats, Integers

Features = dict[str, Feature]


def image_features(
    image: LabelledImage, color: Content, form: str, depth: Content | None, depth_scale: float
) -> Features:
    """The image, its depth and its camera. form: of the colours, "png" or "jpg"."""
    camera = image.camera
    focal_x, focal_y, centre_x, centre_y = (float(number) for number in camera.intrinsics)
    measured: Features = {}
    if depth is not None:
        measured = {"image/depth/encoded": Bytes([depth.data]), "image/depth/scale": Floats([depth_scale / 1000])}
    return {
        "image/encoded": Bytes([color.data]),
        "image/format": Bytes([b"jpeg" if form == "jpg" else b"png"]),
        "image/height": Integers([camera.height]),
        "image/width": Integers([camera.width]),
        "image/filename": Bytes([f"{image.product}/{image.frame:06d}.{form}".encode()]),
        "image/source_id": Bytes([str(image.id).encode()]),
        "image/key/sha256": Bytes([color.sha256.encode()]),
        "image/camera/intrinsics": Floats([focal_x, 0.0, centre_x, 0.0, focal_y, centre_y, 0.0, 0.0, 1.0]),
        "image/camera/from_world": Floats(camera.from_world.ravel().tolist()),
        **measured,
    }


def object_features(image: LabelledImage, categories: Mapping[str, int]) -> Features:
    """Boxes of the visible pixels, as shares of the image's size, classes, and poses in the camera's frame."""
    records, rows = image.batch.records, image.rows
    names = image.category_names
    unknown = sorted(set(names) - set(categories))
    if unknown:
        raise OutputError(
            f"frame {image.frame} shows the category {unknown[0]!r}, which had no number when the dataset was opened; "
            "name all with `categories`"
        )
    box = records.box[rows].astype(np.float64)
    width, height = image.camera.width, image.camera.height
    count, prefix = len(rows), "image/object/"
    hidden: Features = {}
    if records.knows_hidden_parts:
        hidden = {prefix + "visible_fraction": Floats(records.visible_fraction[rows].tolist())}
    return {
        prefix + "bbox/xmin": Floats((box[:, 0] / width).tolist()),
        prefix + "bbox/xmax": Floats(((box[:, 2] + 1) / width).tolist()),
        prefix + "bbox/ymin": Floats((box[:, 1] / height).tolist()),
        prefix + "bbox/ymax": Floats(((box[:, 3] + 1) / height).tolist()),
        prefix + "class/text": Bytes([name.encode() for name in names]),
        prefix + "class/label": Integers([categories[name] for name in names]),
        prefix + "difficult": Integers([0] * count),
        prefix + "truncated": Integers((records.truncation[rows] > 0).astype(int).tolist()),
        prefix + "view": Bytes([b"Unspecified"] * count),
        prefix + "is_crowd": Integers([0] * count),
        prefix + "area": Floats(records.area[rows].tolist()),
        prefix + "id": Integers(image.object_ids(rows.tolist())),
        prefix + "pose/quaternion": Floats(records.pose.quaternion[rows].ravel().tolist()),
        prefix + "pose/translation": Floats(records.pose.translation[rows].ravel().tolist()),
        prefix + "pose/scale": Floats(records.pose.scale[rows].ravel().tolist()),
        **hidden,
    }


def keypoint_features(image: LabelledImage) -> Features:
    """For each object a keypoint of every name that the scene has, 0 where it has none; nothing for scenes without."""
    found = image.batch.keypoints
    if found is None or not found.sets:
        return {}
    names = list(dict.fromkeys(name for one in found.sets for name in one.names))
    place = np.zeros((len(image.rows), len(names), 2))
    seen = np.zeros((len(image.rows), len(names)), np.int64)
    for number, row in enumerate(image.rows.tolist()):
        if found.of_set[row] >= 0:
            columns = [names.index(name) for name in found.sets[found.of_set[row]].names]
            place[number, columns] = found.pixel[found.rows(row)]
            seen[number, columns] = found.visibility[found.rows(row)]
    prefix = "image/object/keypoint/"
    return {
        prefix + "x": Floats((place[..., 0] / image.camera.width).ravel().tolist()),
        prefix + "y": Floats((place[..., 1] / image.camera.height).ravel().tolist()),
        prefix + "visibility": Integers(seen.ravel().tolist()),
        prefix + "num": Integers((seen > 0).sum(axis=1).tolist()),
        prefix + "text": Bytes([name.encode() for name in names] * len(image.rows)),
    }


def mask_features(image: LabelledImage, level: int) -> Features:
    """A PNG image of each object's visible pixels, 1-channel, above 0 where it is."""
    files = image.batch.mask_files(level)
    return {"image/object/mask": Bytes([files[row].data for row in image.rows.tolist()])}
