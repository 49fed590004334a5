"""World normals at the pixels' centres, as shaded."""

from __future__ import annotations

import warp as wp

from replicator_dr.render.arrays import GeometryArrays
from replicator_dr.render.rays import RayMap, ray_of
from replicator_dr.render.seen_triangles import seen_triangle
from replicator_dr.render.structs import ViewState

# As raster.py rounds, so that a CPU and a GPU give the same normals.
wp.set_module_options({"enable_backward": False, "fuse_fp": False})


@wp.func
def normal_at(
    corner: wp.vec3,
    edge_1: wp.vec3,
    edge_2: wp.vec3,
    n0: wp.vec3,
    n1: wp.vec3,
    n2: wp.vec3,
    ray: wp.vec3,
) -> wp.vec3:
    """Unit normal where a camera-space ray meets a triangle; n0, n1, n2: its corners' normals in the world."""
    plane = wp.cross(edge_1, edge_2)
    offset = wp.dot(plane, corner)
    q = ray * (offset / wp.dot(plane, ray)) - corner
    square = wp.max(wp.dot(plane, plane), 1.0e-30)
    w1 = wp.clamp(wp.dot(q, wp.cross(edge_2, plane)) / square, 0.0, 1.0)
    w2 = wp.clamp(wp.dot(q, wp.cross(plane, edge_1)) / square, 0.0, 1.0 - w1)
    n = wp.normalize(n0 + (n1 - n0) * w1 + (n2 - n0) * w2)
    # Camera space is turned, never mirrored, so the offset's sign tells which side is seen.
    if offset > 0.0:
        return -n
    return n


@wp.kernel(enable_backward=False)
def read_normals(
    first: int,
    run: int,
    views: wp.array(dtype=ViewState),
    geometry: GeometryArrays,
    camera: wp.array2d(dtype=wp.vec3),
    world_normals: wp.array2d(dtype=wp.vec3),
    keys: wp.array2d(dtype=wp.int64),
    surface: wp.array3d(dtype=wp.int32),
    rays: RayMap,
    normals: wp.array4d(dtype=wp.float32),
):
    """``run`` pixels of a row a thread; rows ``first`` and on of the batch's images."""
    image, y, segment = wp.tid()
    frame = first + image
    view = views[frame]
    width = normals.shape[2]
    begin = segment * run
    for x in range(begin, wp.min(begin + run, width)):
        triangle = seen_triangle(image, y, x, keys, surface)
        n = wp.vec3(0.0, 0.0, 0.0)
        if triangle >= 0:
            part = geometry.triangle_part[triangle]
            t = geometry.triangles[triangle + geometry.face_shift[part]]
            shift = geometry.vertex_shift[part]
            corner = camera[image, t[0] + shift]
            ray = wp.vec3(
                (float(x) + 0.5 - view.centre[0]) / view.focal[0],
                (float(y) + 0.5 - view.centre[1]) / view.focal[1],
                1.0,
            )
            if rays.on != 0:
                ray = ray_of(rays, rays.row[image], (y * width + x) * 4)
            n = normal_at(
                corner,
                camera[image, t[1] + shift] - corner,
                camera[image, t[2] + shift] - corner,
                world_normals[image, t[0] + shift],
                world_normals[image, t[1] + shift],
                world_normals[image, t[2] + shift],
                ray,
            )
        normals[frame, y, x, 0] = n[0]
        normals[frame, y, x, 1] = n[1]
        normals[frame, y, x, 2] = n[2]
        normals[frame, y, x, 3] = 0.0
