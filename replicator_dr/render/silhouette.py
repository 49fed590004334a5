"""Silhouettes beyond the image's borders: what an entity covers there too, for those that the borders cut.

They are counted on a larger canvas, drawn for labels alone, of those frames only that show such an entity.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from replicator_dr.render.scene import FrameArrays, RenderedView, View

if TYPE_CHECKING:
    from replicator_dr.render.renderer import Renderer

SHARES = (0.25, 1.0)
"""Margins of the canvases as shares of the image's size; what reaches beyond the last is cut there."""


def with_silhouettes(renderer: Renderer, frames: FrameArrays, rendered: RenderedView) -> RenderedView:
    """The same view with ``whole`` and ``whole_box``."""
    view, table = rendered.view, rendered.entities
    whole, box = table.amodal.copy(), table.amodal_box.copy()
    beyond = _beyond(rendered)
    needed = np.searchsorted(SHARES[:-1], beyond.max(axis=1, initial=0.0))
    for step, share in enumerate(SHARES):
        rows = np.flatnonzero((needed == step) & (beyond > 0).any(axis=1))
        if len(rows) == 0:
            continue
        margin = np.ceil(share * np.array([view.width, view.height])).astype(np.int64)
        canvas = View(view.camera, *(np.array([view.width, view.height]) + 2 * margin).tolist())
        wider = _on_canvas(frames[rows], canvas, rendered.intrinsics[rows], margin)
        wanted = beyond[rows] > 0
        extent = np.where(wanted[:, :, None], table.extent[rows] + np.tile(margin, 2), np.nan)
        seen = renderer.silhouettes(wider, canvas, wanted, _region(extent, canvas))
        frame, entity = np.nonzero(wanted)
        counted = seen.amodal[frame, entity], seen.amodal_box[frame, entity] - np.tile(margin, 2)
        # Vertices are rounded to the screen grid anew: no pixel of the image gets lost by that.
        at = rows[frame], entity
        whole[at] = np.maximum(whole[at], counted[0])
        box[at] = np.concatenate(
            [np.minimum(box[at][:, :2], counted[1][:, :2]), np.maximum(box[at][:, 2:], counted[1][:, 2:])], axis=1
        )
    return replace(rendered, whole=whole, whole_box=box)


def _beyond(rendered: RenderedView) -> NDArray[np.float64]:
    """(B, E): how far each entity in the image reaches beyond it, in widths or heights of the image."""
    size = np.array([rendered.view.width, rendered.view.height], np.float64)
    low, high = np.split(rendered.entities.extent.astype(np.float64), 2, axis=-1)
    reach = np.maximum(-low, high - size) / size
    return np.where(rendered.entities.amodal > 0, reach.max(axis=-1), 0.0)


def _region(extent: NDArray[np.float64], canvas: View) -> NDArray[np.int64]:
    """(B, 4), x, y to before x, y: the pixels of a canvas that may be covered. extent: (B, E, 4), nan = not wanted."""
    low = np.floor(np.nanmin(extent[..., :2], axis=1)) - 1
    high = np.ceil(np.nanmax(extent[..., 2:], axis=1)) + 1
    size = np.array([canvas.width, canvas.height])
    return np.concatenate([np.clip(low, 0, size), np.clip(high, 0, size)], axis=1).astype(np.int64)


def _on_canvas(
    frames: FrameArrays, canvas: View, intrinsics: NDArray[np.float64], margin: NDArray[np.int64]
) -> FrameArrays:
    """The same frames through a camera that sees further by ``margin`` pixels on each side."""
    opencv, nominal = frames.cameras.opencv.copy(), frames.cameras.nominal.copy()
    opencv[:, canvas.camera] = intrinsics
    opencv[:, canvas.camera, 2:] += margin
    nominal[:, canvas.camera] = canvas.width, canvas.height
    return replace(frames, cameras=replace(frames.cameras, opencv=opencv, nominal=nominal))
