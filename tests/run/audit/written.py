"""A dataset that tests damage: what they change, they change as a faulty tool would, checksums included."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from pycocotools import mask as coco_mask
from scipy.spatial.transform import Rotation

from replicator_dr.run.audit import AuditReport, Status, audit

Json = dict[str, Any]


class Written:
    """A dataset's folder, open for damage."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @contextmanager
    def labels(self) -> Iterator[Json]:
        """annotations.json, written back with its checksum and the manifest's counts."""
        file = self.folder / "annotations.json"
        content: Json = json.loads(file.read_text())
        yield content
        file.write_text(json.dumps(content))
        with self.manifest() as manifest:
            manifest["counts"]["images"] = len(content["images"])
            manifest["counts"]["annotations"] = len(content["annotations"])
            manifest["sha256"]["annotations.json"] = hashlib.sha256(file.read_bytes()).hexdigest()

    @contextmanager
    def manifest(self) -> Iterator[Json]:
        """manifest.json, written back."""
        file = self.folder / "manifest.json"
        content: Json = json.loads(file.read_text())
        yield content
        file.write_text(json.dumps(content))

    def image(self, image_id: int) -> Json:
        """The entry of an image, to read."""
        content = json.loads((self.folder / "annotations.json").read_text())
        found: Json = next(image for image in content["images"] if image["id"] == image_id)
        return found

    def put(self, name: str, content: bytes) -> None:
        """Replace a file, and its checksum."""
        (self.folder / name).write_bytes(content)
        with self.manifest() as manifest:
            manifest["sha256"][name] = hashlib.sha256(content).hexdigest()

    def put_rgb(self, image_id: int, pixels: NDArray[np.uint8]) -> None:
        """Replace the colours of an image."""
        self.put(self.image(image_id)["file_name"], png(pixels))

    def rgb(self, image_id: int) -> NDArray[np.uint8]:
        """The colours of an image."""
        return np.asarray(Image.open(self.folder / self.image(image_id)["file_name"]))

    def depth(self, image_id: int) -> NDArray[np.uint16]:
        """The stored depth of an image."""
        return np.asarray(Image.open(self.folder / self.image(image_id)["depth_file_name"]))


def png(pixels: NDArray[np.uint8] | NDArray[np.uint16]) -> bytes:
    """A PNG file by Pillow."""
    stream = BytesIO()
    Image.fromarray(pixels).save(stream, "PNG")
    return stream.getvalue()


def mask_of(annotation: Json) -> NDArray[np.bool_]:
    """(H, W) bool, decoded by pycocotools."""
    return np.asarray(coco_mask.decode(annotation["segmentation"])).astype(np.bool_)


def largest(labels: Json, image_id: int, category: str = "box") -> Json:
    """The annotation of a class that covers most of an image."""
    number = next(one["id"] for one in labels["categories"] if one["name"] == category)
    own = [one for one in labels["annotations"] if one["image_id"] == image_id and one["category_id"] == number]
    found: Json = max(own, key=lambda one: one["area"])
    return found


def corners(one: Json) -> np.ndarray:
    """(8, 3) the corners of a 3D box in the camera's frame, by SciPy's rotations."""
    low, high = one["bbox_3d"]["min"], one["bbox_3d"]["max"]
    points = np.array([[x, y, z] for x in (low[0], high[0]) for y in (low[1], high[1]) for z in (low[2], high[2])])
    w, *xyz = one["pose"]["quaternion"]
    return Rotation.from_quat([*xyz, w]).apply(points) + one["pose"]["translation"]


def project_anew(one: Json, image: Json) -> None:
    """Make image_points those of the pose."""
    pixels = corners(one) @ np.array(image["camera"]["intrinsics"]).T
    one["bbox_3d"]["image_points"] = (pixels[:, :2] / pixels[:, 2:]).tolist()


def fired(report: AuditReport) -> dict[str, set[int | None]]:
    """{check that failed: ids of the images that it names}."""
    return {
        result.name: {finding.image_id for finding in result.findings}
        for result in report.results
        if result.status is Status.FAILED
    }


def fires_exactly(folder: Path, check: str, *images: int, quick: bool = False) -> str:
    """Assert that this check fails, alone, and names these images; its first message."""
    report = audit(folder, quick=quick)
    assert fired(report) == {check: set(images) or {None}}
    (result,) = report.failed
    return result.findings[0].message
