"""The runtimes that can execute a Replicator graph. They never import each other."""
