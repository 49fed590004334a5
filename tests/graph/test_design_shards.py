"""A Latin hypercube over shards: what each of them writes for itself, merged, is one sample in every stratum."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from replicator_dr import build_graph
from replicator_dr.run.merge import merge
from tests.end_to_end.world import files

SAMPLES = 24
FACTORS: dict[str, tuple[float, float]] = {"bright": (500, 2500), "warm": (3000, 8000), "rough": (0.1, 0.9)}
SPEC: dict[str, Any] = {
    "name": "swept",
    "seed": 8,
    "designs": {
        "sweep": {
            "latin_hypercube": {"samples": SAMPLES},
            "factors": {name: {"uniform": list(bounds)} for name, bounds in FACTORS.items()},
        }
    },
    "create": {
        "floor": {"plane": {"scale": 4}},
        "boxes": {"cube": {"count": 3, "scale": 0.3}, "semantics": {"class": "box"}},
        "sun": {"light": {"light_type": "distant"}},
        "eye": {"camera": {"position": [2, 1, 1.5], "look_at": [0, 0, 0]}},
    },
    "triggers": [
        {
            "on_frame": {},
            "randomize": [
                {"light": {"lights": "sun", "intensity": "$bright", "temperature": "$warm"}},
                {"materials": {"prims": "boxes", "roughness": "$rough"}},
                {"pose": {"prims": "boxes", "position": {"uniform": [[-0.8, -0.8, 0.15], [0.8, 0.8, 0.15]]}}},
            ],
        }
    ],
    "render_products": [{"cameras": "eye", "resolution": [64, 48]}],
    "writers": [{"coco_depth": {}}],
}
COLUMNS = {"bright": "sun.light.intensity", "warm": "sun.light.temperature", "rough": "boxes.materials.roughness"}


def sharded(folder: Path, shards: int) -> Path:
    """Frames 0 to 23 by so many graphs, each over a part of its own; merged where there are several."""
    parts = []
    for frames in np.array_split(np.arange(SAMPLES), shards):
        parts.append(folder / f"part_{frames[0]:02d}")
        with build_graph(SPEC) as graph:
            graph.run(len(frames), start=int(frames[0]), output_dir=parts[-1])
    if shards == 1:
        return parts[0]
    merge(folder / "merged", parts)
    return folder / "merged"


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return sharded(tmp_path_factory.mktemp("whole"), 1)


def test_one_sample_in_every_stratum(whole: Path) -> None:
    """Of each factor, cut into as many equal parts as there are frames; boxes of a frame share theirs."""
    images = json.loads((whole / "annotations.json").read_text())["images"]
    for factor, (low, high) in FACTORS.items():
        values = np.array([np.unique(image["draws"][COLUMNS[factor]]) for image in images])
        assert values.shape == (SAMPLES, 1)
        strata = np.floor((values[:, 0] - low) / (high - low) * SAMPLES).astype(int)
        assert sorted(strata.tolist()) == list(range(SAMPLES))


@pytest.mark.parametrize("shards", [3, 8])
def test_shards_are_one_run(whole: Path, tmp_path: Path, shards: int) -> None:
    merged = sharded(tmp_path, shards)
    assert (merged / "annotations.json").read_bytes() == (whole / "annotations.json").read_bytes()
    assert files(merged) == files(whole)
    assert len(files(merged)) == 2 * SAMPLES
