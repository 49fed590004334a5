"""Images like Mitsuba 3's, an independent path tracer: lights, materials, textures, cameras, light between surfaces."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.render.mitsuba_scene import reference
from tests.render.path.cases import CASES, VIEW, assert_alike, traced


@pytest.mark.parametrize("name", CASES)
def test_the_image_is_mitsubas(name: str, tmp_path: Path) -> None:
    case = CASES[name]
    expected = reference(*case.arrays(), VIEW, case.samples, case.bounces)
    assert expected.mean() > 0.005
    assert_alike(traced(name), expected, case.tolerance, tmp_path, name)


def test_a_wrong_image_is_noticed_and_shown(tmp_path: Path) -> None:
    image = traced("sun_on_boxes")
    moved = np.roll(image, 1, axis=1)
    with pytest.raises(AssertionError, match=r"off, allowed are 0\.0015.*sun_on_boxes\.png"):
        assert_alike(moved, image, CASES["sun_on_boxes"].tolerance, tmp_path, "sun_on_boxes")
    assert (tmp_path / "sun_on_boxes.png").stat().st_size > 100
    assert_alike(image, image, 0.0, tmp_path, "same")


@pytest.mark.parametrize("fewer", [0, 1])
def test_bounces_that_are_missing_are_noticed(fewer: int) -> None:
    more, less = traced("room_5_bounces"), traced(f"room_{['direct', '1_bounce'][fewer]}")
    assert more.mean() > 1.5 * less.mean()
