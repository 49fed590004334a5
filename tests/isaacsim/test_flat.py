"""Run after run in one app leaves nothing behind: no product, no layer, no object that grows in number."""

from __future__ import annotations

import copy
import gc
from collections import Counter
from pathlib import Path

import pytest
from pxr import Sdf

from tests.isaacsim.runs import SPEC, dataset
from tests.isaacsim.standin import isaac_sim

WATCHED = ("Runtime", "Renderer", "CapturedBatch", "RenderProduct", "Relay", "Delivery", "Sampler", "Overlay", "Layer")


def held() -> Counter[str]:
    """How many of the large things are alive."""
    gc.collect()
    found = Counter(type(thing).__name__ for thing in gc.get_objects())
    return Counter({name: found[name] for name in WATCHED} | {"Layer": len(Sdf.Layer.GetLoadedLayers())})


@pytest.mark.parametrize("mode", ["stepped", "graph"])
def test_runs_leave_nothing_behind(tmp_path: Path, mode: str) -> None:
    counts = []
    with isaac_sim("6.0") as standin:
        for number in range(5):
            dataset({**copy.deepcopy(SPEC), "mode": mode}, tmp_path / str(number), 2)
            counts.append(held())
            assert standin.runtime_now().products.products == []
    assert counts[4] == counts[1]


def test_products_stay_from_run_to_run(tmp_path: Path) -> None:
    from replicator_dr import build_graph

    with isaac_sim("6.0") as standin, build_graph({**copy.deepcopy(SPEC), "mode": "stepped"}) as graph:
        graph.run(1, 0, tmp_path / "a")
        products = graph.products
        graph.run(1, 1, tmp_path / "b")
        assert graph.products == products
        assert sum("render_product" in line for line in standin.listing().splitlines()) == 1
        assert not any(product.hydra_texture.updates_enabled for product in products)
