"""Coverage: counted against NumPy's own histograms, and against what SciPy says of random points."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from scipy import stats
from scipy.stats import qmc
from typer.testing import CliRunner

from replicator_dr import load_spec
from replicator_dr.cli.app import app
from replicator_dr.run.coverage import CoverageReport, coverage, draws_of_dataset, draws_of_spec
from replicator_dr.run.coverage.joint import random_discrepancy

N = 64
SPEC: dict[str, Any] = {
    "name": "covered",
    "seed": 2,
    "draws": {"mood": {"uniform": [0, 1]}},
    "designs": {
        "sweep": {
            "latin_hypercube": {"samples": N},
            "factors": {"bright": {"uniform": [10, 20]}, "warm": {"normal": [5000, 300]}, "side": [0, 90]},
        },
        "all": {"grid": {}, "factors": {"a": [0.1, 0.2, 0.3, 0.4], "b": [0, 1]}},
    },
    "create": {
        "box": {"cube": {"count": 2, "scale": 0.3}, "semantics": {"class": "box"}},
        "sun": {"light": {"light_type": "distant"}},
        "camera": {"camera": {"position": [3, 0, 2], "look_at": [0, 0, 0]}},
    },
    "triggers": [
        {
            "on_frame": {},
            "randomize": [
                {"light": {"lights": "sun", "intensity": "$bright", "temperature": "$warm", "azimuth": "$side"}},
                {"light": {"lights": "sun", "color": {"draw": "mood", "scale": [1, 0.5, 0.5]}}},
                {"materials": {"prims": "box", "roughness": "$a", "metallic": "$b"}},
                {"pose": {"prims": "box", "rotation_z": {"uniform": [0, 360]}}},
            ],
        },
        {"on_frame": {"interval": 4}, "randomize": [{"pose": {"prims": "box", "rotation_x": {"uniform": [0, 1]}}}]},
    ],
    "edge_cases": {"3": {"bright": 500}},
    "render_products": [{"cameras": "camera", "resolution": [32, 24]}],
    "writers": [{"coco_depth": {"output_dir": "made"}}],
}


@pytest.fixture(scope="module")
def report() -> CoverageReport:
    return coverage(draws_of_spec(load_spec(SPEC), 0, N), bins=8)


def test_counts_are_those_of_the_law(report: CoverageReport) -> None:
    drawn = draws_of_spec(load_spec(SPEC), 0, N).draws
    factors = {one.name: one for one in report.factors}
    warm = factors["sun.light.temperature"]
    edges = stats.norm(5000, 300).ppf(np.linspace(0, 1, 9))
    np.testing.assert_array_equal(warm.counts, np.histogram(drawn["sun.light.temperature"], edges)[0])
    assert warm.counts.tolist() == [N // 8] * 8
    expected = stats.kstest(drawn["sun.light.temperature"].ravel(), stats.norm(5000, 300).cdf).statistic
    assert warm.distance == pytest.approx(expected, abs=1e-6)
    turned = factors["box.pose.rotation_z"]
    found = np.histogram(drawn["box.pose.rotation_z"], 8, (0, 360))[0]
    np.testing.assert_array_equal(turned.counts, found)
    assert sum(count for _, count, _ in turned.histogram()[0]) == 2 * N
    assert len(factors["box.pose.rotation_x"].levels) == 2 * N / 4


def test_given_values_are_not_counted_as_drawn(report: CoverageReport) -> None:
    bright = next(one for one in report.factors if one.name == "sun.light.intensity")
    assert len(bright.levels) == N - 1
    assert bright.values.max() <= 20
    assert np.isnan(bright.first[3])


def test_grids_count_combinations_and_sweeps_have_low_discrepancy(report: CoverageReport) -> None:
    wholes = {one.name: one for one in report.wholes}
    assert wholes["design all"].combinations == (8, 8)
    sweep = wholes["design sweep"]
    assert sweep.discrepancy is not None
    assert sweep.expected is not None
    assert sweep.discrepancy < 0.5 * sweep.expected
    assert sweep.points == N - 1


def test_what_several_components_make_of_one_draw_counts_once(report: CoverageReport) -> None:
    names = {name for pair in report.pairs for name in (pair.first.name, pair.second.name)}
    assert [name for name in sorted(names) if "color" in name] == ["sun.light.color.x"]
    pair = next(one for one in report.pairs if {one.first.source, one.second.source} == {"all.a", "all.b"})
    assert (pair.cells, pair.empty) == (8, 0)


def test_empty_parts_are_seen() -> None:
    few = coverage(draws_of_spec(load_spec(SPEC), 8, 5), bins=8)
    bright = next(one for one in few.factors if one.name == "sun.light.intensity")
    assert bright.empty == 8 - len(np.unique((bright.values - 10) // 1.25))
    assert bright.empty >= 3
    assert few.empty > bright.empty


def test_the_mean_discrepancy_of_random_points() -> None:
    random = np.random.default_rng(3)
    found = [qmc.discrepancy(random.random((40, 3)), method="CD") for _ in range(2000)]
    assert np.mean(found) == pytest.approx(random_discrepancy(40, 3), rel=0.03)


def test_a_dataset_covers_what_its_spec_says(tmp_path: Path) -> None:
    file, made = tmp_path / "covered.yaml", tmp_path / "made"
    file.write_text(yaml.safe_dump(SPEC), encoding="utf-8")
    runner = CliRunner()
    arguments = ["generate", str(file), "-n", "8", "-o", str(made), "--device", "cpu", "-q", "--no-audit"]
    assert runner.invoke(app, arguments).exit_code == 0
    recorded = coverage(draws_of_dataset(made)).to_json()
    evaluated = coverage(draws_of_spec(load_spec(file), 0, 8)).to_json()
    assert recorded["factors"] == evaluated["factors"]
    assert recorded["together"] == evaluated["together"]

    files = ["--json", str(tmp_path / "c.json"), "--html", str(tmp_path / "c.html")]
    pytest.importorskip("jinja2")
    result = runner.invoke(app, ["coverage", str(made), *files])
    assert result.exit_code == 0, result.output
    assert "design all: 8 of 8 combinations" in result.output
    assert json.loads((tmp_path / "c.json").read_text())["frames"] == 8
    page = (tmp_path / "c.html").read_text()
    assert page.count("<svg") == len(recorded["factors"]) + len(recorded["pairs"])
    assert "http" not in page.replace("http://www.w3.org/2000/svg", "")


def test_a_folder_without_a_dataset_is_an_error(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["coverage", str(tmp_path)])
    assert result.exit_code != 0
    assert "annotations.json" in " ".join(result.output.split())
