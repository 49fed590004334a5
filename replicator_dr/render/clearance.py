"""What stands near or around a point, and between two points: exact queries of posed meshes, R frames at once.

Meshes stay in their own frames, in trees of boxes; points go there by the inverses of the poses, and distances are
measured in the world, so that poses may scale unevenly. All of it runs on the CPU: there are a few points a frame.
"""

from __future__ import annotations

import numpy as np
import warp as wp
from numpy.typing import NDArray

from replicator_dr.render.scene import Mesh
from replicator_dr.render.start import start_warp

wp.set_module_options({"enable_backward": False, "fast_math": False, "fuse_fp": False})

DEVICE = "cpu"
SLACK = wp.constant(wp.float32(1.0e-5))
"""Boxes that are asked for are larger by this share of their place and size: float32 rounds."""
FULL = wp.constant(wp.float64(12.566370614359172))
"""Solid angle of all directions."""
FAR = wp.constant(wp.float64(1.0e300))


class MeshTable:
    """Meshes as the queries take them. Rows are those of the sequence that it was made from."""

    def __init__(self, meshes: tuple[Mesh, ...]) -> None:
        start_warp()
        self._held = [
            wp.Mesh(
                points=wp.array(mesh.points, dtype=wp.vec3, device=DEVICE),
                indices=wp.array(mesh.triangles.reshape(-1), dtype=wp.int32, device=DEVICE),
            )
            for mesh in meshes
        ]
        bounds = np.array([[mesh.points.min(axis=0), mesh.points.max(axis=0)] for mesh in meshes]).reshape(-1, 2, 3)
        self.ids = wp.array([mesh.id for mesh in self._held], dtype=wp.uint64, device=DEVICE)
        self.bounds = wp.array(bounds.astype(np.float64), dtype=wp.vec3d, device=DEVICE)


@wp.struct
class Posed:
    """P things. mesh: (P,) row of the meshes. transform: (P,) column of world. world, inverse: (R, X)."""

    ids: wp.array(dtype=wp.uint64)
    bounds: wp.array2d(dtype=wp.vec3d)
    mesh: wp.array(dtype=wp.int32)
    transform: wp.array(dtype=wp.int32)
    world: wp.array2d(dtype=wp.mat44d)
    inverse: wp.array2d(dtype=wp.mat44d)


def posed(table: MeshTable, mesh: NDArray[np.int32], transform: NDArray[np.int32], world: NDArray[np.float64]) -> Posed:
    """Things at their places. world: (R, X, 4, 4) float64; a pose without volume has no inverse and counts as nan."""
    flat = np.abs(np.linalg.det(world[..., :3, :3])) < 1e-30
    inverse = np.linalg.inv(np.where(flat[..., None, None], np.eye(4), world))
    inverse[flat] = np.nan
    things = Posed()
    things.ids, things.bounds = table.ids, table.bounds
    things.mesh = wp.array(mesh, dtype=wp.int32, device=DEVICE)
    things.transform = wp.array(transform, dtype=wp.int32, device=DEVICE)
    things.world = wp.array(np.ascontiguousarray(world), dtype=wp.mat44d, device=DEVICE)
    things.inverse = wp.array(np.ascontiguousarray(inverse), dtype=wp.mat44d, device=DEVICE)
    return things


def distances(
    things: Posed, asked: NDArray[np.bool_], points: NDArray[np.float64], reach: float
) -> NDArray[np.float64]:
    """(R, C) float64 [m]: from points (R, C, 3) to the nearest surface, inf beyond ``reach``. asked: (R, P) bool."""
    shape = (*points.shape[:2], asked.shape[1])
    result = wp.empty(shape, dtype=wp.float64, device=DEVICE)
    inputs = [things, _bytes(asked), _vectors(points), wp.float64(reach)]
    wp.launch(measure_distances, shape, inputs, [result], device=DEVICE)
    nearest: NDArray[np.float64] = np.min(result.numpy(), axis=2, initial=np.inf)
    return np.where(nearest <= reach, nearest, np.inf)


def inside(things: Posed, asked: NDArray[np.bool_], points: NDArray[np.float64]) -> NDArray[np.bool_]:
    """(R, C) bool: whether points (R, C, 3) lie inside of one of the things, which are closed. asked: (R, P) bool."""
    shape = (*points.shape[:2], asked.shape[1])
    result = wp.empty(shape, dtype=wp.float64, device=DEVICE)
    wp.launch(measure_windings, shape, [things, _bytes(asked), _vectors(points)], [result], device=DEVICE)
    return (np.max(result.numpy(), axis=2, initial=0.0)) > 0.5


