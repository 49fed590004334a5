"""All skeletons whose pose varies: poses of their joints, and what these do to the meshes that are bound to them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from replicator_dr.engines.embedded.skeletons.clip import Clip
from replicator_dr.engines.embedded.skeletons.read import LINEAR, Binding
from replicator_dr.errors import UnsupportedError

Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]


@dataclass(frozen=True)
class _Alike:
    """Skeletons with equal clips. columns: (n,) of the times. rows: (n, J) of their joints among all."""

    clip: Clip
    columns: Int64
    rows: Int64


class Rig:
    """S skeletons, whose joints are numbered one skeleton after the other, and the meshes bound to them.

    clips: of each skeleton, by its path. Matrices are for row vectors.
    """

    def __init__(self, clips: Mapping[str, Clip]) -> None:
        counts = [len(clip.parents) for clip in clips.values()]
        starts = np.cumsum([0, *counts])
        self.first = dict(zip(clips, starts.tolist()))
        self._joints = int(starts[-1])
        groups: dict[bytes, list[int]] = {}
        for number, clip in enumerate(clips.values()):
            groups.setdefault(clip.digest, []).append(number)
        held = list(clips.values())
        self._alike = [
            _Alike(held[each[0]], np.array(each), starts[each][:, None] + np.arange(counts[each[0]]))
            for each in groups.values()
        ]
        self._before: list[Float64] = [np.zeros((0, 4, 4))]
        self._after: list[Float64] = [np.zeros((0, 4, 4))]
        self._rows: list[Int64] = [np.zeros(0, np.int64)]

    def add(self, binding: Binding) -> int:
        """The first row of a mesh's matrices. UnsupportedError where joints are not blended linearly."""
        if binding.method != LINEAR:
            raise UnsupportedError(
                f"{binding.path}: blends joints by '{binding.method}'; to vary its pose, set skinningMethod to {LINEAR}"
            )
        start = sum(len(rows) for rows in self._rows)
        order = binding.order()
        self._rows.append(self.first[binding.skeleton.path] + order)
        self._before.append(binding.base @ np.linalg.inv(binding.skeleton.bound()[order]))
        self._after.append(np.tile(binding.to_mesh, (len(order), 1, 1)))
        return start

    def close(self) -> None:
        """All meshes are known."""
        self._all = np.concatenate(self._rows), np.concatenate(self._before), np.concatenate(self._after)

    def poses(self, times: Float64) -> Float64:
        """(R, J, 4, 4): all joints, to their skeletons' frames. times: (R, S) [s]."""
        result = np.empty((len(times), self._joints, 4, 4))
        for alike in self._alike:
            result[:, alike.rows] = alike.clip.poses(times[:, alike.columns])
        return result

    def matrices(self, poses: Float64) -> Float64:
        """(R, K, 4, 4): what all joints of all meshes do to these meshes' points."""
        rows, before, after = self._all
        return np.ascontiguousarray(before @ poses[:, rows] @ after)
