"""Which views share a product, and where each lies in its picture."""

from __future__ import annotations

import numpy as np
import pytest

from replicator_dr.errors import EngineError
from replicator_dr.pool.layout import Sheet, View, sheets_of
from replicator_dr.pool.tiles import cut


def views(count: int, resolution: tuple[int, int] = (8, 6)) -> list[View]:
    return [View(f"camera_{index}", f"/Replicator/camera_{index}", resolution) for index in range(count)]


@pytest.mark.parametrize(
    ("count", "columns", "rows"), [(1, 1, 1), (2, 2, 1), (3, 2, 2), (5, 3, 2), (16, 4, 4), (17, 5, 4), (64, 8, 8)]
)
def test_tiles_fill_the_smallest_square_row_by_row(count: int, columns: int, rows: int) -> None:
    (sheet,) = sheets_of(views(count), tiled=True)
    assert (sheet.columns, sheet.rows, sheet.resolution) == (columns, rows, (8 * columns, 6 * rows))


@pytest.mark.parametrize("count", [1, 2, 3, 5, 16, 64])
@pytest.mark.parametrize("components", [(), (4,)])
def test_cutting_undoes_the_mosaic(count: int, components: tuple[int, ...]) -> None:
    (sheet,) = sheets_of(views(count), tiled=True)
    width, height = sheet.resolution
    picture = np.full((height, width, *components), -1)
    for number in range(count):
        row, column = number // sheet.columns, number % sheet.columns
        picture[row * 6 : row * 6 + 6, column * 8 : column * 8 + 8] = number
    tiles = cut(picture, sheet)
    assert len(tiles) == count
    for number, tile in enumerate(tiles):
        assert tile.shape == (6, 8, *components)
        assert (tile == number).all()


def test_a_square_grid_is_cut_alike() -> None:
    """Older releases make as many rows as columns, and leave the last empty."""
    (sheet,) = sheets_of(views(2), tiled=True)
    picture = np.zeros((12, 16))
    picture[:6, 8:] = 1
    assert [tile.mean() for tile in cut(picture, sheet)] == [0, 1]


def test_a_picture_of_another_size_is_refused() -> None:
    (sheet,) = sheets_of(views(3), tiled=True)
    with pytest.raises(EngineError, match="'tiles_8x6' gave 24 x 6 pixels; its 3 tiles need 16 x 12"):
        cut(np.zeros((6, 24)), sheet)


def test_views_of_one_size_share_a_product() -> None:
    sheets = sheets_of([*views(3), *views(1, (10, 10))])
    assert [(sheet.name, sheet.tiled, len(sheet.views)) for sheet in sheets] == [
        ("tiles_8x6", True, 3),
        ("camera_0", False, 1),
    ]


def test_plain_and_tiled_can_be_asked_for() -> None:
    assert [sheet.tiled for sheet in sheets_of(views(3), tiled=False)] == [False] * 3
    assert [sheet.tiled for sheet in sheets_of(views(1), tiled=True)] == [True]


def test_a_limit_makes_more_products() -> None:
    sheets = sheets_of(views(5), limit=2)
    assert [(sheet.name, len(sheet.views)) for sheet in sheets] == [
        ("tiles_8x6_0", 2),
        ("tiles_8x6_1", 2),
        ("tiles_8x6_2", 1),
    ]


def test_environments_have_products_of_their_own() -> None:
    view = View("eye", "/World/envs/env_2/eye", (8, 6), 2, "/World/envs/env_2", (0.0, 20.0, 0.0))
    assert sheets_of([view]) == (Sheet("env_2_eye", (view,), tiled=False),)
