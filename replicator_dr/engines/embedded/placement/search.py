"""The first free place among tries: whole batches are looked through for what is surely free, the rest exactly."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from replicator_dr.engines.embedded.placement.boxes import boxes_meet, spheres_meet
from replicator_dr.engines.embedded.placement.proposal import Tries
from replicator_dr.engines.embedded.placement.rules import Rules
from replicator_dr.engines.embedded.placement.scenery import Surroundings
from replicator_dr.engines.embedded.placement.solids import PlacedBody, Solids, meet

Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]
Bool = NDArray[np.bool_]


class Search:
    """Places R firings' things. spacing: least distance between their places [m]."""

    def __init__(self, around: Surroundings, rules: Rules, spacing: float) -> None:
        self._around = around
        self._things = around.things
        self._rules = rules
        self._spacing = spacing
        self._counts = np.ones(around.things.linear.shape[:2], dtype=bool)
        self._objects: dict[tuple[int, int, bool], PlacedBody] = {}
        self._spots = np.full(around.things.origin.shape, np.inf)
        self.turned = False

    @property
    def linear(self) -> Float64:
        """(R, n, 3, 3) of the things, as far as they have been placed."""
        return self._things.linear

    @property
    def origin(self) -> Float64:
        """(R, n, 3) of the things [m], as far as they have been placed."""
        return self._things.origin

    def first_free(self, thing: int, rows: Int64, tries: Tries) -> Int64:
        """(r,): number of the first free try, -1 where none is."""
        things = self._things
        edges = things.edges[rows, thing][:, None]
        offset = things.offset_of(rows, thing)[:, None]
        if tries.turn is not None:
            edges = np.matmul(edges, tries.turn)
            offset = np.sum(offset[..., :, None] * tries.turn, axis=-2)
        centre = tries.where + offset
        edges = np.broadcast_to(edges, (*tries.within.shape, 3, 3))
        free = tries.within.copy()
        for view, cameras in self._around.views:
            free &= view.sees(cameras, rows, centre, edges)
        if self._spacing > 0.0 and thing:
            between = tries.spot[:, :, None] - self._spots[rows, None, :thing]
            free &= (np.sum(between * between, axis=-1) >= self._spacing**2).all(axis=-1)
        still = self._near(self._around.still, slice(None), rows, thing, centre, edges, free)
        if not self._rules.among:
            near = np.zeros((*free.shape, 0), dtype=bool)
        else:
            near = self._near(things, slice(0, thing), rows, thing, centre, edges, free)
            near &= self._counts[rows, None, :thing]
        return self._chosen(thing, rows, tries, free, still, near)

    def _near(
        self, others: Solids, columns: slice, rows: Int64, thing: int, centre: Float64, edges: Float64, free: Bool
    ) -> Bool:
        """(r, C, m): which of the others may meet the thing at each of its tries."""
        gap = self._rules.clearance
        other = others.centre[rows, None, columns]
        radius = self._things.radius[rows, thing][:, None, None] + gap
        near = spheres_meet(centre[:, :, None], radius, other, others.radius[rows, None, columns])
        near &= free[:, :, None]
        row, number, column = np.nonzero(near)
        meets = boxes_meet(
            centre[row, number], edges[row, number], other[row, 0, column], others.edges[rows[row], column], gap
        )
        near[row, number, column] = meets
        return near

    def _chosen(self, thing: int, rows: Int64, tries: Tries, free: Bool, still: Bool, near: Bool) -> Int64:
        unsure = np.asarray(still.any(axis=-1) | near.any(axis=-1))
        first = np.argmax(free, axis=1)
        each = np.arange(len(rows))
        chosen = np.where(free[each, first], first, -1)
        for i in np.flatnonzero((chosen >= 0) & unsure[each, first]):
            row = int(rows[i])
            chosen[i] = -1
            for number in np.flatnonzero(free[i]):
                if not unsure[i, number] or self._clear(thing, row, tries, int(i), int(number), still, near):
                    chosen[i] = number
                    break
        return chosen

    def _clear(self, thing: int, row: int, tries: Tries, i: int, number: int, still: Bool, near: Bool) -> bool:
        """Whether a try is exactly free of all that is near."""
        turn = None if tries.turn is None else tries.turn[i, number]
        shape = self._things.shape(row, thing, turn, tries.where[i, number])
        gap = self._rules.clearance
        for others, found, is_still in ((self._around.still, still, True), (self._things, near, False)):
            for column in np.flatnonzero(found[i, number]):
                if meet(shape, self._object(others, row, int(column), is_still), gap):
                    return False
        return True

    def _object(self, others: Solids, row: int, column: int, is_still: bool) -> PlacedBody:
        key = row, column, is_still
        if key not in self._objects:
            self._objects[key] = others.placed(row, column)
        return self._objects[key]

    def put(self, thing: int, rows: Int64, tries: Tries, number: Int64) -> None:
        """Put a thing at one of its tries in each row."""
        each = np.arange(len(rows))
        turn = None if tries.turn is None else tries.turn[each, number]
        self.turned |= turn is not None
        self._things.move(rows, thing, tries.where[each, number], turn)
        self._spots[rows, thing] = tries.spot[each, number]

    def forget(self, thing: int, rows: Int64, keep: bool) -> None:
        """A thing without a place stands in nobody's way, unless ``keep``."""
        if not keep:
            self._counts[rows, thing] = False
            self._spots[rows, thing] = np.inf
