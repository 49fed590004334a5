"""omni.replicator.core's API over OpenUSD, without Kit: the stage, the node graph, and its batched evaluation."""
