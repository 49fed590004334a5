"""Only finite numbers reach the kernels, which look colours up in tables by what they computed.

What changes from frame to frame and is not finite is an error: it would be a frame with wrong labels. Assets hold a
bad texel or normal now and then: that becomes zero, and the rest of the asset is drawn.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from replicator_dr.errors import EngineError
from replicator_dr.render.scene import FrameArrays

BRIGHTEST = 1e12
"""Colours and radiances are cut off here, so that no product of them overflows."""
_CHECKED = {
    "": ("world",),
    "materials": (
        "base_color", "roughness", "metallic", "specular", "emission", "uv_scale", "uv_offset", "uv_rotation",
        "roughness_gain", "metallic_gain", "normal_gain",
    ),
    "lights": ("color", "world", "size"),
    "cameras": ("world", "focal_length", "horizontal_aperture", "aperture_offset", "lens"),
    "sensors": (
        "shutter", "light", "amplification", "vignetting", "full_well", "read_noise", "bits", "samples", "gain",
        "balance", "blur", "chromatic_aberration", "hot_pixels", "dead_pixels", "sharpening", "jpeg_quality",
        "row_time",
    ),
    "motion": ("velocity", "spin", "centre"),
    "patterns": ("scale", "rotation", "offset", "amount", "softness", "color", "roughness", "metallic"),
    "deform": ("amounts", "waves"),
    "depth_sensors": (
        "baseline", "disparity_noise", "disparity_step", "range_noise", "ambient", "flying_pixels", "dropout",
        "edge_dropout", "max_incidence", "min_reflectance", "depth_step",
    ),
}  # fmt: skip


def tamed(values: NDArray[Any], low: float, high: float) -> NDArray[Any]:
    """Values within low and high, nan as 0; the same dtype."""
    result: NDArray[Any] = np.nan_to_num(np.clip(values, low, high), nan=0.0)
    return result


def require_finite(frames: FrameArrays) -> None:
    """Raise EngineError, naming array, frame and row, if a number that places or colours something is not finite."""
    for group, names in _CHECKED.items():
        arrays = getattr(frames, group) if group else frames
        for name in names if arrays is not None else ():
            values = getattr(arrays, name)
            if np.isfinite(values).all():
                continue
            frame, row = np.argwhere(~np.isfinite(values))[0][:2].tolist()
            label = f"{group}.{name}" if group else name
            raise EngineError(
                f"{label}[{frame}, {row}] (frame of the batch, row) is not finite: {values[frame, row].tolist()}; "
                "find the pose, scale or value that was divided by zero or overflowed"
            )
