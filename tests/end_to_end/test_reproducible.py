"""Every frame can be made alone, in any company, and comes out the same to the byte."""

from __future__ import annotations

from pathlib import Path

import pytest

from replicator_dr import build_graph
from tests.end_to_end.world import SPEC, files, records


@pytest.fixture(scope="module")
def together(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("frames") / "together"
    with build_graph(SPEC) as graph:
        graph.run(20, output_dir=folder)
    return folder


def test_a_frame_made_alone_is_the_same(together: Path, tmp_path: Path) -> None:
    alone = tmp_path / "alone"
    with build_graph(SPEC) as graph:
        graph.run(1, start=13, output_dir=alone)
    pictures = files(alone)
    assert len(pictures) == 4  # two cameras, colour and depth
    assert pictures == {name: value for name, value in files(together).items() if name in pictures}
    assert records(alone, 13) == records(together, 13)


@pytest.mark.parametrize("width", [1, 3, 16])
def test_the_width_of_the_batch_leaves_no_trace(together: Path, tmp_path: Path, width: int) -> None:
    folder = tmp_path / "run"
    with build_graph(SPEC) as graph:
        graph.run(20, output_dir=folder, batch=width)
    assert files(folder) == files(together)
    assert (folder / "annotations.json").read_bytes() == (together / "annotations.json").read_bytes()


def test_frames_differ_and_another_seed_gives_others(together: Path, tmp_path: Path) -> None:
    pictures = files(together)
    assert len(set(pictures.values())) == len(pictures) == 80
    with build_graph(SPEC | {"seed": 0}) as graph:
        graph.run(2, output_dir=tmp_path / "zero")
    assert not set(files(tmp_path / "zero").values()) & set(pictures.values())


def test_memory_and_disk_hold_the_same_frames(together: Path) -> None:
    from PIL import Image

    with build_graph(SPEC) as graph:
        batch = next(iter(graph.frames(2, start=7)))
    for name in ("rig", "rig_01"):
        import numpy as np

        stored = np.array(Image.open(together / "rgb" / name / "000007.png"))
        assert np.array_equal(np.asarray(batch[name]["rgb"])[0, ..., :3], stored)
