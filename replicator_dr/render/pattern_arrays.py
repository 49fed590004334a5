"""Patterns of materials, as the renderer takes them; what they look like says pattern.py."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

KINDS = ("noise", "marble", "checker", "stripes", "gradient", "dots")

Float32 = NDArray[np.float32]


@dataclass(frozen=True)
class PatternArrays:
    """The patterns of the materials, (B, M, ...) each.

    kind: (B, M) int32, row of KINDS, -1 = none; solid: (B, M) bool, laid through space, in metres along the part's own
    axes, else over the mesh's texture coordinates; scale: (B, M, 3) float32, repeats a metre or a unit of those;
    rotation: (B, M, 3) float32 [degrees], XYZ, of the pattern; offset: (B, M, 3) float32 [repeats]; amount, softness:
    (B, M) float32, 0 .. 1; octaves: (B, M) int32. The second look: color (B, M, 3), linear; roughness, metallic
    (B, M), 0 .. 1; all float32, below 0 where the first look's stays.
    """

    kind: NDArray[np.int32]
    solid: NDArray[np.bool_]
    scale: Float32
    rotation: Float32
    offset: Float32
    amount: Float32
    softness: Float32
    octaves: NDArray[np.int32]
    color: Float32
    roughness: Float32
    metallic: Float32

    def __getitem__(self, frames: slice | NDArray[np.intp]) -> PatternArrays:
        """The same for some of the frames."""
        return PatternArrays(*(getattr(self, entry.name)[frames] for entry in fields(self)))
