"""The calls of a spec's graph, as NVIDIA's Replicator has them.

What the embedded runtime has beyond Replicator, or what Replicator leaves open, becomes documented calls:

| in the spec | on Replicator |
|---|---|
| uniform, normal, log_uniform, choice, sequence, combine | the same, each with its own seed |
| truncated_normal | choice among 1,024 quantiles |
| a shared draw, one value a frame | sequence over 1,024 values drawn beforehand |
| a factor of a grid in order, up to 1,024 combinations | sequence over its values |
| a value that is fixed in all frames | the value |
| a shared draw, one value a prim | the same distribution with the same seed, bounds scaled |
| a number of visible prims | sequence over 1,024 rows of truth values |
| one number for a scale | combine of three nodes with one seed |
| one number for a size | scale, by the prim's own largest extent |

What has no such form (other designs, keyframes, edge cases) raises UnsupportedError while the graph is built.
"""

from replicator_dr.engines.isaacsim.graph_style.facade import GraphStyle

__all__ = ["GraphStyle"]
