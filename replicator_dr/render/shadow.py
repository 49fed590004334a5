"""Depth maps seen from the lights: what stands nearest to each of them. How they darken a point is in native code.

A map holds nearness, see native/draw_map.cpp: 0 where nothing stands, so that clearing is a memset.
"""

from __future__ import annotations

from importlib.resources import files

import warp as wp

from replicator_dr.render.arrays import SurroundingArrays
from replicator_dr.render.start import WIDE_VECTORS
from replicator_dr.render.structs import MaterialState, PartState, ShadowState

wp.set_module_options({"enable_backward": False, "fast_math": True, "optimization_level": 3, **WIDE_VECTORS})

NEAREST = wp.constant(1e-3)
"""Casters closer to a light than this [m] are left out."""
CUT = wp.constant(1e-2)
"""Casters that reach behind a light are cut off so far [m] in front of it."""
CELL = wp.constant(4)
"""Texels of a side of a cell: what can stand in the light's way there is looked up first."""
TILE = wp.constant(32)
"""Texels of a side of the tiles in which large triangles are drawn on CUDA; see tiles.py."""

_NATIVE = files("replicator_dr.render") / "native"


@wp.struct
class MapTriangle:
    """A triangle on a depth map that waits in the queue: x and y in texels, nearness."""

    a: wp.vec3
    b: wp.vec3
    c: wp.vec3


@wp.struct
class MapPart:
    """A part as a map sees it. turn, shift: from its mesh to the map, before the perspective division."""

    turn: wp.mat33
    shift: wp.vec3
    drawn: wp.int32


@wp.func_native("""
float* row = maps.data + ((long long)(image * maps.shape[1] + s) * maps.shape[2] + y) * maps.shape[3];
#if defined(__CUDA_ARCH__)
for (int x = begin; x < end; x += 4) *(float4*)(row + x) = make_float4(0.0f, 0.0f, 0.0f, 0.0f);
#else
for (int x = begin; x < end; ++x) row[x] = 0.0f;
#endif
""")
def clear_texels(image: int, s: int, y: int, begin: int, end: int, maps: wp.array4d(dtype=wp.float32)):
    """Texels begin to end - 1 of row y of a map; on CUDA both are multiples of 4."""


@wp.kernel(enable_backward=False)
def clear_maps(
    first: int,
    run: int,
    shadows: wp.array2d(dtype=ShadowState),
    maps: wp.array4d(dtype=wp.float32),
):
    """Empty the maps that are in use, ``run`` texels of a row a thread."""
    image, s, y, group = wp.tid()
    shadow = shadows[first + image, s]
    if shadow.active != 0 and y < shadow.side:
        clear_texels(image, s, y, group * run, wp.min(group * run + run, shadow.side), maps)


@wp.func_native((_NATIVE / "draw_map.cpp").read_text())
def draw_run(
    image: int,
    s: int,
    shadow: ShadowState,
    placed: MapPart,
    facing: int,
    material: MaterialState,
    begin: int,
    end: int,
    face_shift: int,
    vertex_begin: int,
    vertex_end: int,
    moved_begin: int,
    nearest: float,
    cut_off: float,
    triangles: wp.array(dtype=wp.vec3i),
    points: wp.array(dtype=wp.vec3),
    moved: wp.array(dtype=wp.vec3),
    uvs: wp.array(dtype=wp.vec2),
    pictures: SurroundingArrays,
    scratch: wp.array2d(dtype=wp.vec3),
    maps: wp.array4d(dtype=wp.float32),
    queue_length: wp.array2d(dtype=wp.int32),
    queue: wp.array3d(dtype=MapTriangle),
):
    """Triangles begin to end - 1 of a part into map s of an image; on CUDA large ones go to the queue.

    facing: as in PartState. vertex_begin, vertex_end: the vertices of the part's mesh. moved_begin: PartState.moved.
    """


@wp.func_native((_NATIVE / "map_tiles.cpp").read_text())
def draw_tile(
    image: int,
    s: int,
    side: int,
    tile: int,
    thread: int,
    maps: wp.array4d(dtype=wp.float32),
    queue_length: wp.array2d(dtype=wp.int32),
    queue: wp.array3d(dtype=MapTriangle),
):
    """One texel of a tile; all threads of a block call it together."""


@wp.func_native((_NATIVE / "coarsen_cells.cpp").read_text())
def coarsen_cells(
    image: int,
    s: int,
    row: int,
    begin: int,
    end: int,
    cell: int,
    maps: wp.array4d(dtype=wp.float32),
    coarse: wp.array4d(dtype=wp.float32),
):
    """Cells begin to end - 1 of a row of cells, each ``cell`` x ``cell`` texels."""


@wp.func_native((_NATIVE / "widen_cells.cpp").read_text())
def widen_cells(
    image: int,
    s: int,
    row: int,
    begin: int,
    end: int,
    cells: int,
    reach: int,
    coarse: wp.array4d(dtype=wp.float32),
    wide: wp.array4d(dtype=wp.float32),
):
    """Cells begin to end - 1 of a row of ``cells``, of which the first ``cells`` rows are in use."""


