"""Which pixels a triangle covers, by exact integer edge functions over screen coordinates of 1/256 pixel.

A tie rule for shared edges leaves neither gaps nor overlaps. The nearest triangle of a sample is kept by one 64-bit
maximum of (1/z as float32 bits, triangle + 1); 0 means that nothing is there. Entities hidden behind others are kept
as bits beside it.
"""

from __future__ import annotations

from importlib.resources import files

import warp as wp

from replicator_dr.render.arrays import SurroundingArrays
from replicator_dr.render.clipping import cut_to_view, inside
from replicator_dr.render.cutout import holes_of
from replicator_dr.render.structs import (
    GUARD_BAND,
    IN_VIEW,
    SAMPLE_X,
    SAMPLE_Y,
    SUBPIXEL,
    Cutout,
    LargeTriangle,
    MaterialState,
    PartState,
    TriangleQueue,
    ViewState,
)

wp.set_module_options({"enable_backward": False, "fast_math": False, "fuse_fp": False})

LOW_X, HIGH_X = wp.constant(min(SAMPLE_X)), wp.constant(max(SAMPLE_X))
LOW_Y, HIGH_Y = wp.constant(min(SAMPLE_Y)), wp.constant(max(SAMPLE_Y))
LIMIT = wp.constant(float(GUARD_BAND) * float(SUBPIXEL))


@wp.struct
class Images:
    """The buffers that rasterising writes; a row of each for every image."""

    keys: wp.array2d(dtype=wp.int64)
    """(images, rows * W * SAMPLES), on CUDA: bits of float32 1/z << 32 | triangle + 1."""
    inverse: wp.array2d(dtype=wp.float32)
    """The same on a CPU in two: 1/z [1/m] ..."""
    triangle: wp.array2d(dtype=wp.int32)
    """... and triangle + 1."""
    bits: wp.array2d(dtype=wp.int64)
    """(images, rows * W * words): one bit an entity."""
    extent: wp.array3d(dtype=wp.float32)
    """(images, entities, 4): x_min, y_min, -x_max, -y_max of the projections between the near and the far plane."""
    width: wp.int32
    words: wp.int32
    silhouettes: wp.int32
    """On a CPU: 0, or where nothing but silhouettes of some entities is wanted, the bytes of ``bits`` a pixel has."""
    slot: wp.array2d(dtype=wp.int32)
    """(images, entities), where they are: the bit of each entity in these bytes, -1 = not wanted."""
    owner: wp.array2d(dtype=wp.int32)
    """(images, bits), the same: the entity of each bit, -1 = none."""
    region: wp.array(dtype=wp.vec4i)
    """(images,), the same: pixels that may be covered, from x, y to before x, y."""
    top: wp.int32
    bottom: wp.int32
    """Rows of the image that are drawn, top to bottom - 1; the first row of keys and bits is top."""


@wp.func
def to_grid(view: ViewState, p: wp.vec3) -> wp.vec2i:
    """Camera space [m] to screen coordinates in 1/256 pixel."""
    x = (view.focal[0] * (p[0] / p[2]) + view.centre[0]) * 256.0
    y = (view.focal[1] * (p[1] / p[2]) + view.centre[1]) * 256.0
    x = wp.clamp(x, -LIMIT, LIMIT)
    y = wp.clamp(y, -LIMIT, LIMIT)
    return wp.vec2i(int(wp.floor(x + 0.5)), int(wp.floor(y + 0.5)))


_NATIVE = files("replicator_dr.render") / "native"
KEEP_NEAREST, COVER_ROWS = ((_NATIVE / f"{name}.cpp").read_text() for name in ("keep_nearest", "cover_rows"))


@wp.func_native(KEEP_NEAREST + COVER_ROWS)
def cover_rows(
    images: Images,
    image: int,
    view: ViewState,
    x0: int,
    x1: int,
    y0: int,
    y1: int,
    p: wp.vec2i,
    q: wp.vec2i,
    s: wp.vec2i,
    plane: wp.vec3,
    low: float,
    high: float,
    mark: int,
    word: int,
    bit: wp.int64,
    cutout: Cutout,
    pictures: SurroundingArrays,
):
    """The pixels x0 to x1, y0 to y1 of one triangle of the screen grid, its inside where edges p-q, q-s, s-p are >= 0.

    plane: 1/z along a camera-space ray is its dot product with the ray (z = 1); low and high: what 1/z is clamped to.
    """


