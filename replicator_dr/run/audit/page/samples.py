"""Images of a dataset with their labels drawn, as data URIs."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from io import BytesIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from replicator_dr.run.audit.dataset import AuditedDataset
from replicator_dr.run.audit.image import AuditedImage, UnreadableImageError
from replicator_dr.run.audit.mask_runs import MaskRuns
from replicator_dr.run.audit.one_pass import AuditReport
from replicator_dr.run.preview_color import class_colors
from replicator_dr.run.preview_dataset import spread
from replicator_dr.run.preview_frame import PreviewFrame, PreviewObject
from replicator_dr.run.preview_panels import boxes_panel, depth_panel, instances_panel

_WIDTH = 480
_QUALITY = 82


@dataclass(frozen=True)
class Picture:
    """A picture as a data URI. ratio: its width over its height."""

    uri: str
    ratio: float


@dataclass(frozen=True)
class Sample:
    """One image of the report.

    caption: which it is. checks: names of the checks that found something in it. pictures: the image with boxes, its
    masks, and its depth where there is one.
    """

    image_id: int
    caption: str
    checks: tuple[str, ...]
    pictures: tuple[Picture, ...]


def samples_of(report: AuditReport, most: int) -> list[Sample]:
    """At most ``most`` images: up to half of them with findings, the others spread over the dataset."""
    dataset = AuditedDataset(report.folder)
    row_of = {key.id: row for row, key in enumerate(dataset.tables.images)}
    found: dict[int, list[str]] = {}
    for result in report.results:
        for finding in result.findings:
            if finding.image_id in row_of:
                names = found.setdefault(finding.image_id, [])
                names += [result.name] if result.name not in names else []
    chosen = list(found)[: most // 2]
    others = [key.id for key in dataset.tables.images if key.id not in chosen]
    chosen += spread(others, most - len(chosen))
    samples = (_sample(dataset, row_of[image], tuple(found.get(image, ()))) for image in dict.fromkeys(chosen))
    return [sample for sample in samples if sample is not None]


def _sample(dataset: AuditedDataset, row: int, checks: tuple[str, ...]) -> Sample | None:
    """None for an image that cannot be read."""
    try:
        image = AuditedImage(dataset, row, decodes=True)
    except UnreadableImageError:
        return None
    if image.rgb is None:
        return None
    objects = _objects(dataset, image) if image.masks is not None else ()
    frame = PreviewFrame(image.record.frame, image.record.product, image.rgb, image.depth, objects=objects)
    width, height = frame.size
    size = (_WIDTH, max(1, round(height * _WIDTH / width)))
    names = [*dataset.category_names.values(), *(item.category for item in objects)]
    panels = [boxes_panel(frame, size, class_colors(names)), instances_panel(frame, size)]
    panels += [depth_panel(frame, size)] if frame.depth is not None else []
    caption = f"image {image.record.id}: frame {frame.frame} of {frame.product}, {len(image.annotations)} objects"
    return Sample(image.record.id, caption, checks, tuple(_picture(panel) for panel in panels))


def _objects(dataset: AuditedDataset, image: AuditedImage) -> tuple[PreviewObject, ...]:
    masks = image.masks
    assert masks is not None
    return tuple(
        PreviewObject(
            category=dataset.category_names.get(one.category_id, f"category {one.category_id}"),
            box=one.bbox,
            mask=mask_image(masks, row),
            visible_fraction=one.visible_fraction,
        )
        for row, one in enumerate(image.annotations)
    )


def mask_image(masks: MaskRuns, number: int) -> NDArray[np.bool_]:
    """(H, W) bool: the pixels of one mask."""
    flat = np.zeros(masks.width * masks.height, np.bool_)
    flat[masks.pixels[masks.first[number] : masks.first[number + 1]]] = True
    return flat.reshape(masks.width, masks.height).T


def _picture(picture: Image.Image) -> Picture:
    stream = BytesIO()
    picture.convert("RGB").save(stream, "JPEG", quality=_QUALITY, optimize=True)
    uri = "data:image/jpeg;base64," + base64.b64encode(stream.getvalue()).decode()
    return Picture(uri, round(picture.width / picture.height, 3))
