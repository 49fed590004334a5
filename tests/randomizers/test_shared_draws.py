"""Fields that use one draw vary together, over randomizers and triggers."""

from __future__ import annotations

from typing import Any

import numpy as np

DRAWS = {"bright": {"uniform": [0.5, 2]}, "tilt": {"normal": [0, 10], "per": "prim"}}


def test_one_sample_a_frame_for_all_prims(sampled: Any) -> None:
    entries = [
        {"light": {"lights": "lamps", "intensity": {"draw": "bright", "scale": 100, "offset": 7}}},
        {"pose": {"prims": "parts", "position_x": "$bright"}},
    ]
    result = sampled(*entries, draws=DRAWS, frames=50)
    bright = result.position("boxes")[:, 0, 0]
    assert len(np.unique(bright)) == 50
    for name in ("boxes", "balls"):
        np.testing.assert_array_equal(
            result.position(name)[..., 0], np.repeat(bright[:, None], result.position(name).shape[1], 1)
        )
    np.testing.assert_allclose(result.draw("lamps.light.intensity")[..., 0], np.repeat(100 * bright[:, None] + 7, 2, 1))


def test_one_sample_for_each_prim(sampled: Any) -> None:
    entries = [
        {"pose": {"prims": "boxes", "position_x": "$tilt", "position_y": {"draw": "tilt", "scale": -2}}},
        {"materials": {"prims": "boxes", "emissive_color": [1, 1, 1]}},
    ]
    position = sampled(*entries, draws=DRAWS, frames=30).position("boxes")
    assert len(np.unique(position[..., 0])) == 90
    np.testing.assert_allclose(position[..., 1], -2 * position[..., 0], rtol=1e-12)


def test_triggers_of_different_intervals_agree_when_they_fire(sampled: Any) -> None:
    from replicator_dr.graph import build_graph

    spec = {
        "draws": DRAWS,
        "create": {"a": {"cube": {}}, "b": {"cube": {}}},
        "triggers": [
            {"on_frame": {"interval": 3}, "randomize": [{"pose": {"prims": "a", "position_x": "$bright"}}]},
            {"on_frame": {}, "randomize": [{"pose": {"prims": "b", "position_x": "$bright"}}]},
        ],
    }
    with build_graph(spec) as graph:
        draws = graph.sample(range(9)).draws
    slow, fast = draws["a.pose.position_x"].ravel(), draws["b.pose.position_x"].ravel()
    np.testing.assert_array_equal(slow, np.repeat(fast[::3], 3))
    assert len(np.unique(fast)) == 9


def test_colours_from_one_number(sampled: Any) -> None:
    entry = {"color": {"prims": "boxes", "colors": {"draw": "mix", "scale": [1, 0.5, -0.5], "offset": [0, 0, 0.5]}}}
    color = sampled(entry, draws={"mix": {"uniform": [0, 1]}}, frames=20).material("boxes", "base_color")
    np.testing.assert_allclose(color[..., 1], color[..., 0] / 2, atol=1e-6)
    np.testing.assert_allclose(color[..., 2], 0.5 - color[..., 0] / 2, atol=1e-6)


def test_textures_from_one_draw(sampled: Any, pictures: list[str]) -> None:
    entry = {"texture": {"prims": "parts", "textures": "$image"}}
    result = sampled(entry, draws={"image": {"choice": pictures}}, frames=20)
    rows = np.concatenate([result.material("boxes", "base_texture"), result.material("balls", "base_texture")], axis=1)
    assert (rows == rows[:, :1]).all()
    assert len(np.unique(rows)) == 3


def test_a_shared_draw_in_create_has_the_value_of_frame_0(sampled: Any) -> None:
    create = {
        "boxes": {"cube": {"position": [0, 0, 0]}, "semantics": {"class": "box"}},
        "wood": {"material": {"roughness": "$wear"}},
    }
    create["boxes"]["cube"]["material"] = "wood"  # type: ignore[index]
    entry = {"pose": {"prims": "balls", "position_x": "$wear"}}
    result = sampled(entry, create=create, draws={"wear": {"uniform": [0, 1]}}, frames=3)
    roughness = result.material("boxes", "roughness")
    np.testing.assert_allclose(roughness, result.position("balls")[0, 0, 0], rtol=1e-6)
