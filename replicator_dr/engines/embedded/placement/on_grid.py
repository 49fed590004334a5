"""Places in a grid: a cell for each thing, and a random shift within it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from typing_extensions import override

from replicator_dr.engines.embedded.draws import sampling
from replicator_dr.engines.embedded.placement.poses import turn_about_z
from replicator_dr.engines.embedded.placement.proposal import Places, Proposal, upright
from replicator_dr.errors import EngineError

if TYPE_CHECKING:
    from replicator_dr.engines.embedded.firing import Firing
    from replicator_dr.engines.embedded.scene.plan import Plan

Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]


class OnGrid(Proposal):
    """Cells along X, then Y, then Z. counts: (3,) cells; pitch: (3,) metres from one to the next.

    position: (3,) middle of the grid [m]. rotation: degrees about the vertical through it, with which things turn; None
    for neither. jitter: (3,), greatest shift along each axis of the grid, either way [m]. shuffle: things take cells at
    random, no two the same.
    """

    spacing = 0.0
    width = 3

    def __init__(
        self,
        kind: str,
        counts: tuple[int, int, int],
        pitch: tuple[float, float, float],
        position: object,
        rotation: object,
        jitter: tuple[float, float, float],
        shuffle: bool,
    ) -> None:
        self.kind = kind
        self._counts = counts
        self._pitch = np.array(pitch, dtype=np.float64)
        self._position, self._rotation = position, rotation
        self._jitter = np.array(jitter, dtype=np.float64)
        self._shuffle = shuffle

    @override
    def prepare(self, plan: Plan, count: int) -> None:
        cells = int(np.prod(self._counts))
        if count > cells:
            raise EngineError(f"{self.kind}: {count} things for {cells} cells ({self._counts}); raise counts")
        x, y, z = np.meshgrid(*(np.arange(n) - 0.5 * (n - 1) for n in self._counts), indexing="ij")
        self._cells = np.stack([cell.ravel(order="F") for cell in (x, y, z)], axis=1) * self._pitch

    @override
    def begin(self, firing: Firing, keys: list[int]) -> None:
        count, cells = len(firing.executions), len(self._cells)
        self._middle = firing.numbers(self._position, 1, 3)[:, 0]
        angle = 0.0 if self._rotation is None else self._rotation
        self._turn = turn_about_z(firing.numbers(angle, 1, 1)[:, 0, 0])
        self._order = np.broadcast_to(np.arange(cells), (count, cells))
        if self._shuffle:
            u = sampling.uniforms(sampling.stream_key("cells", keys[0]), firing.executions, cells, 1)[..., 0]
            self._order = np.argsort(u, axis=1, kind="stable")

    @override
    def propose(self, thing: int, rows: Int64, u: Float64, first: int) -> Places:
        cell = self._cells[self._order[rows, thing]][:, None] + self._jitter * (2.0 * u - 1.0)
        turn = self._turn[rows]
        where = np.sum(cell[..., :, None] * turn[:, None], axis=-2) + self._middle[rows, None]
        follows = np.broadcast_to(turn[:, None], (*where.shape[:2], 3, 3)) if self._rotation is not None else None
        return Places(where, upright(*where.shape[:2]), follows, np.ones(where.shape[:2], dtype=bool))
