"""Files and meshes kept between compilations, so that a small edit of the stage does not read everything again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from replicator_dr.engines.embedded.scene.pictures import part_of, read_panorama, read_texture
from replicator_dr.errors import AssetError
from replicator_dr.render.scene import Environment, Mesh, Texture

_SHARED: dict[bytes, tuple[Mesh, ...]] = {}
"""Small meshes of this process by the digest of their raw data: its scenes often have the same shapes."""
_MOST = 64
"""Entries of it."""
_TRIANGLES = 20_000
"""Of an entry, at most; about a megabyte."""


class AssetCache:
    """Textures, panoramas and triangulated meshes by what they were made from."""

    def __init__(self) -> None:
        self._textures: dict[tuple[str, bool, str], Texture] = {}
        self._panoramas: dict[str, Environment] = {}
        self._meshes: dict[bytes, tuple[Mesh, ...]] = {}

    def texture(self, path: str, linear: bool = False, part: str = "rgba") -> Texture:
        """A part of a picture (``pictures.part_of``); linear: its bytes are data. AssetError where it is none."""
        key = (path, linear, part)
        if key not in self._textures:
            self._textures[key] = Texture(part_of(read_texture(path, linear), part), linear)
        return self._textures[key]

    def panorama(self, path: str) -> Environment:
        """A dome light's picture."""
        if path not in self._panoramas:
            self._panoramas[path] = Environment(read_panorama(path))
        return self._panoramas[path]

    def meshes(self, key: bytes, make: Callable[[], tuple[Mesh, ...]]) -> tuple[Mesh, ...]:
        """Triangulated meshes for the digest of their raw data."""
        found = self._meshes.get(key) or _SHARED.get(key)
        if found is None:
            found = make()
            if sum(len(mesh.triangles) for mesh in found) <= _TRIANGLES:
                if len(_SHARED) >= _MOST:
                    _SHARED.clear()
                _SHARED[key] = found
        self._meshes[key] = found
        return found


def existing_file(path: str, what: str) -> str:
    """The absolute path of a file that a call names. Raises AssetError naming it when it is missing."""
    if "[" in path or "://" in path:  # what only USD's resolver can find: members of packages, URLs
        return path
    absolute = Path(path).expanduser().absolute()
    if not absolute.is_file():
        raise AssetError(f"{what}: there is no file {absolute}; check the path (relative ones start at {Path.cwd()})")
    return str(absolute)
