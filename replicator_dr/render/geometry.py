"""The constant geometry of a scene on a device: meshes once, and the tables of what each part is made of."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import warp as wp
from numpy.typing import NDArray

from replicator_dr.render.finite import tamed
from replicator_dr.render.once import once_a_mesh
from replicator_dr.render.scene import Mesh, SceneArrays
from replicator_dr.render.skin import Influences, influences

BLOCK, CUDA_BLOCK = 64, 4
"""Vertices that one thread projects on a CPU, and on CUDA."""
WELD = 1e5
"""Corners closer than 1 / WELD of the mesh's extent count as one when asking whether a mesh is closed."""
FARTHEST = 1e6
"""Normals and texture coordinates are cut off here."""


@dataclass(frozen=True)
class Geometry:
    """Device arrays. Vertices and triangles of all meshes are concatenated; a part has its own run of both ids.

    points, normals: (V,) vec3; uvs: (V,) vec2; colors: (V,) vec3, (1,) where no mesh has any; triangles: (T,) vec3i,
    rows of the concatenated vertices.
    facing: (T,) int32, unit normals of the triangles: 512 + 511 n, ten bits a component from the lowest on.
    part_*: (P,) int32: first vertex and triangle of the part's own runs, and of its mesh. triangle_part: one int32 for
    each triangle of each part. face_shift, vertex_shift: (P,) int32, from a part's triangle to its mesh's, and from a
    mesh's vertex to the part's. block_*: runs of at most ``block`` vertices of a part.
    centres, radii: (P, 3) and (P,) float64, bounding sphere in the part's frame; low, high: (P, 3) its box.
    closed: (P,) bool, every edge has two faces of opposite direction, so that back faces are never seen from outside.
    flat: (P,) bool, all points in one plane. influences: of joints on the vertices, on the host.
    """

    points: wp.array
    normals: wp.array
    uvs: wp.array
    colors: wp.array
    triangles: wp.array
    facing: wp.array
    triangle_part: wp.array
    part_vertex: wp.array
    part_triangle: wp.array
    part_mesh_vertex: wp.array
    part_mesh_triangle: wp.array
    face_shift: wp.array
    vertex_shift: wp.array
    part_entity: wp.array
    block: int
    block_part: wp.array
    block_first: wp.array
    centres: NDArray[np.float64]
    radii: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    closed: NDArray[np.bool_]
    flat: NDArray[np.bool_]
    vertices: int
    faces: int
    influences: Influences


def is_closed(mesh: Mesh) -> bool:
    """True if back faces are never seen from outside.

    That is: each edge, with corners at equal positions taken as one, is used once in each direction, and no connected
    piece is inside out (a cavity is, so that a hollow mesh counts as open: it is drawn from both sides, to be safe).
    """
    if not len(mesh.triangles):
        return False
    extent = float(np.ptp(mesh.points, axis=0).max()) or 1.0
    cells = np.round(mesh.points * (WELD / extent)).astype(np.int64)
    # One number for each: no axis has more than WELD + 2 cells.
    _, corner = np.unique((cells - cells.min(axis=0)) @ (1 << np.array([0, 20, 40])), return_inverse=True)
    faces = corner.reshape(-1)[mesh.triangles]
    first = faces.reshape(-1).astype(np.int64)
    second = np.roll(faces, -1, axis=1).reshape(-1).astype(np.int64)
    real = first != second
    first, second = first[real], second[real]
    count = len(mesh.points)
    forward, backward = np.sort(first * count + second), np.sort(second * count + first)
    if not np.array_equal(forward, backward) or np.any(np.diff(forward) == 0):
        return False
    solid = np.flatnonzero(real.reshape(-1, 3).all(axis=1))
    return len(solid) > 0 and bool(np.all(_volumes(mesh.points[mesh.triangles[solid]], faces[solid]) > 0.0))


@once_a_mesh
def _hides_its_inside(mesh: Mesh) -> bool:
    return not mesh.double_sided and is_closed(_compact(mesh))


def _volumes(corners: NDArray[np.float32], faces: NDArray[np.int64]) -> NDArray[np.float64]:
    """Signed volume of each connected piece of triangles (T, 3, 3); faces: (T, 3), corners by position."""
    label = np.arange(faces.max() + 1)
    while True:
        lowest = label.copy()
        first, second, third = faces.T
        least = np.minimum(np.minimum(label[first], label[second]), label[third])
        for corner in (first, second, third):
            np.minimum.at(lowest, corner, least)
        lowest = lowest[lowest]
        if np.array_equal(lowest, label):
            break
        label = lowest
    a, b, c = np.moveaxis(corners - corners.mean(axis=(0, 1), dtype=np.float64), 1, 0)
    six = np.einsum("tc,tc->t", a, np.cross(b, c))
    piece, row = np.unique(label[faces[:, 0]], return_inverse=True)
    return np.bincount(row.reshape(-1), weights=six, minlength=len(piece)) / 6.0


