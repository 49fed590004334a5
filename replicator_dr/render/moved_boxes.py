"""Boxes of clouds of points, frame by frame, in frames of reference in which they move."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import warp as wp
from numpy.typing import NDArray

from replicator_dr.render.start import start_warp

wp.set_module_options({"fuse_fp": False})


@wp.kernel(enable_backward=False)
def bound_moved(
    matrices: wp.array2d(dtype=wp.mat44d),
    first: wp.array(dtype=wp.int32),
    points: wp.array2d(dtype=wp.vec3d),
    low: wp.array2d(dtype=wp.vec3d),
    high: wp.array2d(dtype=wp.vec3d),
):
    """A thread a cloud. matrices: (B, N), for row vectors. first: (N + 1,), each cloud's columns of points.

    points: (B, K), or (1, K) where they are the same in all frames. low, high: (B, N).
    """
    b, i = wp.tid()
    least = wp.vec3d(wp.float64(wp.inf), wp.float64(wp.inf), wp.float64(wp.inf))
    most = -least
    turned = wp.transpose(matrices[b, i])
    for v in range(first[i], first[i + 1]):
        q = wp.transform_point(turned, points[b % points.shape[0], v])
        least = wp.min(least, q)
        most = wp.max(most, q)
    low[b, i] = least
    high[b, i] = most


def moved_boxes(
    matrices: NDArray[np.float64], counts: Sequence[int], points: NDArray[np.float64]
) -> NDArray[np.float64]:
    """(B, N, 2, 3): minimum and maximum of N clouds of points in the frames that matrices take them to.

    matrices: (B, N, 4, 4) for row vectors. counts: the clouds' numbers of points. points: (B, K, 3), one cloud after
    the other, or (1, K, 3).
    """
    start_warp()
    shape = matrices.shape[:2]
    low, high = (wp.empty(shape, dtype=wp.vec3d, device="cpu") for _ in range(2))
    first = np.concatenate([[0], np.cumsum(counts)]).astype(np.int32)
    wp.launch(
        bound_moved,
        shape,
        [wp.array(np.ascontiguousarray(matrices), dtype=wp.mat44d, device="cpu"),
         wp.array(first, dtype=wp.int32, device="cpu"),
         wp.array(np.ascontiguousarray(points), dtype=wp.vec3d, device="cpu"), low, high],
        device="cpu",
    )  # fmt: skip
    return np.stack([low.numpy(), high.numpy()], axis=2)
