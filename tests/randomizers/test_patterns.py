"""The randomizer pattern: its draws reach the renderer's arrays, by copy and frame, and the picture."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import numpy as np
import pytest
from pxr import Usd, UsdShade
from scipy import stats

from randomizers.pattern import KINDS as OFFERED
from randomizers.pattern import Pattern
from replicator_dr.engines.embedded.scene.scene_patterns import (
    PATTERN_CHANNELS,
    PATTERN_REST,
    read_pattern,
    write_pattern,
)
from replicator_dr.errors import SpecError, UnsupportedError
from replicator_dr.graph import build_graph
from replicator_dr.graph.isaacsim.patterns import refuse_patterns
from replicator_dr.plugins import register_randomizer
from replicator_dr.render.pattern_arrays import KINDS
from replicator_dr.spec import load_spec

register_randomizer(Pattern)

ENTRY = {
    "prims": "parts",
    "pattern": {"choice": ["noise", "checker", "dots"]},
    "color": {"hsv": [[0, 0.5, 0.5], [360, 1, 1]]},
    "roughness": {"uniform": [0.2, 0.8]},
    "scale": {"log_uniform": [2, 40]},
    "amount": {"uniform": [0.2, 0.7]},
    "octaves": {"choice": [2, 5]},
    "mapping": {"choice": ["solid", "uv"]},
}


def of(result: Any, name: str, field: str) -> Any:
    """(B, parts, ...): a field of the patterns that an item's parts show."""
    rows = result.state.arrays.part_material[:, result.parts(name)]
    return getattr(result.state.arrays.patterns, field)[np.arange(len(rows))[:, None], rows]


def test_the_words_are_the_renderers() -> None:
    assert OFFERED == KINDS


def test_every_draw_reaches_the_arrays(sampled: Any) -> None:
    result = sampled({"pattern": ENTRY}, frames=600)
    kinds = np.array(KINDS)[of(result, "boxes", "kind")]
    assert (kinds == result.draw("boxes.pattern.pattern")).all()
    assert stats.chisquare(np.unique(kinds, return_counts=True)[1]).pvalue > 1e-3
    for field in ("roughness", "amount", "octaves", "color", "offset", "scale"):
        shown = of(result, "boxes", field).reshape(600, 3, -1)
        np.testing.assert_allclose(
            shown, np.broadcast_to(result.draw(f"boxes.pattern.{field}"), shown.shape), rtol=1e-6
        )
    assert (of(result, "boxes", "solid") == (result.draw("boxes.pattern.mapping") == "solid")).all()
    assert (of(result, "boxes", "metallic") == -1).all()
    assert stats.kstest(of(result, "boxes", "offset").ravel() / 64, "uniform").pvalue > 1e-3


def test_a_frame_alone_is_that_of_the_run(sampled: Any) -> None:
    result = sampled({"pattern": ENTRY}, frames=8)
    alone = result.graph.sample([5]).arrays.patterns
    for field in fields(alone):
        assert (getattr(alone, field.name)[0] == getattr(result.state.arrays.patterns, field.name)[5]).all()


def test_what_has_no_pattern_has_none(sampled: Any) -> None:
    result = sampled({"pattern": {**ENTRY, "prims": "balls"}}, frames=3)
    assert (of(result, "floor", "kind") == -1).all()
    assert sampled({"materials": {"prims": "boxes", "roughness": 0.3}}, frames=2).state.arrays.patterns is None


def test_a_pattern_is_seen_and_the_rest_stays(sampled: Any) -> None:
    entry = {"prims": "balls", "pattern": "stripes", "color": [0, 0, 0], "offset": [0.1, 0, 0]}
    create = {"rig": {"camera": {"position": [3, 0, 2], "look_at": [0, 0, 0]}}}
    with_it = sampled({"pattern": entry}, frames=1, create=create).graph.preview(0, ("rgb",))["rig"]["rgb"]["data"]
    without = sampled(frames=1, create=create).graph.preview(0, ("rgb",))["rig"]["rgb"]["data"]
    differs = (with_it != without).any(-1)
    assert 0.02 < differs.mean() < 0.5
    assert (with_it[differs].sum(-1) <= without[differs].sum(-1)).all()


def test_a_second_look_needs_something(sampled: Any) -> None:
    with pytest.raises(SpecError, match="the second look is the first"):
        sampled({"pattern": {"prims": "boxes", "pattern": "noise"}}, frames=1)


def test_isaac_sim_says_that_it_has_none() -> None:
    document = {
        "create": {"box": {"cube": {}}, "eye": {"camera": {}}},
        "triggers": [{"on_frame": {}, "randomize": [{"pattern": {**ENTRY, "prims": "box"}}]}],
        "render_products": [{"cameras": "eye", "resolution": [8, 8]}],
    }
    with pytest.raises(UnsupportedError, match=r"triggers\[0\].randomize\[0\].pattern: OmniPBR has no such pattern"):
        refuse_patterns(load_spec(document))


def test_a_camera_with_a_lens_of_some_width_sees_it_too(sampled: Any) -> None:
    """What is developed from film shows the pattern where it is in focus, as the plain image does."""
    shown = {}
    for name, more in (("plain", {}), ("film", {"f_stop": 64, "focus_distance": 2})):
        document = {
            "create": {
                "floor": {"plane": {"scale": 4}},
                "sun": {"light": {"light_type": "distant", "intensity": 2000}},
                "eye": {"camera": {"position": [0, 0, 2], "look_at": [0, 0, 0], "focal_length": 24, **more}},
            },
            "triggers": [
                {
                    "on_frame": {},
                    "randomize": [
                        {"pattern": {"prims": "floor", "pattern": "checker", "color": [0, 0, 0], "scale": 2}},
                    ],
                }
            ],
            "render_products": [{"cameras": "eye", "resolution": [48, 48]}],
        }
        with build_graph(document) as graph:
            shown[name] = graph.preview(0, ("rgb",))["eye"]["rgb"]["data"][..., 0].astype(int)
    assert np.ptp(shown["plain"]) > 100
    assert (np.abs(shown["plain"] - shown["film"]) <= 12).mean() > 0.85


def test_a_pattern_on_the_stage_is_read_as_it_was_written() -> None:
    stage = Usd.Stage.CreateInMemory()
    shader = UsdShade.Shader.Define(stage, "/Shader")
    assert read_pattern(shader) == PATTERN_REST
    written = {
        "pattern:kind": [2.0],
        "pattern:mapping": [0.0],
        "pattern:scale": [2.0, 3.0, 4.0],
        "pattern:amount": [0.25],
    }
    for name, value in written.items():
        write_pattern(shader, name, np.array(value))
    found = read_pattern(shader)
    for name, value in written.items():
        assert np.atleast_1d(found[PATTERN_CHANNELS[name]]).tolist() == value
    write_pattern(shader, "pattern:kind", np.array([-1.0]))
    assert read_pattern(shader)["pattern_kind"] == -1.0
