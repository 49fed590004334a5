"""World matrices of prims, composed only where something varies.

A prim's world matrix is ``offset @ world(anchor)``, where the anchor is the nearest prim (itself or above) whose pose
the graph writes, and the offset is a product of constant local matrices.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from pxr import Usd, UsdGeom

from replicator_dr.engines.embedded.scene.transforms import compose

Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]
Tables = dict[str, Float64]

POSE_CHANNELS = ("translate", "rotate", "scale", "pivot")


def world_correction(stage: Usd.Stage) -> Float64:
    """(4, 4): from the stage's units and up axis to metres and Z up; the identity on stages made here."""
    matrix = np.eye(4) * UsdGeom.GetStageMetersPerUnit(stage)
    matrix[3, 3] = 1.0
    if UsdGeom.GetStageUpAxis(stage) == UsdGeom.Tokens.y:
        turn = np.eye(4)
        turn[1:3, 1:3] = [[0.0, 1.0], [-1.0, 0.0]]
        matrix = matrix @ turn
    return matrix


class Hierarchy:
    """The stage's transforms.

    columns: pose column of each prim whose pose the graph writes. correction: (4, 4) from the
    stage's frame to metres and Z up. unit: metres in a stage unit. y_up: whether the stage's up axis is Y.
    """

    def __init__(self, stage: Usd.Stage) -> None:
        self.stage = stage
        self.correction = world_correction(stage)
        self.unit = float(UsdGeom.GetStageMetersPerUnit(stage))
        self.y_up = UsdGeom.GetStageUpAxis(stage) == UsdGeom.Tokens.y
        self.columns: dict[str, int] = {}
        self._local: dict[str, tuple[Float64, bool]] = {}
        self._anchors: dict[str, tuple[int, Float64]] = {}
        self._groups: dict[tuple[str, ...], tuple[Int64, Float64]] = {}
        self._parents: list[tuple[int, Float64]] = []
        self._levels: list[int] = []

    def freeze(self) -> None:
        """Call when all varying prims are known: find the anchor above each of them."""
        self._anchors.clear()
        self._groups.clear()
        self._parents = [self._above(path) for path in self.columns]
        self._levels = [0] * len(self._parents)
        for _, column in sorted(self.columns.items(), key=lambda item: item[0].count("/")):
            parent = self._parents[column][0]
            self._levels[column] = self._levels[parent] + 1 if parent >= 0 else 0

    def rest_local(self, path: str) -> tuple[Float64, bool]:
        """The authored local matrix of a prim, and whether it resets the transform stack."""
        if path not in self._local:
            xformable = UsdGeom.Xformable(self.stage.GetPrimAtPath(path))
            if xformable:
                matrix = np.array(xformable.GetLocalTransformation(), dtype=np.float64)
                self._local[path] = matrix, bool(xformable.GetResetXformStack())
            else:
                self._local[path] = np.eye(4), False
        return self._local[path]

    def rest_world(self, path: str) -> Float64:
        """(4, 4): local to world with authored poses."""
        matrix, resets = self.rest_local(path)
        while not resets and (path := path.rpartition("/")[0]):
            local, resets = self.rest_local(path)
            matrix = matrix @ local
        return matrix @ self.correction

    def anchor(self, path: str) -> tuple[int, Float64]:
        """(column, offset) of a prim; column -1 where nothing above it varies."""
        if path not in self._anchors:
            if not path:
                self._anchors[path] = -1, self.correction
            elif path in self.columns:
                self._anchors[path] = self.columns[path], np.eye(4)
            else:
                column, offset = self._above(path)
                self._anchors[path] = column, self.rest_local(path)[0] @ offset
        return self._anchors[path]

    def _above(self, path: str) -> tuple[int, Float64]:
        return (-1, self.correction) if self.rest_local(path)[1] else self.anchor(path.rpartition("/")[0])

    def group(self, paths: tuple[str, ...]) -> tuple[Int64, Float64]:
        """Anchors (n,) and offsets (n, 4, 4) of several prims."""
        if paths not in self._groups:
            self._groups[paths] = pack([self.anchor(path) for path in paths])
        return self._groups[paths]

    def parent_group(self, paths: tuple[str, ...]) -> tuple[Int64, Float64]:
        """The same for the frames in which the prims' own poses are written."""
        return pack([self._above(path) for path in paths])

    def column_worlds(self, tables: Tables, wanted: Int64, rows: Int64 | None) -> dict[int, Float64]:
        """(R, 4, 4) for each wanted pose column, parents composed first, level by level."""
        needed = set()
        for column in wanted:
            while column >= 0 and column not in needed:
                needed.add(int(column))
                column = self._parents[column][0]
        if not needed:
            return {}
        order = sorted(needed, key=lambda column: self._levels[column])
        index = np.array(order)
        pose = [_take(tables[name], rows, index) for name in POSE_CHANNELS]
        local = compose(*pose)
        place = {column: i for i, column in enumerate(order)}
        worlds = np.empty_like(local)
        levels = np.array([self._levels[column] for column in order])
        for level in range(int(levels.max()) + 1):
            here = np.flatnonzero(levels == level)
            parents, offsets = pack([self._parents[order[i]] for i in here])
            above = np.array([place.get(int(parent), -1) for parent in parents])
            worlds[:, here] = np.matmul(local[:, here], join(worlds, above, offsets))
        return {column: worlds[:, i] for column, i in place.items()}

    def worlds(self, tables: Tables, anchors: Int64, offsets: Float64, rows: Int64 | None = None) -> Float64:
        """(R, n, 4, 4): local to world of prims given by anchors (n,) and offsets (n, 4, 4)."""
        by_column = self.column_worlds(tables, np.unique(anchors[anchors >= 0]), rows)
        count = len(rows) if rows is not None else len(next(iter(tables.values())))
        if not by_column:
            return np.broadcast_to(offsets, (count, *offsets.shape)).copy()
        place = {column: i for i, column in enumerate(by_column)}
        stack = np.stack(list(by_column.values()), axis=1)
        return join(stack, np.array([place.get(int(anchor), -1) for anchor in anchors]), offsets)


def join(worlds: Float64, above: Int64, offsets: Float64) -> Float64:
    """Offsets (n, 4, 4) @ worlds (R, m, 4, 4) at ``above`` (n,); the offset alone where that is -1."""
    result = np.empty((len(worlds), *offsets.shape))
    fixed = above < 0
    result[:, fixed] = offsets[fixed]
    plain = ~fixed & (offsets == np.eye(4)).all(axis=(1, 2))
    result[:, plain] = worlds[:, above[plain]]
    other = ~fixed & ~plain
    if other.any():
        result[:, other] = np.matmul(offsets[other], worlds[:, above[other]])
    return result


def pack(pairs: Sequence[tuple[int, Float64]]) -> tuple[Int64, Float64]:
    """(n,) anchors and (n, 4, 4) offsets."""
    anchors = np.array([anchor for anchor, _ in pairs], dtype=np.int64)
    return anchors, np.array([offset for _, offset in pairs], dtype=np.float64).reshape(-1, 4, 4)


def _take(table: Float64, rows: Int64 | None, columns: Int64) -> Float64:
    return table[:, columns] if rows is None else table[rows[:, None], columns]
