"""What BOP says of one image: camera, poses, visibility, masks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from replicator_dr.dataset.labelled import LabelledImage
from replicator_dr.errors import OutputError
from replicator_dr.labels.content import Content
from replicator_dr.labels.images import AMODAL, DEPTH, SILHOUETTE
from replicator_dr.storage.json_numbers import rounded
from writers.bop_models import MILLIMETRES, Placed

_ROTATION_DIGITS, _MILLIMETRE_DIGITS, _FRACTION_DIGITS = 8, 4, 6
_SAME_SIZE = 1e-4
_FARTHEST = 65535


def image_camera(image: LabelledImage, depth_scale: float) -> dict[str, Any]:
    """The entry of scene_camera.json, with a lens that distorts recorded beside what BOP knows."""
    camera = image.camera
    lens = {"distortion": image.camera_record["distortion"]} if camera.lenses else {}
    focal_x, focal_y, centre_x, centre_y = (float(number) for number in camera.intrinsics)
    # Pixel i covers i to i + 1 here; OpenCV counts from the first pixel's centre.
    matrix = [focal_x, 0.0, centre_x - 0.5, 0.0, focal_y, centre_y - 0.5, 0.0, 0.0, 1.0]
    return {
        "cam_K": rounded(matrix, _FRACTION_DIGITS),
        "depth_scale": depth_scale,
        "cam_R_w2c": rounded(camera.from_world[:3, :3].reshape(9), _ROTATION_DIGITS),
        "cam_t_w2c": rounded(camera.from_world[:3, 3] * MILLIMETRES, _MILLIMETRE_DIGITS),
        **lens,
    }


def gt_entries(image: LabelledImage, placed: Mapping[int, Placed]) -> list[dict[str, Any]]:
    """The entry of scene_gt.json, not to be changed: model to camera, by ascending instance.

    OutputError for an object that is not the size of its model, or has none: poses have no scale.
    """
    key = ("bop gt", image.batch.rules, tuple(placed.items()), image.index)
    return image.batch.once(key, lambda: _gt_entries(image, placed))


def _gt_entries(image: LabelledImage, placed: Mapping[int, Placed]) -> list[dict[str, Any]]:
    records, rows = image.batch.records, image.rows
    instances = records.instance[rows].tolist()
    for row, instance in zip(rows.tolist(), instances, strict=True):
        if instance not in placed:
            raise OutputError(
                f"{records.paths[row]} is a {image.batch.selection.categories[row]} in frame {image.frame}, which it "
                "is in none of the first frames, from which the models are: label it the same throughout"
            )
    shown = [placed[instance] for instance in instances]
    scale = np.array([one.scale for one in shown], np.float64).reshape(-1, 3)
    apart = np.abs(records.pose.scale[rows] - scale).max(axis=1, initial=0.0)
    changed = np.flatnonzero(apart > _SAME_SIZE * np.abs(scale).max(axis=1, initial=0.0))
    if len(changed):
        row = rows[changed[0]]
        raise OutputError(
            f"{records.paths[row]} has the scale {rounded(records.pose.scale[row], 4)} in frame {image.frame} and "
            f"{rounded(scale[changed[0]], 4)} in frame 0: BOP's poses have no scale; keep its size, or write another "
            "format"
        )
    center = np.array([one.center for one in shown], np.float64).reshape(-1, 3)
    rotation = records.pose.rotation[rows]
    moved = (rotation * center[:, None, :]).sum(axis=-1) + records.pose.translation[rows]
    columns = zip(
        shown,
        rounded(rotation.reshape(-1, 9), _ROTATION_DIGITS),
        rounded(moved * MILLIMETRES, _MILLIMETRE_DIGITS),
        strict=True,
    )
    return [{"cam_R_m2c": turn, "cam_t_m2c": place, "obj_id": one.number} for one, turn, place in columns]


def gt_info(image: LabelledImage, depth_scale: float, level: int) -> list[dict[str, Any]]:
    """The entry of scene_gt_info.json, not to be changed. Boxes have the width x_max - x_min, as bop_toolkit has them.

    depth_scale, level: of the depth images.
    """
    batch = image.batch
    key = ("bop info", batch.rules, depth_scale, image.index)
    return batch.once(key, lambda: _gt_info(image, depth_scale, level), AMODAL, SILHOUETTE, DEPTH)


def _gt_info(image: LabelledImage, depth_scale: float, level: int) -> list[dict[str, Any]]:
    batch, rows = image.batch, image.rows
    records, whole = batch.records, batch.silhouettes
    assert whole is not None
    every = whole["pixels"][rows].astype(np.int64)
    box = np.stack([whole[name][rows] for name in ("x_min", "y_min", "x_max", "y_max")], axis=-1).astype(np.int64)
    visible = records.area[rows]
    fraction = rounded(visible / np.maximum(every, 1), _FRACTION_DIGITS)
    columns = zip(
        _corner_size(box),
        _corner_size(records.box[rows]),
        every.tolist(),
        _measured(image, depth_scale, level),
        visible.tolist(),
        fraction,
    )
    return [
        {
            "bbox_obj": around,
            "bbox_visib": seen,
            "px_count_all": count,
            "px_count_valid": good,
            "px_count_visib": pixels,
            "visib_fract": share,
        }
        for around, seen, count, good, pixels, share in columns
    ]


def _measured(image: LabelledImage, depth_scale: float, level: int) -> list[int]:
    """Pixels of each whole object, inside the image, that have depth.

    Where an object is there is a surface, its own or one in front: only what lies out of range has none.
    """
    records, rows = image.batch.records, image.rows
    depth, steps_per_metre = image.batch.images.depth[image.index], np.float32(MILLIMETRES / depth_scale)
    beyond = image.batch.depth("png16", depth_scale, level).beyond[image.index]
    if beyond == 0 and np.rint(depth.min(initial=np.inf) * steps_per_metre) > 0:
        counts: list[int] = records.area_amodal[rows].tolist()
        return counts
    steps = np.rint(depth * steps_per_metre)
    valid = (steps > 0) & (steps <= _FARTHEST)
    return [int((whole & valid).sum()) for whole in _whole(image)]


def masks(image: LabelledImage, number: int, level: int) -> dict[str, Content]:
    """{name below the scene: PNG file}, 0 or 255: of the whole object and of what is seen, for each instance.

    number: of the image in its scene. Instances count from 0 in the order of scene_gt.json.
    """
    seen, whole = image.batch.mask_files(level), image.batch.amodal_mask_files(level)
    files = {}
    for place, row in enumerate(image.rows.tolist()):
        name = f"{number:06d}_{place:06d}.png"
        files[f"mask_visib/{name}"] = seen[row]
        files[f"mask/{name}"] = whole[row]
    return files


def _whole(image: LabelledImage) -> Iterator[NDArray[np.bool_]]:
    """(H, W) masks of the annotated objects as if nothing were in front, inside the image."""
    from pycocotools import mask

    counts, camera = image.batch.amodal_counts, image.camera
    assert counts is not None
    size = [camera.height, camera.width]
    for row in image.rows.tolist():
        yield mask.decode({"size": size, "counts": counts[row]}).view(np.bool_)


def _corner_size(box: NDArray[np.int64]) -> list[list[int]]:
    """[x, y, x_max - x_min, y_max - y_min] from inclusive corners."""
    result: list[list[int]] = np.concatenate([box[:, :2], box[:, 2:] - box[:, :2]], axis=1).tolist()
    return result
