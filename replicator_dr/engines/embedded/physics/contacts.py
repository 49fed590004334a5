"""How two surfaces meet: MuJoCo's soft contacts, chosen so that a pair follows simple rules.

Friction of a pair is the larger of the two, which is MuJoCo's rule. Restitution is the smaller: contacts are given by
stiffness and damping, of which MuJoCo takes the stiffer and the more damped one. A static surface that says nothing
therefore has friction 0 and restitution 1: what falls onto it decides.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Float64 = NDArray[np.float64]

TIMESTEP = 1.0 / 250.0
"""Seconds. Impacts at 3 m/s overlap by up to 2 cm in passing; at rest 0.2 mm remain."""
SOLIMP = (0.95, 0.99, 0.001, 0.5, 2.0)
SLIP = 30.0
"""MuJoCo's impratio: how much harder friction is than the contact. At 1 things creep on slopes that should hold; at 10
what is not quite round rolls on for ever, as rolling friction is the softest of all."""
TORSION, ROLLING = 0.1, 0.03
"""Arms of torsional and rolling friction as shares of a body's reach: what is round comes to rest in about 2 s."""

# Rebound (speed after over before, of balls and boxes at 1 to 3 m/s) for damping ratios, measured with this time step.
_REBOUND = np.array([0.0, 0.09, 0.17, 0.28, 0.35, 0.41, 0.53, 0.62, 0.71, 0.80, 0.91, 1.0])
_RATIO = np.array([1.3, 0.8, 0.6, 0.45, 0.36, 0.30, 0.22, 0.16, 0.11, 0.07, 0.03, 0.0])


def stiffness(restitution: Float64) -> Float64:
    """(..., 2) MuJoCo's ``solref`` as (-stiffness, -damping) for coefficients of restitution (...), 0 .. 1.

    In MuJoCo's words the time constant is dt / (0.5 ratio), at least 2 dt.
    """
    ratio = np.interp(restitution, _REBOUND, _RATIO)
    constant = TIMESTEP / (0.5 * np.maximum(np.minimum(ratio, 1.0), 1e-6))
    return np.stack([-1.0 / (constant * np.maximum(ratio, 1e-6)) ** 2, -2.0 / constant], axis=-1)
