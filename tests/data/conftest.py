"""A dataset of real renders, written once for all tests here."""

from __future__ import annotations

from pathlib import Path

import pytest

from replicator_dr import build_graph
from tests.data.world import FRAMES, SPEC


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """16-bit depth, run lengths."""
    return written(tmp_path_factory.mktemp("data") / "png16")


@pytest.fixture(scope="session")
def exact(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same with depth as float32."""
    return written(tmp_path_factory.mktemp("data") / "npy", depth="npy")


def written(folder: Path, **options: object) -> Path:
    spec = {**SPEC, "writers": [{"coco_depth": options}]}
    with build_graph(spec, device="cpu") as graph:
        graph.run(FRAMES, output_dir=folder)
    return folder
