"""Our renderer, as the others are compared with it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from replicator_dr.run.bench.peers.protocol import Pictures
from replicator_dr.run.bench.peers.shared_scene import SharedScene

NAME = "replicator_dr"


class Ours:
    """Depth, segments and tables of what each object covers are always made."""

    name = NAME
    lacks = "reflected light"
    serial = True
    widths: Sequence[int] = (1, 4, 16, 64, 256)

    def available(self, device: str) -> str | None:
        """It always is."""
        return None

    def setup(self, scene: SharedScene, device: str) -> None:
        """Upload."""
        from replicator_dr.render.renderer import Renderer

        self._scene = scene
        self._renderer = Renderer(scene.arrays, device)

    def render(self, cameras: Sequence[int], labels: bool) -> Pictures:
        """A batch through the renderer."""
        frames = self._scene.frames[cameras[0] : cameras[-1] + 1]
        rendered = self._renderer.render(frames, self._scene.view)
        assert rendered.rgb is not None
        return Pictures(rendered.rgb[..., :3], np.asarray(rendered.depth), np.asarray(rendered.part))
