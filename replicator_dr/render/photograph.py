"""Photographs: colours as the camera behind the lens takes them; labels and depth as without it.

Labels, depth and normals are those of the sharp, noiseless image at the frame's own moment, bit for bit.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import warp as wp
from numpy.typing import NDArray

from replicator_dr.errors import EngineError
from replicator_dr.render import blur, color, develop
from replicator_dr.render import film as films
from replicator_dr.render.renderer import Renderer
from replicator_dr.render.rolling_shutter import rolls, row_shares
from replicator_dr.render.scene import FrameArrays, RenderedView, View


def is_ordinary(frames: FrameArrays, camera: int) -> NDArray[np.bool_]:
    """(B,) bool: whether the renderer's own image is what the camera takes."""
    plain = ~blur.blurred(frames, camera)
    return plain if frames.sensors is None else plain & frames.sensors.is_plain(camera)


def photograph(
    renderer: Renderer,
    frames: FrameArrays,
    view: View,
    rgb: bool = True,
    normals: bool = False,
    seed: int = 0,
    numbers: NDArray[np.int64] | None = None,
    amodal: bool = False,
) -> RenderedView:
    """The same as ``Renderer.render``, with the effects that the frames' cameras ask for.

    numbers: (B,) the frames' own numbers, by default their rows: an image depends on the frame's number, the seed and
    its own content, not on the batch.
    """
    ordinary = is_ordinary(frames, view.camera)
    if not rgb or ordinary.all():
        return renderer.render(frames, view, rgb, normals, amodal)
    numbers = np.arange(len(frames)) if numbers is None else numbers
    how = develop.records(frames, view, seed, numbers)
    if not blur.blurred(frames, view.camera).any() and not ordinary.any():
        film = new_film(renderer.device, len(frames), view)
        drawn = renderer.draw(frames, view, rgb=False, normals=normals, film=film, amodal=amodal)
        return replace(drawn.fetch(), rgb=develop.develop(film, how).numpy())
    seen = renderer.render(frames, view, bool(ordinary.any()), normals, amodal)
    colors = np.empty((len(frames), view.height, view.width, 4), np.uint8) if seen.rgb is None else seen.rgb.copy()
    counts = np.where(ordinary, 0, blur.exposures(frames, seen, renderer.scene.part_transform))
    for rows in _together(counts, renderer.device):
        film = expose(renderer, frames[rows], view, int(counts[rows[0]]))
        colors[rows] = develop.develop(film, how[rows]).numpy()
    return replace(seen, rgb=colors)


@dataclass(frozen=True)
class DeviceImages:
    """Images of a view as Warp arrays on the device, as in scene.RenderedView.

    rgb: (B, H, W, 4) uint8. depth: (B, H, W) float32 [m]. part: (B, H, W) int32.
    """

    rgb: wp.array | None
    depth: wp.array
    part: wp.array


def photograph_on_device(
    renderer: Renderer,
    frames: FrameArrays,
    view: View,
    rgb: bool = True,
    normals: bool = False,
    seed: int = 0,
    numbers: NDArray[np.int64] | None = None,
    amodal: bool = False,
) -> tuple[RenderedView, DeviceImages]:
    """The same with images left on the device, where ordinary ones are drawn; of others a copy is put there.

    The view comes without colours; its other arrays are on the host as ever, for labels.
    """
    if not rgb or is_ordinary(frames, view.camera).all():
        drawn = renderer.draw(frames, view, rgb, normals, amodal=amodal)
        return drawn.fetch(colors=False), DeviceImages(drawn.rgb, drawn.depth, drawn.part)
    seen = photograph(renderer, frames, view, rgb, normals, seed, numbers, amodal)
    return replace(seen, rgb=None), put_on_device(seen, renderer.device)


def put_on_device(seen: RenderedView, device: wp.Device) -> DeviceImages:
    """Copies of a view's images."""
    rgb = None if seen.rgb is None else wp.array(seen.rgb, dtype=wp.uint8, device=device)
    depth = wp.array(seen.depth, dtype=wp.float32, device=device)
    return DeviceImages(rgb, depth, wp.array(seen.part, dtype=wp.int32, device=device))


def _together(counts: NDArray[np.int64], device: wp.Device) -> list[NDArray[np.intp]]:
    """Rows of frames that are exposed together, as often each: on a CPU one, so that its shadows need be drawn once."""
    if device.is_cpu:
        return list(np.flatnonzero(counts)[:, None])
    return [np.flatnonzero(counts == count) for count in np.unique(counts[counts > 0])]


def developed(
    radiance: NDArray[np.float32],
    frames: FrameArrays,
    view: View,
    seed: int,
    numbers: NDArray[np.int64],
    device: wp.Device,
) -> NDArray[np.uint8]:
    """(B, H, W, 4) uint8 from a film that was made elsewhere, (B, H, W, 4) float32 linear radiance, 1 = white."""
    result = color.encoded(radiance[..., :3])
    rows = np.flatnonzero(~frames.sensors.is_plain(view.camera)) if frames.sensors is not None else np.zeros(0, int)
    if len(rows):
        film = wp.array(radiance[rows], dtype=wp.float32, device=device)
        result[rows] = develop.develop(film, develop.records(frames, view, seed, numbers)[rows]).numpy()
    return result


def new_film(device: wp.Device, batch: int, view: View) -> wp.array:
    """(B, H, W, 4) float32, dark."""
    return wp.zeros((batch, view.height, view.width, 4), dtype=wp.float32, device=device)


def expose(renderer: Renderer, frames: FrameArrays, view: View, count: int) -> wp.array:
    """A film, (B, H, W, 4) float32: the mean of ``count`` images over the lens and each row's exposure.

    One is the sharp one. An image's radiance does not depend on the batch. EngineError for an open lens with a rolling
    shutter.
    """
    film = new_film(renderer.device, len(frames), view)
    if count == 1:
        renderer.draw(frames, view, rgb=False, film=film)
        return film
    if (rolls(frames, view.camera) & (frames.cameras.lens_radius(view.camera) > 0.0)).any():
        raise EngineError(
            "depth of field with a rolling shutter is not drawn by the raster, whose rows see too few points of the "
            "lens; give f_stop 0, or path trace the colours (renderer: {mode: path_traced})"
        )
    total = new_film(renderer.device, len(frames), view)
    still = frames.motion is None or frames.sensors is None
    times = blur.shares(frames, view.camera, count)
    weights = row_shares(frames, view, times).astype(np.float32)
    for number, point in enumerate(blur.lens_points(count)):
        moved = blur.through_lens(blur.at_share(frames, view, times[:, number]), view, point)
        renderer.draw(moved, view, rgb=False, film=film, new_maps=not still or number == 0)
        rows = wp.array(weights[:, number].reshape(-1), dtype=wp.float32, device=renderer.device)
        added = [film.flatten(), view.width * 4, rows, total.flatten()]
        wp.launch(films.add_films, total.size, added, device=renderer.device)
    return total
