"""``replicator-dr explain``: what a spec does, what was drawn for a frame and why, and what frames cost."""
