"""Polygon meshes -> the renderer's triangles.

Polygons become fans. Where a mesh has no normals they are made: the corners of a vertex share one normal when their
faces meet at less than 45 degrees, so that spheres are smooth and boxes keep their edges; subdivision surfaces are
drawn as their control mesh in the same way.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from replicator_dr.errors import AssetError
from replicator_dr.render.scene import Mesh
from replicator_dr.render.skin import Skin

Float32 = NDArray[np.float32]
Int32 = NDArray[np.int32]

CREASE_DEGREES = 45.0


@dataclass(frozen=True)
class Polygons:
    """A mesh as it is stored.

    normals, uvs, colors: (their values, how they are spread: constant, uniform, vertex or corner), None where there
    are none. parts: faces of each drawn part, the rest first. skin: of the points, None where no joints move them.
    """

    points: Float32
    counts: Int32
    indices: Int32
    normals: tuple[Float32, str] | None
    uvs: tuple[Float32, str] | None
    colors: tuple[Float32, str] | None
    left_handed: bool
    holes: Int32
    double_sided: bool
    parts: tuple[Int32 | None, ...]
    skin: Skin | None = None


def digest_of(polygons: Polygons) -> bytes:
    """What a mesh is known by: equal data, equal digest."""
    digest = hashlib.blake2b(digest_size=16)
    for value in vars(polygons).values():
        for part in _pieces(value):
            if isinstance(part, np.ndarray):
                digest.update(repr(part.shape).encode() + part.tobytes())
            else:
                digest.update(repr(part).encode())
    return digest.digest()


def _pieces(value: object) -> tuple[object, ...]:
    if isinstance(value, Skin):
        return value.joints, value.weights
    return value if isinstance(value, tuple) else (value,)


def triangulate(polygons: Polygons, path: str) -> tuple[Mesh, ...]:
    """A mesh for each part of the polygons."""
    counts, indices = polygons.counts, polygons.indices
    if counts.min() < 0 or counts.sum() != len(indices):
        raise AssetError(f"{path}: its faces have {int(counts.sum())} corners and it gives {len(indices)} indices")
    if len(indices) and (indices.min() < 0 or indices.max() >= len(polygons.points)):
        raise AssetError(f"{path}: a face uses point {int(indices.max())} of {len(polygons.points)} points")
    lost = np.flatnonzero(~np.isfinite(polygons.points).all(axis=-1))
    if len(lost):
        raise AssetError(f"{path}: point {int(lost[0])} is not finite; export it again")
    corner_face = np.repeat(np.arange(len(counts)), counts)
    normals = _spread(polygons.normals, polygons, corner_face, path, "normals")
    if normals is None:
        normals = crease_normals(polygons, corner_face)
    uvs = _spread(polygons.uvs, polygons, corner_face, path, "texture coordinates")
    uvs = np.zeros((len(indices), 2), dtype=np.float32) if uvs is None else uvs
    colors = _spread(polygons.colors, polygons, corner_face, path, "display colours")
    values = (normals, uvs) if colors is None else (normals, uvs, colors)
    triangles, faces = fan(counts, polygons.left_handed)
    used = ~np.isin(faces, polygons.holes)
    corners = indices[triangles]
    used &= (corners[:, 0] != corners[:, 1]) & (corners[:, 1] != corners[:, 2]) & (corners[:, 2] != corners[:, 0])
    points = polygons.points.astype(np.float32)
    meshes = []
    for part in polygons.parts:
        chosen = used if part is None else used & np.isin(faces, part)
        vertex_of, first = _weld(indices, values, np.unique(triangles[chosen]))
        meshes.append(
            Mesh(
                points=np.ascontiguousarray(points[indices[first]]),
                normals=_unit(normals[first]),
                uvs=np.ascontiguousarray(uvs[first]),
                triangles=vertex_of[triangles[chosen]].astype(np.int32),
                double_sided=polygons.double_sided,
                colors=None if colors is None else np.ascontiguousarray(colors[first]),
                skin=None if polygons.skin is None else polygons.skin[indices[first]],
            )
        )
    return tuple(meshes)


def fan(counts: Int32, left_handed: bool = False) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Faces of ``counts`` corners -> triangles (T, 3) of corner numbers, and the face of each."""
    each = np.maximum(counts.astype(np.int64) - 2, 0)
    faces = np.repeat(np.arange(len(counts)), each)
    start = (np.cumsum(counts) - counts).astype(np.int64)[faces]
    step = np.arange(len(faces)) - np.repeat(np.cumsum(each) - each, each)
    second, third = start + step + 1, start + step + 2
    return np.stack([start, third, second] if left_handed else [start, second, third], axis=1), faces


