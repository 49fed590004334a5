"""A spec on Isaac Sim: as Replicator's own graph, or stepped with draws of ours."""
