"""randomizer.place_in_view: prims anywhere in what a camera sees."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from typing_extensions import override

from replicator_dr.engines.embedded.effects.posing import PosingEffect
from replicator_dr.engines.embedded.effects.viewpoint import Viewpoint

if TYPE_CHECKING:
    from replicator_dr.engines.embedded.firing import Firing
    from replicator_dr.engines.embedded.scene.plan import Plan

AMOUNTS = ("distance", "horizontal", "vertical")


class ViewEffect(PosingEffect):
    """Puts origins at a distance [m] along the axis, horizontal and vertical being shares of half the image.

    inputs: AMOUNTS, camera (a path) and aspect, width over height of its images.
    """

    reads_state = True
    drawn = AMOUNTS

    def __init__(self, targets: Callable[[], list[str]], inputs: dict[str, Any], name: str | None) -> None:
        super().__init__("randomizer.place_in_view", targets, inputs, name)

    @override
    def prepare(self, plan: Plan) -> None:
        super().prepare(plan)
        self._camera = Viewpoint(plan, self.inputs["camera"], self.inputs["aspect"])

    @override
    def evaluate(self, firing: Firing) -> None:
        count = len(self._paths)
        if not count:
            return
        distance, across, upward = (firing.numbers(self.inputs[name], count, 1)[..., 0] for name in AMOUNTS)
        where = self._camera.at(firing).point(across, upward, distance)
        self._put(firing, where)
