"""A small scene with everything in it, and ways to read what was written."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

SPEC: dict[str, Any] = {
    "name": "small",
    "seed": 5,
    "create": {
        "floor": {"plane": {"scale": 4}, "semantics": {"class": "floor"}},
        "boxes": {"cube": {"count": 4}, "semantics": {"class": "box"}},
        "balls": {"sphere": {"count": 3}, "semantics": {"class": "ball"}},
        "rings": {"torus": {"count": 2}, "semantics": {"class": "ring"}},
        "things": {"group": ["boxes", "balls", "rings"]},
        "sun": {"light": {"light_type": "distant", "intensity": 2500}},
        "sky": {"light": {"light_type": "dome", "intensity": 400}},
        "rig": {"camera": {"count": 2}},
    },
    "triggers": [
        {
            "on_frame": {},
            "randomize": [
                {"pose": {"prims": "things", "size": {"uniform": [0.1, 0.4]}, "rotation_z": {"uniform": [0, 360]}}},
                {"scatter_2d": {"prims": "things", "surface_prims": "floor"}},
                {"color": {"prims": "things", "colors": {"uniform": [[0, 0, 0], [1, 1, 1]]}}},
                {"light": {"lights": "sun", "elevation": {"uniform": [20, 80]}, "azimuth": {"uniform": [0, 360]}}},
                {"orbit": {"cameras": "rig", "distance": {"uniform": [2, 4]}, "elevation": {"uniform": [15, 70]}}},
            ],
        },
        {
            "on_frame": {"interval": 3},
            "randomize": [{"light": {"lights": "sky", "intensity": {"uniform": [100, 900]}}}],
        },
    ],
    "render_products": [{"cameras": "rig", "resolution": [160, 120]}],
    "writers": [{"coco_depth": {}}],
}


def annotations(folder: Path) -> dict[str, Any]:
    """The dataset's annotations.json."""
    content: dict[str, Any] = json.loads((folder / "annotations.json").read_text())
    return content


def records(folder: Path, frame: int) -> tuple[list[Any], list[Any]]:
    """The image records of a frame, and their annotations."""
    content = annotations(folder)
    images = [image for image in content["images"] if image["frame"] == frame]
    ids = {image["id"] for image in images}
    return images, [annotation for annotation in content["annotations"] if annotation["image_id"] in ids]


def files(folder: Path) -> dict[str, str]:
    """{relative path of each picture: SHA-256 of its bytes}."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.glob("*/*/*.png"))
    }


def depth_of(folder: Path, image: dict[str, Any]) -> NDArray[np.float64]:
    """(H, W) float64 [m], nan where there is no measurement."""
    stored = np.array(Image.open(folder / image["depth_file_name"])).astype(np.float64)
    return np.where(stored == 0, np.nan, stored * 0.001)
