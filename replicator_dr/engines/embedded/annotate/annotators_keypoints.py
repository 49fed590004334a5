"""The annotator of keypoints: named points of objects, where they are in the image and whether they are seen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from replicator_dr.engines.embedded.annotate.annotation import BatchedAnnotation, Info, rows_by_frame
from replicator_dr.engines.embedded.annotate.camera_space import clipped, in_camera, projected
from replicator_dr.engines.embedded.scene.labels import FIRST, identities
from replicator_dr.engines.embedded.scene.state import KeypointTables

if TYPE_CHECKING:
    from replicator_dr.engines.embedded.loop.capture import CapturedView

Float64 = NDArray[np.float64]
Bool = NDArray[np.bool_]

KEYPOINT = np.dtype(
    [
        ("instanceId", "<u4"),
        ("semanticId", "<u4"),
        ("keypointSet", "<u4"),
        ("keypoint", "<u4"),
        ("x", "<f4"),
        ("y", "<f4"),
        ("depth", "<f4"),
        ("visibility", "u1"),
    ]
)
OUTSIDE, HIDDEN, VISIBLE = 0, 1, 2
"""COCO's v: not in the image, where x, y and depth are 0; in the image but hidden; visible."""
_WINDOW = np.stack(np.meshgrid(np.arange(-2, 3), np.arange(-2, 3)), axis=-1)
"""(5, 5, 2): x and y of the pixels around one."""
_OWN = -2


def keypoints(
    view: CapturedView,
    *,
    semanticTypes: Sequence[str] | None = None,  # noqa: N803 - NVIDIA's names
    semanticFilter: str | None = None,  # noqa: N803
) -> BatchedAnnotation:
    """The keypoints of each labelled prim that covers a pixel of the image, were nothing in front of it.

    A row for each: instanceId, semanticId, keypointSet, keypoint (its number in the set), x and y [pixels; pixel i
    covers i to i + 1] through the lens, depth [m] along the optical axis, visibility (0 not in the image, x = y =
    depth = 0; 1 hidden; 2 visible). info: keypointSets, a list of {names, skeleton}, the skeleton as pairs of numbers
    in names; primPaths and uids, in the order of the rows.

    Visible means that the object is seen in the keypoint's pixel or one beside it, no more than the tolerance in front
    of the point, and that nothing else is nearer than that in the pixel itself; surfaces being continued as planes from
    the pixels' centres to the keypoint.
    """
    labels = view.labels(semanticTypes, semanticFilter)
    tables, size = view.scene.keypoints, view.rendered.view
    if tables is None:
        return BatchedAnnotation(
            [np.zeros(0, KEYPOINT)] * len(view), lambda _: {"keypointSets": [], "primPaths": [], "uids": []}
        )
    present = np.any((view.rendered.entities.amodal > 0)[:, None] & tables.entities, axis=-1)
    shown = present[:, tables.owner] & labels.seen[:, tables.entity]
    matrix = view.state.keypoint_world[:, tables.holder]
    world = (_points(view, tables)[:, :, None, :] @ matrix[..., :3, :3])[..., 0, :] + matrix[..., 3, :3]
    cameras = view.state.arrays.cameras
    local = in_camera(cameras, view.camera, world)
    pixels = projected(cameras, size, local)
    with np.errstate(invalid="ignore"):
        inside: Bool = ((pixels >= 0.0) & (pixels < (size.width, size.height))).all(axis=-1) & ~clipped(view, local)
    seen = _visible(view, tables, pixels, local, inside & shown)
    frame, row = np.nonzero(shown)
    table = np.zeros(len(row), KEYPOINT)
    table["instanceId"] = tables.entity[row] + FIRST
    table["semanticId"] = labels.semantic[frame, tables.entity[row]]
    table["keypointSet"], table["keypoint"] = tables.of_set[row], tables.index[row]
    here = inside[frame, row]
    at = frame[here], row[here]
    table["x"][here], table["y"][here] = pixels[at].T
    table["depth"][here] = local[at][:, 2]
    table["visibility"][here] = np.where(seen[at], VISIBLE, HIDDEN)
    split = rows_by_frame(frame, table, len(view))
    sets = [{"names": list(one.names), "skeleton": [list(bone) for bone in one.skeleton]} for one in tables.sets]

    def info(index: int) -> Info:
        return {"keypointSets": sets, **identities(view.scene, split[index]["instanceId"])}

    return BatchedAnnotation(split, info)


