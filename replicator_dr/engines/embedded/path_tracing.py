"""Whether colour images are path traced, as the session's settings say, under Kit's names for them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from replicator_dr.errors import EngineError

if TYPE_CHECKING:
    from replicator_dr.engines.embedded.state import FrameState
    from replicator_dr.render.path.tracer import PathTracer
    from replicator_dr.render.scene import View

MODE = "/rtx/rendermode"
PATH_TRACED = "PathTracing"
REAL_TIME = "RaytracedLighting"
SAMPLES = "/rtx/pathtracing/spp"
BOUNCES = "/rtx/pathtracing/maxBounces"
MOST_SAMPLES = 65536


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

    def rgb(self, state: FrameState, view: View) -> NDArray[np.uint8]:
        """(B, H, W, 4) uint8, sRGB, alpha 255, through the raster's tone curve."""
        from replicator_dr.render.color import encoded

        radiance = self.tracer.render(
            state.arrays, view, self.how.samples, self.how.bounces, self.seed, numbers=state.frames
        )
        return encoded(radiance)