def _spread(
    values: tuple[Float32, str] | None, polygons: Polygons, corner_face: NDArray[np.int64], path: str, what: str
) -> Float32 | None:
    """Values for each corner."""
    if values is None:
        return None
    array, how = values
    sizes = {"constant": 1, "uniform": len(polygons.counts), "vertex": len(polygons.points), "corner": len(corner_face)}
    if len(array) < sizes[how]:
        raise AssetError(f"{path}: has {len(array)} {what} where its {how} interpolation needs {sizes[how]}")
    index: dict[str, NDArray[np.integer[Any]]] = {
        "constant": np.zeros(len(corner_face), dtype=np.int64),
        "uniform": corner_face,
        "vertex": polygons.indices,
        "corner": np.arange(len(corner_face)),
    }
    return array[index[how]]


def crease_normals(polygons: Polygons, corner_face: NDArray[np.int64]) -> Float32:
    """(K, 3): a normal for each corner.

    The mean, by area, of the normals of those faces at its vertex that meet its own face at less than the crease angle.
    """
    points, indices = polygons.points.astype(np.float64), polygons.indices
    triangles, faces = fan(polygons.counts, polygons.left_handed)
    a, b, c = (points[indices[triangles[:, i]]] for i in range(3))
    face_normals = np.zeros((len(polygons.counts), 3))
    np.add.at(face_normals, faces, np.cross(b - a, c - a))
    unit = _unit(face_normals)
    order = np.argsort(indices, kind="stable")
    vertex = indices[order]
    starts = np.flatnonzero(np.concatenate([[True], vertex[1:] != vertex[:-1]]))
    valence = np.diff(np.concatenate([starts, [len(vertex)]]))
    group = np.repeat(np.arange(len(starts)), valence)
    # Every ordered pair of corners that share a vertex.
    reach = valence[group]
    left = np.repeat(np.arange(len(vertex)), reach)
    right = np.arange(len(left)) - np.repeat(np.cumsum(reach) - reach, reach) + starts[group[left]]
    face_left, face_right = corner_face[order[left]], corner_face[order[right]]
    smooth = np.sum(unit[face_left] * unit[face_right], axis=1) > np.cos(np.deg2rad(CREASE_DEGREES))
    total = np.zeros((len(vertex), 3))
    np.add.at(total, left[smooth], face_normals[face_right[smooth]])
    normals = np.empty_like(total)
    normals[order] = total
    return _unit(normals)


def _unit(vectors: NDArray[np.floating]) -> Float32:
    """Unit vectors; those without length point along Z."""
    length = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.where(length > 0, vectors / np.where(length > 0, length, 1), [0.0, 0.0, 1.0]).astype(np.float32)


def _weld(
    indices: Int32, values: tuple[Float32, ...], corners: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Vertices from corners that agree in point and values: the vertex of each corner, a corner of each vertex."""
    bits = [np.ascontiguousarray(value[corners], dtype=np.float32).view(np.int32) for value in values]
    rows = np.ascontiguousarray(np.concatenate([indices[corners, None].astype(np.int32), *bits], axis=1))
    packed = rows.view(np.dtype((np.void, rows.shape[1] * 4)))[:, 0] if len(rows) else np.zeros(0, dtype="V4")
    _, first, inverse = np.unique(packed, return_index=True, return_inverse=True)
    vertex_of = np.zeros(len(indices), dtype=np.int64)
    vertex_of[corners] = inverse.reshape(-1)
    return vertex_of, corners[first]
