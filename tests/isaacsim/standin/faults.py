"""What the stand-in objects to."""

from __future__ import annotations


class StandinFault(AssertionError):  # noqa: N818 - a fault of the program under test
    """A call that NVIDIA's product does not have, or not in this release, or not in this state."""
