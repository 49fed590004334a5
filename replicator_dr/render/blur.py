"""Depth of field, motion blur and rolling shutters: an image as the mean of sharp ones.

These are seen through many points of the lens and at many moments of the exposure (P. Haeberli and K. Akeley, "The
accumulation buffer", SIGGRAPH 1990).

How many are taken follows from the blur itself: neighbouring points of the lens should show a thing at most SPACING
pixels apart, neighbouring moments at most STEP pixels.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from replicator_dr.errors import EngineError
from replicator_dr.optics import LensModel
from replicator_dr.render.rolling_shutter import rolls
from replicator_dr.render.scene import FrameArrays, RenderedView, View

Float64 = NDArray[np.float64]

SPACING = 2.0
STEP = 1.5
ROW_STEP = 0.75
"""The same with a rolling shutter, of which a row sees two moments, no more."""
FEWEST, MOST = 8, 128
"""Exposures of an image with any blur to see, and the most that are taken of themselves."""
VISIBLE = 0.5
"""Blur of fewer pixels than this is left out."""
STRIDE = 4
"""Blur is measured at each so many pixels of rows and columns."""
FAR = 1e6
"""Distance at which what is behind everything is taken to be [m]."""
GOLDEN_ANGLE = np.pi * (3.0 - np.sqrt(5.0))


def lens_points(count: int) -> Float64:
    """(count, 2) points evenly on the unit disk, from its centre outward: Vogel's sunflower."""
    index = np.arange(count)
    radius = np.sqrt((index + 0.5) / count)
    return np.stack([radius * np.cos(index * GOLDEN_ANGLE), radius * np.sin(index * GOLDEN_ANGLE)], axis=-1)


def moments(count: int) -> Float64:
    """(count,) times in 0..1, the middles of equal intervals, in the order of van der Corput's sequence.

    The order keeps them independent of the lens points of the same numbers.
    """
    bits = max(1, int(count - 1).bit_length())
    index = np.arange(count)
    reverse = sum(((index >> bit) & 1) << (bits - 1 - bit) for bit in range(bits))
    return np.asarray((np.argsort(np.argsort(reverse)) + 0.5) / count, np.float64)


def shares(frames: FrameArrays, camera: int, count: int) -> Float64:
    """(B, count) places of a frame's moments in the time that its image takes, 0 its beginning and 1 its end.

    In the order of :func:`moments`: the middles of equal intervals; with a rolling shutter evenly spaced with both
    ends, so that no row lies outside.
    """
    middles = np.broadcast_to(moments(count), (len(frames), count))
    ends = (middles * count - 0.5) / max(count - 1, 1)
    return np.where(rolls(frames, camera)[:, None], ends, middles)


def blurred(frames: FrameArrays, camera: int) -> NDArray[np.bool_]:
    """(B,) bool: whether the lens is open or anything moves while the image is taken."""
    return (frames.cameras.lens_radius(camera) > 0.0) | _moving(frames, camera)


def _moving(frames: FrameArrays, camera: int) -> NDArray[np.bool_]:
    if frames.motion is None or frames.sensors is None:
        return np.zeros(len(frames), np.bool_)
    return frames.motion.moves(camera) & frames.sensors.sees_motion(camera)


def exposures(
    frames: FrameArrays, seen: RenderedView, part_transform: NDArray[np.int32], lens: bool = True
) -> NDArray[np.int64]:
    """(B,) how many images each frame needs, a function of the frame alone. seen: the frames at their own moment.

    part_transform: as in SceneArrays. lens: whether the lens' blur counts. Where the sensor gives a number of samples,
    every image with blur has as many.
    """
    camera = seen.view.camera
    counts = np.ones(len(frames), np.int64)
    asked = np.zeros(len(frames)) if frames.sensors is None else frames.sensors.samples[:, camera]
    open_lens = (frames.cameras.lens_radius(camera) > 0.0) & lens
    moving, rolling = _moving(frames, camera), rolls(frames, camera)
    for row in np.flatnonzero(open_lens | moving).tolist():
        if asked[row] >= 1:
            counts[row] = round(asked[row])
            continue
        circle = blur_circle(frames, seen, row) if open_lens[row] else 0.0
        streak = streak_length(frames, seen, row, part_transform) if moving[row] else 0.0
        step = ROW_STEP if rolling[row] else STEP
        wanted = max(_round(np.pi / 4.0 * (circle / SPACING) ** 2), _round(streak / step))
        counts[row] = 1 if max(circle, streak) < VISIBLE else min(max(wanted, FEWEST), MOST)
    return counts


def _round(number: float) -> int:
    """The smallest of 2, 3, 4, 6, 8, 12, 16, ... that is not smaller: frames with similar blur are drawn together."""
    power = 1 << max(1, int(np.ceil(np.log2(max(number, 2.0)))))
    return power * 3 // 4 if number <= power * 3 // 4 else power


