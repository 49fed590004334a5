"""The image files of a written dataset as arrays."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from replicator_dr.data.records import Depth
from replicator_dr.errors import DatasetError


def read_rgb(path: Path, width: int, height: int) -> NDArray[np.uint8]:
    """(H, W, 3) uint8, sRGB."""
    return _checked(path, _read_png(path, "RGB"), (height, width, 3), "u1")


def read_depth(path: Path, width: int, height: int, form: Depth) -> NDArray[np.float32]:
    """(H, W) float32 [m] along the optical axis, inf where nothing was measured."""
    if path.suffix == ".npy":
        return _checked(path, _read_npy(path), (height, width), "f4")
    steps = _checked(path, _read_png(path, None), (height, width), "u2")
    # In float64, so that one step more is rounded once; 1000 steps of a millimetre are a metre to the bit.
    metres = np.multiply(steps, form.metres_per_unit, dtype=np.float64).astype(np.float32)
    metres[steps == 0] = np.inf
    return metres


def _read_png(path: Path, mode: str | None) -> NDArray[Any]:
    try:
        from PIL import Image
    except ImportError as error:
        raise ImportError("images are read with Pillow; install it, or replicator_dr[torch]") from error
    try:
        with Image.open(path) as image:
            return np.array(image if mode is None else image.convert(mode))
    except FileNotFoundError as error:
        raise _missing(path) from error
    except (OSError, SyntaxError) as error:
        raise DatasetError(f"{path} cannot be read: {error}; delete it and run the same spec again") from error


def _read_npy(path: Path) -> NDArray[Any]:
    try:
        array: NDArray[Any] = np.load(path, allow_pickle=False)
    except FileNotFoundError as error:
        raise _missing(path) from error
    except (OSError, ValueError) as error:
        raise DatasetError(f"{path} cannot be read: {error}; delete it and run the same spec again") from error
    return array


def _missing(path: Path) -> DatasetError:
    return DatasetError(f"{path} is missing, though annotations.json names it: copy the whole folder")


def _checked(path: Path, array: NDArray[Any], shape: tuple[int, ...], dtype: str) -> NDArray[Any]:
    if array.shape != shape or array.dtype.str[1:] != dtype:
        raise DatasetError(
            f"{path} holds {array.shape} {array.dtype}, and annotations.json says {shape} {np.dtype(dtype)}: the "
            "files are of different runs"
        )
    return array