@wp.func
def area_of(p: wp.vec2i, q: wp.vec2i, s: wp.vec2i) -> wp.int64:
    """Twice the signed area of a triangle of the screen grid.

    The screen's y points down: a triangle that is counter-clockwise seen from outside has a negative area there.
    """
    return wp.int64(q[0] - p[0]) * wp.int64(s[1] - p[1]) - wp.int64(q[1] - p[1]) * wp.int64(s[0] - p[0])


@wp.func
def looks_away(p: wp.vec2i, q: wp.vec2i, s: wp.vec2i, facing: int) -> bool:
    """True for triangles without an area on the grid, and for those that show the back of a part that hides it."""
    area = area_of(p, q, s)
    return area == wp.int64(0) or (facing != 0 and (area > wp.int64(0)) == (facing > 0))


@wp.func
def bit_of(images: Images, image: int, entity: int):
    """Where an entity's bit stands in a pixel's words, or bytes of silhouettes: which one, -1 = none, and its value."""
    number = entity
    shift = int(6)
    if entity >= 0 and images.silhouettes != 0:
        number = images.slot[image, entity]
        shift = int(3)
    word = int(-1)
    bit = wp.int64(0)
    if number >= 0:
        word = number >> shift
        bit = wp.int64(1) << wp.int64(number & ((1 << shift) - 1))
    return word, bit


@wp.func
def cover(
    images: Images,
    image: int,
    view: ViewState,
    p: wp.vec2i,
    q: wp.vec2i,
    s: wp.vec2i,
    facing: int,
    plane: wp.vec3,
    low: float,
    high: float,
    triangle: int,
    entity: int,
    large: int,
    cutout: Cutout,
    pictures: SurroundingArrays,
    queue: TriangleQueue,
):
    """Rasterise one triangle of the screen grid; with more than ``large`` (> 0) pixels in its box, queue it."""
    if looks_away(p, q, s, facing):
        return
    x_least = wp.min(p[0], wp.min(q[0], s[0]))
    x_most = wp.max(p[0], wp.max(q[0], s[0]))
    y_least = wp.min(p[1], wp.min(q[1], s[1]))
    y_most = wp.max(p[1], wp.max(q[1], s[1]))
    x0 = wp.max((x_least - 128 - HIGH_X + 255) >> 8, 0)
    x1 = wp.min((x_most - 128 - LOW_X) >> 8, images.width - 1)
    y0 = wp.max((y_least - 128 - HIGH_Y + 255) >> 8, images.top)
    y1 = wp.min((y_most - 128 - LOW_Y) >> 8, images.bottom - 1)
    if x0 > x1 or y0 > y1:
        return
    # Turned so that the inside lies where the edges are positive.
    turn = area_of(p, q, s) < wp.int64(0)
    second = wp.where(turn, s, q)
    third = wp.where(turn, q, s)
    if large > 0 and cutout.texture < 0 and (x1 - x0 + 1) * (y1 - y0 + 1) > large:
        slot = wp.atomic_add(queue.length, image, 1)
        if slot < queue.triangles.shape[1]:
            waiting = LargeTriangle()
            waiting.p = p
            waiting.q = second
            waiting.s = third
            waiting.plane = plane
            waiting.low = low
            waiting.high = high
            waiting.triangle = triangle
            waiting.entity = entity
            queue.triangles[image, slot] = waiting
            queue.boxes[image, slot] = wp.vec2i(x0 | x1 << 16, y0 | y1 << 16)
            return
    word, bit = bit_of(images, image, entity)
    mark = triangle + 1
    cover_rows(
        images, image, view, x0, x1, y0, y1, p, second, third, plane, low, high, mark, word, bit, cutout, pictures
    )  # fmt: skip


