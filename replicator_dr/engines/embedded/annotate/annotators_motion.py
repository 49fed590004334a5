"""Annotators of motion between frames, from geometry: of the part seen in each pixel, and of the camera.

Frame k is compared with frames k - 1 and k + 1 of the same graph, whichever frames a run makes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from replicator_dr.engines.embedded.annotate.annotation import BatchedAnnotation
from replicator_dr.errors import EngineError

if TYPE_CHECKING:
    from replicator_dr.engines.embedded.loop.capture import CapturedView


def motion_vectors(view: CapturedView) -> BatchedAnnotation:
    """(B, H, W, 4) float32 [pixels], Replicator's: how each pixel has moved since the previous frame.

    x is positive for what moved to the left, y for what moved up; the other two are 0. Zeros where nothing is hit, in
    frame 0, and for what the camera could not see a frame ago.
    """
    back = _made(view.rendered.flow_back, "motion_vectors")
    data = np.zeros((*back.shape[:3], 4), np.float32)
    data[..., :2] = np.where(np.isnan(back), 0.0, back)
    return BatchedAnnotation(data)


def optical_flow(view: CapturedView) -> BatchedAnnotation:
    """(B, H, W, 2) float32 [pixels]: where each pixel's surface is in the next frame, less where it is now.

    x to the right, y down. nan where nothing is hit, and where the next frame's camera cannot see it (behind it, or out
    of what its lens shows); what is hidden there, or beside the image, has its place.
    """
    return BatchedAnnotation(_made(view.rendered.flow, "optical_flow"))


def scene_flow(view: CapturedView) -> BatchedAnnotation:
    """(B, H, W, 3) float32 [m]: the same in space, each frame's place in its own camera's frame.

    OpenCV axes, x right, y down, z forward. nan where nothing is hit.
    """
    return BatchedAnnotation(_made(view.rendered.scene_flow, "scene_flow"))


def _made(image: NDArray[np.float32] | None, name: str) -> NDArray[np.float32]:
    if image is None:
        raise EngineError(f"motion was not worked out for this batch; attach {name} before capturing")
    return image
