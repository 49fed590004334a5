"""The Kit extension of replicator_dr."""

from replicator_dr_kit.extension import ReplicatorDrExtension

__all__ = ["ReplicatorDrExtension"]
