"""A strict stand-in for a running Isaac Sim.

Every call of ``omni.replicator.core`` is checked against NVIDIA's published interface for one release, noted down, and
then carried out by the embedded implementation of the same interface, so that scenes really run, with real pixels.
"""

from tests.isaacsim.standin.faults import StandinFault
from tests.isaacsim.standin.running import RELEASES, Standin, isaac_sim

__all__ = ["RELEASES", "Standin", "StandinFault", "isaac_sim"]
