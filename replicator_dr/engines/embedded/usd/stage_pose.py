"""Poses of prims read from, and written to, their USD transform operations."""

from __future__ import annotations

import numpy as np
from pxr import Usd, UsdGeom

from replicator_dr.engines.embedded.scene.transforms import ORDERS, decompose
from replicator_dr.errors import EngineError

PIVOT_OP = "xformOp:translate:pivot"


def read_pose(prim: Usd.Prim, kind: str) -> dict[str, object]:
    """Translate (3,), rotate (4,) with the row of ORDERS, scale (3,), pivot (3,) of a prim as authored.

    Exact for translate, rotate and scale operations in that order, with or without a pivot; anything else is taken
    from the product of the operations. Raises EngineError for prims that have no pose.
    """
    xformable = UsdGeom.Xformable(prim)
    if not xformable:
        raise EngineError(
            f"{kind}: {prim.GetPath()} is a {prim.GetTypeName() or 'prim without type'} and has no pose; "
            "give a prim that can be transformed"
        )
    pose = _from_operations(xformable)
    if pose is None:
        translate, rotate, scale = decompose(np.array(xformable.GetLocalTransformation()))
        pose = {"translate": translate, "rotate": [*rotate, 0.0], "scale": scale, "pivot": np.zeros(3)}
    return pose


def _from_operations(xformable: UsdGeom.Xformable) -> dict[str, object] | None:
    pose = {"translate": np.zeros(3), "rotate": np.zeros(4), "scale": np.ones(3), "pivot": np.zeros(3)}
    stages = []
    for op in xformable.GetOrderedXformOps():
        name, kind, value = op.GetOpName(), op.GetOpType(), op.Get()
        if value is None:
            return None
        if name == "xformOp:translate":
            pose["translate"][:] = value
            stages.append(0)
        elif name == PIVOT_OP:
            # translate, pivot, rotate, scale, inverse pivot: the pivot lands on translate + pivot.
            pose["translate"] = pose["translate"] + np.array(value)
            stages.append(1)
        elif kind in _ROTATIONS and not op.IsInverseOp():
            pose["rotate"][:] = [*_angles(kind, value), _ROTATIONS[kind]]
            stages.append(2)
        elif name == "xformOp:scale":
            pose["scale"][:] = value
            stages.append(3)
        elif name == f"!invert!{PIVOT_OP}":
            pose["pivot"][:] = xformable.GetPrim().GetAttribute(PIVOT_OP).Get()
            stages.append(4)
        else:
            return None
    ordered = all(first < second for first, second in zip(stages, stages[1:]))
    return dict(pose) if ordered and not (1 in stages and 4 not in stages) else None


_ROTATIONS = {
    **{getattr(UsdGeom.XformOp, f"TypeRotate{order}"): float(row) for row, order in enumerate(ORDERS)},
    **{getattr(UsdGeom.XformOp, f"TypeRotate{axis}"): 0.0 for axis in "XYZ"},
}


def _angles(kind: object, value: object) -> list[float]:
    for place, axis in enumerate("XYZ"):
        if kind == getattr(UsdGeom.XformOp, f"TypeRotate{axis}"):
            return [float(value) if i == place else 0.0 for i in range(3)]  # type: ignore[arg-type]
    return [float(angle) for angle in value]  # type: ignore[attr-defined]


def write_pose(prim: Usd.Prim, pose: dict[str, np.ndarray[tuple[int, ...], np.dtype[np.float64]]]) -> None:
    """Author translate, rotate, scale and, where it is not zero, the pivot, at the stage's edit target."""
    order = ORDERS[int(pose["rotate"][3])]
    double = UsdGeom.XformOp.PrecisionDouble
    xformable = UsdGeom.Xformable(prim)
    values = {
        "xformOp:translate": pose["translate"],
        f"xformOp:rotate{order}": pose["rotate"][:3],
        "xformOp:scale": pose["scale"],
    }
    names = list(values)
    if pose["pivot"].any():
        values[PIVOT_OP] = pose["pivot"]
        names.append(f"!invert!{PIVOT_OP}")
    kinds = {"translate": UsdGeom.XformOp.TypeTranslate, "scale": UsdGeom.XformOp.TypeScale}
    for name, value in values.items():
        attribute = prim.GetAttribute(name)
        if not attribute:
            short = name.split(":")[1]
            op_kind = kinds.get(short, getattr(UsdGeom.XformOp, f"TypeRotate{order}"))
            suffix = "pivot" if name == PIVOT_OP else ""
            attribute = xformable.AddXformOp(op_kind, double, suffix).GetAttr()
        scalar = type(attribute.Get()) if attribute.Get() is not None else None
        numbers = [float(number) for number in value]
        attribute.Set(scalar(*numbers) if scalar is not None else tuple(numbers))
    order_attribute = xformable.GetXformOpOrderAttr() or xformable.CreateXformOpOrderAttr()
    if list(order_attribute.Get() or []) != names:
        order_attribute.Set(names)
