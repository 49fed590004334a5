"""Convex hulls of points, and of the parts into which CoACD takes a hollow thing apart."""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from replicator_dr.engines.embedded.physics.engine import coacd
from replicator_dr.engines.embedded.scene.mesh_import import cache_folder

Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]

THRESHOLD = 0.05
"""Concavity at which CoACD stops, of an object 2 units large."""
_VERSION = 1


def hull_corners(points: Float64) -> Float64:
    """(k, 3): the corners of the hull of points (N, 3) [any unit]; flat clouds get a thickness of 1 % of their size."""
    from scipy.spatial import ConvexHull

    points = np.unique(points, axis=0)
    middle = points.mean(axis=0)
    _, _, axes = np.linalg.svd(points - middle, full_matrices=False) if len(points) > 2 else (0, 0, np.eye(3))
    reach = (points - middle) @ axes.T
    size = np.ptp(reach, axis=0)
    for axis, extent in zip(axes, size):
        if extent < 1e-6 * size.max():
            points = np.concatenate([points + 0.005 * size.max() * axis, points - 0.005 * size.max() * axis])
    corners: Float64 = points[np.sort(ConvexHull(points).vertices)]
    return corners


def decompose(points: Float64, triangles: Int64) -> list[Float64]:
    """Corner clouds of the convex parts of a surface, found once and kept in the user's cache folder."""
    digest = hashlib.sha256(np.ascontiguousarray(points, np.float64).tobytes())
    digest.update(np.ascontiguousarray(triangles, np.int64).tobytes())
    digest.update(f"{_VERSION} {THRESHOLD}".encode())
    file = cache_folder() / "hulls" / f"{digest.hexdigest()[:32]}.npz"
    if not file.is_file():
        _publish(_found(points, triangles), file)
    with np.load(file) as kept:
        return [kept[name] for name in kept.files]


def _found(points: Float64, triangles: Int64) -> list[Float64]:
    library = coacd()
    library.set_log_level("error")
    parts = library.run_coacd(library.Mesh(points, triangles), threshold=THRESHOLD, seed=0)
    return [np.asarray(corners, np.float64) for corners, _ in parts]


def _publish(parts: list[Float64], file: Path) -> None:
    """Written beside it and moved, so that no reader sees half a file."""
    file.parent.mkdir(parents=True, exist_ok=True)
    handle, scratch = tempfile.mkstemp(dir=file.parent, suffix=".npz")
    with os.fdopen(handle, "wb") as target:
        np.savez(target, *parts)
    os.replace(scratch, file)
