"""A thousand frames in every format: made by 1, 3 and 8 shards and merged, they are the same files."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from replicator_dr import build_graph
from replicator_dr.run.merge import merge
from tests.writers.every_writer import DATASETS, files, plugin

FRAMES = 1000


def spec() -> dict[str, Any]:
    """Three boxes before a small camera, and all writers of datasets, with a split that draws decide."""
    return {
        "name": "thousand",
        "seed": 5,
        "draws": {"hue": {"uniform": [0, 1]}},
        "create": {
            "boxes": {
                "cube": {"count": 3, "size": 0.4},
                "semantics": {"class": "box"},
                "keypoints": {"top": [0, 0, 0.5]},
            },
            "floor": {"plane": {"scale": 6, "position": [0, 0, -0.5]}, "semantics": {"class": "floor"}},
            "eye": {"camera": {"position": [0, -2.5, 1], "look_at": [0, 0, 0]}},
        },
        "triggers": [
            {
                "on_frame": {},
                "randomize": [
                    {
                        "pose": {
                            "prims": "boxes",
                            "position": {"uniform": [[-1, -1, -0.3], [1, 1, 0.5]]},
                            "rotation": {"uniform": [[-180, -90, -180], [180, 90, 180]]},
                        }
                    },
                    {"materials": {"prims": "boxes", "metallic": "$hue"}},
                ],
            }
        ],
        "render_products": [{"cameras": "eye", "resolution": [64, 48]}],
        "writers": [{kind: {"splits": {"train": 0.8, "val": 0.2}}} for kind in DATASETS if plugin_is_there(kind)],
    }


def plugin_is_there(kind: str) -> bool:
    """Whether the packages that a writer needs are installed."""
    try:
        plugin(kind, Path("unused"))
    except pytest.skip.Exception:
        return False
    return True


@pytest.mark.slow
def test_shards_of_a_thousand_frames_merge_into_the_same_files(tmp_path: Path) -> None:
    with build_graph(spec(), device="cpu") as graph:
        graph.run(FRAMES, output_dir=tmp_path / "whole")
    kinds = sorted(folder.name for folder in (tmp_path / "whole").iterdir())
    assert len(kinds) >= 10
    for shards in (3, 8):
        edges = [FRAMES * number // shards for number in range(shards + 1)]
        for number, (first, last) in enumerate(pairwise(edges)):
            with build_graph(spec(), device="cpu") as graph:
                graph.run(last - first, first, output_dir=tmp_path / f"{shards}_{number}")
        for kind in kinds:
            parts = [tmp_path / f"{shards}_{number}" / kind for number in range(shards)]
            done = merge(tmp_path / f"merged_{shards}" / kind, parts, link=True)
            assert done.counts["frames"] == FRAMES
            whole, merged = tmp_path / "whole" / kind, tmp_path / f"merged_{shards}" / kind
            assert files(merged, "manifest.json") == files(whole, "manifest.json"), kind
