"""``require``: frames that do not meet conditions are drawn anew, each by itself, until they do."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from replicator_dr import build_graph
from replicator_dr.engines.embedded.evaluation import state_of, values
from replicator_dr.errors import EngineError, RequirementError
from replicator_dr.run.merge import merge
from tests.end_to_end.world import files

ATTEMPT, FAILED = "require.attempt", "require.failed"

# A ball on the axis of a camera at the origin that looks along +X: its distance is its x.
LINE: dict[str, Any] = {
    "seed": 4,
    "create": {
        "ball": {"sphere": {"scale": 0.2}, "semantics": {"class": "ball"}},
        "eye": {"camera": {"position": [0, 0, 0], "look_at": [1, 0, 0]}},
    },
    "triggers": [
        {"on_frame": {}, "randomize": [{"pose": {"prims": "ball", "position": {"uniform": [[1, 0, 0], [3, 0, 0]]}}}]}
    ],
    "render_products": [{"cameras": "eye", "resolution": [16, 12]}],
    "require": [{"distance": {"prims": "ball", "at_least": 1.5, "at_most": 2}}],
}

CLUTTER: dict[str, Any] = {
    "name": "clutter",
    "seed": 6,
    "create": {
        "floor": {"plane": {"scale": 6}},
        "balls": {"sphere": {"count": 2, "scale": 0.5}, "semantics": {"class": "ball"}},
        "boxes": {"cube": {"count": 3, "scale": 0.6}, "semantics": {"class": "box"}},
        "sun": {"light": {"light_type": "distant", "intensity": 2000}},
        "left": {"camera": {"position": [3, 1, 2], "look_at": [0, 0, 0]}},
        "right": {"camera": {"position": [3, -1, 2], "look_at": [0, 0, 0]}},
    },
    "triggers": [
        {
            "on_frame": {},
            "randomize": [
                {"pose": {"prims": "balls", "position": {"uniform": [[-2, -2, 0.3], [1, 2, 0.3]]}}},
                {"pose": {"prims": "boxes", "position": {"uniform": [[-2, -2, 0.3], [2, 2, 0.3]]}}},
            ],
        },
        {
            "on_frame": {"interval": 3},
            "randomize": [{"color": {"prims": "balls", "colors": {"uniform": [[0, 0, 0], [1, 1, 1]]}}}],
        },
    ],
    "require": [
        {"visible_fraction": {"prims": "balls", "at_least": 0.7, "of_cameras": "any"}},
        {"count": {"at_least": 5, "min_pixels": 3}},
        {"truncation": {"prims": "balls", "at_most": 0.3, "of_prims": "any", "cameras": "left"}},
    ],
    "render_products": [{"cameras": ["left", "right"], "resolution": [64, 48]}],
    "writers": [{"coco_depth": {}}],
}


def spec(base: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {**copy.deepcopy(base), **changes}


def sampled(made: dict[str, Any], frames: list[int]) -> dict[str, NDArray[Any]]:
    with build_graph(made) as graph:
        return graph.sample(frames).draws


def test_accepted_frames_follow_the_conditional_distribution() -> None:
    """Uniform over [1, 3] given [1.5, 2] is uniform over [1.5, 2]; redraws are geometric with p = 1/4."""
    draws = sampled(LINE, list(range(4000)))
    x = draws["ball.pose.position"][:, 0, 0]
    assert x.min() >= 1.5
    assert x.max() <= 2
    assert stats.chisquare(np.histogram(x, bins=20, range=(1.5, 2))[0]).pvalue > 1e-4
    attempts = draws[ATTEMPT]
    assert (draws[FAILED][:, 0] == attempts).all()
    counts = np.bincount(np.minimum(attempts, 12), minlength=13)
    expected = np.append(0.25 * 0.75 ** np.arange(12), 0.75**12) * len(attempts)
    assert stats.chisquare(counts, expected).pvalue > 1e-4
    # A frame's neighbours, and how often it was drawn, say nothing of its value.
    assert abs(np.corrcoef(x[:-1], x[1:])[0, 1]) < 0.07
    assert abs(np.corrcoef(x, attempts)[0, 1]) < 0.07


def test_frames_that_meet_it_at_once_are_those_without_it() -> None:
    free = sampled(spec(LINE, require=[]), list(range(200)))
    bound = sampled(LINE, list(range(200)))
    first = bound[ATTEMPT] == 0
    assert 20 < first.sum() < 80
    x, wanted = (draws["ball.pose.position"][:, 0, 0] for draws in (bound, free))
    assert (x[first] == wanted[first]).all()
    assert ((wanted >= 1.5) & (wanted <= 2) == first).all()
    assert ATTEMPT not in free


def test_a_frame_alone_is_tried_as_in_a_run() -> None:
    """Alone, attempts are worked out many at a time; in a run, one after the other."""
    together = sampled(LINE, list(range(100)))
    for frame in range(0, 100, 9):
        alone = sampled(LINE, [frame])
        assert all((alone[name][0] == together[name][frame]).all() for name in together)
    shuffled = sampled(LINE, [41, 7, 99, 7])
    assert all((shuffled[name] == together[name][[41, 7, 99, 7]]).all() for name in together)


def test_the_first_attempt_that_meets_all_is_taken() -> None:
    """An oracle in plain loops: every attempt alone, looked at through the annotators of ordinary captures."""
    from replicator_dr.engines.embedded.loop.capture import capture

    with build_graph(spec(CLUTTER, require=[])) as graph:
        runtime = graph._session.runtime  # type: ignore[attr-defined]
        scene, renderer = runtime.scene(), runtime.products.renderer(runtime.scene())

        def meets(frame: int, attempt: int) -> bool:
            drawn = values(runtime.plan(), runtime.seed, np.array([frame]), np.array([attempt]))
            batch = capture(renderer, scene, state_of(drawn), runtime.products.products)
            best = {0: 0.0, 1: 0.0}
            least_seen, shares = 99, []
            for product in ("left", "right"):
                image = batch.annotator("instance_segmentation", product).data[0]
                coverage = batch.annotator("coverage", product).data[0]
                numbers = {int(n): path for n, path in zip(coverage["instanceId"], _paths(batch, product), strict=True)}
                pixels = {path: int((image == n).sum()) for n, path in numbers.items()}
                least_seen = min(least_seen, sum(count >= 3 for count in pixels.values()))
                for row in coverage:
                    path = numbers[int(row["instanceId"])]
                    if "/balls" in path:
                        ball = int(path.endswith("_01") or "_01/" in path)
                        best[ball] = max(best[ball], pixels[path] / int(row["amodal"]))
                        x0, y0, x1, y1 = (float(value) for value in row["extent"])
                        inside = max(min(x1, 64) - max(x0, 0), 0) * max(min(y1, 48) - max(y0, 0), 0)
                        shares += [1 - inside / ((x1 - x0) * (y1 - y0))] if product == "left" else []
            return min(best.values()) >= 0.7 and least_seen >= 5 and min(shares, default=1) <= 0.3

        expected = [next(a for a in range(200) if meets(frame, a)) for frame in range(12)]
    draws = sampled(CLUTTER, list(range(12)))
    assert draws[ATTEMPT].tolist() == expected
    assert max(expected) > 0


def _paths(batch: Any, product: str) -> list[str]:
    paths: list[str] = batch.annotator("coverage", product).info(0)["primPaths"]
    return paths


@pytest.fixture(scope="module")
def together(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("require") / "together"
    with build_graph(CLUTTER) as graph:
        graph.run(18, output_dir=folder)
    return folder


@pytest.mark.parametrize("options", [{"batch": 1}, {"batch": 3}, {"batch": 16, "processes": True}], ids=str)
def test_widths_threads_and_processes_leave_no_trace(together: Path, tmp_path: Path, options: dict[str, Any]) -> None:
    with build_graph(CLUTTER) as graph:
        graph.run(18, output_dir=tmp_path / "run", **options)
    assert files(tmp_path / "run") == files(together)
    for name in ("annotations.json", "manifest.json"):
        assert (tmp_path / "run" / name).read_bytes() == (together / name).read_bytes()


def test_a_frame_alone_and_a_run_in_two_parts(together: Path, tmp_path: Path) -> None:
    with build_graph(CLUTTER) as graph:
        graph.run(1, start=11, output_dir=tmp_path / "alone")
        graph.run(7, output_dir=tmp_path / "parts")
    with build_graph(CLUTTER) as graph:
        graph.run(11, start=7, output_dir=tmp_path / "parts")
    alone = files(tmp_path / "alone")
    assert alone == {name: data for name, data in files(together).items() if name in alone}
    assert (tmp_path / "parts" / "manifest.json").read_bytes() == (together / "manifest.json").read_bytes()


def test_parts_that_overlap_merge_to_the_same_bytes(together: Path, tmp_path: Path) -> None:
    for name, start, count in (("a", 0, 10), ("b", 8, 10)):
        with build_graph(CLUTTER) as graph:
            graph.run(count, start=start, output_dir=tmp_path / name)
    merge(tmp_path / "merged", [tmp_path / "a", tmp_path / "b"])
    for name in ("annotations.json", "manifest.json"):
        assert (tmp_path / "merged" / name).read_bytes() == (together / name).read_bytes()


def test_every_way_to_a_frame_shows_the_same() -> None:
    made = spec(CLUTTER, render_products=[{"cameras": "left", "resolution": [64, 48]}])
    made["require"][0]["visible_fraction"]["cameras"] = "left"
    with build_graph(made) as graph:
        (batch,) = graph.frames(8, start=2, batch=8)
        preview = graph.preview(5)["left"]["rgb"]["data"]
        assert (np.asarray(batch["left"]["rgb"])[3] == preview).all()
        alone = graph.sample(5)
        assert alone.draws[ATTEMPT][0] == batch["draws"][ATTEMPT][3]
        assert any(batch["draws"][ATTEMPT])


def test_steps_write_the_same_frames(together: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    made = spec(CLUTTER, writers=[{"coco_depth": {"output_dir": "steps"}}])
    with build_graph(made) as graph:
        for _ in range(4):
            graph.step()
        graph.finish()
    stepped = files(tmp_path / "steps")
    assert len(stepped) == 4 * 2 * 2
    assert stepped == {name: data for name, data in files(together).items() if name in stepped}


def test_what_frames_share_stays() -> None:
    draws = sampled(CLUTTER, list(range(18)))
    free = sampled(spec(CLUTTER, require=[]), list(range(18)))
    (name,) = (name for name in draws if ".color." in name)
    assert (draws[name] == free[name]).all()
    assert draws[ATTEMPT].any()


def test_counts_in_statistics_manifest_and_journal_agree(together: Path, tmp_path: Path) -> None:
    with build_graph(CLUTTER) as graph:
        statistics = graph.run(18, output_dir=tmp_path / "run")
        draws = graph.sample(list(range(18))).draws
    redraws, failed = int(draws[ATTEMPT].sum()), draws[FAILED].sum(axis=0).tolist()
    assert redraws > 0
    assert (statistics.redraws, list(statistics.failed)) == (redraws, failed)
    assert statistics.acceptance == 18 / (18 + redraws)
    manifest = json.loads((together / "manifest.json").read_text())
    assert manifest["require"] == {
        "draws": 18 + redraws, "accepted": 18, "acceptance": round(18 / (18 + redraws), 6), "failed": failed,
    }  # fmt: skip
    images = json.loads((together / "annotations.json").read_text())["images"]
    assert [image["draws"][ATTEMPT] for image in images[::2]] == draws[ATTEMPT].tolist()
    assert [image["draws"][FAILED] for image in images[1::2]] == draws[FAILED].tolist()


def test_without_it_nothing_is_noted(tmp_path: Path) -> None:
    with build_graph(spec(CLUTTER, require=[])) as graph:
        statistics = graph.run(1, output_dir=tmp_path)
    assert (statistics.redraws, statistics.failed, statistics.acceptance) == (0, (), 1.0)
    assert "require" not in json.loads((tmp_path / "manifest.json").read_text())


def test_what_is_hidden_by_a_draw_is_left_out() -> None:
    made = spec(CLUTTER, require=[{"visible_fraction": {"prims": "balls", "at_least": 0.99}}])
    made["triggers"].append({"on_frame": {}, "randomize": [{"visibility": {"prims": "balls", "visible": False}}]})
    assert not sampled(made, list(range(6)))[ATTEMPT].any()
    made["require"] = [{"visible_fraction": {"prims": "balls", "at_least": 0.1, "of_prims": "any"}}]
    with pytest.raises(RequirementError, match="none of these prims was there"):
        sampled(made, [0])


def test_sizes_that_change_and_lenses_go_with_it() -> None:
    made = spec(CLUTTER, render_products=[{"cameras": "left", "resolution": {"choice": [[64, 48], [32, 24]]}}])
    made["require"] = [{"pixels": {"prims": "balls", "at_least": 30, "of_prims": "any"}}]
    draws = sampled(made, list(range(20)))
    assert (draws[ATTEMPT] == np.concatenate([sampled(made, [frame])[ATTEMPT] for frame in range(20)])).all()


def test_an_impossible_requirement_is_named_and_what_came_before_stays(tmp_path: Path) -> None:
    scene = tmp_path / "line.yaml"
    made = spec(LINE, redraws=3, writers=[{"coco_depth": {}}])
    made["render_products"][0]["resolution"] = [64, 48]
    text = json.dumps({key: value for key, value in made.items() if key != "require"})
    conditions = [{"pixels": {"prims": "ball", "at_least": 70}}, {"distance": {"prims": "ball", "at_most": 2.9}}]
    scene.write_text(
        text.rstrip("}") + f',\n"require": [\n{json.dumps(conditions[0])},\n{json.dumps(conditions[1])}]}}\n'
    )
    with build_graph(scene) as graph:
        bad = next(frame for frame in range(20) if not _meets(graph, frame))
        assert bad > 0
        x = distances_of_attempts(graph, bad, 4)
        with pytest.raises(RequirementError) as caught:
            graph.run(20, output_dir=tmp_path / "out")
    assert (x > 2.9).sum() == 1
    assert abs(np.pi * (64 * 24 / 20.955 * 0.1 / x.min()) ** 2 - 32) < 3  # the disk that a ball of 0.1 m covers
    assert caught.value.frame == bad
    assert str(caught.value).splitlines() == [
        f"frame {bad}: 4 draws, and none meets what is required",
        f"  {scene}:3:2 require[0].pixels: visible pixels of at least 70, each of ball, each camera: failed in 3 of 3"
        ", the closest value was 32",
        f"  {scene}:4:2 require[1].distance: distance [m] of at most 2.9, each of ball, each camera: failed in 1 of 4",
        "widen the bounds of require[0].pixels, vary the scene so that they can be met, or raise redraws if they are "
        "rare",
    ]
    assert json.loads((tmp_path / "out" / "manifest.json").read_text())["frames"] == [[0, bad - 1]]
    assert len(list((tmp_path / "out" / "rgb").rglob("*.png"))) == bad


def distances_of_attempts(graph: Any, frame: int, attempts: int) -> NDArray[np.float64]:
    runtime = graph._session.runtime
    drawn = values(runtime.plan(), runtime.seed, np.full(attempts, frame), np.arange(attempts))
    x: NDArray[np.float64] = drawn.draws["ball.pose.position"][:, 0, 0]
    return x


def _meets(graph: Any, frame: int) -> bool:
    try:
        graph.sample(frame)
    except RequirementError:
        return False
    return True


def test_a_run_can_be_ended_while_a_frame_is_drawn_anew(tmp_path: Path) -> None:
    from itertools import count

    from replicator_dr.engines.embedded.loop import pipeline

    made = spec(LINE, redraws=5000, require=[{"distance": {"prims": "ball", "at_least": 3.5}}])
    with build_graph(made) as graph:
        runtime = graph._session.runtime  # type: ignore[attr-defined]
        asked = count()
        statistics = pipeline.run(runtime, 4, stopping=lambda: next(asked) > 3)
        assert statistics.interrupted
        assert statistics.frames == 0
        # The next run is not ended by that.
        with pytest.raises(RequirementError, match="frame 0: 5001 draws"):
            graph.sample(0)


def test_conditions_that_are_met_but_never_together_are_told_apart() -> None:
    near, far = {"prims": "ball", "at_most": 2}, {"prims": "ball", "at_least": 2.01}
    made = spec(LINE, redraws=40, require=[{"distance": near}, {"distance": far}])
    with pytest.raises(
        RequirementError, match="each condition is met at times, but not together: raise redraws"
    ) as caught:
        sampled(made, [0])
    assert "not asked" not in str(caught.value)


def test_conditions_on_images_are_asked_of_draws_that_are_near_enough() -> None:
    made = spec(LINE, redraws=5, require=[
        {"pixels": {"prims": "ball", "at_least": 1}}, {"distance": {"prims": "ball", "at_most": 0.5}},
    ])  # fmt: skip
    with pytest.raises(RequirementError) as caught:
        sampled(made, [0])
    assert "require[0].pixels: visible pixels of at least 1, each of ball, each camera: not asked" in str(caught.value)


def test_frames_after_max_execs_have_nothing_to_draw() -> None:
    made = spec(LINE, require=[{"distance": {"prims": "ball", "at_most": 1.2}}])
    made["triggers"][0]["on_frame"] = {"max_execs": 2}
    with build_graph(made) as graph:
        assert graph.sample([0, 1]).draws[ATTEMPT].min() > 0
        with pytest.raises(
            RequirementError, match=r"1 draw, which does not meet .*\n.*\nnothing is drawn for this frame"
        ):
            graph.sample(range(2, 3))


def test_prims_without_labels_are_an_error() -> None:
    made = spec(CLUTTER, require=[{"pixels": {"prims": "floor", "at_least": 1}}])
    with pytest.raises(EngineError, match=r"require\[0\].pixels: none of its prims has a label; give them semantics"):
        sampled(made, [0])


def test_redraws_do_not_change_the_digest() -> None:
    with build_graph(spec(LINE, redraws=7)) as first, build_graph(spec(LINE, redraws=9)) as second:
        assert first.spec.digest() == second.spec.digest()
    with build_graph(spec(LINE, require=[])) as other:
        assert other.spec.digest() != first.spec.digest()


def test_the_first_frame_that_fails_ends_the_run_whichever_fails_first(tmp_path: Path) -> None:
    """Frame 5 and those after it fail at their first attempt; an earlier one only after all of its redraws."""
    made = spec(
        LINE, require=[{"distance": {"prims": "ball", "at_most": 1.5}}], writers=[{"coco_depth": {}}], redraws=2, seed=3
    )
    made["triggers"][0]["on_frame"] = {"max_execs": 5}
    with build_graph(made) as graph:
        good = [_meets(graph, frame) for frame in range(8)]
        first = good.index(False)
        assert 0 < first < 5
        assert not all(good[5:])
        with pytest.raises(RequirementError) as caught:
            graph.run(8, output_dir=tmp_path)
    assert caught.value.frame == first
    assert json.loads((tmp_path / "manifest.json").read_text())["frames"] == [[0, first - 1]]
