"""USD's curves as polylines."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from pxr import UsdGeom

from replicator_dr.engines.embedded.scene.scene_prims import prims_below
from replicator_dr.errors import EngineError, UnsupportedError

if TYPE_CHECKING:
    from replicator_dr.engines.embedded.scene.plan import Plan

Float64 = NDArray[np.float64]

# Straight pieces of a cubic segment.
_PIECES = 32

# Rows: coefficients of 1, t, t^2, t^3 for the four control points; as USD's BasisCurves documents them.
_BASES = {
    "bezier": np.array([[1, 0, 0, 0], [-3, 3, 0, 0], [3, -6, 3, 0], [-1, 3, -3, 1]], dtype=np.float64),
    "bspline": np.array([[1, 4, 1, 0], [-3, 0, 3, 0], [3, -6, 3, 0], [-1, 3, -3, 1]], dtype=np.float64) / 6.0,
    "catmullRom": np.array([[0, 2, 0, 0], [-1, 0, 1, 0], [2, -5, 4, -1], [-1, 3, -3, 1]], dtype=np.float64) / 2.0,
}


def read_curve(plan: Plan, kind: str, paths: list[str]) -> tuple[Float64, str, bool]:
    """The first curve at or below prims: (P, 3) points in its frame, its path, and whether it is closed.

    Raises EngineError where there is none, UnsupportedError for curves of other bases.
    """
    for path in paths:
        for prim in prims_below(plan.prim(path, kind)):
            if prim.IsA(UsdGeom.BasisCurves):
                points, closed = _polyline(UsdGeom.BasisCurves(prim))
                return points, str(prim.GetPath()), closed
    raise EngineError(
        f"{kind}: there are no BasisCurves at or below {', '.join(paths)}; give the path's points instead"
    )


def _polyline(curves: UsdGeom.BasisCurves) -> tuple[Float64, bool]:
    counts = list(curves.GetCurveVertexCountsAttr().Get() or ())
    points: Float64 = np.array(curves.GetPointsAttr().Get() or (), dtype=np.float64).reshape(-1, 3)
    points = points[: counts[0]] if counts else points
    closed = curves.GetWrapAttr().Get() == UsdGeom.Tokens.periodic
    if curves.GetTypeAttr().Get() == UsdGeom.Tokens.linear:
        return (np.concatenate([points, points[:1]]) if closed else points), closed
    basis = str(curves.GetBasisAttr().Get())
    if basis not in _BASES:
        raise UnsupportedError(f"{curves.GetPath()}: curves of the basis '{basis}' are not read; use bezier or linear")
    step = 3 if basis == "bezier" else 1
    if closed:
        points = np.concatenate([points, points[: 1 if basis == "bezier" else 3]])
    elif curves.GetWrapAttr().Get() == UsdGeom.Tokens.pinned and basis != "bezier":
        points = np.concatenate([[2 * points[0] - points[1]], points, [2 * points[-1] - points[-2]]])
    t = np.linspace(0.0, 1.0, _PIECES + 1)
    powers = np.stack([np.ones_like(t), t, t * t, t**3], axis=1)
    pieces = [powers @ _BASES[basis] @ points[i : i + 4] for i in range(0, len(points) - 3, step)]
    inner = [piece[:-1] for piece in pieces[:-1]]
    return (np.concatenate([*inner, pieces[-1]]) if pieces else points), closed
