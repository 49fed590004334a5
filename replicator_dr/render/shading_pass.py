"""The colours of a pass: how much sky is hidden, surfaces shaded, pixels with several of them blended."""

from __future__ import annotations

from typing import Any

import numpy as np
import warp as wp

from replicator_dr.render import film as films
from replicator_dr.render import film_patterned, occlusion, shade, shade_patterned, shade_plain
from replicator_dr.render.arrays import FrameRecords, GeometryArrays, PassBuffers, SurroundingArrays
from replicator_dr.render.color import encoding_table
from replicator_dr.render.rays import RayMap
from replicator_dr.render.scene import LightType, SceneArrays
from replicator_dr.render.scratch import Scratch

MIXED_THREADS = 1 << 14
"""Threads that shade the pixels of an image that show several surfaces, on CUDA."""
SHADED_ROWS = 16
"""Rows of an image that a thread shades together on a CPU."""
_PARALLEL = (LightType.DISTANT, LightType.DOME)


class ShadingPass:
    """Shades a scene. geometry, surroundings: the scene's arrays on the device."""

    def __init__(
        self, scene: SceneArrays, geometry: GeometryArrays, surroundings: SurroundingArrays, device: wp.Device
    ) -> None:
        self._geometry = geometry
        self._surroundings = surroundings
        self._encode = wp.array(encoding_table(), dtype=wp.int32, device=device)
        self._parallel = bool(np.isin(scene.light_type, _PARALLEL).all())
        self._device = device
        self._cpu = device.is_cpu

    def occlude(self, first: int, images: int, views: wp.array, rays: RayMap, depth: wp.array, s: Scratch) -> None:
        """How much sky is open, into ``s.open``. depth: along the axis, or along the rays where there are any."""
        half = s.open.shape
        run = half[2] if self._cpu else 1
        rows = (images, half[1], -(-half[2] // run))
        self._launch(occlusion.occlude, rows, [first, run, views, rays, depth, s.open])
        self._launch(occlusion.smooth_occlusion, rows, [first, run, 0, depth, s.open, s.smooth_open])
        self._launch(occlusion.smooth_occlusion, rows, [first, run, 1, depth, s.smooth_open, s.open])

    def shade(
        self, first: int, images: int, records: FrameRecords, simple: bool, rays: RayMap, s: Scratch,
        rgb: wp.array | None, film: wp.array | None,
    ) -> None:  # fmt: skip
        """The colours of those images, into ``rgb``, ``film``, or both.

        simple: whether materials have no pictures but that of their colour, and all cameras are pinholes.
        """
        buffers = PassBuffers()
        buffers.camera, buffers.normals, buffers.keys, buffers.occlusion = s.camera, s.normals, s.keys, s.open
        buffers.surface, buffers.rays = s.surface, rays
        buffers.maps, buffers.wide_maps = s.maps, s.wide_maps
        buffers.mixed, buffers.mixed_length = s.mixed, s.mixed_length
        _, height, width = s.surface.shape
        rows = SHADED_ROWS if self._cpu else 0
        blocks = -(-height // SHADED_ROWS) if self._cpu else width * height + MIXED_THREADS
        shaded = [first, rows, MIXED_THREADS, self._geometry, records, self._surroundings, buffers]
        mixed = (images, MIXED_THREADS)
        patterned = records.patterns.size > 0
        if rgb is not None:
            kernel = self._kernel(simple, patterned)
            self._launch(kernel, (images, blocks), [*shaded, self._encode, rgb])
            if not self._cpu:
                self._launch(shade.blend_mixed, mixed, [first, MIXED_THREADS, buffers, self._encode, rgb])
        if film is not None:
            expose = film_patterned.expose_patterned_images if patterned else films.expose_images
            self._launch(expose, (images, blocks), [*shaded, film])
            if not self._cpu:
                self._launch(films.blend_films, mixed, [first, MIXED_THREADS, buffers, film])

    def _kernel(self, simple: bool, patterned: bool) -> wp.Kernel:
        if patterned:
            return shade_patterned.shade_patterned_images
        plain = simple and self._parallel and not self._cpu
        return shade_plain.shade_plain_images if plain else shade.shade_images

    def _launch(self, kernel: wp.Kernel, dim: tuple[int, ...], inputs: list[Any]) -> None:
        wp.launch(kernel, dim, inputs, device=self._device)
