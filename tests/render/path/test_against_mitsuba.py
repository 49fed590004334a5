"""Images like Mitsuba 3's, an independent path tracer: lights, materials, textures, cameras, light between surfaces."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from replicator_dr.render.path.tracer import PathTracer
from tests.render.mitsuba_scene import reference
from tests.render.path.cases import CASES, VIEW, assert_alike, traced


@pytest.mark.parametrize("name", CASES)
def test_the_image_is_mitsubas(name: str, tmp_path: Path) -> None:
    case = CASES[name]
    expected = reference(*case.arrays(), VIEW, case.samples, case.bounces)
    assert expected.mean() > 0.005
    assert_alike(traced(name), expected, case.tolerance, tmp_path, name)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["sun_with_an_angle", "cylinder_light", "metals_under_a_dome", "room_1_bounce"])
def test_what_is_left_of_the_difference_is_noise(name: str, tmp_path: Path) -> None:
    """Sixteen times the samples on both sides: a quarter of the noise, and no more of the difference."""
    case = replace(CASES[name], samples=4096)
    scene, frames = case.arrays()
    expected = reference(scene, frames, VIEW, case.samples, case.bounces)
    image = PathTracer(scene, "cpu").render(frames, VIEW, case.samples, case.bounces)[0]
    assert_alike(image, expected, case.tolerance / 3, tmp_path, name)


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