def blur_circle(frames: FrameArrays, seen: RenderedView, row: int) -> float:
    """Diameter [pixels] of the largest blur circle that the image shows: 2 f r |1 / focus - 1 / z|, r the lens' radius.

    f is the focal length in pixels, z the depth; from similar triangles through the plane in focus.
    """
    camera = seen.view.camera
    inverse = 1.0 / seen.depth[row, ::STRIDE, ::STRIDE].astype(np.float64)
    off = np.abs(1.0 / frames.cameras.focus_distance[row, camera] - inverse).max(initial=0.0)
    return float(2.0 * seen.intrinsics[row, :2].max() * frames.cameras.lens_radius(camera)[row] * off)


def streak_length(frames: FrameArrays, seen: RenderedView, row: int, part_transform: NDArray[np.int32]) -> float:
    """Length [pixels] of the longest path that what the image shows takes over it while it is taken."""
    here, view = frames[np.array([row])], seen.view
    assert here.sensors is not None
    assert here.motion is not None
    fx, fy, cx, cy = seen.intrinsics[row]
    y, x = np.mgrid[: view.height : STRIDE, : view.width : STRIDE] + 0.5
    depth = seen.depth[row, ::STRIDE, ::STRIDE].astype(np.float64)
    depth = np.where((depth > 0) & (depth < FAR), depth, FAR)
    points = np.stack([(x - cx) / fx * depth, (cy - y) / fy * depth, -depth, np.ones_like(depth)], axis=-1)
    world = points.reshape(-1, 4) @ here.cameras.world[0, view.camera]
    # -1, which stands for nothing, finds what is appended at the end.
    column = np.append(part_transform, -1)[seen.part[row, ::STRIDE, ::STRIDE].reshape(-1)]
    body = np.append(here.motion.transform_body, -1)[column]
    near = here.cameras.clipping[0, view.camera, 0]
    places = []
    opens, closes = here.sensors.span(view.camera, view.height)[0].tolist()
    for moment in np.linspace(opens, closes, 3):
        seconds = np.array([moment])
        steps = np.concatenate([here.motion.displacement(seconds)[0], np.eye(4)[None]])
        eye = at_moment(here, seconds).cameras.world[0, view.camera]
        local = (world[:, None, :] @ steps[body])[:, 0] @ np.linalg.inv(eye)
        away = np.maximum(-local[:, 2], near)
        places.append(np.stack([fx * local[:, 0] / away, fy * local[:, 1] / away], axis=-1))
    paths = np.linalg.norm(np.diff(places, axis=0), axis=-1).sum(axis=0)
    return float(paths.max(initial=0.0))


def at_moment(frames: FrameArrays, seconds: Float64) -> FrameArrays:
    """The frames as everything stands ``seconds``, (B,), after their own moment; lights stay where they are."""
    motion = frames.motion
    if motion is None:
        return frames
    cameras = replace(frames.cameras, world=motion.moved(frames.cameras.world, motion.camera_body, seconds))
    return replace(frames, world=motion.moved(frames.world, motion.transform_body, seconds), cameras=cameras)


def at_share(frames: FrameArrays, view: View, share: Float64) -> FrameArrays:
    """The frames at a moment of their images, (B,): 0 where the first row opens, 1 where the last one closes."""
    if frames.motion is None or frames.sensors is None:
        return frames
    span = frames.sensors.span(view.camera, view.height)
    return at_moment(frames, np.asarray(span[:, 0] + share * (span[:, 1] - span[:, 0])))


def through_lens(frames: FrameArrays, view: View, point: Float64) -> FrameArrays:
    """The frames as a pinhole at a point of the lens, on the unit disk, sees them; what is in focus stays in place.

    Moved by o across the axis the pinhole needs its principal point moved by f o / focus, so that the plane at the
    focus distance is projected to where it was. EngineError for lenses that distort: there it would not stay in place.
    """
    cameras, column = frames.cameras, view.camera
    if not cameras.lens_radius(column).any():
        return frames
    if (cameras.lens_model[:, column] != LensModel.PINHOLE).any():
        raise EngineError(
            "depth of field through a lens that distorts is not drawn by the raster; give f_stop 0, or path trace the "
            "colours (renderer: {mode: path_traced})"
        )
    off = cameras.lens_radius(column)[:, None] * point
    world = cameras.world.copy()
    world[:, column, 3, :3] += np.einsum("ba,bac->bc", off, world[:, column, :2, :3])
    opencv, nominal = cameras.opencv.copy(), cameras.nominal.copy()
    opencv[:, column] = cameras.intrinsics(column, view.width, view.height)
    focus = np.where(cameras.focus_distance[:, column] > 0, cameras.focus_distance[:, column], 1.0)
    opencv[:, column, 2:] += opencv[:, column, :2] * off * [1.0, -1.0] / focus[:, None]
    nominal[:, column] = view.width, view.height
    return replace(frames, cameras=replace(cameras, world=world, opencv=opencv, nominal=nominal))
