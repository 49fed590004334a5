"""The annotators of the embedded runtime by name, and their batched computation."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from replicator_dr.engines.embedded.annotate import annotators_amodal as amodal
from replicator_dr.engines.embedded.annotate import annotators_boxes as boxes
from replicator_dr.engines.embedded.annotate import annotators_camera as camera
from replicator_dr.engines.embedded.annotate import annotators_image as image
from replicator_dr.engines.embedded.annotate import annotators_keypoints as keypoints
from replicator_dr.engines.embedded.annotate import annotators_motion as motion
from replicator_dr.engines.embedded.annotate import annotators_panoptic as panoptic
from replicator_dr.engines.embedded.annotate import annotators_points as points
from replicator_dr.engines.embedded.annotate import annotators_segmentation as segmentation
from replicator_dr.engines.embedded.annotate import annotators_stereo as stereo
from replicator_dr.engines.embedded.annotate.annotation import BatchedAnnotation, Info
from replicator_dr.engines.embedded.products import RenderProduct
from replicator_dr.errors import UnsupportedError

if TYPE_CHECKING:
    from replicator_dr.engines.embedded.loop.capture import CapturedView

Compute = Callable[..., BatchedAnnotation]


@dataclass(frozen=True)
class AnnotatorKind:
    """One annotator: how it is computed, which parameters it takes, and what must be rendered for it."""

    compute: Compute
    params: tuple[str, ...] = ()
    rgb: bool = False
    normals: bool = False
    sensor_depth: bool = False
    extra: frozenset[str] = frozenset()
    """What capture makes for it besides: "amodal" masks, "silhouette", motion since the "previous" frame or until the
    "next"."""
    image: bool = False
    """Whether the data has a value for each pixel: only then it exists for tiled products."""


_FILTER = ("semanticTypes", "semanticFilter")
_COLORED = ("colorize", *_FILTER)


def _fast(compute: Compute) -> Compute:
    """The same annotator with whole numbers as table keys."""

    def with_integer_keys(view: CapturedView, **params: Any) -> BatchedAnnotation:
        return compute(view, integer_keys=True, **params)

    return with_integer_keys


_KINDS: dict[str, AnnotatorKind] = {
    "rgb": AnnotatorKind(image.rgb, rgb=True, image=True),
    "LdrColor": AnnotatorKind(image.rgb, rgb=True, image=True),
    "normals": AnnotatorKind(image.normals, normals=True, image=True),
    "distance_to_image_plane": AnnotatorKind(image.distance_to_image_plane, image=True),
    "distance_to_camera": AnnotatorKind(image.distance_to_camera, image=True),
    "sensor_depth": AnnotatorKind(image.sensor_depth, sensor_depth=True, image=True),
    "semantic_segmentation": AnnotatorKind(segmentation.semantic, _COLORED, image=True),
    "instance_segmentation": AnnotatorKind(segmentation.instance, _COLORED, image=True),
    "instance_id_segmentation": AnnotatorKind(segmentation.instance_id, ("colorize",), image=True),
    "bounding_box_2d_tight": AnnotatorKind(boxes.tight, _FILTER),
    "bounding_box_2d_loose": AnnotatorKind(boxes.loose, _FILTER),
    "bounding_box_3d": AnnotatorKind(boxes.box_3d, _FILTER),
    "bounding_box_3d_360": AnnotatorKind(boxes.box_3d_360, _FILTER),
    "occlusion": AnnotatorKind(boxes.occlusion, _FILTER),
    "coverage": AnnotatorKind(boxes.coverage, _FILTER),
    "amodal_segmentation": AnnotatorKind(amodal.amodal_segmentation, _FILTER, extra=frozenset({"amodal"})),
    "amodal_bits": AnnotatorKind(amodal.amodal_bits, extra=frozenset({"amodal"}), image=True),
    "silhouette": AnnotatorKind(amodal.silhouette, _FILTER, extra=frozenset({"silhouette"})),
    "motion_vectors": AnnotatorKind(motion.motion_vectors, extra=frozenset({"previous"}), image=True),
    "optical_flow": AnnotatorKind(motion.optical_flow, extra=frozenset({"next"}), image=True),
    "scene_flow": AnnotatorKind(motion.scene_flow, extra=frozenset({"next"}), image=True),
    "disparity": AnnotatorKind(stereo.disparity, image=True),
    "panoptic_segmentation": AnnotatorKind(panoptic.panoptic_segmentation, ("stuff", *_FILTER), image=True),
    "draws": AnnotatorKind(camera.draws),
    "keypoints": AnnotatorKind(keypoints.keypoints, _FILTER),
    "camera_params": AnnotatorKind(camera.camera_params),
    "ReferenceTime": AnnotatorKind(camera.reference_time),
    "pointcloud": AnnotatorKind(points.pointcloud, ("includeUnlabelled",), rgb=True, normals=True),
}
for _name in (
    "semantic_segmentation",
    "instance_segmentation",
    "instance_id_segmentation",
    "bounding_box_2d_tight",
    "bounding_box_2d_loose",
    "bounding_box_3d",
    "occlusion",
):
    _kind = _KINDS[_name]
    _KINDS[f"{_name}_fast"] = AnnotatorKind(_fast(_kind.compute), _kind.params, image=_kind.image)

_UNSUPPORTED = {
    "HdrColor": "use rgb, which is tone-mapped to sRGB",
    "cross_correspondence": "project the points of pointcloud with the other camera's camera_params",
    "skeleton_data": "skeletons are not drawn by this runtime",
}


def names() -> list[str]:
    """The annotators that can be had, sorted."""
    return sorted(_KINDS)


def kind(name: str) -> AnnotatorKind:
    """One annotator by name. UnsupportedError, with the alternative, for those that this runtime lacks."""
    if name in _KINDS:
        return _KINDS[name]
    remedy = _UNSUPPORTED.get(name, f"available are: {', '.join(names())}")
    raise UnsupportedError(f"the annotator {name!r} is not available on the embedded runtime; {remedy}")


def check_params(name: str, params: Mapping[str, Any]) -> None:
    """UnsupportedError for ``init_params`` that the annotator does not take here."""
    known = kind(name).params
    for key in params:
        if key not in known:
            takes = f"it takes {', '.join(known)}" if known else "it takes none"
            raise UnsupportedError(f"annotator {name!r}: the parameter {key!r} is not supported here; {takes}")


def compute(
    name: str, product: RenderProduct, views: Sequence[CapturedView], params: Mapping[str, Any]
) -> BatchedAnnotation:
    """An annotator's result for a product: of its one view, or of all tiles put together."""
    found = kind(name)
    check_params(name, params)
    if not product.tiled:
        return found.compute(views[0], **params)
    if not found.image:
        raise UnsupportedError(
            f"the annotator {name!r} gives one row per object and is not there for the tiled render product "
            f"{product.name!r}; use one render product per camera"
        )
    return _tiled(product, [found.compute(view, **params) for view in views])


def _tiled(product: RenderProduct, tiles: Sequence[BatchedAnnotation]) -> BatchedAnnotation:
    """Tile i goes to row i // columns, column i % columns; tiles that are missing in the last row stay zero."""
    first = np.asarray(tiles[0].data)
    width, height = product.resolution
    whole = np.zeros((len(first), height, width, *first.shape[3:]), first.dtype)
    for number, tile in enumerate(tiles):
        row, column = divmod(number, product.columns)
        top, left = row * product.tile[1], column * product.tile[0]
        whole[:, top : top + product.tile[1], left : left + product.tile[0]] = tile.data

    def info(frame: int) -> Info:
        return tiles[0].info(frame)

    return BatchedAnnotation(whole, info)
