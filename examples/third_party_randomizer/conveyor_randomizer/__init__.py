"""A randomizer for replicator_dr that comes in a package of its own."""
