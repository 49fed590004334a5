"""Lenses in the language's units -> USD's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from replicator_dr.graph.lower import scaled

if TYPE_CHECKING:
    from pxr import Usd


def f_stop_of(stage: Usd.Stage, value: Any) -> Any:
    """An aperture number as USD counts it.

    The lens' radius is focal length / (2 f_stop). USD takes a focal length of 24 for 24 tenths of a stage unit, on a
    stage in metres a hundred times the 24 mm that are meant.
    """
    from pxr import UsdGeom

    return value if value == 0 else scaled(value, 100.0 * UsdGeom.GetStageMetersPerUnit(stage))
