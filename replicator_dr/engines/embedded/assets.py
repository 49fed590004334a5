"""Files and meshes kept between compilations, so that a small edit of the stage does not read everything again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from replicator_dr.engines.embedded.pictures import decode_srgb, read_panorama, read_texture
from replicator_dr.errors import AssetError
from replicator_dr.render.scene import Environment, Mesh, Texture


class AssetCache:
    """Textures, panoramas and triangulated meshes by what they were made from."""

    def __init__(self) -> None:
        self._textures: dict[tuple[str, bool], Texture] = {}
        self._means: dict[tuple[str, bool], NDArray[np.float64]] = {}
        self._panoramas: dict[str, Environment] = {}
        self._meshes: dict[bytes, tuple[Mesh, ...]] = {}

    def texture(self, path: str, linear: bool = False) -> Texture:
        """A texture; linear: the file holds linear values. Raises AssetError where it cannot be read."""
        if (path, linear) not in self._textures:
            self._textures[path, linear] = Texture(read_texture(path, linear))
        return self._textures[path, linear]

    def mean(self, path: str, linear: bool = True) -> NDArray[np.float64]:
        """(4,) float64: the texture's mean, colour as shaders see it."""
        if (path, linear) not in self._means:
            pixels = self.texture(path, False).pixels
            colour = pixels[..., :3] / 255.0 if linear else decode_srgb(pixels[..., :3])
            alpha = pixels[..., 3].mean() / 255.0
            self._means[path, linear] = np.array([*colour.mean(axis=(0, 1), dtype=np.float64), alpha])
        return self._means[path, linear]

    def panorama(self, path: str) -> Environment:
        """A dome light's picture."""
        if path not in self._panoramas:
            self._panoramas[path] = Environment(read_panorama(path))
        return self._panoramas[path]

    def meshes(self, key: bytes, make: Callable[[], tuple[Mesh, ...]]) -> tuple[Mesh, ...]:
        """Triangulated meshes for the digest of their raw data."""
        if key not in self._meshes:
            self._meshes[key] = make()
        return self._meshes[key]


def existing_file(path: str, what: str) -> str:
    """The absolute path of a file that a call names. Raises AssetError naming it when it is missing."""
    if "[" in path or "://" in path:  # what only USD's resolver can find: members of packages, URLs
        return path
    absolute = Path(path).expanduser().absolute()
    if not absolute.is_file():
        raise AssetError(f"{what}: there is no file {absolute}; check the path (relative ones start at {Path.cwd()})")
    return str(absolute)
