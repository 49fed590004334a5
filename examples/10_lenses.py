"""Look through a calibrated lens: one scene as a pinhole, a barrel distortion and a fisheye of 200 degrees see it.

Run it: python examples/10_lenses.py [picture.png]
"""

from __future__ import annotations

import sys

import numpy as np
from PIL import Image

from replicator_dr import build_graph

output = sys.argv[1] if len(sys.argv) > 1 else "lenses.png"

# fx, fy, cx and cy are pixels of the resolution, coefficients OpenCV's. From cv2.calibrateCamera take cx + 0.5 and
# cy + 0.5: OpenCV counts from the middle of the first pixel, here the first pixel covers 0 to 1.
calibrated = {"resolution": [320, 240], "position": [1.8, 0.4, 1.2], "look_at": [0, 0, 0.2]}
spec = {
    "seed": 7,
    "create": {
        "floor": {"plane": {"scale": 8}, "semantics": {"class": "floor"}},
        "boxes": {"cube": {"count": 12, "size": 0.3}, "semantics": {"class": "box"}},
        "sun": {"light": {"light_type": "distant", "intensity": 2500, "rotation": [-50, 20, 0]}},
        "sky": {"light": {"light_type": "dome", "intensity": 400}},
        "pinhole": {"camera": {**calibrated, "fx": 200}},
        "barrel": {"camera": {**calibrated, "fx": 200, "lens": {"model": "opencv_pinhole", "k1": -0.25, "k2": 0.06}}},
        "fisheye": {"camera": {**calibrated, "fx": 90, "lens": {"model": "opencv_fisheye", "k1": -0.02}}},
    },
    "triggers": [
        {
            "on_frame": {},
            "randomize": [
                {"pose": {"prims": "boxes", "position": {"uniform": [[-1.5, -1.5, 0.15], [1.5, 1.5, 0.15]]}}},
                # A lens of its own for every frame; labels stay exact.
                {
                    "camera": {
                        "cameras": "barrel",
                        "lens": {"model": "opencv_pinhole", "k1": {"uniform": [-0.3, -0.1]}},
                    }
                },
            ],
        }
    ],
    "render_products": [{"cameras": ["pinhole", "barrel", "fisheye"], "resolution": [320, 240]}],
}

with build_graph(spec) as graph:
    seen = graph.preview(0, ("rgb", "instance_segmentation", "bounding_box_2d_tight", "camera_params"))
pictures = []
for name, view in seen.items():
    rgb = np.array(view["rgb"]["data"])[..., :3]
    for box in view["bounding_box_2d_tight"]["data"]:
        x0, y0, x1, y1 = (int(box[side]) for side in ("x_min", "y_min", "x_max", "y_max"))
        rgb[[y0, y1], x0 : x1 + 1] = rgb[y0 : y1 + 1, [x0, x1]] = (255, 210, 0)
    model = view["camera_params"]["cameraDistortionModel"] or "no distortion"
    print(f"{name}: {model}, {len(view['bounding_box_2d_tight']['data'])} things in view")
    pictures.append(rgb)
Image.fromarray(np.concatenate(pictures, axis=1)).save(output)
print(f"wrote {output}")
