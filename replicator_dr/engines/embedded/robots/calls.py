"""``rep.randomizer.joints``, a randomizer of ours."""

from __future__ import annotations

from collections.abc import Mapping
from types import ModuleType
from typing import Any

from replicator_dr.engines.embedded.draws.distributions import Uniform
from replicator_dr.engines.embedded.item import ReplicatorItem, make_item
from replicator_dr.engines.embedded.ours import make_known
from replicator_dr.engines.embedded.robots.joints_effect import JointsEffect
from replicator_dr.engines.embedded.runtime import current
from replicator_dr.engines.embedded.targets import targets


def joints(
    positions: Mapping[str, Any] | None = None,
    range: float = 1.0,  # noqa: A002 - the language's word
    collision_free: bool = False,
    avoid: Any = None,
    ground: float | None = None,
    seed: int | None = None,
    record: str | None = None,
    input_prims: Any = None,
) -> ReplicatorItem:
    """Pose robots by the positions of their joints: degrees for those that turn, metres for those that slide.

    positions: by name or pattern. range: the share of the way from the authored pose to each limit over which the other
    joints are drawn evenly. collision_free: draw anew until no link touches another one, neighbours aside. avoid: nor
    these prims. ground: the height [m] on which the lowest point of the robot comes to stand. record: the name under
    which positions are recorded.
    """
    kind = "randomizer.joints"
    inputs = {
        "positions": tuple((positions or {}).items()),
        "range": float(range),
        "collision_free": bool(collision_free),
        "avoid": avoid,
        "ground": ground,
        "record": record,
    }
    source = Uniform(kind, {"lower": 0.0, "upper": 1.0}, seed if seed and seed > 0 else None, None)
    if source.seed is None:
        source.number = current().graph.next_seeded_id()
    return make_item(JointsEffect(kind, targets(kind, input_prims), inputs, source))


def register(rep: ModuleType) -> None:
    """Make it known to the API."""
    make_known(rep.randomizer, joints)
