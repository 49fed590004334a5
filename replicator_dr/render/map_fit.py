"""Depth maps narrowed to what an image shows: their texels are spent where a shadow can be seen.

Where the visible places lie on each map is measured on the depth image (Lauritzen, Salvi, Lefohn 2011, *Sample
distribution shadow maps*). A map is magnified in steps and moved by whole texels, so that shadows' rims stay as they
are while a camera moves a little. The maps of a cube around a lamp are left as they are.
"""

from __future__ import annotations

from importlib.resources import files

import warp as wp

from replicator_dr.render.shadow import CELL
from replicator_dr.render.start import WIDE_VECTORS
from replicator_dr.render.structs import ShadowState, ViewState

wp.set_module_options({"enable_backward": False, "fast_math": True, "optimization_level": 3, **WIDE_VECTORS})

STEPS = wp.constant(4.0)
"""Steps of the magnification in an octave."""
MOST = wp.constant(4.0)
"""The greatest magnification."""
FARTHEST = wp.constant(48.0)
"""Texels that a half-shadow reaches at most on a magnified map: all of them have to be searched."""
UNSEEN = wp.constant(6.0)
"""Texels of the wide map left on each side for places between the pixels that are measured."""
BORDER = wp.constant(3.0)
"""Texels along a map's sides that are not looked up, or only by chance."""

_NATIVE = files("replicator_dr.render") / "native"


@wp.func_native((_NATIVE / "measure_maps.cpp").read_text())
def measure_run(
    image: int,
    frame: int,
    row: int,
    begin: int,
    end: int,
    views: wp.array(dtype=ViewState),
    depth: wp.array3d(dtype=wp.float32),
    shadows: wp.array2d(dtype=ShadowState),
    bounds: wp.array3d(dtype=wp.float32),
):
    """Every second one of pixels begin to end - 1 of a row."""


@wp.kernel(enable_backward=False)
def measure_maps(
    first: int,
    run: int,
    views: wp.array(dtype=ViewState),
    depth: wp.array3d(dtype=wp.float32),
    shadows: wp.array2d(dtype=ShadowState),
    bounds: wp.array3d(dtype=wp.float32),
):
    """bounds: (images, maps, 4), x, y, -x, -y [texels] of what is seen, lowered; ``run`` pixels of a row a thread."""
    image, row, segment = wp.tid()
    begin = segment * run
    end = wp.min(begin + run, depth.shape[2])
    if begin < end:
        measure_run(image, first + image, 2 * row, begin, end, views, depth, shadows, bounds)


@wp.kernel(enable_backward=False)
def fit_maps(first: int, bounds: wp.array3d(dtype=wp.float32), shadows: wp.array2d(dtype=ShadowState)):
    """Magnify each map so that it holds what is seen and no more; those on which nothing is seen are switched off."""
    image, s = wp.tid()
    record = shadows[first + image, s]
    if record.active == 0 or record.perspective == 2:
        return
    low_x = bounds[image, s, 0]
    low_y = bounds[image, s, 1]
    wide = -bounds[image, s, 2] - low_x
    high = -bounds[image, s, 3] - low_y
    if wide < 0.0:
        record.active = 0
        shadows[first + image, s] = record
        return
    side = float(record.side)
    needed = wp.max(wide, high) + 2.0 * (UNSEEN + record.widest)
    gain = wp.clamp((side - 2.0 * BORDER) / needed, 1.0, wp.min(MOST, FARTHEST / record.widest))
    gain = wp.pow(2.0, wp.floor(wp.log2(gain) * STEPS + 1.0e-3) / STEPS)
    if gain <= 1.0:
        return
    shift_x = wp.floor(0.5 * side - gain * (low_x + 0.5 * wide))
    shift_y = wp.floor(0.5 * side - gain * (low_y + 0.5 * high))
    m = record.matrix
    o = record.offset
    ahead = wp.vec3(0.0, 0.0, 0.0)
    along = float(1.0)
    if record.perspective != 0:
        ahead = m[2]
        along = o[2]
    record.matrix = wp.matrix_from_rows(gain * m[0] + shift_x * ahead, gain * m[1] + shift_y * ahead, m[2])
    record.offset = wp.vec3(gain * o[0] + shift_x * along, gain * o[1] + shift_y * along, o[2])
    record.texel = record.texel / gain
    record.widest = record.widest * gain
    record.reach = int(wp.ceil(record.widest / float(CELL)))
    shadows[first + image, s] = record
