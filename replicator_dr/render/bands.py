"""Visibility on a CPU: an image in bands of rows, each from empty buffers to labels while it lies in the cache.

A whole image's samples would be written to memory and read again three times over.
"""

from __future__ import annotations

from importlib.resources import files

import warp as wp

from replicator_dr.render.arrays import SurroundingArrays
from replicator_dr.render.coverage import COVER_ROWS, KEEP_NEAREST, Images, bit_of, cover_any
from replicator_dr.render.labels import COUNT, EntityCounts, PixelArrays, count_covered, count_seen
from replicator_dr.render.start import WIDE_VECTORS
from replicator_dr.render.structs import IN_VIEW, MaterialState, PartState, TriangleQueue, ViewState

wp.set_module_options(
    {"enable_backward": False, "fast_math": False, "fuse_fp": False, "optimization_level": 3, **WIDE_VECTORS}
)

PIXELS = 24_000
"""Pixels of a band: samples and entity bits of a VGA image's 37 rows take 1 MB."""
BLOCK = 4
"""Pixels that are written together."""
LEAST_ROWS = 16
"""Rows of a band of a wide image, so that not too many triangles belong to several."""

_NATIVE = files("replicator_dr.render") / "native"
_COVER_LARGE = f"""#define NO_HOLES  // parts that come here have none
const auto cover_large = [&](int x0, int x1, int y0, int y1, wp::vec2i p, wp::vec2i q, wp::vec2i s,
    wp::vec3 plane, float low, float high, int mark) {{
{COVER_ROWS}
}};
#undef NO_HOLES
"""


@wp.struct
class BandTable:
    """Which triangles each band of an image has to draw; a row of each array for every image."""

    rows: wp.int32
    """Of a band."""
    count: wp.int32
    """Of the bands."""
    kept: wp.array2d(dtype=wp.int32)
    """(images, triangles): those that can show, in order."""
    span: wp.array2d(dtype=wp.int32)
    """(images, triangles): of each kept one the first band | the last << 16."""
    start: wp.array2d(dtype=wp.int32)
    """(images, bands + 2): where the triangles of each band begin in ``order``; then those that more than two bands
    share, and the end."""
    order: wp.array2d(dtype=wp.int32)
    """(images, 2 * triangles)."""
    down: wp.array2d(dtype=wp.float32)
    """(images, H): y of the rays through each row's centres (z = 1)."""


