"""Pictures of small specs in linear light, for tests that measure what was drawn."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from replicator_dr import build_graph

Float64 = NDArray[np.float64]

WHITE = {"material": {"diffuse": [1, 1, 1], "roughness": 1, "specular": 0}}
"""Paper: light comes off it as Lambert says, and nothing is mirrored."""
UNIT = 1000 * np.pi
"""Lux that make white 1 (docs/conventions.md)."""
SIDE = 96
"""Pixels of a side of a picture."""


def linear(rgb: NDArray[np.uint8]) -> Float64:
    """(H, W, 3): light of a picture up to 0.6 of white, which the tone curve keeps (IEC 61966-2-1)."""
    value = rgb[..., :3] / 255.0
    return np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)


def shots(create: Any, randomize: Any, frames: int, **more: Any) -> tuple[list[Float64], dict[str, Any]]:
    """Pictures of frames, as the camera ``eye`` sees them, and the draws."""
    made = {
        "seed": 5,
        "create": {"white": WHITE, **create},
        "triggers": [{"on_frame": {}, "randomize": randomize}],
        "render_products": [{"cameras": "eye", "resolution": [SIDE, SIDE], "name": "eye"}],
        **more,
    }
    with build_graph(made) as graph:
        pictures = [linear(graph.preview(frame, ("rgb",))["eye"]["rgb"]["data"]) for frame in range(frames)]
        return pictures, graph.sample(range(frames)).draws


def patch(picture: Float64) -> Float64:
    """(3,): the mean of the middle of a picture."""
    return picture[44:52, 44:52].mean(axis=(0, 1))