def unblocked(
    things: Posed,
    asked: NDArray[np.bool_],
    own: NDArray[np.bool_],
    eyes: NDArray[np.float64],
    ends: NDArray[np.float64],
) -> NDArray[np.bool_]:
    """(R, C, N, K) bool: whether nothing lies between eyes (R, C, 3) and the K points of N targets, (R, N, K, 3).

    asked: (R, P) bool. own: (N, P) bool, things that belong to a target and do not block the view of it.
    """
    frames, cameras, (count, spots) = len(eyes), eyes.shape[1], ends.shape[1:3]
    shape = (frames, cameras, count, spots)
    result = wp.empty(shape, dtype=wp.uint8, device=DEVICE)
    ends = ends.reshape(frames, count * spots, 3)
    inputs = [things, _bytes(asked), _bytes(own), _vectors(eyes), _vectors(ends)]
    wp.launch(look_along, shape, inputs, [result], device=DEVICE)
    return result.numpy().astype(np.bool_)


def _bytes(values: NDArray[np.bool_]) -> wp.array:
    return wp.array(values.astype(np.uint8), dtype=wp.uint8, device=DEVICE, ndim=2)


def _vectors(values: NDArray[np.float64]) -> wp.array:
    return wp.array(np.ascontiguousarray(values, np.float64), dtype=wp.vec3d, device=DEVICE, ndim=2)


@wp.func
def moved(p: wp.vec3d, m: wp.mat44d) -> wp.vec3d:
    """A point under a row-vector matrix."""
    return wp.vec3d(
        p[0] * m[0, 0] + p[1] * m[1, 0] + p[2] * m[2, 0] + m[3, 0],
        p[0] * m[0, 1] + p[1] * m[1, 1] + p[2] * m[2, 1] + m[3, 1],
        p[0] * m[0, 2] + p[1] * m[1, 2] + p[2] * m[2, 2] + m[3, 2],
    )


@wp.func
def single(p: wp.vec3d) -> wp.vec3:
    """float64 to float32."""
    return wp.vec3(float(p[0]), float(p[1]), float(p[2]))


@wp.func
def double(p: wp.vec3) -> wp.vec3d:
    """float32 to float64."""
    return wp.vec3d(wp.float64(p[0]), wp.float64(p[1]), wp.float64(p[2]))


@wp.func
def to_segment(a: wp.vec3d, b: wp.vec3d) -> wp.float64:
    """Distance of the origin to a segment."""
    along = b - a
    square = wp.dot(along, along)
    t = wp.float64(0.0)
    if square > wp.float64(0.0):
        t = wp.clamp(-wp.dot(a, along) / square, wp.float64(0.0), wp.float64(1.0))
    return wp.length(a + t * along)


@wp.func
def to_triangle(a: wp.vec3d, b: wp.vec3d, c: wp.vec3d) -> wp.float64:
    """Distance of the origin to a triangle: to its plane where the foot lies within, else to its edges."""
    normal = wp.cross(b - a, c - a)
    least = wp.min(to_segment(a, b), wp.min(to_segment(b, c), to_segment(c, a)))
    size = wp.length(normal)
    zero = wp.float64(0.0)
    if size > zero:
        # Seen from the origin along the normal, all three edges turn the same way.
        first = wp.dot(wp.cross(a, b), normal)
        second = wp.dot(wp.cross(b, c), normal)
        third = wp.dot(wp.cross(c, a), normal)
        if first >= zero and second >= zero and third >= zero:
            least = wp.min(least, wp.abs(wp.dot(a, normal)) / size)
    return least


