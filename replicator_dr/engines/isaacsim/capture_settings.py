"""Settings under which a captured frame shows exactly the state of its step, restored afterwards."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from replicator_dr.engines.isaacsim.versions import REPLICATOR

EXACT: dict[str, Any] = {
    # Rendering waits for the frame it belongs to.
    "/omni/replicator/asyncRendering": False,
    "/app/asyncRendering": False,
    "/app/asyncRenderingLowLatency": False,
    "/exts/isaacsim.core.throttling/enable_async": False,
    # Super-sampling for quality: the faster modes smear what has moved far since the last frame.
    "/rtx/post/dlss/execMode": 2,
}


@contextmanager
def capture_settings() -> Iterator[None]:
    """Hold :data:`EXACT` inside the block. Playing the timeline captures nothing by itself there."""
    import carb.settings

    settings = carb.settings.get_settings()
    before = {path: settings.get(path) for path in EXACT}
    core = importlib.import_module(REPLICATOR)
    for path, value in EXACT.items():
        settings.set(path, value)
    core.orchestrator.set_capture_on_play(False)
    try:
        yield
    finally:
        for path, old in before.items():
            if old is not None:
                settings.set(path, old)
