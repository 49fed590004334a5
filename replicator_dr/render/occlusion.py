"""Ambient occlusion from the depth image: how much of the sky nearby surfaces hide, at half resolution.

Scalable ambient obscurance in its simplest form (McGuire, Osman, Bukowski, Hennessy 2011): a few taps in a disc whose
radius is a share of the distance. Native for the reason given in shade.py.
"""

from __future__ import annotations

from importlib.resources import files

import warp as wp

from replicator_dr.render.rays import RayMap
from replicator_dr.render.start import WIDE_VECTORS
from replicator_dr.render.structs import ViewState

wp.set_module_options({"enable_backward": False, "fast_math": True, "optimization_level": 3, **WIDE_VECTORS})


_NATIVE = files("replicator_dr.render") / "native"


@wp.func_native((_NATIVE / "occlude_run.cpp").read_text())
def occlude_run(
    image: int,
    frame: int,
    row: int,
    begin: int,
    end: int,
    views: wp.array(dtype=ViewState),
    rays: RayMap,
    depth: wp.array3d(dtype=wp.float32),
    result: wp.array3d(dtype=wp.float32),
):
    """Values begin to end - 1 of a row of ``result``."""


@wp.func_native((_NATIVE / "smooth_run.cpp").read_text())
def smooth_run(
    image: int,
    frame: int,
    row: int,
    begin: int,
    end: int,
    down: int,
    depth: wp.array3d(dtype=wp.float32),
    rough: wp.array3d(dtype=wp.float32),
    smooth: wp.array3d(dtype=wp.float32),
):
    """Values begin to end - 1 of a row of ``smooth``."""


@wp.kernel(enable_backward=False)
def occlude(
    first: int,
    run: int,
    views: wp.array(dtype=ViewState),
    rays: RayMap,
    depth: wp.array3d(dtype=wp.float32),
    result: wp.array3d(dtype=wp.float32),
):
    """result: 1 = open sky, one value for 2 x 2 pixels; ``run`` values of a row a thread.

    depth: along the axis, or along the rays where there are any.
    """
    image, row, segment = wp.tid()
    begin = segment * run
    occlude_run(image, first + image, row, begin, wp.min(begin + run, result.shape[2]), views, rays, depth, result)


@wp.kernel(enable_backward=False)
def smooth_occlusion(
    first: int,
    run: int,
    down: int,
    depth: wp.array3d(dtype=wp.float32),
    rough: wp.array3d(dtype=wp.float32),
    smooth: wp.array3d(dtype=wp.float32),
):
    """Take the taps' pattern out of ``rough``: the mean of five values at about the same depth.

    Once for each direction; down: 1 for values one below the other.
    """
    image, row, segment = wp.tid()
    begin = segment * run
    smooth_run(image, first + image, row, begin, wp.min(begin + run, rough.shape[2]), down, depth, rough, smooth)
