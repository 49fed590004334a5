"""A script of your own on Isaac Sim: your stage, your objects, varied and labelled by a spec.

``stage: current`` builds on the stage that is open, and ``get_prims`` names what stands on it. Everything that the spec
creates is gone when the graph is closed.

Run it with Isaac Sim's Python: ./python.sh examples/06_isaacsim_own_script.py [FOLDER]
"""

from __future__ import annotations

import sys

from isaacsim import SimulationApp  # before anything of omni or pxr

app = SimulationApp({"headless": True})

import omni.usd  # noqa: E402
from pxr import UsdGeom  # noqa: E402

from replicator_dr import build_graph  # noqa: E402

stage = omni.usd.get_context().get_stage()
for number in range(3):
    crate = UsdGeom.Cube.Define(stage, f"/World/Crate_{number}")
    crate.CreateSizeAttr(0.3)
    crate.AddTranslateOp().Set((0.5 * number - 0.5, 0.0, 0.15))

spec = {
    "name": "own_stage",
    "seed": 1,
    "stage": "current",
    "create": {
        "crates": {"get_prims": {"path_pattern": r"^/World/Crate_\d+$"}, "semantics": {"class": "crate"}},
        "floor": {"plane": {"scale": 4}, "semantics": {"class": "floor"}},
        "sun": {"light": {"light_type": "distant", "intensity": 3000}},
        "eye": {"camera": {"position": [2, 1, 1.5], "look_at": [0, 0, 0], "clipping_range": [0.01, 100]}},
    },
    "triggers": [
        {
            "on_frame": {},
            "randomize": [
                {"pose": {"prims": "crates", "rotation_z": {"uniform": [-180, 180]}}},
                {"orbit": {"cameras": "eye", "distance": {"uniform": [1.5, 3]}, "azimuth": {"uniform": [0, 360]}}},
            ],
        }
    ],
    "render_products": [{"cameras": "eye", "resolution": [320, 240]}],
    "writers": [{"coco_depth": {"output_dir": sys.argv[1] if len(sys.argv) > 1 else "_out/own_stage"}}],
}

with build_graph(spec) as graph:
    done = graph.run(8)
    print(f"{done.frames} frames in {graph.mode} mode")
app.close()