def new_band_table(images: int, width: int, height: int, triangles: int, device: wp.Device) -> BandTable:
    """A table for images of that size; without room where the device has no use for it."""
    table = BandTable()
    table.rows = min(max(LEAST_ROWS, PIXELS // width), height)
    table.count = -(-height // table.rows)
    room = triangles if device.is_cpu else 0
    table.kept, table.span, table.start, table.order = (
        wp.empty((images, columns), dtype=wp.int32, device=device)
        for columns in (room, room, table.count + 2, 2 * room)
    )
    table.down = wp.empty((images, height), dtype=wp.float32, device=device)
    return table


@wp.func_native((_NATIVE / "band_keep.cpp").read_text())
def keep_triangles(
    table: BandTable,
    images: Images,
    image: int,
    near: float,
    whole: int,
    facing: int,
    begin: int,
    end: int,
    face_shift: int,
    vertex_shift: int,
    triangles: wp.array(dtype=wp.vec3i),
    camera: wp.array2d(dtype=wp.vec3),
    grid: wp.array2d(dtype=wp.vec2i),
):
    """Append those of triangles begin to end - 1 of a part that can show; count them in ``start``."""


@wp.func_native((_NATIVE / "band_sort.cpp").read_text())
def sort_kept(table: BandTable, image: int):
    """From the kept triangles to ``order``."""


@wp.func_native(
    "const long long pixels = (long long)(images.bottom - images.top) * images.width;"
    "__builtin_memset(images.bits.data + (long long)image * images.bits.shape[1], 0, pixels * images.words * 8);"
    "__builtin_memset(images.inverse.data + (long long)image * images.inverse.shape[1], 0, pixels * 16);"
    "__builtin_memset(images.triangle.data + (long long)image * images.triangle.shape[1], 0, pixels * 16);"
)
def clear_band(images: Images, image: int):
    """Nothing is there yet."""


@wp.func_native(
    "for (int y = 0; y < images.bottom - images.top; ++y) {"
    "  const long long first = ((long long)y * images.width + x_begin) * images.silhouettes;"
    "  __builtin_memset((char*)(images.bits.data + (long long)image * images.bits.shape[1]) + first, 0,"
    "                   (long long)(x_end - x_begin) * images.silhouettes);"
    "}"
)
def clear_columns(images: Images, image: int, x_begin: int, x_end: int):
    """The same for what silhouettes are counted from, in some columns."""


@wp.func_native(
    "if (pixels.amodal.shape[0] == 0) return;"
    "const long long row = (long long)images.width * images.words;"
    "__builtin_memcpy(pixels.amodal.data + ((long long)frame * pixels.amodal.shape[1] + images.top) * row,"
    " images.bits.data + (long long)image * images.bits.shape[1], (images.bottom - images.top) * row * 8);"
)
def keep_bits(images: Images, image: int, frame: int, pixels: PixelArrays):
    """The entities' bits of a band, for those who ask."""


@wp.func_native(KEEP_NEAREST + _COVER_LARGE + (_NATIVE / "band_cover.cpp").read_text())
def cover_list(
    images: Images,
    image: int,
    view: ViewState,
    table: BandTable,
    begin: int,
    end: int,
    face_shift: int,
    vertex_shift: int,
    word: int,
    bit: wp.int64,
    triangles: wp.array(dtype=wp.vec3i),
    camera: wp.array2d(dtype=wp.vec3),
    grid: wp.array2d(dtype=wp.vec2i),
):
    """Triangles ``order[image, n]`` for n from begin to end - 1, kept ones of a part that needs no cutting."""


@wp.func_native(COUNT + (_NATIVE / "count_2_slots.cpp").read_text())
def count_slots(images: Images, image: int, frame: int, y: int, x_begin: int, x_end: int, counts: EntityCounts):
    """What silhouettes cover in pixels of row ``y``, as ``labels.count_covered`` counts it."""


@wp.func_native((_NATIVE / "band_read.cpp").read_text())
def read_row(
    images: Images,
    image: int,
    frame: int,
    y: int,
    triangle_part: wp.array(dtype=wp.int32),
    pixels: PixelArrays,
):
    """Depth, part and triangle of a row's pixels."""


@wp.kernel(enable_backward=False)
def sort_triangles(
    first: int,
    parts: wp.array2d(dtype=PartState),
    views: wp.array(dtype=ViewState),
    triangles: wp.array(dtype=wp.vec3i),
    part_triangle: wp.array(dtype=wp.int32),
    face_shift: wp.array(dtype=wp.int32),
    vertex_shift: wp.array(dtype=wp.int32),
    camera: wp.array2d(dtype=wp.vec3),
    grid: wp.array2d(dtype=wp.vec2i),
    images: Images,
    table: BandTable,
):
    """All triangles of an image by bands, an image a thread. images: top and bottom are those of the whole image."""
    image = wp.tid()
    for band in range(table.count + 2):
        table.start[image, band] = 0
    view = views[first + image]
    for y in range(images.bottom):
        table.down[image, y] = (float(y) + 0.5 - view.centre[1]) / view.focal[1]
    for part in range(parts.shape[1]):
        drawn = parts[first + image, part].drawn
        whole = parts[first + image, part].whole
        if drawn == IN_VIEW or (drawn != 0 and whole == 0):
            keep_triangles(
                table, images, image, view.near, whole, parts[first + image, part].facing, part_triangle[part],
                part_triangle[part + 1], face_shift[part], vertex_shift[part], triangles, camera, grid,
            )  # fmt: skip
    sort_kept(table, image)


@wp.kernel(enable_backward=False)
def draw_bands(
    first: int,
    materials: wp.array2d(dtype=MaterialState),
    pictures: SurroundingArrays,
    uvs: wp.array(dtype=wp.vec2),
    parts: wp.array2d(dtype=PartState),
    views: wp.array(dtype=ViewState),
    triangles: wp.array(dtype=wp.vec3i),
    triangle_part: wp.array(dtype=wp.int32),
    face_shift: wp.array(dtype=wp.int32),
    vertex_shift: wp.array(dtype=wp.int32),
    part_entity: wp.array(dtype=wp.int32),
    camera: wp.array2d(dtype=wp.vec3),
    grid: wp.array2d(dtype=wp.vec2i),
    whole: Images,
    table: BandTable,
    pixels: PixelArrays,
    queue: TriangleQueue,
):
    """All bands, one a thread, over buffers of one band. whole: top and bottom are those of the whole image."""
    image, band = wp.tid()
    frame = first + image
    view = views[frame]
    images = whole
    images.top = band * table.rows
    images.bottom = wp.min(images.top + table.rows, whole.bottom)
    region = wp.vec4i()
    if whole.silhouettes != 0:
        region = whole.region[image]
        images.top = wp.max(images.top, region[1])
        images.bottom = wp.min(images.bottom, region[3])
        if images.top >= images.bottom:
            return
        clear_columns(images, image, region[0], region[2])
    else:
        clear_band(images, image)
    # Its own triangles, then those that many bands share.
    for shared in range(2):
        run = table.start[image, wp.where(shared == 0, band, table.count)]
        end = table.start[image, wp.where(shared == 0, band + 1, table.count + 1)]
        while run < end:
            part = triangle_part[table.order[image, run]]
            last = run + 1
            while last < end and triangle_part[table.order[image, last]] == part:
                last += 1
            if parts[frame, part].whole != 0:
                word, bit = bit_of(images, image, part_entity[part])
                cover_list(
                    images, image, view, table, run, last, face_shift[part], vertex_shift[part], word, bit,
                    triangles, camera, grid,
                )  # fmt: skip
            else:
                for n in range(run, last):
                    cover_any(
                        images, image, view, parts[frame, part], materials[frame, parts[frame, part].material],
                        table.order[image, n], face_shift[part], vertex_shift[part], part_entity[part], 0, pictures,
                        uvs, triangles, camera, grid, queue,
                    )  # fmt: skip
            run = last
    for y in range(images.top, images.bottom):
        if whole.silhouettes == 0:
            read_row(images, image, frame, y, triangle_part, pixels)
            count_seen(frame, y, 0, images.width, part_entity, pixels.depth, pixels.part, pixels.counts)
            count_covered(
                image, frame, y, y - images.top, 0, images.width, images.width, images.words, images.bits,
                pixels.counts,
            )  # fmt: skip
        else:
            count_slots(images, image, frame, y, region[0], region[2], pixels.counts)
    keep_bits(images, image, frame, pixels)