@wp.kernel(enable_backward=False)
def measure_distances(
    things: Posed,
    asked: wp.array2d(dtype=wp.uint8),
    points: wp.array2d(dtype=wp.vec3d),
    reach: wp.float64,
    result: wp.array3d(dtype=wp.float64),
):
    """A thread for each frame, point and thing."""
    r, c, p = wp.tid()
    nearest = FAR
    inverse = things.inverse[r, things.transform[p]]
    if asked[r, p] != wp.uint8(0) and inverse[3, 3] == inverse[3, 3]:
        world = things.world[r, things.transform[p]]
        point = points[r, c]
        middle = moved(point, inverse)
        # How far a ball in the world reaches along the thing's own axes.
        half = wp.vec3d(
            reach * wp.length(wp.vec3d(inverse[0, 0], inverse[1, 0], inverse[2, 0])),
            reach * wp.length(wp.vec3d(inverse[0, 1], inverse[1, 1], inverse[2, 1])),
            reach * wp.length(wp.vec3d(inverse[0, 2], inverse[1, 2], inverse[2, 2])),
        )
        low = single(middle - half)
        high = single(middle + half)
        slack = SLACK * wp.max(wp.max(wp.abs(low)), wp.max(wp.abs(high)))
        pad = wp.vec3(slack, slack, slack)
        tree = things.ids[things.mesh[p]]
        query = wp.mesh_query_aabb(tree, low - pad, high + pad)
        face = int(0)
        while wp.mesh_query_aabb_next(query, face):
            mesh = wp.mesh_get(tree)
            a = moved(double(mesh.points[mesh.indices[3 * face]]), world) - point
            b = moved(double(mesh.points[mesh.indices[3 * face + 1]]), world) - point
            d = moved(double(mesh.points[mesh.indices[3 * face + 2]]), world) - point
            nearest = wp.min(nearest, to_triangle(a, b, d))
    result[r, c, p] = nearest


@wp.kernel(enable_backward=False)
def measure_windings(
    things: Posed,
    asked: wp.array2d(dtype=wp.uint8),
    points: wp.array2d(dtype=wp.vec3d),
    result: wp.array3d(dtype=wp.float64),
):
    """How often each thing winds around each point: the sum of its triangles' solid angles over a full one.

    A. van Oosterom, J. Strackee, "The solid angle of a plane triangle", IEEE Trans. Biomed. Eng. 30 (1983).
    """
    r, c, p = wp.tid()
    total = wp.float64(0.0)
    inverse = things.inverse[r, things.transform[p]]
    if asked[r, p] != wp.uint8(0) and inverse[3, 3] == inverse[3, 3]:
        row = things.mesh[p]
        point = moved(points[r, c], inverse)
        low = things.bounds[row, 0]
        high = things.bounds[row, 1]
        within = point[0] >= low[0] and point[1] >= low[1] and point[2] >= low[2]
        if within and point[0] <= high[0] and point[1] <= high[1] and point[2] <= high[2]:
            mesh = wp.mesh_get(things.ids[row])
            for face in range(mesh.indices.shape[0] / 3):
                a = double(mesh.points[mesh.indices[3 * face]]) - point
                b = double(mesh.points[mesh.indices[3 * face + 1]]) - point
                d = double(mesh.points[mesh.indices[3 * face + 2]]) - point
                la = wp.length(a)
                lb = wp.length(b)
                ld = wp.length(d)
                across = la * lb * ld + wp.dot(a, b) * ld + wp.dot(b, d) * la + wp.dot(d, a) * lb
                total += wp.float64(2.0) * wp.atan2(wp.dot(a, wp.cross(b, d)), across)
    result[r, c, p] = total / FULL


@wp.kernel(enable_backward=False)
def look_along(
    things: Posed,
    asked: wp.array2d(dtype=wp.uint8),
    own: wp.array2d(dtype=wp.uint8),
    eyes: wp.array2d(dtype=wp.vec3d),
    ends: wp.array2d(dtype=wp.vec3d),
    result: wp.array4d(dtype=wp.uint8),
):
    """A thread for each frame, eye, target and point of it."""
    r, c, n, k = wp.tid()
    clear = wp.uint8(1)
    for p in range(things.mesh.shape[0]):
        inverse = things.inverse[r, things.transform[p]]
        if clear != wp.uint8(0) and asked[r, p] != wp.uint8(0) and own[n, p] == wp.uint8(0):
            if inverse[3, 3] == inverse[3, 3]:
                start = moved(eyes[r, c], inverse)
                way = moved(ends[r, n * result.shape[3] + k], inverse) - start
                length = wp.length(way)
                if length > wp.float64(0.0):
                    direction = single(way / length)
                    tree = things.ids[things.mesh[p]]
                    if wp.mesh_query_ray_anyhit(tree, single(start), direction, float(length)):
                        clear = wp.uint8(0)
    result[r, c, n, k] = clear
