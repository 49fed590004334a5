"""Which views share a render product: plain products hold one, tiled ones many of the same size."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class View:
    """One camera's picture.

    name: of the product in the dataset, such as "rig_01". camera: its prim. resolution: (width, height) [pixels]. env,
    env_path, origin: the environment it belongs to, its prim ("" where there is only one), and where that stands
    [m, world].
    """

    name: str
    camera: str
    resolution: tuple[int, int]
    env: int = 0
    env_path: str = ""
    origin: tuple[float, float, float] = (0.0, 0.0, 0.0)


@dataclass(frozen=True)
class Sheet:
    """One render product: ``views`` row by row, each a tile; a plain product has one view and no tiles."""

    name: str
    views: tuple[View, ...]
    tiled: bool

    @property
    def tile(self) -> tuple[int, int]:
        """(width, height) of each view [pixels]."""
        return self.views[0].resolution

    @property
    def columns(self) -> int:
        """Tiles in a row: those of the smallest square that holds them all."""
        return math.ceil(math.sqrt(len(self.views)))

    @property
    def rows(self) -> int:
        """Rows of tiles; the last may have free places."""
        return math.ceil(len(self.views) / self.columns)

    @property
    def resolution(self) -> tuple[int, int]:
        """(width, height) of the whole picture [pixels]."""
        return self.tile[0] * self.columns, self.tile[1] * self.rows


def sheets_of(views: Sequence[View], tiled: bool | None = None, limit: int | None = None) -> tuple[Sheet, ...]:
    """The products that show all views, each view once.

    tiled: None = tiled where several views have the same resolution, plain elsewhere; True = tiled throughout; False =
    plain throughout. limit: most tiles of a product; more views make more products.
    """
    by_size: dict[tuple[int, int], list[View]] = {}
    for view in views:
        by_size.setdefault(view.resolution, []).append(view)
    sheets: list[Sheet] = []
    for (width, height), same in by_size.items():
        if tiled is False or (tiled is None and len(same) == 1):
            sheets += [Sheet(_plain_name(view), (view,), tiled=False) for view in same]
            continue
        most = limit or len(same)
        for number, first in enumerate(range(0, len(same), most)):
            name = f"tiles_{width}x{height}" + (f"_{number}" if len(same) > most else "")
            sheets.append(Sheet(name, tuple(same[first : first + most]), tiled=True))
    return tuple(sheets)


def _plain_name(view: View) -> str:
    return f"env_{view.env}_{view.name}" if view.env_path else view.name
