"""JPEG artefacts: images go through libjpeg, as Pillow brings it, and come back as a reader of the file sees them."""

from __future__ import annotations

from io import BytesIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image


def compress(images: NDArray[np.uint8], qualities: NDArray[np.int64]) -> None:
    """Encode and decode images, (B, H, W, 4) uint8 sRGB, in place; alpha stays. qualities: (B,), 1..100, 0 = as it is.

    Baseline, 4:2:0, the standard's tables (ITU-T T.81, annex K) scaled to the quality as libjpeg does.
    """
    for image, quality in zip(images, qualities.tolist(), strict=True):
        if quality < 1:
            continue
        file = BytesIO()
        Image.fromarray(image[..., :3]).save(file, "JPEG", quality=quality, subsampling="4:2:0")
        with Image.open(file) as decoded:
            image[..., :3] = np.asarray(decoded)
