"""Written depth against the equations of the spheres and planes that were asked for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pycocotools import mask as coco_mask

from replicator_dr import build_graph
from tests.end_to_end.world import annotations, depth_of

BALLS = {"near": ((0.2, 0.3, 0.25), 0.5), "far": ((-0.6, 1.4, 0.4), 0.8), "small": ((0.7, -0.2, 0.05), 0.1)}
SPEC: dict[str, Any] = {
    "name": "spheres",
    "create": {
        "floor": {"plane": {"scale": 8}, "semantics": {"class": "floor"}},
        **{
            name: {"sphere": {"position": list(centre), "scale": size}, "semantics": {"class": name}}
            for name, (centre, size) in BALLS.items()
        },
        "eye": {"camera": {"position": [1.5, -2.5, 1.2], "look_at": [0, 0.4, 0.2]}},
    },
    "render_products": [{"cameras": "eye", "resolution": [640, 480]}],
    "writers": [{"coco_depth": {}}],
}


def rays(camera: dict[str, Any]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The camera's place (3,) and the world directions (480, 640, 3) of its pixels' centres, 1 m deep."""
    k, pose = np.array(camera["intrinsics"]), np.array(camera["world_from_camera"])
    x, y = np.meshgrid(np.arange(640) + 0.5, np.arange(480) + 0.5)
    local = np.stack([(x - k[0, 2]) / k[0, 0], (y - k[1, 2]) / k[1, 1], np.ones_like(x)], axis=-1)
    return pose[:3, 3], local @ pose[:3, :3].T


def test_depth_is_right_to_a_millimetre(tmp_path: Path) -> None:
    with build_graph(SPEC) as graph:
        graph.run(1, output_dir=tmp_path / "run")
    content = annotations(tmp_path / "run")
    (image,) = content["images"]
    depth = depth_of(tmp_path / "run", image)
    origin, directions = rays(image["camera"])
    classes = {category["id"]: category["name"] for category in content["categories"]}
    seen = set()
    for annotation in content["annotations"]:
        mask = coco_mask.decode(annotation["segmentation"]).astype(bool)
        name = classes[annotation["category_id"]]
        seen.add(name)
        if name == "floor":
            expected = -origin[2] / directions[..., 2]
            checked = mask
        else:
            centre, size = np.array(BALLS[name][0]), BALLS[name][1]
            a = (directions**2).sum(-1)
            b = directions @ (origin - centre)
            root = np.sqrt(np.maximum(b * b - a * (((origin - centre) ** 2).sum() - 0.25 * size * size), 0.0))
            expected = (-b - root) / a
            # Near its silhouette a ball of facets is not a ball: there a small step inward is a long one in depth.
            normal = (origin + directions * expected[..., None] - centre) / (0.5 * size)
            checked = mask & (-(normal * directions).sum(-1) / np.sqrt(a) > 0.5)
        assert checked.sum() > 0.7 * mask.sum()
        assert np.abs(depth - expected)[checked].max() <= 1.0e-3, name
        assert abs(annotation["depth_range"][0] - expected[checked].min()) <= 1.0e-3
    assert seen == {"floor", *BALLS}
