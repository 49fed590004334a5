"""What Replicator lacks and this project brings, in one call."""

from __future__ import annotations

from types import ModuleType

from replicator_dr.engines.embedded import own_distributions, own_randomizers, own_views
from replicator_dr.engines.embedded.physics import nodes
from replicator_dr.engines.embedded.robots import calls


def register(rep: ModuleType) -> None:
    """Make our distributions and randomizers known to the API."""
    own_distributions.register(rep)
    own_randomizers.register(rep)
    own_views.register(rep)
    calls.register_joints(rep)
    nodes.register(rep)
