"""Frames as arrays, without touching the disk: what a training loop needs.

Run it: python examples/04_arrays_without_disk.py
"""

from __future__ import annotations

import numpy as np

from replicator_dr import build_graph

spec = {
    "name": "arrays",
    "seed": 1,
    "create": {
        "floor": {"plane": {"scale": 6}, "semantics": {"class": "floor"}},
        "boxes": {"cube": {"count": 5}, "semantics": {"class": "box"}},
        "sun": {"light": {"light_type": "distant", "intensity": 3000, "rotation": [-40, 10, 0]}},
        "eye": {"camera": {"position": [2, 2, 2], "look_at": [0, 0, 0]}},
    },
    "triggers": [
        {
            "on_frame": {},
            "randomize": [
                {
                    "pose": {
                        "prims": "boxes",
                        "position": {"uniform": [[-1, -1, 0.15], [1, 1, 0.15]]},
                        "size": {"uniform": [0.1, 0.3]},
                    }
                }
            ],
        }
    ],
    "render_products": [{"cameras": "eye", "resolution": [160, 120], "name": "front"}],
}

with build_graph(spec) as graph:
    for number, batch in enumerate(graph.frames(8, batch=4)):
        for product in graph.products:
            # Every array has the batch as its first axis: (4, 120, 160, ...).
            rgb = batch[product.name]["rgb"]
            depth = batch[product.name]["distance_to_image_plane"]
            seen = np.isfinite(depth)
            print(f"batch {number}: rgb {rgb.shape} {rgb.dtype}, depth {depth.shape} {depth.dtype}")
            print(f"  {seen.mean():.0%} of the pixels see something, {depth[seen].min():.2f} m away at the nearest")