@wp.func
def in_view(shadow: ShadowState, state: PartState, centre: wp.vec3d, radius: wp.float64) -> bool:
    """False if a part's bounding sphere lies wholly outside a map."""
    m = state.to_world
    c = m * wp.vec3(float(centre[0]), float(centre[1]), float(centre[2])) + state.world_offset
    a = m * wp.vec3(1.0, 0.0, 0.0)
    b = m * wp.vec3(0.0, 1.0, 0.0)
    d = m * wp.vec3(0.0, 0.0, 1.0)
    reach = float(radius) * wp.sqrt(wp.max(wp.dot(a, a), wp.max(wp.dot(b, b), wp.dot(d, d))))
    q = shadow.matrix * c + shadow.offset
    right = shadow.matrix[0]
    down = shadow.matrix[1]
    side = float(shadow.side)
    if shadow.perspective == 0:
        wide = reach * wp.length(right)
        high = reach * wp.length(down)
        return q[0] > -wide and q[1] > -high and q[0] < side + wide and q[1] < side + high
    ahead = shadow.matrix[2]
    return (
        q[2] > -reach
        and q[0] > -reach * wp.length(right)
        and q[1] > -reach * wp.length(down)
        and side * q[2] - q[0] > -reach * wp.length(ahead * side - right)
        and side * q[2] - q[1] > -reach * wp.length(ahead * side - down)
    )


@wp.kernel(enable_backward=False)
def place_parts(
    first: int,
    parts: wp.array2d(dtype=PartState),
    casts: wp.array3d(dtype=wp.uint8),
    shadows: wp.array2d(dtype=ShadowState),
    centre: wp.array2d(dtype=wp.vec3d),
    radius: wp.array2d(dtype=wp.float64),
    placed: wp.array3d(dtype=MapPart),
):
    """What each map in use sees of each part."""
    image, s, part = wp.tid()
    shadow = shadows[first + image, s]
    if shadow.active == 0:
        return
    state = parts[first + image, part]
    result = MapPart()
    result.turn = shadow.matrix * state.to_world
    result.shift = shadow.matrix * state.world_offset + shadow.offset
    row = wp.min(first + image, centre.shape[0] - 1)
    if casts[first + image, shadow.light, part] != wp.uint8(0):
        if in_view(shadow, state, centre[row, part], radius[row, part]):
            result.drawn = 1
    placed[image, s, part] = result


@wp.kernel(enable_backward=False)
def draw_maps(
    first: int,
    run: int,
    parts: wp.array2d(dtype=PartState),
    materials: wp.array2d(dtype=MaterialState),
    pictures: SurroundingArrays,
    placed: wp.array3d(dtype=MapPart),
    shadows: wp.array2d(dtype=ShadowState),
    triangles: wp.array(dtype=wp.vec3i),
    triangle_part: wp.array(dtype=wp.int32),
    part_triangle: wp.array(dtype=wp.int32),
    part_vertex: wp.array(dtype=wp.int32),
    face_shift: wp.array(dtype=wp.int32),
    vertex_shift: wp.array(dtype=wp.int32),
    points: wp.array(dtype=wp.vec3),
    moved: wp.array(dtype=wp.vec3),
    uvs: wp.array(dtype=wp.vec2),
    scratch: wp.array2d(dtype=wp.vec3),
    maps: wp.array4d(dtype=wp.float32),
    queue_length: wp.array2d(dtype=wp.int32),
    queue: wp.array3d(dtype=MapTriangle),
):
    """The casting parts into each map in use: ``run`` triangles a thread, or with run = 0 a whole part."""
    image, s, group = wp.tid()
    if shadows[first + image, s].active == 0:
        return
    part = group
    begin = int(0)
    end = int(0)
    if run > 0:
        begin = group * run
        part = triangle_part[begin]
        end = begin + run
    else:
        begin = part_triangle[part]
        end = part_triangle[part + 1]
    if placed[image, s, part].drawn != 0:
        to_mesh = -vertex_shift[part]
        draw_run(
            image, s, shadows[first + image, s], placed[image, s, part], parts[first + image, part].facing,
            materials[first + image, parts[first + image, part].material], begin, end, face_shift[part],
            part_vertex[part] + to_mesh, part_vertex[part + 1] + to_mesh, parts[first + image, part].moved, NEAREST,
            CUT, triangles, points, moved, uvs, pictures, scratch, maps, queue_length, queue,
        )  # fmt: skip


@wp.kernel(enable_backward=False)
def draw_tiles(
    first: int,
    shadows: wp.array2d(dtype=ShadowState),
    maps: wp.array4d(dtype=wp.float32),
    queue_length: wp.array2d(dtype=wp.int32),
    queue: wp.array3d(dtype=MapTriangle),
):
    """The queued triangles of all maps, a block of threads a tile."""
    image, s, tile, thread = wp.tid()
    side = shadows[first + image, s].side
    if shadows[first + image, s].active != 0 and tile < (side / TILE) * (side / TILE):
        draw_tile(image, s, side, tile, thread, maps, queue_length, queue)


@wp.kernel(enable_backward=False)
def coarsen_maps(
    first: int,
    run: int,
    shadows: wp.array2d(dtype=ShadowState),
    maps: wp.array4d(dtype=wp.float32),
    coarse: wp.array4d(dtype=wp.float32),
):
    """The greatest nearness of each cell, ``run`` cells of a row a thread."""
    image, s, row, group = wp.tid()
    cells = shadows[first + image, s].side / CELL
    begin = group * run
    if shadows[first + image, s].active != 0 and row < cells and begin < cells:
        coarsen_cells(image, s, row, begin, wp.min(begin + run, cells), CELL, maps, coarse)


@wp.kernel(enable_backward=False)
def widen_maps(
    first: int,
    run: int,
    shadows: wp.array2d(dtype=ShadowState),
    coarse: wp.array4d(dtype=wp.float32),
    wide: wp.array4d(dtype=wp.float32),
):
    """The greatest nearness around each cell: where nothing can stand in the light, one look tells."""
    image, s, row, group = wp.tid()
    shadow = shadows[first + image, s]
    cells = shadow.side / CELL
    begin = group * run
    if shadow.active != 0 and row < cells and begin < cells:
        widen_cells(image, s, row, begin, wp.min(begin + run, cells), cells, shadow.reach, coarse, wide)
