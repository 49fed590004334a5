"""Bodies that change their shape from frame to frame: which parts they are made of, and how each frame bends them."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Float64 = NDArray[np.float64]

WAVES = 8
"""Waves that bumps are the sum of."""
BEND, TOWARD, TWIST, TAPER, BUMPS, WAVELENGTH = range(6)
"""Columns of DeformArrays.amounts."""


@dataclass(frozen=True)
class DeformLayout:
    """The D bodies of a scene.

    part_body: (P,) int32, the body that each part belongs to, -1 = it keeps its shape. part_frame: (P, 4, 4) float64,
    from a part's frame to its body's, for row vectors. low, high: (D, 3) float64, the box of the body at rest in its
    own frame. axis: (D,) int32, the axis along which it is bent, twisted and tapered: 0 x, 1 y, 2 z. first_matrix: (S,)
    int32, of S further bodies, numbered from D, whose vertices joints move: their row of ``DeformArrays.matrices``.
    """

    part_body: NDArray[np.int32]
    part_frame: Float64
    low: Float64
    high: Float64
    axis: NDArray[np.int32]
    first_matrix: NDArray[np.int32] = field(default_factory=lambda: np.zeros(0, np.int32))


@dataclass(frozen=True)
class DeformArrays:
    """The shapes of D bodies in B frames.

    With q a point of the body counted from the middle of the low end of its axis, z along the axis, x and y the next
    two axes in turn, L its extent along the axis and S its largest extent, four maps follow one another:

    bumps    q + a S sqrt(2 / K) sum d sin(2 pi (w . q) / (l S) + f) over K waves (w, d, f)
    taper    x and y times 1 - t z / L
    twist    x and y turned by the angle w z / L
    bend     the axis becomes an arc of the angle b, toward the angle c from x to y (A. H. Barr, "Global and local
             deformations of solid primitives", SIGGRAPH 1984)

    The low end stays where it is. amounts: (B, D, 6) float64, columns b, c, w [degrees], t, a, l. waves: (B, D, K, 7)
    float64: w and d, unit vectors, and f [radians]. Points move by the root mean square a S.

    Points that joints move go to p (sum w M) over the joints of their ``Skin``, row vectors (linear blend skinning:
    N. Magnenat-Thalmann, R. Laperriere, D. Thalmann, "Joint-dependent local deformations for hand animation and object
    grasping", Graphics Interface 1988). matrices: (B, K, 4, 4) float64, all M, in the parts' frames; None without them.
    """

    amounts: Float64
    waves: Float64
    matrices: Float64 | None = None

    def __getitem__(self, frames: slice | NDArray[np.intp]) -> DeformArrays:
        """The same for some of the frames."""
        matrices = None if self.matrices is None else self.matrices[frames]
        return DeformArrays(self.amounts[frames], self.waves[frames], matrices)

    def __add__(self, further: DeformArrays) -> DeformArrays:
        """These frames, and further ones of the same scene behind them."""
        matrices = None
        if self.matrices is not None and further.matrices is not None:
            matrices = np.concatenate([self.matrices, further.matrices])
        amounts, waves = (np.concatenate([getattr(a, name) for a in (self, further)]) for name in ("amounts", "waves"))
        return DeformArrays(amounts, waves, matrices)
