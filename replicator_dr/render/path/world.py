"""One mesh of a whole frame in world coordinates, made anew for each frame."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import warp as wp

from replicator_dr.render import geometry
from replicator_dr.render.frame_setup import linear, single, translation
from replicator_dr.render.path.materials import PathMaterial
from replicator_dr.render.pattern import PatternState, pattern_records
from replicator_dr.render.pattern_arrays import PatternArrays
from replicator_dr.render.scene import FrameArrays, SceneArrays
from replicator_dr.render.shapes import ShapeMaker
from replicator_dr.render.structs import put_records

wp.set_module_options({"enable_backward": False})


@wp.struct
class WorldArrays:
    """A frame's triangles. mesh: id of the wp.Mesh, whose faces are the rows of the others.

    corners: (F, 3) flat, vertices of each face; uv_corners: (F, 3) flat, the same as rows of ``uvs``.
    points, normals: (V,) world [m], normals not of unit length. parts: (F,). materials: (M,), part_material: (P,).
    with_holes: 1 if some material has an opacity picture. patterned: 1 if some material has a pattern; then patterns:
    (M,); part_axes, part_origin: (P,), metres along each part's own axes are part_axes * (place - part_origin).
    """

    mesh: wp.uint64
    corners: wp.array(dtype=wp.int32)
    uv_corners: wp.array(dtype=wp.int32)
    points: wp.array(dtype=wp.vec3)
    normals: wp.array(dtype=wp.vec3)
    uvs: wp.array(dtype=wp.vec2)
    parts: wp.array(dtype=wp.int32)
    part_material: wp.array(dtype=wp.int32)
    materials: wp.array(dtype=PathMaterial)
    with_holes: wp.int32
    patterned: wp.int32
    patterns: wp.array(dtype=PatternState)
    part_axes: wp.array(dtype=wp.mat33)
    part_origin: wp.array(dtype=wp.vec3)


@dataclass(frozen=True)
class World:
    """A frame on the device. mesh: kept alive for as long as ``arrays`` names it."""

    arrays: WorldArrays
    mesh: wp.Mesh


class WorldBuilder:
    """What stays the same from frame to frame, and the way to a frame."""

    def __init__(self, scene: SceneArrays, device: wp.Device) -> None:
        self.device = device
        self.transform = wp.array(scene.part_transform, dtype=wp.int32, device=device)
        g = geometry.upload(scene, str(device))
        vertex, mesh_vertex = g.part_vertex.numpy(), g.part_mesh_vertex.numpy()
        face, mesh_face = g.part_triangle.numpy(), g.part_mesh_triangle.numpy()
        triangles = g.triangles.numpy().reshape(-1, 3)
        parts = np.repeat(np.arange(len(mesh_vertex)), np.diff(face))
        own = np.arange(g.faces) - face[parts] + mesh_face[parts]
        uv_corners = triangles[own]
        corners = uv_corners + (vertex[:-1] - mesh_vertex)[parts][:, None]
        vertex_part = np.repeat(np.arange(len(mesh_vertex)), np.diff(vertex))
        source = np.arange(g.vertices) - vertex[vertex_part] + mesh_vertex[vertex_part]
        self.vertices = g.vertices
        # A mesh needs a triangle; one without extent is never hit.
        if not len(corners):
            corners = uv_corners = np.zeros((1, 3), np.int32)
            parts, vertex_part, source = np.zeros(1, np.int32), np.zeros(0, np.int32), np.zeros(0, np.int32)

        def index(values: np.typing.NDArray[np.integer]) -> wp.array:
            return wp.array(np.ascontiguousarray(values.reshape(-1), np.int32), dtype=wp.int32, device=device)

        self.corners, self.uv_corners, self.parts = index(corners), index(uv_corners), index(parts)
        self.vertex_part, self.source = index(vertex_part), index(source)
        self.points, self.normals, self.uvs = g.points, g.normals, g.uvs
        self.shapes = ShapeMaker(scene, g, device)
        self.vertex = g.part_vertex

    def build(self, frames: FrameArrays, frame: int, materials: wp.array, with_holes: bool) -> World:
        """One frame of a batch. materials: (M,) PathMaterial of that frame."""
        room = max(self.vertices, 1)
        points = wp.zeros(room, dtype=wp.vec3, device=self.device)
        normals = wp.zeros(room, dtype=wp.vec3, device=self.device)
        world = wp.array(np.ascontiguousarray(frames.world[frame]), dtype=wp.mat44d, device=self.device)
        one = frames[frame : frame + 1]
        seen = one.part_drawn.astype(np.uint8)
        visible = wp.array(seen, dtype=wp.uint8, device=self.device)
        drawn = visible.reshape((seen.shape[1],))
        shapes = self.shapes.make(one, visible)
        wp.launch(
            place_vertices,
            self.vertices,
            [world, self.transform, drawn, self.vertex_part, self.source, self.points, self.normals, self.vertex,
             shapes.start, shapes.points, shapes.normals, points, normals],
            device=self.device,
        )  # fmt: skip
        mesh = wp.Mesh(points=points, indices=self.corners)
        arrays = WorldArrays()
        arrays.mesh = mesh.id
        arrays.corners, arrays.uv_corners, arrays.parts = self.corners, self.uv_corners, self.parts
        arrays.points, arrays.normals, arrays.uvs = points, normals, self.uvs
        arrays.part_material = wp.array(frames.part_material[frame], dtype=wp.int32, device=self.device)
        arrays.materials = materials
        arrays.with_holes = int(with_holes)
        arrays.patterned = int(frames.patterns is not None)
        if frames.patterns is not None:
            self._put_patterns(arrays, frames, frame, frames.patterns)
        return World(arrays, mesh)

    def _put_patterns(self, arrays: WorldArrays, frames: FrameArrays, frame: int, patterns: PatternArrays) -> None:
        records = pattern_records(patterns[frame : frame + 1])[0]
        arrays.patterns = put_records(records, PatternState, self.device)
        world = frames.world[frame][self.transform.numpy()]
        matrix = world[:, :3, :3]
        flat = np.linalg.det(matrix) == 0.0  # a part without extent is not seen
        inverse = np.linalg.inv(np.where(flat[:, None, None], np.eye(3), matrix))
        axes = np.swapaxes(inverse, 1, 2) * np.linalg.norm(matrix, axis=-1)[..., None]
        arrays.part_axes = wp.array(np.ascontiguousarray(axes, np.float32), dtype=wp.mat33, device=self.device)
        origin = np.ascontiguousarray(world[:, 3, :3], np.float32)
        arrays.part_origin = wp.array(origin, dtype=wp.vec3, device=self.device)


@wp.kernel(enable_backward=False)
def place_vertices(
    world: wp.array(dtype=wp.mat44d),
    transform: wp.array(dtype=wp.int32),
    drawn: wp.array(dtype=wp.uint8),
    vertex_part: wp.array(dtype=wp.int32),
    source: wp.array(dtype=wp.int32),
    points: wp.array(dtype=wp.vec3),
    normals: wp.array(dtype=wp.vec3),
    part_vertex: wp.array(dtype=wp.int32),
    start: wp.array(dtype=wp.int32),
    moved: wp.array(dtype=wp.vec3),
    moved_normals: wp.array(dtype=wp.vec3),
    placed: wp.array(dtype=wp.vec3),
    turned: wp.array(dtype=wp.vec3),
):
    """Positions and normals in the world; the vertices of a part that is not drawn fall together."""
    i = wp.tid()
    part = vertex_part[i]
    matrix = world[transform[part]]
    m = linear(matrix)
    p = points[source[i]]
    n = normals[source[i]]
    if start[part] >= 0 and drawn[part] != wp.uint8(0):
        own = start[part] + i - part_vertex[part]
        p = moved[own]
        n = moved_normals[own]
    shown = wp.float64(drawn[part])
    local = wp.vec3d(wp.float64(p[0]), wp.float64(p[1]), wp.float64(p[2])) * shown
    placed[i] = single(m * local + translation(matrix))
    c0 = wp.vec3d(m[0, 0], m[1, 0], m[2, 0])
    c1 = wp.vec3d(m[0, 1], m[1, 1], m[2, 1])
    c2 = wp.vec3d(m[0, 2], m[1, 2], m[2, 2])
    # Normals turn with the cofactors; a mirrored part keeps its outside.
    side = wp.where(wp.determinant(m) < wp.float64(0.0), wp.float64(-1.0), wp.float64(1.0))
    turn = (
        wp.cross(c1, c2) * wp.float64(n[0]) + wp.cross(c2, c0) * wp.float64(n[1]) + wp.cross(c0, c1) * wp.float64(n[2])
    )
    turned[i] = single(wp.normalize(turn * side))
