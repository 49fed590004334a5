"""The quantities that vary: a table of values for each, with a column for each prim that has it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from replicator_dr.optics import ROOM
from replicator_dr.render.deformation import WAVES

Float64 = NDArray[np.float64]

POSE = {"translate": 3, "rotate": 4, "scale": 3, "pivot": 3}

# Of prims that the graph touches. visible: 0 or 1. binding: row of the material arrays, -1 = what the stage binds.
# labels: row of the prim's own table of label dictionaries.
STATE = {"visible": 1, "binding": 1, "labels": 1}

LIGHT = {
    "intensity": 1, "exposure": 1, "light_color": 3, "temperature": 1, "enable_temperature": 1, "radius": 1,
    "width": 1, "height": 1, "length": 1, "angle": 1, "environment": 1,
}  # fmt: skip

CAMERA = {
    "focal_length": 1, "horizontal_aperture": 1, "aperture_offset": 2, "clipping": 2, "f_stop": 1, "focus_distance": 1,
    "opencv": 4, "nominal": 2, "lens_model": 1, "lens": ROOM, "shutter": 3, "exposure_terms": 5, "sensor": 15,
    "depth_sensor": 15,
}  # fmt: skip

MOTION = {"velocity": 3, "spin": 3}

# A row of DeformArrays each.
DEFORM = {"deform": 6, "waves": 7 * WAVES}
# At which time [s] of its animation a skeleton is shown.
ANIMATION = {"animation_time": 1}
# Positions of robots' joints: degrees or metres in the first component, degrees in all three of spherical joints.
JOINT = {"joint": 3}
# A number that an effect finds out and that is recorded with the frame.
FACT = {"fact": 1}

# Rows of the texture table, -1 = none. orm_*: the two halves of one picture; they stand in for roughness_texture and
# metallic_texture where enable_orm says so. emission_mask counts where there is no emission_texture.
PICTURES = {
    "base_texture": 1, "roughness_texture": 1, "metallic_texture": 1, "orm_roughness": 1, "orm_metallic": 1,
    "opacity_texture": 1, "normal_texture": 1, "emission_texture": 1, "emission_mask": 1,
}  # fmt: skip

# tint, emission_tint: multiply the pictures of colour, where the plain colours do not count. *_map: scale and bias of a
# picture's numbers; *_influence: their share, the rest is the plain number's.
MATERIAL = {
    "diffuse": 3, "tint": 3, "roughness": 1, "metallic": 1, "specular": 1, "opacity": 1, "enable_opacity": 1,
    "emissive_color": 3, "emissive_intensity": 1, "enable_emission": 1, "uv_scale": 2, "uv_offset": 2, "uv_rotation": 1,
    **PICTURES,
    "roughness_influence": 1, "roughness_map": 2, "metallic_influence": 1, "metallic_map": 2, "enable_orm": 1,
    "enable_opacity_texture": 1, "opacity_map": 2, "opacity_threshold": 1, "bump": 1, "emission_tint": 3,
}  # fmt: skip

# Of materials that the graph lays a pattern over. kind, mapping: numbers of words, scene_patterns.PATTERN_WORDS.
PATTERN = {
    "pattern_kind": 1, "pattern_mapping": 1, "pattern_scale": 3, "pattern_rotation": 3, "pattern_offset": 3,
    "pattern_amount": 1, "pattern_softness": 1, "pattern_octaves": 1, "pattern_color": 3, "pattern_roughness": 1,
    "pattern_metallic": 1,
}  # fmt: skip

WIDTH = {**POSE, **STATE, **LIGHT, **CAMERA, **MOTION, **DEFORM, **ANIMATION, **JOINT, **FACT, **MATERIAL, **PATTERN}

FAMILY = {
    **dict.fromkeys(POSE, "pose"),
    **{name: name for name in STATE},
    **dict.fromkeys(LIGHT, "light"),
    **dict.fromkeys(CAMERA, "camera"),
    **dict.fromkeys(MOTION, "motion"),
    **dict.fromkeys(DEFORM, "deform"),
    **dict.fromkeys(ANIMATION, "animation"),
    **dict.fromkeys(JOINT, "joint"),
    **dict.fromkeys(FACT, "fact"),
    **dict.fromkeys(MATERIAL, "material"),
    **dict.fromkeys(PATTERN, "pattern"),
}


class Columns:
    """Columns of one family of channels: prims in the order in which they were added, and their values at rest."""

    def __init__(self, widths: dict[str, int]) -> None:
        self.index: dict[str, int] = {}
        self._widths = widths
        self._values: dict[str, list[Float64]] = {name: [] for name in widths}

    def __contains__(self, path: str) -> bool:
        return path in self.index

    def __len__(self) -> int:
        return len(self.index)

    def add(self, path: str, values: dict[str, object]) -> int:
        """A column for a prim, with a value at rest for each channel; gives its number."""
        for name, width in self._widths.items():
            value = np.asarray(values[name], dtype=np.float64).reshape(width)
            self._values[name].append(value)
        self.index[path] = len(self.index)
        return self.index[path]

    def rest(self) -> dict[str, Float64]:
        """(N, k) for each channel."""
        return {
            name: np.array(values, dtype=np.float64).reshape(len(values), self._widths[name])
            for name, values in self._values.items()
        }
