"""Which pictures a scene's materials look up: rows of ``SceneArrays.textures``."""

from __future__ import annotations

from typing import NamedTuple

from replicator_dr.engines.embedded.scene.assets import AssetCache
from replicator_dr.engines.embedded.scene.pictures import is_colour


class Picture(NamedTuple):
    """A picture as materials use it.

    path: the file. linear: whether its bytes are data or linear colour, not sRGB. part: what of it is
    looked up, as ``pictures.part_of`` names it.
    """

    path: str
    linear: bool = False
    part: str = "rgba"


class TextureTable:
    """Rows of ``SceneArrays.textures``: each picture once for each colour space and part."""

    def __init__(self, assets: AssetCache) -> None:
        self.assets = assets
        self.rows: dict[Picture, int] = {}

    def row(self, picture: Picture) -> int:
        """The row of a picture; read now, so that a missing one is reported before anything is drawn."""
        self.assets.texture(*picture)
        return self.rows.setdefault(picture, len(self.rows))

    def is_data(self, path: str, space: str) -> bool:
        """Whether a UsdUVTexture of this sourceColorSpace gives the file's bytes as they are, by USD's rules."""
        return space == "raw" or (space != "sRGB" and not is_colour(path))
