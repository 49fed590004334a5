"""All that a placement has to look at: the things themselves, obstacles, zones and cameras."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from replicator_dr.engines.embedded.placement.bodies import Body, box_body, sphere_body
from replicator_dr.engines.embedded.placement.rules import Rules
from replicator_dr.engines.embedded.placement.shaped_bodies import shaped_bodies
from replicator_dr.engines.embedded.placement.solids import Solids
from replicator_dr.engines.embedded.placement.views import CameraView
from replicator_dr.engines.embedded.scene.shaped import shaped_points
from replicator_dr.errors import EngineError
from replicator_dr.render.scene import CameraArrays

if TYPE_CHECKING:
    from replicator_dr.engines.embedded.firing import Firing
    from replicator_dr.engines.embedded.scene.plan import Plan

Float64 = NDArray[np.float64]


@dataclass(frozen=True)
class Surroundings:
    """The scenery at R firings. still: what does not move while things are placed; zones come after obstacles."""

    things: Solids
    still: Solids
    obstacles: int
    views: list[tuple[CameraView, CameraArrays]]


class Scenery:
    """The bodies of things and of what they avoid, looked up once for a compiled plan."""

    def __init__(self, plan: Plan, kind: str, paths: tuple[str, ...], rules: Rules) -> None:
        form = "mesh" if rules.collision == "mesh" else "hull"
        self._things = [self._body(plan, kind, path, form) for path in paths]
        avoided = tuple(rules.obstacles()) if rules.collision != "none" else ()
        zones = tuple(path for zone in rules.keep_out for path in zone.paths())
        self._paths = (*avoided, *zones)
        self._placed = paths
        self._forms = [form] * len(avoided) + ["hull"] * len(zones), [form] * len(paths)
        plan.watch_shapes((*self._paths, *paths))
        bodies = [self._body(plan, kind, path, form) for path in avoided]
        bodies += [self._body(plan, kind, path, "hull") for path in zones]
        fixed: list[tuple[Body, Float64]] = []
        for zone in rules.keep_out:
            if zone.box is not None:
                fixed.append((box_body(np.array(zone.box[0]), np.array(zone.box[1])), np.zeros(3)))
            elif zone.sphere is not None:
                fixed.append((sphere_body(zone.sphere[3]), np.array(zone.sphere[:3])))
        self._obstacles = len(avoided)
        self._still = [*bodies, *(body for body, _ in fixed)]
        self._fixed = np.array([origin for _, origin in fixed]).reshape(-1, 3)
        self._views = [CameraView(plan, kind, *view) for view in rules.views]

    def at(self, firing: Firing, linear: Float64, shapes: Sequence[Float64 | None]) -> Surroundings:
        """Where all is now. linear: (R, n, 3, 3) of the things, whose origins are to be found; shapes: theirs."""
        count = len(firing.executions)
        worlds = firing.world(self._paths) if self._paths else np.zeros((count, 0, 4, 4))
        turns = np.broadcast_to(np.eye(3), (count, len(self._fixed), 3, 3))
        origins = np.broadcast_to(self._fixed, (count, *self._fixed.shape))
        still = Solids(
            self._still,
            np.concatenate([worlds[..., :3, :3], turns], axis=1),
            np.concatenate([worlds[..., 3, :3], origins], axis=1),
            shaped_bodies(firing.plan, self._paths, shaped_points(firing, self._paths), self._forms[0]),
        )
        shaped = shaped_bodies(firing.plan, self._placed, shapes, self._forms[1])
        things = Solids(self._things, linear, np.zeros(linear.shape[:-1]), shaped)
        return Surroundings(things, still, self._obstacles, [(view, view.at(firing)) for view in self._views])

    @staticmethod
    def _body(plan: Plan, kind: str, path: str, form: str) -> Body:
        plan.prim(path, kind)
        body = plan.bodies.of(plan, path, form)
        if body is None:
            raise EngineError(f"{kind}: {path} has no geometry to keep apart; leave it out")
        return body
