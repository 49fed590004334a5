"""A writer in another layout is attached as it is, to plain products, and writes by itself."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from replicator_dr import build_graph
from replicator_dr.errors import UnsupportedError
from replicator_dr.plugins import WriterPlugin, register_writer
from replicator_dr.spec.registry import WRITERS
from tests.isaacsim.runs import SPEC
from tests.isaacsim.standin import Standin


class NvidiaBasic(WriterPlugin):
    """NVIDIA's own BasicWriter."""

    def build(self, rep: ModuleType, dataset_info: Mapping[str, Any]) -> Any:
        writer = rep.WriterRegistry.get("BasicWriter")
        writer.initialize(output_dir=self.output_dir, rgb=True, bounding_box_2d_tight=True)
        return writer


@pytest.fixture(autouse=True)
def plugin() -> Iterator[None]:
    register_writer(NvidiaBasic)
    yield
    WRITERS.unregister("nvidia_basic")


def spec(**changes: Any) -> dict[str, Any]:
    return {**copy.deepcopy(SPEC), "writers": [{"nvidia_basic": {}}], **changes}


@pytest.mark.parametrize("mode", ["graph", "stepped"])
def test_it_writes_every_frame(standin: Standin, tmp_path: Path, mode: str) -> None:
    with build_graph(spec(mode=mode)) as graph:
        done = graph.run(3, 0, tmp_path)
        assert [type(writer).__name__ for writer in graph.writers] == ["BasicWriter"]
    assert done.frames == 3
    assert len(list(tmp_path.rglob("rgb_*.png"))) == 6
    assert "render_product_tiled" not in standin.listing()


def test_it_cannot_tell_environments_apart(standin: Standin, tmp_path: Path) -> None:
    message = "BasicWriter cannot tell environments apart; use num_envs: 1"
    with build_graph(spec(mode="stepped", num_envs=2)) as graph, pytest.raises(UnsupportedError, match=message):
        graph.run(2, 0, tmp_path)
