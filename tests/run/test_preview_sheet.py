"""The contact sheet: its size, and that each label is drawn where it belongs."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from replicator_dr.run.preview_color import class_colors, depth_colors
from replicator_dr.run.preview_frame import PreviewFrame, PreviewObject
from replicator_dr.run.preview_panels import (
    SCALE_WIDTH,
    boxes_panel,
    depth_panel,
    depth_range,
    instances_panel,
    normals_panel,
)
from replicator_dr.run.preview_sheet import GAP, MARGIN, SheetTitle, contact_sheet

WIDTH, HEIGHT = 160, 120
BOX = (40, 50, 30, 20)


def frame(number: int = 0, depth: bool = True, normals: bool = True, objects: bool = True) -> PreviewFrame:
    mask = np.zeros((HEIGHT, WIDTH), dtype=bool)
    x, y, width, height = BOX
    mask[y : y + height, x : x + width] = True
    distance = np.full((HEIGHT, WIDTH), 4.0, dtype=np.float32)
    distance[mask] = 2.0
    distance[:10] = np.inf
    up = np.zeros((HEIGHT, WIDTH, 3), dtype=np.float32)
    up[10:, :, 2] = 1
    return PreviewFrame(
        frame=number,
        product="eye",
        rgb=np.full((HEIGHT, WIDTH, 3), 90, dtype=np.uint8),
        depth=distance if depth else None,
        normals=up if normals else None,
        objects=(PreviewObject("mug", BOX, mask, 1.0),) if objects else (),
    )


def test_box_is_drawn_around_the_object_in_its_class_colour() -> None:
    color = class_colors(["mug"])["mug"]
    pixels = np.asarray(boxes_panel(frame(), (WIDTH, HEIGHT), {"mug": color}))
    drawn = (pixels == color).all(axis=-1)
    beside = np.flatnonzero(drawn[BOX[1] + BOX[3] // 2])
    assert beside.min() == pytest.approx(BOX[0], abs=1)
    assert beside.max() == pytest.approx(BOX[0] + BOX[2], abs=1)
    assert np.flatnonzero(drawn.any(axis=1)).max() == pytest.approx(BOX[1] + BOX[3], abs=1)
    inside = pixels[BOX[1] + 5 : BOX[1] + BOX[3] - 5, BOX[0] + 5 : BOX[0] + BOX[2] - 5]
    assert (inside == 90).all(), "the object itself stays visible"


def test_mask_is_coloured_and_the_rest_grey() -> None:
    pixels = np.asarray(instances_panel(frame(), (WIDTH, HEIGHT))).astype(int)
    mask = frame().objects[0].mask
    spread = pixels.max(axis=-1) - pixels.min(axis=-1)
    assert (spread[~mask] == 0).all()
    assert (spread[mask] > 20).all()


def test_depth_panel_shows_each_depth_in_its_colour() -> None:
    pixels = np.asarray(depth_panel(frame(), (WIDTH, HEIGHT)))
    expected = depth_colors(np.array([2.0, np.inf], dtype=np.float32), 2.0, 4.0)
    assert (pixels[60, 50] == expected[0]).all()
    assert (pixels[2, 50] == expected[1]).all()


def test_depth_range_is_not_stretched_by_a_few_far_pixels() -> None:
    depth = np.ones((100, 100), dtype=np.float32)
    depth[0, :50] = 500
    near, far = depth_range(depth)
    assert near == 1
    assert far < 2
    assert depth_range(np.full((2, 2), np.inf, dtype=np.float32)) == (0.0, 1.0)


def test_what_is_not_there_is_said_on_a_plate() -> None:
    bare = frame(depth=False, normals=False)
    for panel, extra in ((depth_panel(bare, (WIDTH, HEIGHT)), SCALE_WIDTH), (normals_panel(bare, (WIDTH, HEIGHT)), 0)):
        assert panel.size == (WIDTH + extra, HEIGHT)
        assert len(np.unique(np.asarray(panel))) > 3, "text on a plate"


@pytest.mark.parametrize(("normals", "columns"), [(True, 4), (False, 3)])
def test_sheet_has_a_column_per_kind_and_a_row_per_image(normals: bool, columns: int) -> None:
    one = contact_sheet([frame(normals=normals)], SheetTitle("tabletop"), panel_width=WIDTH)
    two = contact_sheet([frame(normals=normals), frame(1, normals=normals)], SheetTitle("tabletop"), panel_width=WIDTH)
    assert one.width == two.width
    assert one.width == columns * WIDTH + (columns - 1) * GAP + SCALE_WIDTH + 2 * MARGIN
    assert two.height - one.height > HEIGHT


def test_sheet_of_an_image_without_objects() -> None:
    empty, full = (contact_sheet([frame(objects=o)], SheetTitle("x"), panel_width=WIDTH) for o in (False, True))
    assert isinstance(empty, Image.Image)
    assert empty.height < full.height, "no legend without classes"


def test_sheet_is_the_same_each_time() -> None:
    first, second = (contact_sheet([frame()], SheetTitle("a", "b"), panel_width=WIDTH) for _ in range(2))
    assert first.tobytes() == second.tobytes()
