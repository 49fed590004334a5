"""Each thing of the awkward scene is what its name says, by arithmetic and by what was rendered."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.conformance.awkward import CATEGORIES, EMPTY_FRAME, FLAT, FRAMES, SOLID, path_of
from tests.conformance.datasets import Written
from tests.conformance.seen import Seen, bounds
from tests.conformance.shapes import HEIGHT, WIDTH, first_image

EXPECTED = first_image(FLAT)
BY_NAME = {thing.name: thing for thing in FLAT}


@pytest.fixture(scope="module")
def first(written: Written) -> dict[str, Seen]:
    """{name or path: what frame 0 shows}."""
    names = {path_of(thing): thing.name for thing in FLAT}
    return {names.get(seen.path, seen.path.rpartition("/")[2]): seen for seen in written.truth.frames()[0]}


def parts(mask: NDArray[np.bool_], diagonal: bool = False) -> int:
    from scipy.ndimage import label

    return int(label(mask, np.ones((3, 3)) if diagonal else None)[1])


def pixels(name: str) -> int:
    return int(EXPECTED[name].sum())


@pytest.mark.parametrize("name", [thing.name for thing in FLAT if thing.category is not None])
def test_each_flat_thing_covers_the_pixels_that_arithmetic_gives_it(name: str, first: dict[str, Seen]) -> None:
    expected = EXPECTED[name].copy()
    for solid in SOLID:
        expected &= ~first[solid].mask  # the larger thing behind everything is behind these, too
    if not expected.any():
        assert name not in first
        return
    assert np.array_equal(first[name].mask, expected)
    assert first[name].category == BY_NAME[name].category


def test_the_names_hold() -> None:
    """By arithmetic alone."""
    assert pixels("one_pixel") == pixels("speck") == 1
    assert pixels("hidden") == 0 < BY_NAME["hidden"].mask().sum()
    assert pixels("behind_the_camera") == pixels("beside_the_image") == pixels("wire_between_centres") == 0
    assert pixels("hidden_to_70_percent") == 0.3 * BY_NAME["hidden_to_70_percent"].mask().sum()
    for side, name in enumerate(("touches_left", "touches_top", "touches_right", "touches_bottom")):
        assert bounds(EXPECTED[name])[side] == (0, 0, WIDTH, HEIGHT)[side]
    assert pixels("corner") == 0.25 * 20 * 20
    assert pixels("ring") == 20 * 20 - 10 * 10
    assert pixels("sieve") == 30 * 30 - 4 * 6 * 6
    assert BY_NAME["larger_than_the_image"].mask().all()
    assert parts(EXPECTED["three_parts"]) == 3
    assert parts(EXPECTED["cut_in_two"]) == 2
    assert (parts(EXPECTED["corners_touch"]), parts(EXPECTED["corners_touch"], diagonal=True)) == (2, 1)
    assert parts(EXPECTED["wire_slanted"]) > 5
    assert parts(EXPECTED["ring"]) == parts(EXPECTED["sieve"]) == parts(EXPECTED["comb"]) == 1
    for background, number in (("ring", 1), ("sieve", 4), ("nest", 1)):
        assert parts(~EXPECTED[background]) - 1 == number, "holes"
    for wire, size in (("wire_across", (36, 1)), ("wire_down", (1, 36)), ("wire_finer_than_a_pixel", (36, 1))):
        left, top, right, bottom = bounds(EXPECTED[wire])
        assert (right - left, bottom - top) == size
    left, top, right, bottom = (int(edge) for edge in bounds(EXPECTED["original"]))
    turned = EXPECTED["original"][top:bottom, left:right][:, ::-1]
    left, top, right, bottom = (int(edge) for edge in bounds(EXPECTED["mirrored"]))
    assert np.array_equal(EXPECTED["mirrored"][top:bottom, left:right], turned)
    assert bounds(EXPECTED["neighbour"])[2] == bounds(EXPECTED["other_neighbour"])[0]


def test_as_many_as_are_promised(written: Written, first: dict[str, Seen]) -> None:
    assert len(FLAT) + len(SOLID) >= 40
    assert {seen.category for seen in first.values()} == set(CATEGORIES)
    frames = written.truth.frames()
    assert sorted(frames) == list(range(FRAMES))
    assert [len(frames[number]) for number in range(FRAMES)].index(0) == EMPTY_FRAME
    assert len(first) == sum(thing.category is not None and EXPECTED[thing.name].any() for thing in FLAT) + len(SOLID)
    assert {"unlabelled", "labelled_by_colour", "hidden", "behind_the_camera"}.isdisjoint(first)


def test_solids_are_solid(written: Written, first: dict[str, Seen]) -> None:
    """Their depth varies, and the torus has a hole."""
    for name in SOLID:
        assert np.ptp(written.truth.depth[0][first[name].mask]) > 0.01
    assert parts(~first["torus"].mask) == 2
    ball = first["ball"].mask
    left, top, right, bottom = bounds(ball)
    # A sphere of radius r at the distance d off the axis shows an ellipse; near the axis, one of pi (f r / d)^2.
    assert abs(ball.sum() - np.pi / 4 * (right - left) * (bottom - top)) < 0.05 * ball.sum()


def test_other_frames_show_things_cut_by_other_borders(written: Written) -> None:
    frames = written.truth.frames()
    assert len(frames[2]) > 10
    assert len(frames[3]) > 20
    for side, border in enumerate((0, 0, WIDTH, HEIGHT)):
        cut = [seen.path for number in (2, 3) for seen in frames[number] if seen.box and seen.box[side] == border]
        assert len(cut) > 2, f"on side {side}: {cut}"
