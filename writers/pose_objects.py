"""Cameras and objects as NDDS and FAT describe them: poses in the camera's frame, and cuboids in DOPE's order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from replicator_dr.dataset.labelled import LabelledBatch, LabelledImage
from replicator_dr.labels.cameras import ROTATION_DIGITS
from replicator_dr.labels.poses import quaternions
from replicator_dr.labels.records import LabelRecords
from replicator_dr.storage.json_numbers import rounded

Float64 = NDArray[np.float64]

DOPE_CORNERS = np.array(
    [(1, 0, 1), (0, 0, 1), (0, 1, 1), (1, 1, 1), (1, 0, 0), (0, 0, 0), (0, 1, 0), (1, 1, 0)]
)  # fmt: skip
"""Which end of the object's x, y, z each corner has (DOPE, cuboid.py: x to the right, y down, z to the front)."""

UNSEEN = -100.0
"""Pixels of what has no place in an image, as DOPE's own loader has them."""

_PIXEL_DIGITS = 3
_FRACTION_DIGITS = 6


@dataclass(frozen=True)
class Unit:
    """Of lengths. digits: after the point."""

    per_metre: float
    digits: int

    def of(self, metres: Float64) -> Any:
        """Lengths in metres as plain numbers in this unit."""
        return rounded(metres * self.per_metre, self.digits)


def camera_data(image: LabelledImage, unit: Unit) -> dict[str, Any]:
    """Size, intrinsics, lens, and the camera's pose in the world; its axes are OpenCV's."""
    camera = image.camera
    focal_x, focal_y, centre_x, centre_y = (float(number) for number in camera.intrinsics)
    rotation = camera.from_world[:3, :3].T
    intrinsics = rounded([focal_x, focal_y, centre_x, centre_y], _FRACTION_DIGITS)
    distortion = image.camera_record.get("distortion")
    return {
        "width": camera.width,
        "height": camera.height,
        "intrinsics": dict(zip(("fx", "fy", "cx", "cy"), intrinsics, strict=True)),
        **({} if distortion is None else {"distortion": distortion}),
        "location_worldframe": unit.of(-rotation @ camera.from_world[:3, 3]),
        "quaternion_xyzw_worldframe": _xyzw(quaternions(rotation[None]))[0],
    }


def objects_of(image: LabelledImage, unit: Unit) -> list[dict[str, Any]]:
    """The annotated objects of an image, by ascending instance."""
    batch = image.batch
    columns = batch.once(("pose columns", unit), lambda: _columns(batch.records, unit))
    rows = image.rows.tolist()
    return [
        {
            "class": category,
            "name": batch.records.paths[row],
            **{key: column[row] for key, column in columns.items()},
            **_keypoints(batch, row),
        }
        for category, row in zip(image.category_names, rows, strict=True)
    ]


def _columns(records: LabelRecords, unit: Unit) -> dict[str, list[Any]]:
    """What the objects of all images say."""
    # Corners come with z varying fastest, and mirrored axes begin at their upper end.
    ends = np.where((records.pose.scale < 0)[:, None, :], 1 - DOPE_CORNERS, DOPE_CORNERS)
    order = ends @ [4, 2, 1]
    cuboid = np.take_along_axis(records.corners, order[..., None], axis=1)
    projected = np.take_along_axis(records.image_points, order[..., None], axis=1)
    centre = records.camera.project(records.center[:, None])[:, 0]
    low, high = records.box[:, [1, 0]].tolist(), (records.box[:, [3, 2]] + 1).tolist()
    return {
        "instance_id": records.instance.tolist(),
        "visibility": rounded(records.visible_fraction, _FRACTION_DIGITS),
        "location": unit.of(records.pose.translation),
        "quaternion_xyzw": _xyzw(records.pose.quaternion),
        "cuboid_dimensions": unit.of(np.abs(records.bounds[:, 1] - records.bounds[:, 0])),
        "cuboid_centroid": unit.of(records.center),
        "projected_cuboid_centroid": _pixels(centre),
        "bounding_box": [{"top_left": a, "bottom_right": b} for a, b in zip(low, high, strict=True)],
        "cuboid": unit.of(cuboid),
        "projected_cuboid": _pixels(projected),
    }


def _keypoints(batch: LabelledBatch, row: int) -> dict[str, Any]:
    """An object's named points, where it has any; those outside the image have no place in it."""
    found = batch.keypoints
    if found is None or found.of_set[row] < 0:
        return {}
    own = found.rows(row)
    seen = found.visibility[own]
    place = _pixels(np.where(seen[:, None] > 0, found.pixel[own], np.nan))
    names = found.sets[int(found.of_set[row])].names
    points = zip(names, place, seen.tolist(), strict=True)
    return {"keypoints": [{"name": name, "projected": at, "visibility": v} for name, at, v in points]}


def _pixels(places: Float64) -> Any:
    return rounded(np.where(np.isfinite(places), places, UNSEEN), _PIXEL_DIGITS)


def _xyzw(wxyz: Float64) -> Any:
    return rounded(wxyz[:, [1, 2, 3, 0]], ROTATION_DIGITS)
