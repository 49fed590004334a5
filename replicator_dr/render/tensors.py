"""What a view shows as arrays for training: ids a pixel and tables an object, on the device that drew it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import warp as wp
from numpy.typing import NDArray

from replicator_dr.render.drawn import DrawnView

wp.set_module_options({"enable_backward": False})


@dataclass(frozen=True)
class TensorView:
    """One camera's images and labels over B frames, for the E labelled prims of the scene, in the order of their ids.

    Warp's arrays: ``torch.from_dlpack(view.rgb)`` and its like take them without a copy. On CUDA the work may be under
    way still; it is ordered before what comes later on the same stream.

    rgb: (B, H, W, 4) uint8. depth: (B, H, W) float32 [m] along the optical axis, inf where nothing is hit. instance:
    (B, H, W) int32, 0 background, 1 unlabelled, from 2 on the labelled prims. semantic: (B, E) int32, their labels by
    id, 1 = none. boxes, boxes_amodal: (B, E, 4) int32, x_min, y_min, x_max, y_max, inclusive [pixels], of what is seen
    and of what would be if nothing were in front; (0, 0, -1, -1) where that is nothing. visible, amodal: (B, E) int32,
    pixels of the same. world: (B, E, 4, 4) float32, local to world, row vectors [m]. intrinsics: (B, 4) float32, fx,
    fy, cx, cy [pixels]. camera_world: (B, 4, 4) float32, row vectors, USD's camera axes.
    """

    rgb: wp.array | None
    depth: wp.array
    instance: wp.array
    semantic: wp.array
    boxes: wp.array
    boxes_amodal: wp.array
    visible: wp.array
    amodal: wp.array
    world: wp.array
    intrinsics: wp.array
    camera_world: wp.array


@wp.kernel
def name_pixels(
    part: wp.array3d(dtype=wp.int32), ids: wp.array2d(dtype=wp.int32), instance: wp.array3d(dtype=wp.int32)
):
    """The id of the part that each pixel shows; the last column of ``ids`` is the background's."""
    frame, y, x = wp.tid()
    shown = part[frame, y, x]
    instance[frame, y, x] = ids[frame, wp.where(shown < 0, ids.shape[1] - 1, shown)]


@wp.kernel
def corners_of(
    minima: wp.array3d(dtype=wp.int32), pixels: wp.array2d(dtype=wp.int32), boxes: wp.array3d(dtype=wp.int32)
):
    """Minima of x, y, -x, -y as inclusive corners."""
    frame, entity, side = wp.tid()
    value = minima[frame, entity, side]
    if side > 1:
        value = -value
    if pixels[frame, entity] == 0:
        value = wp.where(side > 1, -1, 0)
    boxes[frame, entity, side] = value


def tensors(
    drawn: DrawnView,
    ids: NDArray[np.uint32],
    semantic: NDArray[np.uint32],
    world: NDArray[np.float64],
    camera_world: NDArray[np.float64],
) -> TensorView:
    """From what was drawn. ids: (B, P + 1) of each part, the background last; the others as in TensorView."""
    device, counts = drawn.depth.device, drawn.counts

    def put(values: NDArray[Any], dtype: Any) -> wp.array:
        return wp.array(np.ascontiguousarray(values.astype(dtype)), device=device)

    def boxes(minima: wp.array, pixels: wp.array) -> wp.array:
        result = wp.empty_like(minima)
        wp.launch(corners_of, minima.shape, [minima, pixels, result], device=device)
        return result

    instance = wp.empty_like(drawn.part)
    wp.launch(name_pixels, drawn.part.shape, [drawn.part, put(ids, np.int32), instance], device=device)
    return TensorView(
        rgb=drawn.rgb,
        depth=drawn.depth,
        instance=instance,
        semantic=put(semantic, np.int32),
        boxes=boxes(counts.visible_box, counts.visible),
        boxes_amodal=boxes(counts.amodal_box, counts.amodal),
        visible=counts.visible,
        amodal=counts.amodal,
        world=put(world, np.float32),
        intrinsics=put(drawn.intrinsics, np.float32),
        camera_world=put(camera_world, np.float32),
    )
