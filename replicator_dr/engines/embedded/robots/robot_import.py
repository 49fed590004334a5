"""Robots' files (URDF, MJCF) -> USD assets, converted once and kept in the user's cache folder.

The asset has metres and Z up. Below ``/asset`` stands an Xform for each link, all side by side, as UsdPhysics wants
rigid bodies; ``/asset/joints`` has a UsdPhysics joint for each of the file's, ``/asset/Looks`` the materials. A body
with several joints gets a link without geometry between each two of them, called ``<body>_<joint>``.
"""

from __future__ import annotations

import hashlib
import tempfile
from pathlib import Path

from replicator_dr.engines.embedded.robots.source import files_of, load_source
from replicator_dr.engines.embedded.scene.mesh_import import cache_folder, publish
from replicator_dr.errors import AssetError

VERSION = 1
"""Part of the digest; raise it when the conversion changes."""
SUFFIXES = (".urdf", ".xml")


def import_robot(path: str | Path) -> str:
    """The USD file for a URDF or MJCF file. Raises AssetError for what cannot be read or is no tree of joints."""
    source = Path(path)
    folder = cache_folder() / "robots" / _digest(source)
    result = folder / "asset.usdc"
    if not result.is_file():
        from replicator_dr.engines.embedded.robots.author import author_robot

        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent) as scratch:
            made = Path(scratch) / "new"
            made.mkdir()
            author_robot(load_source(source), made / "asset.usdc")
            publish(made, folder)
    return str(result)


def _digest(source: Path) -> str:
    digest = hashlib.sha256(f"{VERSION} {source.suffix.lower()}".encode())
    for file in files_of(source):
        digest.update(file.name.encode())
        try:
            digest.update(file.read_bytes())
        except OSError as error:
            raise AssetError(f"{file}: cannot be read: {error.strerror}") from error
    return digest.hexdigest()[:32]
