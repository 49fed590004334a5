"""Draws that follow others: pure functions of seed, frame and prim, with the laws that the spec gives them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from scipy import stats

from replicator_dr.engines.embedded.loop.sampler import packed, unpacked
from replicator_dr.errors import EngineError, RequirementError
from replicator_dr.graph import build_graph

FRAMES = 2000
Draws = dict[str, np.ndarray]


def spec(draws: dict[str, Any], *entries: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "seed": 5,
        "draws": draws,
        "create": {
            "a": {"cube": {"count": 3, "scale": 0.2}, "semantics": {"class": "a"}},
            "b": {"cube": {"scale": 0.2}, "semantics": {"class": "b"}},
            "lamp": {"light": {"light_type": "sphere"}},
            "dull": {"material": {"roughness": 0.9}},
            "shiny": {"material": {"roughness": 0.1}},
            "eye": {"camera": {"position": [4, 0, 0], "look_at": [0, 0, 0]}},
        },
        "triggers": [{"on_frame": {}, "randomize": list(entries)}],
        **more,
    }


@pytest.fixture
def drawn() -> Callable[..., Draws]:
    def make(made: dict[str, Any], frames: Any = range(FRAMES)) -> Draws:
        with build_graph(made) as graph:
            return dict(graph.sample(frames).draws)

    return make


def x_of(draws: Draws, item: str = "b", axis: str = "x") -> np.ndarray:
    return draws[f"{item}.pose.position_{axis}"][..., 0]


WEATHER = {
    "weather": {"choice": {"choices": ["sunny", "rain"], "weights": [3, 1]}},
    "night": {"uniform": [0, 1]},
    "wobble": {"normal": [0, 1], "per": "prim"},
    "cover": {"case": "weather", "of": {"sunny": {"uniform": [0, 0.2]}, "rain": {"uniform": [0.8, 1]}}},
    "both": {"expr": "cover + 2 * night"},
}
LIFTED = {"when": "wobble > 0", "then": {"uniform": [1, 2]}, "else": 0}
EVERYTHING = spec(
    WEATHER,
    {"pose": {"prims": "b", "position_x": "$both", "position_y": {"expr": "1 if weather == 'rain' else -night"}}},
    {"pose": {"prims": "a", "position_x": {"expr": "10 * night + wobble"}, "position_y": LIFTED}},
    {"light": {"lights": "lamp", "intensity": {"expr": "2000 * night + 500"}, "color": {"expr": "[1, night, cover]"}}},
)  # fmt: skip


def test_expressions_are_worked_out_for_each_frame_and_prim(drawn: Callable[..., Draws]) -> None:
    draws = drawn(EVERYTHING)
    night, cover = draws["draws.night"][..., 0], draws["draws.cover"][..., 0]
    np.testing.assert_array_equal(x_of(draws), cover + 2 * night)
    np.testing.assert_array_equal(x_of(draws, "a"), 10 * night + draws["draws.wobble"][..., 0])
    np.testing.assert_array_equal(draws["lamp.light.intensity"][..., 0], 2000 * night + 500)
    np.testing.assert_array_equal(draws["lamp.light.color"][:, 0, 1:], np.concatenate([night, cover], axis=1))
    rain = draws["draws.weather"][:, 0] == "rain"
    np.testing.assert_array_equal(x_of(draws, axis="y")[:, 0], np.where(rain, 1.0, -night[:, 0]))
    assert 0.2 < rain.mean() < 0.3
    assert draws["draws.night"].shape == (FRAMES, 1, 1)
    assert draws["draws.wobble"].shape == (FRAMES, 3, 1)


def test_branches_follow_their_condition_and_keep_their_laws(drawn: Callable[..., Draws]) -> None:
    draws = drawn(EVERYTHING)
    rain, cover = draws["draws.weather"][:, 0] == "rain", draws["draws.cover"][:, 0, 0]
    assert stats.kstest(cover[rain], stats.uniform(0.8, 0.2).cdf).pvalue > 1e-3
    assert stats.kstest(cover[~rain], stats.uniform(0.0, 0.2).cdf).pvalue > 1e-3
    y, wobble = x_of(draws, "a", "y"), draws["draws.wobble"][..., 0]
    assert (y[wobble <= 0] == 0).all()
    assert stats.kstest(y[wobble > 0], stats.uniform(1, 1).cdf).pvalue > 1e-3


def test_a_frame_is_the_same_alone_and_in_any_batch(drawn: Callable[..., Draws]) -> None:
    together = drawn(EVERYTHING, range(40))
    for frames in ([13], [39, 13, 0], range(10, 17)):
        some = drawn(EVERYTHING, frames)
        for name, values in some.items():
            np.testing.assert_array_equal(values, together[name][list(frames)], err_msg=name)


def test_another_process_draws_the_same(drawn: Callable[..., Draws]) -> None:
    group = {"draws": ["night", "weather"], "correlation": 0.6}
    with build_graph({**EVERYTHING, "correlations": [group]}) as graph:
        sent = unpacked(packed(graph._session.runtime.sampler()))
        here = graph.sample(range(20)).draws
    there = sent(np.arange(20)).draws
    assert here.keys() == there.keys()
    for name, values in here.items():
        np.testing.assert_array_equal(there[name], values, err_msg=name)


def test_a_further_draw_moves_no_other(drawn: Callable[..., Draws]) -> None:
    before = drawn(EVERYTHING, range(50))
    more = {"fog": {"uniform": [0, 1]}, **WEATHER, "last": {"expr": "fog * night"}}
    changed = spec(more, *EVERYTHING["triggers"][0]["randomize"], {"rotation": {"prims": "b"}})
    after = drawn(changed, range(50))
    for name, values in before.items():
        np.testing.assert_array_equal(after[name], values, err_msg=name)


def test_draws_that_share_draws_are_worked_out_once(drawn: Callable[..., Draws]) -> None:
    """Each uses the two before it: worked out anew for each use, the last one would take as many steps as its value."""
    draws: dict[str, Any] = {"d0": {"uniform": [1, 1]}, "d1": {"when": "d0 > 0", "then": {"expr": "d0"}, "else": 0}}
    for k in range(2, 60):
        draws[f"d{k}"] = {"expr": f"d{k - 1} + d{k - 2}"}
    draws["last"] = {"when": "d59 > d58", "then": {"expr": "d59"}, "else": "$d58"}
    found = drawn(spec(draws, {"pose": {"prims": "b", "position_x": "$last"}}), range(3))
    assert x_of(found)[:, 0].tolist() == [1548008755920.0] * 3


def test_another_branch_moves_no_other(drawn: Callable[..., Draws]) -> None:
    """Each branch has a stream of its own: what stands in one does not touch the frames that take the other."""
    cover = {"case": "weather", "of": {"sunny": {"uniform": [0, 0.2]}, "rain": {"normal": [5, 0.1]}}}
    first = drawn(spec(WEATHER, {"pose": {"prims": "b", "position_x": "$cover"}}))
    second = drawn(spec({**WEATHER, "cover": cover}, {"pose": {"prims": "b", "position_x": "$cover"}}))
    rain = drawn(spec(WEATHER, {"pose": {"prims": "b", "position_x": {"expr": "1 if weather == 'rain' else 0"}}}))
    is_rain = x_of(rain)[:, 0] == 1
    np.testing.assert_array_equal(x_of(first)[~is_rain], x_of(second)[~is_rain])
    assert (x_of(first)[is_rain] != x_of(second)[is_rain]).all()


def test_weights_by_a_draw(drawn: Callable[..., Draws]) -> None:
    rows = {"kitchen": [6, 3, 1], "office": [0, 1, 1]}
    table = {"choices": [0, 1, 2], "weights": {"by": "room", **rows}}
    made = spec({"room": {"choice": ["kitchen", "office"]}}, {"pose": {"prims": "b", "position_x": {"choice": table}}},
                {"visibility": {"prims": "a", "visible": {"expr": "room == 'kitchen'"}}})  # fmt: skip
    draws = drawn(made)
    room = draws["draws.room"][:, 0]
    for name, weights in rows.items():
        counts = np.bincount(x_of(draws)[room == name, 0].astype(int), minlength=3)
        assert (counts[np.array(weights) == 0] == 0).all()
        used = np.array(weights) > 0
        expected = counts.sum() * np.array(weights)[used] / sum(weights)
        assert stats.chisquare(counts[used], expected).pvalue > 1e-3


def test_weights_as_expressions(drawn: Callable[..., Draws]) -> None:
    choice = {"choice": {"choices": [0, 1], "weights": ["1 - night", "night"]}}
    draws = drawn(spec({"night": {"uniform": [0, 1]}}, {"pose": {"prims": "b", "position_x": choice}}))
    night, chosen = draws["draws.night"][:, 0, 0], x_of(draws)[:, 0]
    for low in (0.0, 0.25, 0.5, 0.75):
        inside = (night >= low) & (night < low + 0.25)
        share, count = chosen[inside].mean(), inside.sum()
        assert abs(share - (low + 0.125)) < 4 * np.sqrt(0.25 / count)


CORRELATED = {
    "gap": {"uniform": [0, 2]},
    "wide": {"log_uniform": [0.1, 10]},
    "tall": {"truncated_normal": [0, 3, 1, 1]},
    "many": {"choice": {"choices": [1, 2, 3, 4, 5], "weights": [1, 2, 3, 2, 1]}},
}
MATRIX = [[1, 0.8, -0.5, 0.3], [0.8, 1, -0.3, 0.2], [-0.5, -0.3, 1, -0.4], [0.3, 0.2, -0.4, 1]]
ENTRY = {"pose": {"prims": "b", "position": {"expr": "[gap, wide, tall]"}, "rotation_x": "$many"}}


def correlated(measure: str, drawn: Callable[..., Draws], frames: Any = range(FRAMES)) -> np.ndarray:
    group = {"draws": list(CORRELATED), "matrix": MATRIX, "measure": measure}
    draws = drawn(spec(CORRELATED, ENTRY, correlations=[group]), frames)
    return np.concatenate([draws["b.pose.position"][:, 0], draws["b.pose.rotation_x"][:, 0]], axis=1)


def test_ranks_have_the_correlations_that_are_asked_for(drawn: Callable[..., Draws]) -> None:
    values = correlated("rank", drawn)
    found = stats.spearmanr(values).statistic
    # The standard error of a rank correlation of 2,000 frames is about 0.02; ties of the choice lower its own a little.
    np.testing.assert_allclose(found[:3, :3], np.array(MATRIX)[:3, :3], atol=0.06)
    np.testing.assert_allclose(found[3], MATRIX[3], atol=0.08)


def test_normals_have_the_correlations_that_are_asked_for(drawn: Callable[..., Draws]) -> None:
    values = correlated("normal", drawn)
    law = stats.truncnorm(-1, 2, 1, 1)
    normals = stats.norm.ppf([values[:, 0] / 2, (np.log10(values[:, 1]) + 1) / 2, law.cdf(values[:, 2])])
    np.testing.assert_allclose(np.corrcoef(normals), np.array(MATRIX)[:3, :3], atol=0.06)


def test_correlated_draws_keep_their_laws(drawn: Callable[..., Draws]) -> None:
    values = correlated("rank", drawn)
    laws = [stats.uniform(0, 2).cdf, stats.loguniform(0.1, 10).cdf, stats.truncnorm(-1, 2, 1, 1).cdf]
    for column, law in enumerate(laws):
        assert stats.kstest(values[:, column], law).pvalue > 1e-3
    counts = np.bincount(values[:, 3].astype(int))[1:]
    assert stats.chisquare(counts, FRAMES * np.array([1, 2, 3, 2, 1]) / 9).pvalue > 1e-3


def test_correlated_draws_are_the_same_alone_and_for_each_prim(drawn: Callable[..., Draws]) -> None:
    together = correlated("rank", drawn, range(30))
    np.testing.assert_array_equal(correlated("rank", drawn, [17])[0], together[17])
    pair = {name: {"uniform": [0, 1], "per": "prim"} for name in ("u", "v")}
    group = {"draws": ["u", "v"], "correlation": 0.9}
    entry = {"pose": {"prims": "a", "position_x": "$u", "position_y": "$v"}}
    draws = drawn(spec(pair, entry, correlations=[group]))
    u, v = x_of(draws, "a"), x_of(draws, "a", "y")
    assert abs(stats.spearmanr(u.ravel(), v.ravel()).statistic - 0.9) < 0.02
    assert abs(stats.spearmanr(u[:, 0], v[:, 1]).statistic) < 0.08
    alone = drawn(spec(pair, entry, correlations=[group]), [5])
    np.testing.assert_array_equal(x_of(alone, "a", "y")[0], v[5])


def test_a_condition_on_draws_turns_frames_down(drawn: Callable[..., Draws]) -> None:
    pair = {"p": {"uniform": [0, 1]}, "q": {"uniform": [0, 1]}}
    entry = {"pose": {"prims": "b", "position_x": "$p", "position_y": {"expr": "q"}}}
    free = drawn(spec(pair, entry))
    held = drawn(spec(pair, entry, require=[{"draws": "p + q > 1 and abs(p - q) < 0.5"}]))
    p, q = x_of(held)[:, 0], x_of(held, axis="y")[:, 0]
    assert ((p + q > 1) & (abs(p - q) < 0.5)).all()
    kept = held["require.attempt"] == 0
    np.testing.assert_array_equal(x_of(held)[kept], x_of(free)[kept])
    # The share of the unit square that meets it: the half above the diagonal, less two corners of 1/16 each.
    assert abs(kept.mean() - (0.5 - 2 / 16)) < 4 * np.sqrt(0.375 * 0.625 / FRAMES)
    alone = drawn(spec(pair, entry, require=[{"draws": "p + q > 1 and abs(p - q) < 0.5"}]), [77])
    np.testing.assert_array_equal(alone["b.pose.position_x"][0], held["b.pose.position_x"][77])
    assert alone["require.attempt"][0] == held["require.attempt"][77]


def test_a_condition_that_is_hardly_met_is_named(drawn: Callable[..., Draws]) -> None:
    made = spec({"p": {"uniform": [0, 1]}}, {"pose": {"prims": "b", "position_x": "$p"}},
                require=[{"draws": "p > 0.999999"}], redraws=20)  # fmt: skip
    with pytest.raises(RequirementError) as caught:
        drawn(made, [3])
    lines = str(caught.value).splitlines()
    assert lines[0] == "frame 3: 21 draws, and none meets what is required"
    assert lines[1].endswith("require[0].draws: draws such that p > 0.999999: failed in 21 of 21")


def test_a_value_that_its_field_does_not_take_is_an_error_with_frame_and_expression(
    drawn: Callable[..., Draws],
) -> None:
    made = spec({"n": {"normal": [0.5, 0.2]}}, {"materials": {"prims": "b", "roughness": {"expr": "n"}}})
    said = r"^b\.materials\.roughness: frame \d+: 'n' gives -?[\d.]+, must be within 0 \.\. 1$"
    with pytest.raises(EngineError, match=said):
        drawn(made)
    made = spec({"n": {"normal": [0, 1]}}, {"pose": {"prims": "b", "position_x": {"expr": "log(n)"}}})
    with pytest.raises(EngineError, match=r"^b\.pose\.position_x: frame \d+: 'log\(n\)' gives nan, which is no number"):
        drawn(made)


def test_what_is_not_taken_may_have_no_value(drawn: Callable[..., Draws]) -> None:
    guarded = {"when": "n > 0", "then": {"expr": "log(n)"}, "else": 0}
    made = spec({"n": {"normal": [0, 1]}}, {"pose": {"prims": "b", "position_x": guarded, "position_y": "$n"}})
    draws = drawn(made)
    n = x_of(draws, axis="y")
    np.testing.assert_allclose(x_of(draws), np.log(np.where(n > 0, n, 1.0)), rtol=1e-14)


def test_slow_triggers_see_the_draws_of_the_frame_in_which_they_fired(drawn: Callable[..., Draws]) -> None:
    twice = {"expr": "2 * p"}
    made = spec({"p": {"uniform": [0, 1]}}, {"pose": {"prims": "b", "position_x": twice}})
    slow = {"pose": {"prims": "a", "position_x": twice}}
    made["triggers"].append({"on_frame": {"interval": 3}, "randomize": [slow]})
    draws = drawn(made, range(12))
    np.testing.assert_array_equal(x_of(draws, "a")[:, 0], np.repeat(x_of(draws)[::3, 0], 3))
    np.testing.assert_array_equal(draws["draws.p.every_3"][:, 0, 0], np.repeat(draws["draws.p"][::3, 0, 0], 3))


def test_what_ties_use_is_recorded_as_it_was_at_the_frame_that_used_it(drawn: Callable[..., Draws]) -> None:
    """A tie of a tie under an interval, and a draw that an item and a frame use."""
    made = spec(
        {"p": {"uniform": [0, 1]}, "twice": {"expr": "2 * p"}},
        {"pose": {"prims": "b", "position_y": {"expr": "p + 1"}}},
    )
    slow = {"pose": {"prims": "a", "position_x": {"expr": "10 + twice"}}}
    made["triggers"].insert(0, {"on_frame": {"interval": 3}, "randomize": [slow]})
    made["create"]["lamp"]["light"]["intensity"] = {"expr": "1000 * p"}
    draws = drawn(made, range(12))
    p, held = draws["draws.p"][:, 0, 0], draws["draws.p.every_3"][:, 0, 0]
    np.testing.assert_array_equal(x_of(draws, axis="y")[:, 0], p + 1)
    np.testing.assert_array_equal(held, np.repeat(p[::3], 3))
    np.testing.assert_array_equal(draws["draws.twice.every_3"][:, 0, 0], 2 * held)
    np.testing.assert_array_equal(x_of(draws, "a")[:, 0], 10 + 2 * held)
    np.testing.assert_array_equal(draws["lamp.create.intensity"][:, 0, 0], np.full(12, 1000 * p[0]))


def test_materials_and_files_may_depend_on_draws(drawn: Callable[..., Draws], tmp_path: Path) -> None:
    for name in ("wet", "dry"):
        Image.new("RGB", (4, 4)).save(tmp_path / f"{name}.png")
    draws = {
        "weather": {"choice": ["sunny", "rain"]},
        "ground": {"case": "weather", "of": {"rain": str(tmp_path / "wet.png"), "sunny": str(tmp_path / "dry.png")}},
        "look": {"choice": ["dull", "shiny"]},
    }
    look = {"case": "weather", "of": {"rain": "shiny", "sunny": {"choice": ["dull", "shiny"]}}}
    made = spec(
        draws,
        {"texture": {"prims": "a", "textures": "$ground"}},
        {"texture": {"prims": "b", "textures": {"expr": f"ground if weather == 'rain' else '{tmp_path}/dry.png'"}}},
        {"materials": {"prims": "b", "materials": look}},
    )
    found = drawn(made, range(30))
    rain = found["draws.weather"][:, 0] == "rain"
    for item in ("a", "b"):
        for name, chosen in zip(found[f"{item}.texture.textures"][:, 0], rain):
            assert name.endswith("wet.png" if chosen else "dry.png")
    materials = found["b.materials.materials"][:, 0]
    assert len(set(materials[rain])) == 1
    assert len(set(materials[~rain])) == 2
    assert set(materials[rain]) < set(materials[~rain])


def test_image_sizes_may_depend_on_draws() -> None:
    products = [{"cameras": "eye", "resolution": {"case": "hd", "of": {"true": [64, 48], "false": [32, 24]}}}]
    shown = {"visibility": {"prims": "b", "visible": "$hd"}}
    made = spec({"hd": {"choice": [True, False]}}, shown, render_products=products)
    with build_graph(made) as graph:
        for frame, large in enumerate(graph.sample(range(6)).draws["b.visibility.visible"][:, 0, 0]):
            image = graph.preview(frame, ["rgb"])["eye"]["rgb"]["data"]
            assert image.shape[:2] == ((48, 64) if large else (24, 32))
