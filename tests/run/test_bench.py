"""The benchmark's arithmetic and its report; the figures themselves are not asserted."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from replicator_dr.run import bench


def test_tenths_take_the_first_value_at_or_after_each_tenth() -> None:
    samples = [(position, position * 10) for position in range(1, 101)]
    assert bench.tenths(samples) == [100, 200, 300, 400, 500, 600, 700, 800, 900, 1000]
    assert bench.tenths([(7, 1), (50, 2)]) == [1, 2, 2, 2, 2, 2, 2, 2, 2, 2]
    assert bench.tenths([]) == []


def test_memory_of_this_process_is_plausible() -> None:
    assert 10e6 < bench.resident_bytes() < 100e9


def test_table_has_a_row_per_scene() -> None:
    result = {
        "scene": "parts",
        "frames": 300,
        "frames_per_second": 41.5,
        "stages": {"render": {"milliseconds_per_image": 20.25}, "encode": {"milliseconds_per_image": 3.4}},
        "memory_megabytes": [500.0, 510.0],
    }
    table = bench.as_markdown({"machine": {"processor": "X", "threads": 2}, "results": [result]})
    assert "| scene | frames/s | render [ms] | encode [ms] | memory, first to last tenth |" in table
    assert "| parts | **41.5** | 20.25 | 3.40 | 500 to 510 MB |" in table


@pytest.mark.slow
def test_a_measurement(tmp_path: Path) -> None:
    scene = Path(__file__).resolve().parents[2] / "scenes" / "parts.yaml"
    bench.main([str(scene), "--frames", "8", "--output", str(tmp_path)])
    report = json.loads((tmp_path / "report.json").read_text())
    (result,) = report["results"]
    assert result["frames"] == result["images"] == 8
    assert list(result["stages"]) == ["sample", "render", "annotate", "encode", "write"]
    assert len(result["memory_megabytes"]) == 10
    assert [path.name for path in tmp_path.iterdir()] == ["report.json"], "the images are gone"
