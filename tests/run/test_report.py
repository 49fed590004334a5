"""Stage rates: sums, order, and nothing divided by zero."""

from __future__ import annotations

import math

import pytest

from replicator_dr.run.report import stage_rates


def test_rates_follow_the_pipeline_and_sum_to_one() -> None:
    rates = stage_rates({"write": 1.0, "render": 6.0, "sample": 1.0, "upload": 2.0}, images=100)
    assert [rate.stage for rate in rates] == ["sample", "render", "write", "upload"]
    assert sum(rate.share for rate in rates) == pytest.approx(1)
    render = rates[1]
    assert (render.share, render.milliseconds, render.images_per_second) == pytest.approx((0.6, 60.0, 100 / 6))


def test_a_stage_without_work_and_a_run_without_images() -> None:
    idle = stage_rates({"encode": 0.0}, images=10)[0]
    assert idle.share == 0
    assert math.isinf(idle.images_per_second)
    assert stage_rates({"encode": 1.0}, images=0)[0].milliseconds == 0
