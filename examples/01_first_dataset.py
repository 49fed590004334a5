"""Make a labelled dataset from Python: a spec as a dictionary, ten frames, and a look at what was written.

Run it: python examples/01_first_dataset.py [output folder]
"""

from __future__ import annotations

import sys
from pathlib import Path

from pycocotools.coco import COCO

from replicator_dr import build_graph

output = Path(sys.argv[1] if len(sys.argv) > 1 else "_out/first")

# The same as a YAML file would say; build_graph also takes the path of one.
spec = {
    "name": "first",
    "seed": 7,
    "create": {
        "floor": {"plane": {"scale": 6}, "semantics": {"class": "floor"}},
        "boxes": {"cube": {"count": 6}, "semantics": {"class": "box"}},
        "sun": {"light": {"light_type": "distant", "intensity": 3000, "rotation": [-50, 20, 0]}},
        "eye": {"camera": {"position": [2.5, 2.5, 2], "look_at": [0, 0, 0]}},
    },
    "triggers": [
        {
            "on_frame": {},
            "randomize": [
                {
                    "pose": {
                        "prims": "boxes",
                        "position": {"uniform": [[-1, -1, 0.1], [1, 1, 0.1]]},
                        "rotation": {"uniform": [[0, 0, -180], [0, 0, 180]]},
                        "size": {"uniform": [0.1, 0.3]},
                    }
                },
                {"materials": {"prims": "boxes", "diffuse": {"uniform": [[0, 0, 0], [1, 1, 1]]}}},
            ],
        }
    ],
    "render_products": [{"cameras": "eye", "resolution": [320, 240]}],
    "writers": [{"coco_depth": {}}],
}

with build_graph(spec) as graph:
    statistics = graph.run(10, output_dir=output)
print(f"{statistics.images} images, {statistics.bytes / 1e6:.1f} MB in {statistics.seconds:.1f} s")

# What was written is an ordinary COCO dataset with some further keys.
coco = COCO(str(output / "annotations.json"))
for annotation in coco.loadAnns(coco.getAnnIds(imgIds=[1])):
    name = coco.cats[annotation["category_id"]]["name"]
    print(
        f"{name}: box {annotation['bbox']}, {annotation['area']} pixels, {annotation['visible_fraction']:.0%} visible"
    )
