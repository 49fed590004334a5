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

from replicator_dr.engines.embedded.evaluation import Values, state_of
from replicator_dr.engines.embedded.loop.capture import frames_of
from replicator_dr.engines.embedded.loop.worker_choice import cores
from replicator_dr.engines.embedded.require.conditions import (
    Condition,
    Judged,
    distances,
    judge,
    measured,
    of_draws,
    present,
)
from replicator_dr.engines.embedded.require.label_images import Seen, label_images
from replicator_dr.engines.embedded.require.moments import ATTEMPTS, drawn_anew, moments
from replicator_dr.engines.embedded.require.tries import Tries
from replicator_dr.engines.embedded.scene.state import FrameState, Scene
from replicator_dr.errors import EngineError
from replicator_dr.labels.redraws import ATTEMPT, FAILED

if TYPE_CHECKING:
    from replicator_dr.engines.embedded.require.clearance import Clearance
    from replicator_dr.engines.embedded.runtime import Runtime

Int64 = NDArray[np.int64]
Evaluate = Callable[[Int64, Int64], Values]
"""(B,) frames and (B,) attempts -> their values."""

CHUNK_PIXELS = 1_300_000
"""Pixels of the images that a thread draws together on a CPU."""
CUDA_THREADS = 2
"""Threads that draw on CUDA: one prepares what the other waits for, and each has memory of its own there."""
TOGETHER = 64
"""Images that are drawn together on CUDA; draws that are worked out together without images."""


class Stopped(Exception):  # noqa: N818 - not an error
    """A run was ended while frames were drawn anew."""


