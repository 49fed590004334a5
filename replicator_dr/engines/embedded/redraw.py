"""Frames that meet conditions: each is drawn anew until it does, as a pure function of the graph and its number.

Attempt a of frame k does not depend on other frames, so neither does the first attempt that meets all conditions: a
frame is the same alone and in a run of any width. A batch is checked at once; those that fail are evaluated together,
as a smaller batch, with the next attempt.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from replicator_dr.engines.embedded.capture import frames_of
from replicator_dr.engines.embedded.conditions import Condition, Judged, distances, judge, measured, present
from replicator_dr.engines.embedded.evaluation import Values, state_of
from replicator_dr.engines.embedded.label_images import Seen, label_images
from replicator_dr.engines.embedded.moments import ATTEMPTS, drawn_anew
from replicator_dr.engines.embedded.redraw_notes import ATTEMPT, FAILED
from replicator_dr.engines.embedded.state import FrameState, Scene
from replicator_dr.engines.embedded.tries import Tries
from replicator_dr.engines.embedded.worker_choice import cores
from replicator_dr.errors import EngineError

if TYPE_CHECKING:
    from replicator_dr.engines.embedded.runtime import Runtime

Int64 = NDArray[np.int64]
Evaluate = Callable[[Int64, Int64], Values]
"""(B,) frames and (B,) attempts -> their values."""

CHUNK_PIXELS = 1_300_000
"""Pixels of the images that a thread draws together on a CPU."""
CUDA_CHUNK = 64
"""Images that are drawn together on CUDA."""


class Requirements:
    """What a runtime's frames must meet.

    conditions: those on poses are asked first, those on images of the draws that meet them. redraws: how often a frame
    is drawn anew at most.
    """

    def __init__(self, conditions: Sequence[Condition], redraws: int) -> None:
        if not 0 <= redraws < ATTEMPTS:
            raise EngineError(f"redraws is {redraws}; give a number within 0 .. {ATTEMPTS - 1}")
        self.conditions = tuple(conditions)
        self.redraws = redraws
        self._pool = ThreadPoolExecutor(cores(), thread_name_prefix="require")
        self._rows: tuple[Scene, list[NDArray[np.intp]]] | None = None

    def met(self, runtime: Runtime, frames: Int64, evaluate: Evaluate) -> Values:
        """The values of the first attempt at each frame that meets all conditions, with ATTEMPT and FAILED as draws.

        frames: (B,). Raises RequirementError for the lowest frame of which no attempt does.
        """
        attempts = np.zeros(len(frames), np.int64)
        tries = Tries(self.conditions, len(frames))
        first = current = evaluate(frames, attempts)
        pending = np.arange(len(frames))
        while True:
            pending = pending[tries.note(pending, self._judged(runtime, current))]
            if not len(pending):
                break
            can = drawn_anew(current.plan.triggers, frames[pending])
            over = pending[~can | (attempts[pending] == self.redraws)]
            if len(over):
                lowest = int(over[np.argmin(frames[over])])
                raise tries.error(lowest, int(frames[lowest]), int(attempts[lowest]) + 1, bool(can.all()))
            attempts[pending] += 1
            current = evaluate(frames[pending], attempts[pending])
        values = evaluate(frames, attempts) if attempts.any() else first
        return replace(values, draws={**values.draws, ATTEMPT: attempts, FAILED: tries.failed})

    def _judged(self, runtime: Runtime, values: Values) -> list[Judged]:
        """Each condition over the R draws; off is nan where a condition on images was not asked."""
        state, scene = state_of(values), values.plan.scene
        prims = self._prims(scene)
        there = present(scene.arrays, state)
        judged: dict[int, Judged] = {}
        open_rows = np.ones(len(state), np.bool_)
        for k, condition in enumerate(self.conditions):
            if not condition.needs_images:
                columns = [scene.camera_paths.index(path) for path in condition.cameras]
                away = [distances(scene.labels, state, prims[k], column) for column in columns]
                judged[k] = judge(condition, np.stack(away, axis=1), there[:, prims[k]])
                open_rows &= judged[k].off == 0
        asked = [k for k, condition in enumerate(self.conditions) if condition.needs_images]
        if asked:
            rows = np.flatnonzero(open_rows)
            seen = self._label_images(runtime, scene, frames_of(state, rows)) if len(rows) else []
            for k in asked:
                judged[k] = Judged(np.full(len(state), np.nan), np.full(len(state), np.nan))
                if len(rows):
                    found = _in_images(self.conditions[k], seen, prims[k], there[rows[:, None], prims[k]])
                    judged[k].off[rows], judged[k].value[rows] = found.off, found.value
        return [judged[k] for k in range(len(self.conditions))]

    def _label_images(self, runtime: Runtime, scene: Scene, state: FrameState) -> list[Seen]:
        asked = {path for condition in self.conditions if condition.needs_images for path in condition.cameras}
        products = [product for product in runtime.products.products if asked & set(product.cameras)]
        renderer = runtime.products.renderer(scene)
        largest = max(product.tile[0] * product.tile[1] for product in products)
        chunk = max(1, CHUNK_PIXELS // largest) if renderer.device.is_cpu else CUDA_CHUNK
        return label_images(renderer, scene, state, products, runtime.seed, chunk, self._pool)

    def _prims(self, scene: Scene) -> list[NDArray[np.intp]]:
        """Rows of each condition's prims; looked up once for each compiled scene."""
        if self._rows is None or self._rows[0] is not scene:
            self._rows = scene, [condition.entities(scene.labels) for condition in self.conditions]
        return self._rows[1]


def _in_images(condition: Condition, seen: Sequence[Seen], rows: NDArray[np.intp], there: NDArray[np.bool_]) -> Judged:
    """A condition on the images of its cameras."""
    own = [image for image in seen if image.camera in condition.cameras]
    values = np.stack([measured(condition, image, rows, there) for image in own], axis=1)
    counted = condition.kind == "count"
    return judge(condition, values, np.ones((len(there), 1), np.bool_) if counted else there)
