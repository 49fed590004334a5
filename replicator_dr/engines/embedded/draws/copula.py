"""Draws that go together: a Gaussian copula over the uniforms of several distributions.

Each distribution keeps its stream and its law: its uniforms u become z = Phi^-1(u), the z of all are mixed by the
Cholesky factor of their correlations, and Phi of the mixed ones are uniforms again, which the laws take. So a value
stays a pure function of the seed, the execution, the prim and the component. (R. B. Nelsen, "An Introduction to
Copulas", 2006, section 2.3; the first distribution of a group keeps its uniforms.)
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from replicator_dr.engines.embedded.draws import sampling

Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]


class Copula:
    """Correlated uniforms of several streams. correlation: (m, m) of the normals, positive definite."""

    def __init__(self, correlation: Sequence[Sequence[float]]) -> None:
        self.factor = np.linalg.cholesky(np.asarray(correlation, dtype=np.float64))

    def uniforms(self, keys: Sequence[int], row: int, executions: Int64, elements: int, components: int) -> Float64:
        """(R, elements, components) uniforms of one member. keys: streams of all members. row: that member's place."""
        own = [sampling.uniforms(key, executions, elements, components) for key in keys[: row + 1]]
        if row == 0:
            return own[0]
        # Written out: a matrix product may add in another order in a batch of another width.
        mixed = self.factor[row, 0] * sampling.inverse_normal(own[0])
        for column in range(1, row + 1):
            mixed = mixed + self.factor[row, column] * sampling.inverse_normal(own[column])
        return np.clip(sampling.normal_cdf(mixed), 0.0, 1.0 - 2.0**-53)