def _points(view: CapturedView, tables: KeypointTables) -> Float64:
    """(B, Q, 3): the keypoints in their holders' frames; those of deformed bodies move with these."""
    points = np.repeat(tables.point[None], len(view), axis=0)
    shapes, layout = view.state.arrays.deform, view.scene.arrays.deform
    held = np.flatnonzero(tables.body >= 0)
    if len(held) and shapes is not None and layout is not None:
        from replicator_dr.render.shapes import cloud_boxes

        to_body = tables.to_body[held]
        back: Float64 = np.linalg.inv(to_body).astype(np.float64)
        clouds = [point[None].astype(np.float32) for point in tables.point[held]]
        points[:, held] = cloud_boxes(layout, shapes, tables.body[held], to_body, back, clouds)[:, :, 0]
    return points


def _visible(view: CapturedView, tables: KeypointTables, pixels: Float64, local: Float64, asked: Bool) -> Bool:
    """(B, Q) bool: which of the keypoints that are asked for can be seen."""
    rendered = view.rendered
    frame, row = np.nonzero(asked)
    at = pixels[frame, row]
    around = np.floor(at).astype(np.int64)[:, None, None] + _WINDOW
    size = np.array([rendered.view.width, rendered.view.height])
    within = np.all((around >= 0) & (around < size), axis=-1)
    x, y = np.moveaxis(np.where(within[..., None], around, 0), -1, 0)
    place = frame[:, None, None], y, x
    part = np.where(within, rendered.part[place], -1)
    own = (part >= 0) & tables.parts[tables.owner[row][:, None, None], part]
    # Along the ray where there is a lens: behind a fisheye's side depth is negative.
    if rendered.distance is None:
        surface, point = rendered.depth[place], local[frame, row, 2]
    else:
        surface, point = rendered.distance[place], np.linalg.norm(local[frame, row], axis=-1)
    with np.errstate(divide="ignore"):
        nearness = np.where(within, 1.0 / surface.astype(np.float64), 0.0)
        limit = 1.0 / np.maximum(point - _tolerance(view, tables)[frame, row], 0.0)
    nearness = _continued(nearness, np.where(own, _OWN, part), at[:, None, None] - (around + 0.5))
    free: Bool = np.asarray(nearness <= limit[:, None, None])
    own = own[:, 1:-1, 1:-1]
    result: Bool = np.zeros(asked.shape, np.bool_)
    result[frame, row] = (own & free).any(axis=(1, 2)) & (own | free)[:, 1, 1]
    return result


def _continued(nearness: Float64, thing: NDArray[np.int32], offset: Float64) -> Float64:
    """(N, 3, 3): the surfaces of the inner pixels, continued as planes to the place ``offset`` (N, 5, 5, 2) from each.

    nearness: (N, 5, 5), 1 over the depth, which is linear on the screen where a surface is plane. thing: (N, 5, 5),
    what is seen; slopes are taken between pixels of the same thing, the flatter of both sides.
    """
    inner = (slice(None), slice(1, -1), slice(1, -1))
    result = nearness[inner].copy()
    for axis, component in ((2, 0), (1, 1)):
        slopes = []
        for step in (-1, 1):
            there = np.roll(nearness, -step, axis)[inner], np.roll(thing, -step, axis)[inner]
            alike = there[1] == thing[inner]
            slopes.append(np.where(alike, (there[0] - nearness[inner]) * step, np.inf))
        flatter = np.where(np.abs(slopes[0]) <= np.abs(slopes[1]), *slopes)
        result += np.where(np.isfinite(flatter), flatter, 0.0) * offset[inner][..., component]
    return result


def _tolerance(view: CapturedView, tables: KeypointTables) -> Float64:
    """(B, Q) [m]: authored ones grow with the prim that holds the keypoint, the others with the object."""
    holder = _growth(view.state.keypoint_world)[:, tables.holder]
    entity = _growth(view.state.entity_world)[:, tables.entity]
    return np.where(np.isnan(tables.tolerance), tables.share * entity, tables.tolerance * holder)


def _growth(world: Float64) -> Float64:
    """(B, n): the mean factor by which (B, n, 4, 4) matrices make things longer."""
    return np.cbrt(np.abs(np.linalg.det(world[..., :3, :3])))
