"""Whether colour images are path traced, as the session's settings say, under Kit's names for them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from replicator_dr.errors import EngineError
from replicator_dr.render import blur
from replicator_dr.render.rolling_shutter import moments_a_row, row_shares

if TYPE_CHECKING:
    from replicator_dr.engines.embedded.scene.state import FrameState
    from replicator_dr.render.path.tracer import PathTracer
    from replicator_dr.render.scene import FrameArrays, RenderedView, View

MODE = "/rtx/rendermode"
PATH_TRACED = "PathTracing"
REAL_TIME = "RaytracedLighting"
SAMPLES = "/rtx/pathtracing/spp"
BOUNCES = "/rtx/pathtracing/maxBounces"
MOST_SAMPLES = 65536
STREAM = 0x9E3779B1
"""Between the seeds of an image's moments."""


@dataclass(frozen=True)
class PathTracing:
    """samples: paths a pixel. bounces: how often light is scattered on its way to what the camera sees."""

    samples: int = 64
    bounces: int = 4


def path_tracing(settings: Mapping[str, object]) -> PathTracing | None:
    """What carb settings by path ask for; None for the raster. EngineError for numbers that make no image."""
    if settings.get(MODE) != PATH_TRACED:
        return None
    samples, bounces = (settings.get(name, default) for name, default in ((SAMPLES, 64), (BOUNCES, 4)))
    assert isinstance(samples, int)
    assert isinstance(bounces, int)
    if not 1 <= samples <= MOST_SAMPLES or bounces < 0:
        raise EngineError(
            f"{samples} samples a pixel and {bounces} bounces; give 1 to {MOST_SAMPLES} samples and 0 bounces or more"
        )
    return PathTracing(samples, bounces)


@dataclass(frozen=True, eq=False)
class ColorTracer:
    """Makes colour images by path tracing. seed: the session's, so that a frame's noise is always the same."""

    tracer: PathTracer
    how: PathTracing
    seed: int

    def rgb(self, state: FrameState, seen: RenderedView) -> NDArray[np.uint8]:
        """(B, H, W, 4) uint8, sRGB, alpha 255, through the raster's tone curve, with the sensor's noise.

        seen: what the frames show at their own moment.
        """
        from replicator_dr.render.photograph import developed

        arrays, view = state.arrays, seen.view
        radiance = np.empty((len(state), view.height, view.width, 4), np.float32)
        counts = blur.exposures(arrays, seen, self.tracer.scene.part_transform, lens=False)
        counts = np.minimum(counts, self.how.samples)
        of_row = moments_a_row(arrays, view, counts)
        for count, seen_by_row in np.unique(np.stack([counts, of_row], axis=1), axis=0).tolist():
            rows = np.flatnonzero((counts == count) & (of_row == seen_by_row))
            samples = -(-self.how.samples // seen_by_row)
            radiance[rows, ..., :3] = self._mean(arrays[rows], view, count, samples, state.frames[rows])
        return developed(radiance, arrays, view, self.seed, state.frames, self.tracer.device)

    def _mean(
        self, frames: FrameArrays, view: View, count: int, samples: int, numbers: NDArray[np.int64]
    ) -> NDArray[np.float32]:
        """(B, H, W, 3): the mean over ``count`` moments of the exposure, of ``samples`` a pixel each."""
        total = np.zeros((len(frames), view.height, view.width, 3), np.float32)
        times = blur.shares(frames, view.camera, count)
        weights = row_shares(frames, view, times).astype(np.float32)
        for moment in range(count):
            then = frames if count == 1 else blur.at_share(frames, view, times[:, moment])
            # Each moment has a stream of its own; the first has that of an image without blur.
            seed = self.seed + moment * STREAM
            sharp = self.tracer.render(then, view, samples, self.how.bounces, seed, numbers=numbers)
            total += weights[:, moment, :, None, None] * sharp
        return total
