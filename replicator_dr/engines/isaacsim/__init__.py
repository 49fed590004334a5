"""The runtime inside Isaac Sim: how Kit is started, what differs between releases, and NVIDIA's own Replicator."""
