"""BOP's models: one for each shape, ASCII PLY files in millimetres around the centre of the shape's box."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from replicator_dr.labels.selection import category_of
from replicator_dr.storage.json_numbers import rounded

Float64 = NDArray[np.float64]

MILLIMETRES = 1000.0
_SAME = 1e-5
"""Shapes are the same where no vertex differs by more than this share of their size."""
_DIGITS = 6
_DIAMETERS: dict[bytes, float] = {}
"""By checksum of the points: ``bop`` and ``bop_webdataset`` of one run have the same models."""
_CELLS = 12
"""Of the grid, along the longest side of a model."""


@dataclass(frozen=True)
class Model:
    """A shape. number: obj_id, from 1. category: its objects' name. center: (3,) [m], of its box in the prim's frame.

    points: (V, 3) [m] around that centre, scale applied. normals: (V, 3). triangles: (T, 3). scale: (3,), the prims'.
    """

    number: int
    category: str
    center: Float64
    points: Float64
    normals: Float64
    triangles: NDArray[np.int64]
    scale: Float64


@dataclass(frozen=True)
class Placed:
    """Which model a prim shows. center, scale: the model's."""

    number: int
    center: tuple[float, float, float]
    scale: tuple[float, float, float]


def models_of(
    objects: Sequence[Any], label_type: str, categories: Sequence[str]
) -> tuple[list[Model], dict[int, Placed]]:
    """The models of the runtime's ``rigid_objects``, and {instance: the one it shows}.

    Prims of one category with one shape and size share a model. Models are numbered by category, then in the order of
    the stage.
    """
    models: list[Model] = []
    placed: dict[int, Placed] = {}
    for category in categories:
        for one in objects:
            if category not in {category_of(labels, label_type) for labels in one.label_sets} or one.instance in placed:
                continue
            center = (one.points.min(axis=0) + one.points.max(axis=0)) / 2
            points = one.points - center
            same = (model for model in models if model.category == category and _alike(model, points, one))
            model = next(same, None)
            if model is None:
                model = Model(
                    len(models) + 1, category, center, points, one.normals, one.triangles, np.asarray(one.scale)
                )
                models.append(model)
            placed[one.instance] = Placed(model.number, tuple(model.center.tolist()), tuple(one.scale.tolist()))
    return models, placed


def _alike(model: Model, points: Float64, other: Any) -> bool:
    size = float(np.ptp(points, axis=0).max())
    return (
        points.shape == model.points.shape
        and np.array_equal(model.triangles, other.triangles)
        and bool(np.abs(points - model.points).max() <= _SAME * size)
    )


def ply_text(model: Model) -> bytes:
    """The model's PLY file."""
    head = (
        "ply\nformat ascii 1.0\n"
        f"comment {model.category}, millimetres\n"
        f"element vertex {len(model.points)}\n"
        + "".join(f"property float {name}\n" for name in ("x", "y", "z", "nx", "ny", "nz"))
        + f"element face {len(model.triangles)}\nproperty list uchar int vertex_indices\nend_header\n"
    )
    rows = np.round(np.concatenate([model.points * MILLIMETRES, model.normals], axis=1), _DIGITS) + 0.0
    vertices = "%.6f %.6f %.6f %.6f %.6f %.6f\n" * len(rows) % tuple(rows.ravel().tolist())
    faces = "3 %d %d %d\n" * len(model.triangles) % tuple(model.triangles.ravel().tolist())
    return (head + vertices + faces).encode()


def model_info(model: Model, symmetries: Mapping[str, Any]) -> dict[str, Any]:
    """The model's entry in models_info.json. symmetries: keys of its own, for its category."""
    points = model.points * MILLIMETRES
    low, size = rounded(points.min(axis=0), _DIGITS), rounded(np.ptp(points, axis=0), _DIGITS)
    return {
        "diameter": rounded(diameter(points), _DIGITS),
        **dict(zip(("min_x", "min_y", "min_z"), low, strict=True)),
        **dict(zip(("size_x", "size_y", "size_z"), size, strict=True)),
        **symmetries,
    }


def diameter(points: Float64) -> float:
    """The largest distance between two of (V, 3) points."""
    key = hashlib.sha256(points.tobytes()).digest()
    if key not in _DIAMETERS:
        _DIAMETERS[key] = _diameter(points)
    return _DIAMETERS[key]


def _diameter(points: Float64) -> float:
    """The same, worked out.

    A pair that is found by walking to the farthest point a few times is a lower bound. Vertices are put into cells of
    a grid; only those in pairs of cells that reach farther apart than the bound are compared.
    """
    points = np.unique(points, axis=0)
    start = points[0]
    least = 0.0
    for _ in range(4):
        reach = np.linalg.norm(points - start, axis=1)
        start = points[int(np.argmax(reach))]
        least = max(least, float(reach.max()))
    out = np.linalg.norm(points - points.mean(axis=0), axis=1)
    points = points[out + out.max() >= least * (1 - 1e-12)]
    low, size = points.min(axis=0), float(np.ptp(points, axis=0).max())
    if size == 0.0:
        return least
    _, cell = np.unique(((points - low) * (_CELLS / size)).astype(np.int64), axis=0, return_inverse=True)
    order = np.argsort(cell.ravel(), kind="stable")
    points, cell = points[order], cell.ravel()[order]
    first = np.searchsorted(cell, np.arange(cell[-1] + 2))
    lower, upper = np.minimum.reduceat(points, first[:-1]), np.maximum.reduceat(points, first[:-1])
    for number, (begin, end) in enumerate(pairwise(first.tolist())):
        reach = np.linalg.norm(np.maximum(upper[number] - lower, upper - lower[number]), axis=1)
        others = points[np.repeat(reach >= least * (1 - 1e-12), np.diff(first))]
        apart = points[begin:end, None] - others[None]
        least = max(least, float(np.sqrt((apart**2).sum(axis=-1).max(initial=0.0))))
    return least
