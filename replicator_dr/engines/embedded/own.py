"""What Replicator lacks and this project brings, in one call."""

from __future__ import annotations

from types import ModuleType

from replicator_dr.engines.embedded import own_randomizers, own_views
from replicator_dr.engines.embedded.draws import own_distributions
from replicator_dr.engines.embedded.physics import nodes as physics
from replicator_dr.engines.embedded.placement import calls as placement
from replicator_dr.engines.embedded.robots import calls as robots
from replicator_dr.engines.embedded.skeletons import calls as skeletons


def register(rep: ModuleType) -> None:
    """Make our distributions and randomizers known to the API."""
    for own in (own_distributions, own_randomizers, own_views, placement, physics, robots, skeletons):
        own.register(rep)
