"""annotations.json, made from the journal one line at a time: memory does not grow with a set."""

from __future__ import annotations

from typing import Any

from replicator_dr.dataset.assembly import Assembly, write_list
from replicator_dr.storage.json_numbers import dumps
from writers.coco_keypoints import CategoryKeypoints, KeypointSets
from writers.coco_lines import Annotations, CocoLine

CONVENTIONS = {
    "bbox": "[x, y, width, height] pixels of the visible mask; width = x_max - x_min + 1",
    "bbox_amodal": "the same for the mask that would be seen if nothing were in front, inside the image",
    "visible_fraction": "area / area_amodal",
    "truncation": "share of the box around the projected object that lies outside the image",
    "pose": "camera from object: p_camera = rotate(quaternion, scale * p_object) + translation; quaternion w x y z; "
    "metres; camera axes x right, y down, z forward",
    "bbox_3d": "min and max in the object's frame, scale applied [m]; image_points: its corners in pixels, for x_min "
    "y_min z_min, x_min y_min z_max, x_min y_max z_min, ... x_max y_max z_max; null behind the camera and where its "
    "lens does not see",
    "depth_range": "nearest and farthest visible depth along the optical axis [m]",
    "camera": "intrinsics: 3x3, pixel i covers i to i + 1; camera_from_world and world_from_camera: 4x4 for column "
    "vectors, camera axes x right, y down, z forward; world Z up; metres; distortion: OpenCV's model and coefficients, "
    "absent for pinholes",
}


def write_annotations(
    dataset: Assembly, name: str, split: str | None = None, keypoints: CategoryKeypoints | None = None
) -> CategoryKeypoints:
    """A COCO file of all images, or of those of a split.

    keypoints: of all images, where they are known. Returns those of the images of this file.
    """
    found: list[KeypointSets] = []

    def entry(line: CocoLine) -> bytes:
        if line.keypoint_sets and line.keypoint_sets not in found:
            found.append(line.keypoint_sets)
        return line.texts["image"]

    with dataset.file(name) as file:
        file.write((dumps({"info": _info(dataset), "licenses": []})[:-1] + ',"images":[').encode())
        write_list(file, ([entry(line)] for line in dataset.lines(split)))
        own = keypoints or CategoryKeypoints(found)
        annotations = Annotations(dataset.categories, own)
        file.write(b'],"annotations":[')
        write_list(file, ([text] if (text := annotations.text(line)) else () for line in dataset.lines(split)))
        categories = [
            {"id": number, "name": name, "supercategory": dataset.supercategories[name], **own.entry(name)}
            for name, number in dataset.categories.items()
        ]
        file.write(('],"categories":' + dumps(categories) + "}\n").encode())
    return own


def _info(dataset: Assembly) -> dict[str, Any]:
    info = dataset.info
    return {
        "description": str(info.get("description") or info.get("name") or "synthetic dataset"),
        "version": "1.0",
        "url": "",
        "contributor": "replicator_dr",
        "seed": info.get("seed"),
        "spec_hash": info.get("spec_hash"),
        "depth": info.get("depth"),
        "conventions": CONVENTIONS,
    }
