"""Materials as the kernels take them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from replicator_dr.render.finite import BRIGHTEST, tamed
from replicator_dr.render.light_setup import EXPOSURE
from replicator_dr.render.scene import MaterialArrays
from replicator_dr.render.structs import MaterialState, numpy_dtype

_RECORD = numpy_dtype(MaterialState)
_PICTURES = ("roughness_texture", "metallic_texture", "normal_texture", "emission_texture")
_NUMBERS = ("roughness_gain", "metallic_gain", "normal_gain", "opacity_texture", "opacity", "opacity_threshold")


def material_records(materials: MaterialArrays) -> NDArray[Any]:
    """(B, M) MaterialState records: the arrays' values, texture transforms as two rows."""
    records: NDArray[Any] = np.zeros(materials.roughness.shape, _RECORD)
    records["specular"] = tamed(materials.specular, 0.0, 1.0)
    for name in ("roughness", "metallic"):
        # Beside a picture a constant may lie outside: only their sum counts.
        pictured = getattr(materials, f"{name}_texture") >= 0
        records[name] = np.where(pictured, getattr(materials, name), tamed(getattr(materials, name), 0.0, 1.0))
    records["base_color"] = tamed(materials.base_color, 0.0, BRIGHTEST)
    records["emission"] = tamed(materials.emission, 0.0, BRIGHTEST) * EXPOSURE
    records["texture"] = materials.base_texture
    for name in (*_PICTURES, *_NUMBERS):
        records[name] = getattr(materials, name)
    records["maps"] = np.any([getattr(materials, name) >= 0 for name in _PICTURES], axis=0)
    angle = np.radians(materials.uv_rotation)
    cosine, sine = np.cos(angle), np.sin(angle)
    scale, offset = materials.uv_scale, materials.uv_offset
    records["uv_row_u"] = np.stack([cosine * scale[..., 0], -sine * scale[..., 1], offset[..., 0]], axis=-1)
    records["uv_row_v"] = np.stack([sine * scale[..., 0], cosine * scale[..., 1], offset[..., 1]], axis=-1)
    records["detail"] = 0.5 * np.log2(np.maximum(np.abs(scale[..., 0] * scale[..., 1]), 1e-20))
    return records
