"""Give a camera a lens, a shutter, a noisy sensor and a depth sensor; labels stay those of the ideal image.

Run it: python examples/09_camera_effects.py
"""

from __future__ import annotations

import numpy as np

from replicator_dr import build_graph

camera = {
    "position": [0.9, 0.4, 0.5],
    "look_at": [0, 0, 0.1],
    # A large lens focused at 0.9 m, open for a hundredth of a second while the boxes move.
    "f_stop": 1.8,
    "focus_distance": 0.9,
    "shutter": 0.01,
    # A small sensor: noise grows where there is little light, and with the ISO that the trigger draws.
    "sensor": {"vignetting": 1, "full_well": 10000, "read_noise": 4, "bits": 10},
    "depth_sensor": {"stereo": {"baseline": 0.05, "disparity_noise": 0.1}, "range": [0.2, 4]},
}
spec = {
    "name": "camera_effects",
    "create": {
        "floor": {"plane": {"scale": 4}, "semantics": {"class": "floor"}},
        "boxes": {"cube": {"count": 5}, "semantics": {"class": "box"}},
        "sky": {"light": {"light_type": "dome", "intensity": 300}},
        "eye": {"camera": camera},
    },
    "triggers": [
        {
            "on_frame": {},
            "randomize": [
                {
                    "pose": {
                        "prims": "boxes",
                        "position": {"uniform": [[-0.3, -0.3, 0.05], [0.3, 0.3, 0.2]]},
                        "size": 0.1,
                        "velocity": {"uniform": [[-1, -1, 0], [1, 1, 0]]},
                        "angular_velocity": {"uniform": [[-180, -180, -180], [180, 180, 180]]},
                    }
                },
                {"sensor": {"cameras": "eye", "iso": {"choice": [100, 400]}}},
            ],
        }
    ],
    # Successive frames have other sizes; labels and intrinsics go with them.
    "render_products": [{"cameras": "eye", "resolution": {"sequence": [[160, 120], [96, 96]]}}],
}

with build_graph(spec) as graph:
    for batch in graph.frames(4, annotators=("rgb", "distance_to_image_plane", "sensor_depth")):
        images = batch["eye"]
        depth, measured = images["distance_to_image_plane"], images["sensor_depth"]
        both = np.isfinite(depth) & np.isfinite(measured)
        error = 1000 * np.abs(measured[both] - depth[both]).mean()
        missing = 1 - both.sum() / np.isfinite(depth).sum()
        shape = images["rgb"].shape
        print(f"frame {batch['frames'][0]}: {shape}, depth off by {error:.1f} mm, {missing:.0%} missing")
