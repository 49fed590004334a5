"""Tables with a row for each prim: worked out for tiles, which come without, and moved home from environments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from replicator_dr.pool.camera import camera_params
from replicator_dr.pool.identity import FIRST, Entities, spec_path
from replicator_dr.pool.layout import View

if TYPE_CHECKING:
    from pxr import Usd

BOX_2D = np.dtype(
    [
        ("semanticId", "<u4"),
        *((name, "<i4") for name in ("x_min", "y_min", "x_max", "y_max")),
        ("occlusionRatio", "<f4"),
    ]
)
BOX_3D = np.dtype(
    [
        ("semanticId", "<u4"),
        *((f"{axis}_{end}", "<f4") for end in ("min", "max") for axis in "xyz"),
        ("transform", "<f4", (4, 4)),
        ("occlusionRatio", "<f4"),
    ]
)


def tight_boxes(segmentation: Mapping[str, Any]) -> dict[str, Any]:
    """bounding_box_2d_tight_fast of the prims seen in an instance segmentation; corners are inclusive."""
    ids = np.asarray(segmentation["data"])
    seen, semantic, info = _rows(segmentation)
    table = np.zeros(len(seen), BOX_2D)
    table["semanticId"] = semantic
    table["occlusionRatio"] = np.nan
    highest = int(ids.max(initial=0)) + 1
    for axis, length in (("x", ids.shape[1]), ("y", ids.shape[0])):
        # Which ids each column (row) holds: the first and the last that holds one bound it.
        along = np.broadcast_to(np.arange(length) if axis == "x" else np.arange(length)[:, None], ids.shape)
        held = np.zeros((highest, length), np.bool_)
        held[ids.reshape(-1), along.reshape(-1)] = True
        table[f"{axis}_min"] = held[seen].argmax(axis=1)
        table[f"{axis}_max"] = length - 1 - held[seen][:, ::-1].argmax(axis=1)
    return {"data": table, **info}


def boxes_3d(
    segmentation: Mapping[str, Any], stage: Usd.Stage, view: View, root: str, entities: Entities | None
) -> dict[str, Any]:
    """bounding_box_3d_fast of the prims seen: extents in their own frames, local to world for row vectors.

    The world is counted from the view's origin. Extents are those of ``entities``; for others they are measured on the
    stage, where a rotated part counts with the box around it.
    """
    seen, semantic, info = _rows(segmentation)
    table = np.zeros(len(seen), BOX_3D)
    table["semanticId"] = semantic
    table["occlusionRatio"] = np.nan
    table["transform"] = _poses(stage, info["primPaths"], view, root)
    for row, path in enumerate(info["primPaths"]):
        prim = stage.GetPrimAtPath(stage_path(path, view, root))
        known = None if entities is None else entities.row(path)
        held = None if entities is None else entities.now.get(view.env, entities.bounds)
        bounds = _measured(prim) if held is None or known is None else held[known]
        for end, suffix in enumerate(("min", "max")):
            for axis, name in enumerate("xyz"):
                table[f"{name}_{suffix}"][row] = bounds[end][axis]
    return {"data": table, **info}


def _poses(stage: Usd.Stage, paths: Sequence[str], view: View, root: str) -> NDArray[np.float64]:
    """(N, 4, 4) local to world for row vectors, the world counted from the view's origin, in double precision."""
    from pxr import Usd, UsdGeom

    cache = UsdGeom.XformCache(Usd.TimeCode.Default())
    prims = [stage.GetPrimAtPath(stage_path(path, view, root)) for path in paths]
    worlds = np.array([cache.GetLocalToWorldTransform(prim) for prim in prims], np.float64).reshape(-1, 4, 4)
    worlds[:, 3, :3] -= np.asarray(view.origin) / UsdGeom.GetStageMetersPerUnit(stage)
    return worlds


def _measured(prim: Usd.Prim) -> NDArray[np.float64]:
    from pxr import Usd, UsdGeom

    purposes = [UsdGeom.Tokens.default_, UsdGeom.Tokens.render]
    cache = UsdGeom.BBoxCache(Usd.TimeCode.Default(), purposes)
    bounds = cache.ComputeUntransformedBound(prim).ComputeAlignedRange()
    return np.zeros((2, 3)) if bounds.IsEmpty() else np.array([bounds.GetMin(), bounds.GetMax()])


def stage_path(path: str, view: View, root: str) -> str:
    """Where a prim of the spec stands on the stage that shows the view."""
    if view.env_path and (path == root or path.startswith(root + "/")):
        return view.env_path + path[len(root) :]
    return path


def _rows(segmentation: Mapping[str, Any]) -> tuple[NDArray[np.int64], list[int], dict[str, Any]]:
    """The prims in the picture: their numbers, semantic ids, and the table's info."""
    names = {int(key): path for key, path in segmentation["idToLabels"].items()}
    labels = {int(key): value for key, value in segmentation.get("idToSemantics", {}).items()}
    seen = [number for number in np.unique(np.asarray(segmentation["data"])).tolist() if number >= FIRST]
    kinds: dict[tuple[tuple[str, str], ...], int] = {}
    semantic = [kinds.setdefault(tuple(sorted(labels.get(number, {}).items())), FIRST + len(kinds)) for number in seen]
    info = {
        "idToLabels": {number: dict(pairs) for pairs, number in kinds.items()},
        "bboxIds": np.array(seen, np.uint32),
        "primPaths": [names[number] for number in seen],
    }
    return np.array(seen, np.int64), semantic, info


def own_rows(table: Mapping[str, Any], view: View, root: str) -> dict[str, Any]:
    """A table of a plain product with the spec's paths, without the rows of other environments."""
    if "primPaths" not in table:
        return dict(table)
    named = [spec_path(path, view, root) for path in table["primPaths"]]
    kept = np.array([path is not None for path in named], np.bool_)
    columns = {name: np.asarray(table[name])[kept] for name in ("data", "bboxIds") if name in table}
    return {**table, **columns, "primPaths": [path for path in named if path is not None]}


def moved_home(values: dict[str, Any], stage: Usd.Stage, view: View, root: str) -> dict[str, Any]:
    """The annotators of a plain product with the world counted from its environment's origin.

    Poses are read from the stage anew: in single precision, far from the world's origin, they lost their last digits.
    """
    if not view.env_path:
        return values
    moved = dict(values)
    if "camera_params" in values:
        home = camera_params(stage, view.camera, view.resolution, view.origin)["cameraViewTransform"]
        moved["camera_params"] = {**values["camera_params"], "cameraViewTransform": home}
    for name, value in values.items():
        if name.startswith("bounding_box_3d"):
            data = np.array(value["data"])
            data["transform"] = _poses(stage, value["primPaths"], view, root)
            moved[name] = {**value, "data": data}
    return moved