class Requirements:
    """What a runtime's frames must meet.

    conditions: those on poses are asked first, those on images of the draws that meet them. redraws: how often a frame
    is drawn anew at most. stopping: asked before frames are drawn anew; true raises Stopped.
    """

    def __init__(self, conditions: Sequence[Condition], redraws: int) -> None:
        if not 0 <= redraws < ATTEMPTS:
            raise EngineError(f"redraws is {redraws}; give a number within 0 .. {ATTEMPTS - 1}")
        self.conditions = tuple(conditions)
        self.redraws = redraws
        self.stopping: Callable[[], bool] = lambda: False
        self._pool: ThreadPoolExecutor | None = None
        self._rows: tuple[Scene, list[NDArray[np.intp]]] | None = None
        self._clearance: tuple[Scene, Clearance] | None = None

    @property
    def on_draws(self) -> bool:
        """Whether nothing but draws has to be known of a frame."""
        return all(condition.draws is not None for condition in self.conditions)

    def met(self, runtime: Runtime, frames: Int64, evaluate: Evaluate, draw: Evaluate) -> Values:
        """The values of the first attempt at each frame that meets all conditions, with ATTEMPT and FAILED as draws.

        frames: (B,). draw: gives draws alone, which are looked at where they decide. Raises RequirementError for the
        lowest frame of which no attempt does.
        """
        look = draw if self.on_draws else evaluate
        tries = Tries(self.conditions, len(frames))
        attempts = np.zeros(len(frames), np.int64)
        first = look(frames, attempts)
        pending = np.flatnonzero(
            tries.note(np.arange(len(frames)), self._judged(runtime, first, attempts), slice(None))
        )
        triggers, done = first.plan.triggers, 1
        while len(pending):
            if self.stopping():
                raise Stopped
            over = pending if done > self.redraws else pending[~drawn_anew(triggers, frames[pending])]
            if len(over):
                row = int(over[np.argmin(frames[over])])
                raise tries.error(row, int(frames[row]), done, bool(drawn_anew(triggers, frames[[row]])[0]))
            ahead = min(max(self._abreast(runtime) // len(pending), 1), self.redraws + 1 - done)
            rows, tried = np.tile(pending, ahead), np.repeat(np.arange(done, done + ahead), len(pending))
            judged = self._judged(runtime, look(frames[rows], tried), tried)
            failing: Int64 = np.arange(len(pending))
            for step in range(ahead):
                attempts[pending[failing]] = done + step
                draws = failing + step * len(pending)
                failing = failing[tries.note(pending[failing], judged, draws)]
            pending, done = pending[failing], done + ahead
        values = first if look is evaluate and not attempts.any() else evaluate(frames, attempts)
        return replace(values, draws={**values.draws, ATTEMPT: attempts, FAILED: tries.failed})

    def _abreast(self, runtime: Runtime) -> int:
        """Draws that take hardly longer together than one: a few pending frames are tried several times at once."""
        if not any(condition.needs_images for condition in self.conditions):
            return TOGETHER
        return cores() if runtime.products.renderer(runtime.scene()).device.is_cpu else TOGETHER

    def _judged(self, runtime: Runtime, values: Values, attempts: Int64) -> Judged:
        """All conditions over R draws, (R, K). attempts: (R,) of each."""
        unasked = np.full((len(values.frames), len(self.conditions)), np.nan)
        judged = Judged(unasked, unasked.copy())
        for k, condition in enumerate(self.conditions):
            if condition.draws is not None:
                judged.put(slice(None), k, of_draws(condition, runtime.seed, moments(values.frames, attempts)))
        if self.on_draws:
            return judged
        state, scene = state_of(values), values.plan.scene
        prims = self._prims(scene)
        there = present(scene.arrays, state)
        on_images = np.array([condition.needs_images for condition in self.conditions])
        for k, condition in enumerate(self.conditions):
            if condition.draws is None and not on_images[k]:
                judged.put(slice(None), k, self._on_poses(condition, scene, state, prims[k], there))
        rows = np.flatnonzero((judged.off[:, ~on_images] == 0).all(axis=1))
        if on_images.any() and len(rows):
            seen = self._label_images(runtime, scene, frames_of(state, rows))
            for k in np.flatnonzero(on_images).tolist():
                found = _in_images(self.conditions[k], seen, prims[k], there[rows[:, None], prims[k]])
                judged.put(rows, k, found)
        return judged

    def _on_poses(
        self, condition: Condition, scene: Scene, state: FrameState, rows: NDArray[np.intp], there: NDArray[np.bool_]
    ) -> Judged:
        """A condition that needs no images."""
        columns = [scene.camera_paths.index(path) for path in condition.cameras]
        if condition.kind == "camera_clear":
            near = self._shapes(scene).near(condition, state, columns)
            return judge(condition, near, np.ones((len(state), 1), np.bool_))
        if condition.kind == "view_clear":
            values = self._shapes(scene).seen(state, columns, rows)
        else:
            values = np.stack([distances(scene, state, rows, column) for column in columns], axis=1)
        return judge(condition, values, there[:, rows])

    def _shapes(self, scene: Scene) -> Clearance:
        """The scene's shapes, made ready once for each compiled scene."""
        if self._clearance is None or self._clearance[0] is not scene:
            from replicator_dr.engines.embedded.require.clearance import Clearance

            self._clearance = scene, Clearance(scene)
        return self._clearance[1]

    def _label_images(self, runtime: Runtime, scene: Scene, state: FrameState) -> list[Seen]:
        asked = {path for condition in self.conditions if condition.needs_images for path in condition.cameras}
        products = [product for product in runtime.products.products if asked & set(product.cameras)]
        renderer = runtime.products.renderer(scene)
        largest = max(product.tile[0] * product.tile[1] for product in products)
        chunk, threads = TOGETHER, CUDA_THREADS
        if renderer.device.is_cpu:
            chunk, threads = max(1, min(CHUNK_PIXELS // largest, -(-len(state) // cores()))), cores()
        if self._pool is None:
            self._pool = ThreadPoolExecutor(threads, thread_name_prefix="require")
        return label_images(renderer, scene, state, products, runtime.seed, chunk, self._pool)

    def _prims(self, scene: Scene) -> list[NDArray[np.intp]]:
        """Rows of each condition's prims; looked up once for each compiled scene."""
        if self._rows is None or self._rows[0] is not scene:
            none = np.zeros(0, np.intp)
            self._rows = (
                scene,
                [
                    none if condition.kind == "camera_clear" else condition.entities(scene.labels)
                    for condition in self.conditions
                ],
            )
        return self._rows[1]


def _in_images(condition: Condition, seen: Sequence[Seen], rows: NDArray[np.intp], there: NDArray[np.bool_]) -> Judged:
    """A condition on the images of its cameras."""
    own = [image for image in seen if image.camera in condition.cameras]
    values = np.stack([measured(condition, image, rows, there) for image in own], axis=1)
    counted = condition.kind == "count"
    return judge(condition, values, np.ones((len(there), 1), np.bool_) if counted else there)
