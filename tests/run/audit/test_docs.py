"""The page of the documentation names every check, says whether it is quick, and names no other."""

from __future__ import annotations

import re
from pathlib import Path

from replicator_dr.run.audit.checks import ALL

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "audit.md").read_text()


def test_every_check_is_documented() -> None:
    rows = dict(re.findall(r"^\| `(\w+)` \| (yes|) ?\|", PAGE, re.MULTILINE))
    assert {check.name: "yes" if check.quick else "" for check in ALL} == rows


def test_names_are_unique_and_meanings_are_sentences() -> None:
    assert len({check.name for check in ALL}) == len(ALL)
    for check in ALL:
        assert check.meaning.endswith(".")
        assert check.meaning[0].isupper() or check.meaning.startswith(("bbox", "depth_range", "visible_fraction"))


def test_the_limits_that_it_states_are_those_of_the_code() -> None:
    limits = {check.name: check.limits for check in ALL}
    for text in (
        "99.5 %",
        "at 8 of 255",
        "75 %",
        "at 250",
        "0.05 pixels",
        "1,024 at most",
        "20 micrometres",
        "or 5 %",
        "1e-4",
    ):
        assert text in PAGE
    assert limits["black"] == {"dark_level": 8, "largest_dark_share": 0.995}
    assert limits["blown_out"] == {"bright_level": 250, "largest_bright_share": 0.75}
    assert limits["image_points"] == {"pixels": 0.05}
    assert limits["pose_depth"] == {"samples_a_mask": 1024, "metres": 2e-5, "share": 0.05}
    assert limits["draws"] == {"false_alarms": 1e-4}
