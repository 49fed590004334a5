"""What the stand-in objects to."""

from __future__ import annotations


class StandinFault(AssertionError):
    """A call that NVIDIA's product does not have, or not in this release, or not in this state."""
