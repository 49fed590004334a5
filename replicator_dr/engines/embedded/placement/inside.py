"""Whether points are inside of a closed mesh."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from replicator_dr.errors import EngineError

Float64 = NDArray[np.float64]
Bool = NDArray[np.bool_]

# Pairs of a point and a triangle looked at together.
_BLOCK = 1 << 22

# Cells along each axis of a grid over the mesh: only those that a triangle may touch need its triangles.
_CELLS = 16
_OUT, _IN, _EDGE = 0, 1, 2


class Inside:
    """A test for one mesh. triangles: (T, 3, 3) in any frame. Raises EngineError where the mesh holds no volume.

    low, high: (3,), the box about it; box_volume: of that box.
    """

    def __init__(self, kind: str, path: str, triangles: Float64) -> None:
        from scipy.spatial import ConvexHull

        if len(triangles) == 0:
            raise EngineError(f"{kind}: {path} has no faces to be a volume; give a closed mesh, such as a hidden cube")
        self._triangles = triangles
        self.low, self.high = triangles.min(axis=(0, 1)), triangles.max(axis=(0, 1))
        self.box_volume = float(np.prod(self.high - self.low))
        first, second, third = triangles[:, 0], triangles[:, 1], triangles[:, 2]
        normals = np.cross(second - first, third - first)
        volume = abs(float(np.sum(first * normals)) / 6.0)
        if volume <= 1e-9 * max(self.box_volume, 1e-300) or self.box_volume <= 0.0:
            raise EngineError(f"{kind}: {path} is flat or open and holds no volume; give a closed mesh")
        hull = ConvexHull(triangles.reshape(-1, 3))
        convex = abs(hull.volume - volume) <= 1e-6 * volume
        # Triangles of one face share their plane.
        self._planes = np.unique(np.round(hull.equations, 12), axis=0) if convex else None
        self._cells = self._classified()

    def __call__(self, points: Float64) -> Bool:
        """(...,) bool for points (..., 3) in the mesh's frame."""
        flat = points.reshape(-1, 3)
        within: Bool = ((flat >= self.low) & (flat <= self.high)).all(axis=1)
        rows = np.flatnonzero(within)
        x, y, z = np.moveaxis(self._cell(flat[rows]), -1, 0)
        known = self._cells[x, y, z]
        within[rows] = known == _IN
        self._exact(flat, rows[known == _EDGE], within)
        return within.reshape(points.shape[:-1])

    def _cell(self, points: Float64) -> NDArray[np.int64]:
        """(..., 3): the cell that holds points (..., 3)."""
        share = (points - self.low) / (self.high - self.low)
        return np.clip((share * _CELLS).astype(np.int64), 0, _CELLS - 1)

    def _classified(self) -> NDArray[np.int8]:
        """(n, n, n): cells inside, outside, and those that a triangle may touch."""
        cells = np.full((_CELLS,) * 3, _OUT, dtype=np.int8)
        slack = 1e-6 * (self.high - self.low)
        first = self._cell(self._triangles.min(axis=1) - slack)
        last = self._cell(self._triangles.max(axis=1) + slack)
        for (i, j, k), end in zip(first.tolist(), (last + 1).tolist()):
            cells[i : end[0], j : end[1], k : end[2]] = _EDGE
        clear = np.argwhere(cells == _OUT)
        # Beside the middles: rays through these would meet the edges of symmetric meshes.
        middles = self.low + (clear + np.array([0.4871, 0.5213, 0.5])) / _CELLS * (self.high - self.low)
        within = np.zeros(len(clear), dtype=bool)
        self._exact(middles, np.arange(len(clear)), within)
        cells[tuple(clear[within].T)] = _IN
        return cells

    def _exact(self, points: Float64, rows: NDArray[np.int64], within: Bool) -> None:
        """Set ``within`` (N,) for some rows of points (N, 3) by the triangles."""
        parts = self._triangles if self._planes is None else self._planes
        step = max(_BLOCK // len(parts), 1)
        for start in range(0, len(rows), step):
            some = rows[start : start + step]
            within[some] = self._behind(points[some]) if self._planes is not None else self._odd(points[some])

    def _behind(self, points: Float64) -> Bool:
        """Of convex meshes: behind every face."""
        assert self._planes is not None
        signed = points[:, :1] * self._planes[:, 0] + points[:, 1:2] * self._planes[:, 1]
        signed += points[:, 2:] * self._planes[:, 2] + self._planes[:, 3]
        return np.asarray((signed <= 0.0).all(axis=1))

    def _odd(self, points: Float64) -> Bool:
        """Of others: a ray straight up leaves through an odd number of triangles."""
        a, b, c = (self._triangles[:, i] for i in range(3))
        x, y, z = (points[:, i : i + 1] for i in range(3))
        first = (b[:, 0] - a[:, 0]) * (y - a[:, 1]) - (b[:, 1] - a[:, 1]) * (x - a[:, 0])
        second = (c[:, 0] - b[:, 0]) * (y - b[:, 1]) - (c[:, 1] - b[:, 1]) * (x - b[:, 0])
        third = (a[:, 0] - c[:, 0]) * (y - c[:, 1]) - (a[:, 1] - c[:, 1]) * (x - c[:, 0])
        hit = ((first >= 0) & (second >= 0) & (third >= 0)) | ((first < 0) & (second < 0) & (third < 0))
        area = first + second + third
        height = (second * a[:, 2] + third * b[:, 2] + first * c[:, 2]) / np.where(area == 0.0, 1.0, area)
        return np.asarray(np.sum(hit & (area != 0.0) & (height > z), axis=1) % 2 == 1)
