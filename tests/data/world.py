"""Two cameras, one of them with a lens, that see boxes and balls come and go; some images show nothing."""

from __future__ import annotations

from typing import Any

FRAMES = 7
PRODUCTS = 2

SPEC: dict[str, Any] = {
    "name": "readers",
    "seed": 11,
    "create": {
        "floor": {"plane": {"scale": 3}},
        "boxes": {"cube": {"count": 3}, "semantics": {"class": "box"}},
        "balls": {"sphere": {"count": 2}, "semantics": {"class": "ball"}},
        "things": {"group": ["boxes", "balls"]},
        "sun": {"light": {"light_type": "distant", "intensity": 2500, "rotation": [-40, 20, 0]}},
        "front": {"camera": {"position": [2, 1.5, 1.5], "look_at": [0, 0, 0]}},
        "eye": {
            "camera": {
                "position": [0.2, 1.2, 1],
                "look_at": [0, 0, 0],
                "resolution": [96, 64],
                "fx": 40,
                "lens": {"model": "opencv_fisheye", "k1": -0.02},
            }
        },
    },
    "triggers": [
        {
            "on_frame": {},
            "randomize": [
                {
                    "pose": {
                        "prims": "things",
                        "position": {"uniform": [[-1, -1, 0.1], [1, 1, 0.5]]},
                        "rotation": {"uniform": [[0, 0, -180], [0, 0, 180]]},
                        "size": {"uniform": [0.1, 0.4]},
                    }
                },
                {"visibility": {"prims": "things", "count": [0, 4]}},
                {"color": {"prims": "things", "colors": {"uniform": [[0, 0, 0], [1, 1, 1]]}}},
            ],
        }
    ],
    "render_products": [
        {"cameras": "front", "resolution": [64, 48]},
        {"cameras": "eye", "resolution": [96, 64]},
    ],
    "writers": [{"coco_depth": {}}],
}
