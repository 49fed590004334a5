"""Cameras that focus on something: the focus distance is its distance along the optical axis."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from typing_extensions import override

from replicator_dr.engines.embedded.effects.looking import Aim
from replicator_dr.engines.embedded.firing import Firing
from replicator_dr.engines.embedded.nodes import Effect
from replicator_dr.engines.embedded.scene.plan import Plan
from replicator_dr.engines.embedded.scene.transforms import rigid
from replicator_dr.engines.embedded.targets import holds_prims, paths_of
from replicator_dr.engines.embedded.usd.stage import content

NEAREST = 1e-3
"""Metres: the focus on what stands beside or behind a camera."""


class FocusEffect(Effect):
    """Writes ``focusDistance``.

    inputs: target, a point, or prims, of which the middle of the bounds counts; offset [m], how far behind it the image
    is sharp.
    """

    reads_state = True
    drawn, drawn_once = ("target", "offset"), ("target",)

    def __init__(self, kind: str, targets: Callable[[], list[str]], inputs: dict[str, Any]) -> None:
        super().__init__(kind, targets, inputs)
        self.aim = Aim(kind, inputs["target"], None)

    @override
    def prepare(self, plan: Plan) -> None:
        prims = [content(plan.prim(path, self.kind)) for path in self.targets()]
        self._cameras = tuple(str(prim.GetPath()) for prim in prims)
        self._columns = plan.columns(plan.cameras, self._cameras)
        self.aim.prepare(plan, ())
        target = self.inputs["target"]
        self._seen = tuple(paths_of(target)) if holds_prims(target) else ()
        bounds = [plan.bounds.local(path, hidden=True) for path in self._seen]
        self._middles = np.array([np.zeros(3) if b is None else b.mean(axis=0) for b in bounds]).reshape(-1, 3)

    @override
    def evaluate(self, firing: Firing) -> None:
        if not self._cameras:
            return
        if self._seen:
            world = firing.world(self._seen)
            middles = np.sum(self._middles[..., :, None] * world[..., :3, :3], axis=-2) + world[..., 3, :3]
            point = np.mean(middles, axis=1)
        else:
            point = self.aim.points(firing)
        cameras = rigid(firing.world(self._cameras))
        away = np.sum((point[:, None, :] - cameras[..., 3, :3]) * -cameras[..., 2, :3], axis=-1, keepdims=True)
        away = away + firing.numbers(self.inputs["offset"], len(self._cameras), 1)
        firing.write("focus_distance", self._columns, np.maximum(away, NEAREST) / firing.plan.hierarchy.unit)
