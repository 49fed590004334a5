"""The benchmark's arithmetic: rates, memory, tables; the figures themselves are not asserted."""

from __future__ import annotations

import pytest

from replicator_dr.errors import EngineError
from replicator_dr.run.bench.isolated import isolated
from replicator_dr.run.bench.machine import chosen_device, machine, versions
from replicator_dr.run.bench.memory import flatness, resident_bytes, tenths
from replicator_dr.run.bench.rate import Rate
from replicator_dr.run.bench.tables import Table, growth_table, number, peer_table, sink_table, stage_table


def test_a_rate_is_the_median_of_its_repeats() -> None:
    rate = Rate(frames=10, images=20, seconds=(1.0, 4.0, 2.0))
    assert rate.repeats == [10.0, 2.5, 5.0]
    assert rate.frames_per_second == 5.0
    assert rate.milliseconds_per_image == 100.0
    assert rate.plain() == {
        "frames": 10,
        "images": 20,
        "frames_per_second": 5.0,
        "slowest": 2.5,
        "fastest": 10.0,
        "milliseconds_per_image": 100.0,
        "repeats": [10.0, 2.5, 5.0],
    }


def test_tenths_take_the_first_value_at_or_after_each_tenth() -> None:
    samples = [(position, position * 10) for position in range(1, 101)]
    assert tenths(samples) == [100, 200, 300, 400, 500, 600, 700, 800, 900, 1000]
    assert tenths([(7, 1), (50, 2)]) == [1, 2, 2, 2, 2, 2, 2, 2, 2, 2]
    assert tenths([]) == []


def test_memory_of_this_process_is_plausible() -> None:
    assert 10e6 < resident_bytes() < 100e9


@pytest.mark.parametrize(("last", "percent"), [(500_000_000, 0.0), (600_000_000, 20.0)])
def test_memory_that_grows_is_told_from_memory_that_does_not(last: int, percent: float) -> None:
    found = flatness([(1, 500_000_000), (99, 500_000_000), (100, last)])
    assert found["memory_megabytes"][0] == 500.0
    assert found["memory_growth_percent"] == percent
    assert flatness([]) == {"memory_megabytes": [], "memory_growth_percent": 0.0}


def test_machine_and_versions_are_told() -> None:
    import replicator_dr

    assert machine()["threads"] >= 1
    assert machine()["processor"]
    assert versions()["replicator_dr"] == replicator_dr.__version__
    assert "warp-lang" in versions()


def test_a_device_that_is_not_there_is_refused_with_those_that_are() -> None:
    assert chosen_device("cpu") == "cpu"
    with pytest.raises(EngineError, match=r"there is no device 'cuda:99' here; devices are: cpu"):
        chosen_device("cuda:99")


def test_a_process_of_its_own_gives_its_result_and_its_errors() -> None:
    assert isolated(chosen_device, "cpu") == "cpu"
    with pytest.raises(EngineError, match="there is no device 'cuda:99' here"):
        isolated(chosen_device, "cuda:99")
    with pytest.raises(EngineError, match="the process of number ended with exit code 1 before it was done"):
        isolated(number, "not a number")


RATE = {"frames_per_second": 41.5, "slowest": 9.0, "fastest": 1234.0, "milliseconds_per_image": 24.1}


def test_tables_have_a_row_for_each_scene() -> None:
    stages = dict.fromkeys(("sample", "render_labels", "render_color", "annotate", "encode", "write"), RATE)
    scene = {"scene": "parts", "sinks": {"disk": RATE}, "stages": stages, "memory_megabytes": [500.0, 510.0]}
    row = "| parts | - | - | - | - | 41.5 (9.00 to 1,234) | 500 to 510 MB |"
    assert row in sink_table([scene]).markdown()
    assert "| parts | 24.10 | 24.10 |" in stage_table([scene]).markdown()


def test_the_axis_of_growth_stands_once() -> None:
    point = {**RATE, "value": "1,000", "megapixels_per_second": 12.0, "threads": 2, "batch": 4}
    facts = {"triangles": 962, "instances": 21, "lights": 1}
    table = growth_table("triangles", [{**point, **facts}])
    assert table.headings.count("triangles") == 1
    assert table.rows[0][0] == "962"
    assert growth_table("views per batch", [{**point, **facts}]).rows[0][0] == "1,000"


def test_a_renderer_that_is_not_there_is_told_with_its_reason() -> None:
    comparison = {"scene": "parts", "renderers": [{"name": "MuJoCo", "reason": "mujoco is not installed"}]}
    assert (
        "| MuJoCo | - | - | - | - | - | - | not measured: mujoco is not installed |"
        in peer_table(comparison).markdown()
    )


def test_bars_in_cells_do_not_break_a_table() -> None:
    assert "| a\\|b |" in Table("t", ["h"], [["a|b"]]).markdown()
