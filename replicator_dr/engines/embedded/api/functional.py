"""``rep.functional``: the write functions that backends run on their threads, and ``functional.physics``.

Each takes ``path`` and ``data`` and writes through ``backend_instance``; ``backend.schedule`` fills that in. Called
directly without one, the path is a plain path on disk.
"""

from __future__ import annotations

import io
import json
import pickle
from pathlib import Path, PurePath
from typing import Any

import numpy as np
from numpy.typing import NDArray

from replicator_dr.engines.embedded.api import functional_physics as physics
from replicator_dr.engines.embedded.api.backends import BaseBackend, DiskBackend
from replicator_dr.errors import OutputError, UnsupportedError
from replicator_dr.storage.atomic import make_folder, write_file
from replicator_dr.storage.jpeg import encode_jpeg
from replicator_dr.storage.png import encode_png

__all__ = ["physics", "write_exr", "write_image", "write_jpeg", "write_json", "write_np", "write_pickle", "write_png"]

_Backend = BaseBackend | type[BaseBackend]


def write_image(path: str, data: Any, backend_instance: _Backend = DiskBackend, **kwargs: Any) -> None:
    """Write an image as its suffix says: png, jpg or jpeg. OutputError for other suffixes."""
    suffix = PurePath(path).suffix.lower()
    if suffix == ".png":
        write_png(path, data, backend_instance, **kwargs)
    elif suffix in (".jpg", ".jpeg"):
        write_jpeg(path, data, backend_instance, **kwargs)
    elif suffix == ".exr":
        write_exr(path, data, backend_instance, **kwargs)
    else:
        raise OutputError(f"{path}: images are written as png, jpg or jpeg; {suffix or 'no suffix'} is none of them")


def write_png(
    path: str, data: Any, backend_instance: _Backend = DiskBackend, compress_level: int = 3, **kwargs: Any
) -> None:
    """Write (H, W) uint8, uint16 or uint32 (as 16 bits), (H, W, 3) or (H, W, 4) uint8 as PNG.

    compress_level: 0 to 9 as zlib counts them, of which the encoder makes 0, 1 (for 1 to 3) and 3 (above).
    """
    pixels = _pixels(path, data)
    has_alpha = pixels.ndim == 3 and pixels.shape[2] == 4 and pixels.dtype == np.uint8 and pixels.size > 0
    if has_alpha and 1 <= compress_level <= 3:
        from replicator_dr.encode.rgb_png import encode_rgb

        _write(backend_instance, path, encode_rgb(pixels[None], channels=4)[0])
    else:
        _write(backend_instance, path, encode_png(pixels, 3 if compress_level > 3 else min(compress_level, 1)))


def write_jpeg(
    path: str,
    data: Any,
    backend_instance: _Backend = DiskBackend,
    quality: int = 75,
    progressive: bool = False,
    optimize: bool = False,
    **kwargs: Any,
) -> None:
    """Write (H, W), (H, W, 3) or (H, W, 4) uint8 as JPEG: lossy, and without alpha; never for masks."""
    file = encode_jpeg(_pixels(path, data), quality, progressive=progressive, optimize=optimize)
    _write(backend_instance, path, file)


def write_exr(
    path: str, data: Any, backend_instance: _Backend = DiskBackend, half_precision: bool = False, **kwargs: Any
) -> None:
    """Not available here: write_np keeps float images as they are."""
    raise UnsupportedError("functional.write_exr is not available on the embedded runtime; use write_np (.npy)")


def write_json(
    path: str,
    data: Any,
    backend_instance: _Backend = DiskBackend,
    encoding: str = "utf-8",
    errors: str = "strict",
    **kwargs: Any,
) -> None:
    """Write JSON. kwargs go to ``json.dumps``."""
    _write(backend_instance, path, json.dumps(data, **kwargs).encode(encoding, errors))


def write_pickle(path: str, data: Any, backend_instance: _Backend = DiskBackend, **kwargs: Any) -> None:
    """Write a pickle; kwargs go to ``pickle.dumps``."""
    _write(backend_instance, path, pickle.dumps(data, **kwargs))


def write_np(
    path: str,
    data: Any,
    backend_instance: _Backend = DiskBackend,
    allow_pickle: bool = True,
    fix_imports: bool = True,
    **kwargs: Any,
) -> None:
    """Write an array as .npy."""
    buffer = io.BytesIO()
    np.save(buffer, np.asarray(data), allow_pickle=allow_pickle)
    _write(backend_instance, path, buffer.getvalue())


def _write(backend: _Backend, path: str, content: bytes) -> None:
    if isinstance(backend, BaseBackend):
        backend.write_blob(path, content)
    else:
        make_folder(Path(path).parent)
        write_file(Path(path), content)


def _pixels(path: str, data: Any) -> NDArray[Any]:
    """Pixels that a PNG or JPEG can hold; ids of 32 bits become 16-bit grey, which holds the first 65536."""
    pixels = np.asarray(data)
    if pixels.dtype == np.bool_:
        return pixels.astype(np.uint8) * np.uint8(255)
    if pixels.dtype in (np.uint32, np.int32):
        highest = int(pixels.max(initial=0))
        if highest > 0xFFFF or int(pixels.min(initial=0)) < 0:
            raise OutputError(f"{path}: id {highest} does not fit 16 bits; write colours (colorize) or a .npy instead")
        return pixels.astype(np.uint16)
    return pixels
