"""Symmetries of objects as a spec writes them, and as models_info.json has them."""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np
from pydantic import Field

from replicator_dr.spec.model import Model
from replicator_dr.storage.json_numbers import rounded

Triple = Annotated[tuple[float, ...], Field(min_length=3, max_length=3)]


class Symmetry(Model):
    """How an object may be turned without looking different, about the centre of its box."""

    axes: tuple[Triple, ...] = ()
    """Directions about which it may be turned by any angle, in its own frame."""
    rotations: tuple[Triple, ...] = ()
    """Single rotations, in degrees about X, then Y, then Z."""


def symmetry_keys(symmetry: Symmetry) -> dict[str, Any]:
    """The keys of models_info.json."""
    continuous = [{"axis": list(_unit(axis)), "offset": [0.0, 0.0, 0.0]} for axis in symmetry.axes]
    discrete = [rounded(_matrix(angles).reshape(16), 8) for angles in symmetry.rotations]
    return {
        **({"symmetries_continuous": continuous} if continuous else {}),
        **({"symmetries_discrete": discrete} if discrete else {}),
    }


def _unit(axis: tuple[float, ...]) -> list[float]:
    vector = np.array(axis, np.float64)
    length = float(np.linalg.norm(vector))
    result: list[float] = rounded(vector / (length or 1.0), 8)
    return result


def _matrix(angles: tuple[float, ...]) -> np.ndarray[Any, np.dtype[np.float64]]:
    """(4, 4) for column vectors."""
    whole = np.eye(4)
    for axis, angle in enumerate(np.radians(angles)):
        first, second = (axis + 1) % 3, (axis + 2) % 3
        turn = np.eye(4)
        turn[first, first] = turn[second, second] = np.cos(angle)
        turn[second, first], turn[first, second] = np.sin(angle), -np.sin(angle)
        whole = turn @ whole
    return whole
