"""``rep.utils.ReplicatorItem`` under its own module."""

from __future__ import annotations

from replicator_dr.engines.embedded.item import ReplicatorItem

__all__ = ["ReplicatorItem"]