def upload(scene: SceneArrays, device: str) -> Geometry:
    """Put a scene's constant geometry on a device."""
    meshes, parts = [_compact(mesh) for mesh in scene.meshes], scene.part_mesh
    vertex_counts = np.array([len(mesh.points) for mesh in meshes], np.int64)
    face_counts = np.array([len(mesh.triangles) for mesh in meshes], np.int64)
    mesh_vertex, mesh_face = _starts(vertex_counts), _starts(face_counts)
    part_vertex, part_face = _starts(vertex_counts[parts]), _starts(face_counts[parts])
    vertices, faces = int(vertex_counts[parts].sum()), int(face_counts[parts].sum())
    block = BLOCK if wp.get_device(device).is_cpu else CUDA_BLOCK
    blocks = -(-vertex_counts[parts] // block)
    block_part = np.repeat(np.arange(len(parts)), blocks)
    block_first = (np.arange(int(blocks.sum())) - np.repeat(_starts(blocks), blocks)) * block
    bounds = [(mesh.points.min(0), mesh.points.max(0)) if len(mesh.points) else (np.zeros(3),) * 2 for mesh in meshes]
    low, high = (np.array([b[i] for b in bounds], np.float64).reshape(-1, 3)[parts] for i in (0, 1))
    rigid = np.ones(len(parts), bool) if scene.deform is None else scene.deform.part_body < 0
    triangles = [mesh.triangles + start for mesh, start in zip(meshes, mesh_vertex, strict=True)]

    def put(values: object, dtype: object) -> wp.array:
        return wp.array(values, dtype=dtype, device=device)

    def index(values: NDArray[np.int64]) -> wp.array:
        return put(np.ascontiguousarray(values, np.int32), wp.int32)

    return Geometry(
        points=put(_join([mesh.points for mesh in meshes], 3), wp.vec3),
        normals=put(_join([mesh.normals for mesh in meshes], 3), wp.vec3),
        uvs=put(_join([mesh.uvs for mesh in meshes], 2), wp.vec2),
        colors=put(_colors(meshes), wp.vec3),
        triangles=put(_join(triangles, 3).astype(np.int32), wp.vec3i),
        facing=index(np.concatenate([_facing(mesh) for mesh in meshes]) if meshes else np.zeros(0, np.int64)),
        triangle_part=index(np.repeat(np.arange(len(parts)), face_counts[parts])),
        part_vertex=index(np.append(part_vertex, vertices)),
        part_triangle=index(np.append(part_face, faces)),
        part_mesh_vertex=index(mesh_vertex[parts]),
        part_mesh_triangle=index(mesh_face[parts]),
        face_shift=index(mesh_face[parts] - part_face),
        vertex_shift=index(part_vertex - mesh_vertex[parts]),
        part_entity=index(scene.part_entity.astype(np.int64)),
        block=block,
        block_part=index(block_part),
        block_first=index(block_first),
        centres=0.5 * (low + high),
        radii=0.5 * np.linalg.norm(high - low, axis=1),
        low=low,
        high=high,
        # Deformed parts can fold over and come out of their plane.
        closed=np.array([_hides_its_inside(mesh) for mesh in scene.meshes], bool)[parts] & rigid,
        flat=rigid & ((high - low).min(axis=1) <= 1e-6 * np.maximum((high - low).max(axis=1), 1e-9)),
        vertices=vertices,
        faces=faces,
        influences=influences([mesh.skin for mesh in meshes], vertex_counts.tolist()),
    )


def _compact(mesh: Mesh) -> Mesh:
    """A mesh without the points that no triangle uses, which would widen bounds and extents.

    Triangles with a corner that is not finite are left out; other numbers that are not become zero.
    """
    finite = np.isfinite(mesh.points).all(axis=1)
    kept = mesh.triangles[finite[mesh.triangles].all(axis=1)]
    used, triangles = np.unique(kept, return_inverse=True)
    return Mesh(
        points=mesh.points[used],
        normals=tamed(mesh.normals[used], -FARTHEST, FARTHEST),
        uvs=tamed(mesh.uvs[used], -FARTHEST, FARTHEST),
        triangles=triangles.reshape(-1, 3).astype(np.int32),
        double_sided=mesh.double_sided,
        colors=None if mesh.colors is None else tamed(mesh.colors[used], 0.0, FARTHEST),
        skin=None if mesh.skin is None else mesh.skin[used],
    )


def _colors(meshes: list[Mesh]) -> NDArray[np.float32]:
    if all(mesh.colors is None for mesh in meshes):
        return np.ones((1, 3), np.float32)
    return _join([np.ones_like(mesh.points) if mesh.colors is None else mesh.colors for mesh in meshes], 3)


def _facing(mesh: Mesh) -> NDArray[np.int64]:
    """(T,): the packed normals of a mesh's triangles."""
    a, b, c = (mesh.points[mesh.triangles[:, i]].astype(np.float64) for i in range(3))
    normal = np.cross(b - a, c - a)
    normal /= np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-30)
    packed: NDArray[np.int64] = np.round(normal * 511.0 + 512.0).astype(np.int64) @ (1 << np.array([0, 10, 20]))
    return packed


def _starts(counts: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.cumsum(counts) - counts


def _join(arrays: list[NDArray[np.float32]], width: int) -> NDArray[np.float32]:
    return np.concatenate(arrays) if arrays else np.zeros((0, width), np.float32)
