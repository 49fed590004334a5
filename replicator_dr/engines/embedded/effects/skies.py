"""Pictures of clear skies, made once and kept in the cache folder.

The picture of a sky follows the sun's elevation and the turbidity in steps; how much light it gives does not.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from replicator_dr.engines.embedded.scene.hdr import write_hdr
from replicator_dr.engines.embedded.scene.mesh_import import cache_folder
from replicator_dr.optics.sky import panorama

HEIGHT = 128
"""Rows of a picture."""
ELEVATIONS = np.array([0.0, 4.0, 8.0, 14.0, 22.0, 32.0, 45.0, 60.0, 75.0])
"""Degrees of the sun, closer where the sky changes faster."""
TURBIDITIES = np.array([2.0, 3.0, 4.5, 6.5, 10.0])


def nearest(steps: NDArray[np.float64], values: NDArray[np.float64]) -> NDArray[np.int64]:
    """(...) row of the nearest of steps (n,), ascending, for each value (...)."""
    return np.searchsorted(0.5 * (steps[1:] + steps[:-1]), values).astype(np.int64)


def sky_file(elevation: float, turbidity: float) -> str:
    """The Radiance picture of a sky that lights level ground with 1 lux; made where it is missing.

    The name holds a digest of the content, so that another version of this package makes files of its own.
    """
    content = write_hdr(panorama(elevation, turbidity, HEIGHT))
    digest = hashlib.blake2b(content, digest_size=6).hexdigest()
    file = cache_folder() / "skies" / f"sky_{elevation:g}_{turbidity:g}_{digest}.hdr"
    if not file.is_file():
        _put(file, content)
    return str(file)


def _put(file: Path, content: bytes) -> None:
    """Write a file at once, whoever else writes it at the same time."""
    file.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=file.parent, suffix=".part")
    with os.fdopen(handle, "wb") as opened:
        opened.write(content)
    Path(name).replace(file)
