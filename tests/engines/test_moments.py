"""Attempts at a frame: streams of their own, and what several frames share stays."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import stats

from replicator_dr import build_graph
from replicator_dr.engines.embedded.draws.sampling import uniforms
from replicator_dr.engines.embedded.evaluation import values
from replicator_dr.engines.embedded.require.moments import BITS, executions_at, fired_at, frame_of, moments
from replicator_dr.engines.embedded.triggers import OnCustomEvent, OnFrame, Trigger

KEY = 0x1234_5678_9ABC_DEF0
FRAMES = np.array([0, 1, 7, 2**33], np.int64)


def test_attempt_0_is_the_frame_itself() -> None:
    assert (moments(FRAMES, np.zeros(4, np.int64)) == FRAMES).all()
    assert (frame_of(moments(FRAMES, np.array([0, 1, 5, 2**22]))) == FRAMES).all()


def test_an_attempt_is_bits_of_the_counter_that_are_zero_otherwise() -> None:
    # numpy's Philox is 4x64; ours was checked against its authors' answers, so the counter is what is left to check.
    from replicator_dr.engines.embedded.draws.philox import philox4x32

    words = (
        np.array([7], np.uint64),
        np.array([5 << 8], np.uint64),
        np.array([0], np.uint64),
        np.array([0], np.uint64),
    )
    high, low, *_ = philox4x32(words, KEY)
    expected = ((int(high[0]) << 32 | int(low[0])) >> 11) * 2.0**-53
    assert BITS == 40
    assert uniforms(KEY, moments(np.array([7]), np.array([5])), 1, 1).item() == expected


def test_attempts_are_independent_and_uniform() -> None:
    attempts = np.arange(4000, dtype=np.int64)
    u = uniforms(KEY, moments(np.full(4000, 3), attempts), 1, 2)[:, 0]
    assert stats.kstest(u[:, 0], "uniform").pvalue > 1e-4
    assert abs(np.corrcoef(u[:-1, 0], u[1:, 0])[0, 1]) < 0.06
    cells = np.histogram2d(u[:, 0], u[:, 1], bins=8, range=[[0, 1], [0, 1]])[0].ravel()
    assert stats.chisquare(cells).pvalue > 1e-4


@pytest.mark.parametrize(
    ("trigger", "anew"),
    [
        (OnFrame(), [True] * 4),
        (OnFrame(interval=7), [False] * 4),
        (OnFrame(max_execs=2), [True, True, False, False]),
        (OnCustomEvent(event_name="go", frames=[1, 7]), [False] * 4),
        (Trigger(), [False] * 4),
    ],
)
def test_only_what_a_frame_has_for_itself_is_drawn_anew(trigger: Trigger, anew: list[bool]) -> None:
    second = moments(FRAMES, np.full(4, 2))
    assert (fired_at(trigger, second) == np.where(anew, second, trigger.fired_at(FRAMES))).all()
    stamped = trigger.executions(FRAMES) + np.where(anew, 2 << BITS, 0)
    assert (executions_at(trigger, second) == stamped).all()


MIXED: dict[str, Any] = {
    "seed": 8,
    "draws": {"warmth": {"uniform": [0, 1]}},
    "create": {
        "floor": {"plane": {"scale": 6}},
        "boxes": {"cube": {"count": 3}, "semantics": {"class": "box"}},
        "ball": {"sphere": {}, "semantics": {"class": "ball"}},
        "eye": {"camera": {"position": [4, 0, 3], "look_at": [0, 0, 0]}},
    },
    "triggers": [
        {
            "on_frame": {},
            "randomize": [
                {"pose": {"prims": "boxes", "size": {"uniform": [0.1, 0.9]}}},
                {"materials": {"prims": "boxes", "roughness": "$warmth"}},
                {"color": {"prims": "ball", "colors": {"sequence": [[1, 0, 0], [0, 1, 0], [0, 0, 1]]}}},
            ],
        },
        {
            "on_frame": {"interval": 4},
            "randomize": [
                {"scatter_2d": {"prims": "boxes", "surface_prims": "floor", "check_for_collisions": True}},
                {"materials": {"prims": "ball", "roughness": "$warmth"}},
            ],
        },
    ],
    "render_products": [{"cameras": "eye", "resolution": [32, 24]}],
}


def draws(frames: list[int], attempts: list[int]) -> tuple[dict[str, Any], dict[str, Any]]:
    with build_graph(MIXED) as graph:
        runtime = graph._session.runtime  # type: ignore[attr-defined]
        found = values(runtime.plan(), runtime.seed, np.array(frames), np.array(attempts))
        return found.draws, found.tables


def test_shared_firings_stay_though_they_read_what_is_drawn_anew() -> None:
    frames, attempts = [4, 5, 6, 7, 4, 4, 6], [0, 0, 0, 0, 1, 9, 3]
    _, tables = draws(frames, attempts)
    assert not np.ptp(tables["translate"], axis=0).any()
    sizes = tables["scale"].reshape(len(frames), -1)
    assert len(np.unique(sizes, axis=0)) == len(frames)


def test_any_company_gives_the_same_attempt() -> None:
    frames, attempts = [9, 4, 4, 0, 13, 4], [2, 7, 0, 1, 0, 1]
    together, tables = draws(frames, attempts)
    for row in range(len(frames)):
        alone, table = draws([frames[row]], [attempts[row]])
        assert all((together[name][row] == alone[name][0]).all() for name in together)
        assert all(np.array_equal(tables[name][row], table[name][0], equal_nan=True) for name in tables)


def test_a_shared_draw_is_new_where_the_frame_has_it_for_itself_and_sequences_go_by_frames() -> None:
    found, _ = draws([5, 5, 5], [0, 1, 2])
    assert len(np.unique(found["boxes.materials.roughness"][:, 0])) == 3
    assert len(np.unique(found["ball.materials.roughness"])) == 1
    colors = next(found[name] for name in found if name.startswith("ball.color"))
    assert (colors == colors[0]).all()
    assert colors[0].reshape(-1)[:3].tolist() == [0, 0, 1]