@wp.func
def lower(extent: wp.array3d(dtype=wp.float32), image: int, entity: int, side: int, value: float):
    """Keep the lesser value; most change nothing, and looking is cheaper than an atomic."""
    if value < extent[image, entity, side]:
        wp.atomic_min(extent, image, entity, side, value)


@wp.func
def grow(images: Images, image: int, entity: int, low: wp.vec2i, high: wp.vec2i):
    """Widen an entity's projected extent by a box on the screen grid."""
    lower(images.extent, image, entity, 0, float(low[0]) / 256.0)
    lower(images.extent, image, entity, 1, float(low[1]) / 256.0)
    lower(images.extent, image, entity, 2, -float(high[0]) / 256.0)
    lower(images.extent, image, entity, 3, -float(high[1]) / 256.0)


@wp.func
def cover_triangle(
    images: Images,
    image: int,
    view: ViewState,
    state: PartState,
    a: wp.vec3,
    b: wp.vec3,
    c: wp.vec3,
    ga: wp.vec2i,
    gb: wp.vec2i,
    gc: wp.vec2i,
    triangle: int,
    entity: int,
    large: int,
    cutout: Cutout,
    pictures: SurroundingArrays,
    queue: TriangleQueue,
):
    """Rasterise one triangle of a part that may need cutting, and widen its entity's extent. large: see ``cover``."""
    normal = wp.cross(b - a, c - a)
    offset = wp.dot(normal, a)
    shown = offset != 0.0 and state.drawn == IN_VIEW
    low = 1.0 / wp.max(a[2], wp.max(b[2], c[2]))
    high = 1.0 / wp.max(view.near, wp.min(a[2], wp.min(b[2], c[2])))
    if inside(view, a) and inside(view, b) and inside(view, c):
        if entity >= 0:
            grow(images, image, entity, wp.min(ga, wp.min(gb, gc)), wp.max(ga, wp.max(gb, gc)))
        if shown:
            cover(
                images, image, view, ga, gb, gc, state.facing, normal / offset, low, high, triangle, entity, large,
                cutout, pictures, queue,
            )  # fmt: skip
        return
    low = wp.max(low, 1.0 / view.far)
    polygon = cut_to_view(view, a, b, c)
    g0 = to_grid(view, polygon.corners[0])
    g1 = to_grid(view, polygon.corners[1])
    for k in range(2, polygon.count):
        g2 = to_grid(view, polygon.corners[k])
        if entity >= 0:
            grow(images, image, entity, wp.min(g0, wp.min(g1, g2)), wp.max(g0, wp.max(g1, g2)))
        if shown:
            cover(
                images, image, view, g0, g1, g2, state.facing, normal / offset, low, high, triangle, entity, large,
                cutout, pictures, queue,
            )  # fmt: skip
        g1 = g2


@wp.func
def cover_any(
    images: Images,
    image: int,
    view: ViewState,
    state: PartState,
    material: MaterialState,
    triangle: int,
    face_shift: int,
    vertex_shift: int,
    entity: int,
    large: int,
    pictures: SurroundingArrays,
    uvs: wp.array(dtype=wp.vec2),
    triangles: wp.array(dtype=wp.vec3i),
    camera: wp.array2d(dtype=wp.vec3),
    grid: wp.array2d(dtype=wp.vec2i),
    queue: TriangleQueue,
):
    """A triangle that may need cutting or have holes. large: see coverage.cover."""
    corners = triangles[triangle + face_shift]
    i = corners[0] + vertex_shift
    j = corners[1] + vertex_shift
    k = corners[2] + vertex_shift
    a = camera[image, i]
    b = camera[image, j]
    c = camera[image, k]
    holes = holes_of(material, view, a, b, c, uvs[corners[0]], uvs[corners[1]], uvs[corners[2]])
    cover_triangle(
        images, image, view, state, a, b, c, grid[image, i], grid[image, j], grid[image, k], triangle, entity, large,
        holes, pictures, queue,
    )  # fmt: skip
