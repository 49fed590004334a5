"""The flowchart of a spec: every item, randomizer, product and writer has a node, and edges say who acts on whom."""

from __future__ import annotations

import re

import pytest

from replicator_dr.plugins import BuildContext, RandomizerPlugin
from replicator_dr.run.mermaid import mermaid
from replicator_dr.spec import Number, Prims, load_spec
from replicator_dr.spec.registry import RANDOMIZERS


class Nudge(RandomizerPlugin):
    """Move prims a little."""

    prims: Prims
    """What is moved."""
    amount: Number = 0.0
    """Metres."""

    def build(self, rep: object, context: BuildContext) -> None:
        raise NotImplementedError


@pytest.fixture(autouse=True)
def _nudge() -> object:
    RANDOMIZERS.register(Nudge)
    yield
    RANDOMIZERS.unregister("nudge")


SPEC = {
    "draws": {"far": {"uniform": [0, 1]}},
    "create": {
        "end": {"cube": {"count": 3}},
        "ball": {"sphere": {}},
        "both": {"group": ["end", "ball"]},
        "eye": {"camera": {}},
    },
    "triggers": [
        {"on_frame": {}, "randomize": [{"nudge": {"prims": "both", "amount": "$far"}}]},
        {"on_frame": {"interval": 4}, "name": "slow", "randomize": [{"nudge": {"prims": ["ball"], "amount": 2}}]},
    ],
    "render_products": [{"cameras": "eye", "resolution": [64, 48]}],
}


def edges(chart: str) -> set[tuple[str, str, str]]:
    return set(re.findall(r"^ +(\w+) (-->|---|==>|-\.->) (\w+)$", chart, re.MULTILINE))


def test_nodes_and_edges_follow_the_spec() -> None:
    chart = mermaid(load_spec(SPEC))
    assert chart.startswith("flowchart LR\n")
    assert '"end<br/>cube x 3"' in chart
    assert '["every frame"]' in chart
    assert '["slow: every 4 frames"]' in chart
    assert '"nudge<br/>amount"' in chart, "what varies is named"
    assert 'random1_0["nudge"]' in chart, "constants are not"
    assert edges(chart) == {
        ("item_both", "---", "item_end"),
        ("item_both", "---", "item_ball"),
        ("random0_0", "-->", "item_both"),
        ("random1_0", "-->", "item_ball"),
        ("draw_far", "-.->", "random0_0"),
        ("item_eye", "==>", "product0"),
    }


def test_every_end_of_an_edge_is_a_node() -> None:
    chart = mermaid(load_spec(SPEC))
    nodes = set(re.findall(r"^ +(\w+)[\[(]", chart, re.MULTILINE))
    assert {name for start, _, stop in edges(chart) for name in (start, stop)} <= nodes


def test_blocks_are_closed_and_an_empty_spec_draws_nothing() -> None:
    chart = mermaid(load_spec(SPEC))
    assert chart.count("subgraph ") == len(re.findall(r"^ +end$", chart, re.MULTILINE)) == 3
    assert mermaid(load_spec({"name": "nothing"})) == "flowchart LR"


@pytest.mark.parametrize(
    ("resolution", "shown"),
    [
        ([64, 48], "64 x 48"),
        ({"choice": [[64, 48], [32, 24], [64, 48]]}, "64 x 48 or 32 x 24"),
        ({"sequence": [[64, 48], [32, 24]]}, "64 x 48 or 32 x 24"),
        ("$size", "$size"),
    ],
)
def test_products_show_their_sizes(resolution: object, shown: str) -> None:
    draws = {"size": {"choice": [[64, 48], [32, 24]]}}
    products = [{"cameras": "eye", "resolution": resolution}]
    chart = mermaid(load_spec({"draws": draws, "create": {"eye": {"camera": {}}}, "render_products": products}))
    assert f'"{shown}"' in chart
