"""One image under audit: its record, its labels, and its files, each decoded once when first asked for."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import cached_property
from io import BytesIO
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from replicator_dr.run.audit.dataset import AuditedDataset
from replicator_dr.run.audit.findings import Finding
from replicator_dr.run.audit.geometry import ImageGeometry
from replicator_dr.run.audit.mask_runs import MaskError, MaskRuns, decode_masks
from replicator_dr.run.audit.records import ANNOTATION, IMAGE, AnnotationRecord, ImageRecord

_DEEP_MODES = ("I;16", "I;16B", "I")


class UnreadableImageError(Exception):
    """An image's entry in annotations.json is not one."""


class AuditedImage:
    """One image. Used by one thread at a time; its pixels are let go by ``release``.

    record: its entry. annotations: those entries of its objects that could be read; unreadable: what the others lack.
    decodes: whether its files may be decoded; a quick audit leaves them be.
    """

    def __init__(self, dataset: AuditedDataset, row: int, decodes: bool) -> None:
        """row: of the dataset's table. UnreadableImageError where the entry lacks what an image has."""
        self.dataset = dataset
        self.row = row
        self.decodes = decodes
        try:
            self.record: ImageRecord = IMAGE.decode(dataset.image_text(row))
        except msgspec.DecodeError as error:
            raise UnreadableImageError(f"images[{dataset.tables.image_rows[row]}] cannot be read: {error}") from error
        self.annotations: list[AnnotationRecord] = []
        self.unreadable: list[Finding] = []
        for text in dataset.annotation_texts(self.record.id):
            try:
                self.annotations.append(ANNOTATION.decode(text))
            except msgspec.DecodeError as error:
                self.unreadable.append(self.finding(f"an annotation cannot be read: {error}"))
        self.problems: dict[str, str] = {}
        self.camera_problem = ""

    def finding(self, message: str, annotation: AnnotationRecord | None = None, **numbers: Any) -> Finding:
        """Something wrong with this image, or with one of its annotations."""
        number = None if annotation is None else annotation.id
        return Finding(message, self.record.id, number, self.record.file_name, numbers)

    def path(self, name: str) -> Path:
        """The place of a file of this image."""
        return self.dataset.folder / name

    @cached_property
    def contents(self) -> dict[str, bytes]:
        """The bytes of its files; those that cannot be read are missing, and ``problems`` says why."""
        found: dict[str, bytes] = {}
        for name in self.record.files():
            try:
                found[name] = self.path(name).read_bytes()
            except OSError as error:
                self.problems[name] = f"cannot be read: {error.strerror or error}"
        return found

    @cached_property
    def rgb(self) -> NDArray[np.uint8] | None:
        """(H, W, 3) uint8; None where the file is missing, broken or of another kind."""
        from PIL import Image

        name = self.record.file_name
        try:
            with Image.open(BytesIO(self.contents[name])) as picture:
                if picture.mode != "RGB":
                    self.problems[name] = f"has the mode {picture.mode}, not 8-bit RGB"
                    return None
                pixels = np.asarray(picture)
        except KeyError:
            return None
        except (OSError, ValueError, SyntaxError) as error:
            self.problems[name] = f"cannot be decoded: {error}"
            return None
        return self._sized(name, pixels)

    @cached_property
    def depth(self) -> NDArray[np.float32] | None:
        """(H, W) float32 [m] along the optical axis, inf where nothing was measured; None as for ``rgb``."""
        return self._depth(self.record.depth_file_name)

    @cached_property
    def sensor_depth(self) -> NDArray[np.float32] | None:
        """The same as the camera's sensor measured it."""
        return self._depth(self.record.sensor_depth_file_name)

    def _depth(self, name: str | None) -> NDArray[np.float32] | None:
        if name is None or name not in self.contents:
            return None
        content = self.contents[name]
        try:
            stored = np.load(BytesIO(content)) if name.endswith(".npy") else _deep_pixels(content)
        except (OSError, ValueError, SyntaxError, EOFError) as error:
            self.problems[name] = f"cannot be decoded: {error}"
            return None
        pixels = self._sized(name, stored)
        if pixels is None or name.endswith(".npy"):
            return pixels
        metres = pixels.astype(np.float32) * np.float32(self.dataset.metres_per_unit)
        metres[pixels == 0] = np.inf
        return metres

    def _sized(self, name: str, pixels: NDArray[Any]) -> NDArray[Any] | None:
        height, width = pixels.shape[:2]
        if (height, width) == (self.record.height, self.record.width):
            return pixels
        expected = f"{self.record.width} x {self.record.height}"
        self.problems[name] = f"is {width} x {height} pixels, annotations.json says {expected}"
        return None

    @cached_property
    def fingerprint(self) -> str | None:
        """Equal for equal pixels; in a quick audit, equal for equal files."""
        if not self.decodes:
            return self.dataset.manifest.sha256.get(self.record.file_name)
        return None if self.rgb is None else hashlib.blake2b(self.rgb.data, digest_size=16).hexdigest()

    @property
    def exact(self) -> bool:
        """Whether its masks are run lengths; polygons fill holes."""
        return all(isinstance(annotation.segmentation, dict) for annotation in self.annotations)

    @cached_property
    def mask_problem(self) -> str:
        """What is wrong with its masks as such; empty where they can be read."""
        try:
            self._decoded = self._decode_masks()
        except (MaskError, KeyError, TypeError, ValueError) as error:
            return str(error)
        return ""

    @property
    def masks(self) -> MaskRuns | None:
        """Its masks, one for each of ``annotations``; None where they cannot be read."""
        return None if self.mask_problem else self._decoded

    def _decode_masks(self) -> MaskRuns:
        height, width = self.record.height, self.record.width
        counts: list[str | bytes] = []
        for annotation in self.annotations:
            encoded = annotation.segmentation
            if not isinstance(encoded, dict) or not isinstance(encoded["counts"], str):
                encoded = _compressed(encoded, height, width)
            if list(encoded["size"]) != [height, width]:
                raise MaskError(f"annotation {annotation.id}: its mask is of size {encoded['size']}")
            counts.append(encoded["counts"])
        return decode_masks(counts, height, width)

    @cached_property
    def mask_depths(self) -> NDArray[np.float32] | None:
        """(P,) depth [m] at the pixels of all masks, mask after mask; None without depth or exact masks."""
        if self.masks is None or self.depth is None or not self.exact:
            return None
        result: NDArray[np.float32] = np.asarray(self.depth, np.float32).T.ravel()[self.masks.pixels]
        return result

    @cached_property
    def geometry(self) -> ImageGeometry | None:
        """Its camera and poses; None where the camera is not recorded, or is of a kind unknown here."""
        try:
            return ImageGeometry.of(self.record, self.annotations)
        except (KeyError, TypeError, ValueError) as error:
            self.camera_problem = f"its camera cannot be read: {error!r}"
            return None

    def release(self) -> None:
        """Let the pixels, the files' bytes and the masks go."""
        for name in ("contents", "rgb", "depth", "sensor_depth", "_decoded", "mask_problem", "mask_depths", "geometry"):
            self.__dict__.pop(name, None)


def _deep_pixels(content: bytes) -> NDArray[Any]:
    from PIL import Image

    with Image.open(BytesIO(content)) as picture:
        if picture.mode not in _DEEP_MODES:
            raise ValueError(f"it has the mode {picture.mode}, not 16-bit grey")
        return np.asarray(picture)


def _compressed(segmentation: dict[str, Any] | Sequence[Any], height: int, width: int) -> dict[str, Any]:
    """Polygons and uncompressed run lengths as compressed ones. MaskError where they are neither."""
    from pycocotools import mask as coco_mask

    try:
        encoded = coco_mask.frPyObjects(segmentation, height, width)
        return dict(encoded if isinstance(segmentation, dict) else coco_mask.merge(encoded))
    except Exception as error:  # pycocotools raises plain ones, too
        raise MaskError(f"neither run lengths nor polygons: {error}") from error
