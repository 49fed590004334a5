"""Runs of one spec on both runtimes, and what their datasets say."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from replicator_dr import build_graph

FOLDER = Path(__file__).parents[2] / "scenes"
REFUSED = {
    "materials.yaml": r"triggers\[0\]\.randomize\[3\]\.pattern",
    "sensors.yaml": r"create\.rgbd\.shutter",
}
"""Scenes that show what only the embedded renderer has, and the field that Isaac Sim refuses first."""
SCENES = sorted(path.name for path in FOLDER.glob("*.yaml") if path.name not in REFUSED)
"""The others, which run on both."""
LENSES = {"domain_randomization.yaml": r"create\.wide"}
"""Those with a lens that distorts, which Isaac Sim 4.5 refuses, and the camera that has it."""

SPEC: dict[str, Any] = {
    "name": "both",
    "seed": 3,
    "create": {
        "floor": {"plane": {"scale": 4}, "semantics": {"class": "floor"}},
        "boxes": {"cube": {"count": 3, "scale": 0.3}, "semantics": {"class": "box"}},
        "ball": {"sphere": {"scale": 0.4, "position": [0, 0, 0.2]}, "semantics": {"class": "ball"}},
        "sun": {"light": {"light_type": "distant", "intensity": 3000}},
        "rig": {"camera": {"count": 2, "position": [3, 0, 2], "look_at": [0, 0, 0], "clipping_range": [0.01, 100]}},
    },
    "triggers": [
        {
            "on_frame": {},
            "randomize": [
                {
                    "pose": {
                        "prims": "boxes",
                        "position": {"uniform": [[-1, -1, 0.2], [1, 1, 0.6]]},
                        "rotation": {"uniform": [[0, 0, -180], [0, 0, 180]]},
                    }
                },
                {"materials": {"prims": "boxes", "diffuse": {"uniform": [[0, 0, 0], [1, 1, 1]]}}},
                {"light": {"lights": "sun", "intensity": {"uniform": [1000, 3000]}}},
                {
                    "orbit": {
                        "cameras": "rig",
                        "distance": {"uniform": [2, 4]},
                        "elevation": {"uniform": [20, 60]},
                        "azimuth": {"uniform": [0, 360]},
                    }
                },
            ],
        },
        {
            "on_frame": {"interval": 3},
            "randomize": [{"color": {"prims": "ball", "colors": {"choice": [[1, 0, 0], [0, 1, 0]]}}}],
        },
    ],
    "render_products": [{"cameras": "rig", "resolution": [64, 48]}],
    "writers": [{"coco_depth": {}}],
}


def dataset(spec: Any, folder: Path, frames: int, start: int = 0, **options: Any) -> dict[str, Any]:
    """Run, and read annotations.json."""
    with build_graph(spec, **options) as graph:
        graph.run(frames, start, folder)
    read: dict[str, Any] = json.loads((folder / "annotations.json").read_text())
    return read


def close(here: Any, there: Any, within: float = 1.01e-6) -> bool:
    """Equal, numbers to 1e-6: the last digit written, or the single precision of USD's cameras; pixels to 0.001."""
    if isinstance(there, dict):
        return isinstance(here, dict) and set(here) == set(there) and all(
            close(here[key], there[key], 1.01e-3 if key == "image_points" else within) for key in there
        )  # fmt: skip
    if isinstance(there, list):
        return isinstance(here, list) and len(here) == len(there) and all(
            close(one, other, within) for one, other in zip(here, there)
        )  # fmt: skip
    if isinstance(there, float) and isinstance(here, (int, float)):
        return abs(here - there) <= max(within, 1e-6 * abs(there))
    return bool(here == there)


def differences(found: dict[str, Any], wanted: dict[str, Any], ignoring: tuple[str, ...] = ()) -> list[str]:
    """What two datasets say differently of the same images and objects, in words."""
    told: list[str] = []
    for section in ("images", "annotations", "categories"):
        here = {entry["id"]: entry for entry in found[section]}
        there = {entry["id"]: entry for entry in wanted[section]}
        told += [f"{section} {number} is in one only" for number in sorted(set(here) ^ set(there))]
        for number in sorted(set(here) & set(there)):
            one, other = here[number], there[number]
            for key in sorted({*one, *other} - set(ignoring)):
                if not close(one.get(key), other.get(key)):
                    told.append(f"{section} {number} {key}: {str(one.get(key))[:80]} | {str(other.get(key))[:80]}")
    return told
