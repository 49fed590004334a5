"""``rep.randomizer.animation``: a randomizer of ours, made known by the documented ``rep.randomizer.register``."""

from __future__ import annotations

from types import ModuleType
from typing import Any

from replicator_dr.engines.embedded.api.randomizer import stream
from replicator_dr.engines.embedded.item import ReplicatorItem, make_item
from replicator_dr.engines.embedded.ours import make_known
from replicator_dr.engines.embedded.skeletons.animation_effect import AnimationEffect
from replicator_dr.engines.embedded.targets import targets


def animation(
    time: Any = None, seed: int | None = None, record: str | None = None, input_prims: Any = None
) -> ReplicatorItem:
    """Show assets with skeletons at other times of their animations.

    time: seconds on the stage's time line, one for each prim; by default even over each animation. record: the name
    under which the times are recorded.
    """
    kind = "randomizer.animation"
    inputs = {"time": time, "record": record}
    return make_item(AnimationEffect(kind, targets(kind, input_prims), inputs, stream(kind, seed)))


def register(rep: ModuleType) -> None:
    """Make it known to the API."""
    make_known(rep.randomizer, animation)
