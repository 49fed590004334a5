"""The depth maps of a pass: narrowed to what its images show, and drawn."""

from __future__ import annotations

from typing import Any

import numpy as np
import warp as wp

from replicator_dr.render import map_fit, shadow, tiles
from replicator_dr.render.arrays import SurroundingArrays
from replicator_dr.render.geometry import Geometry
from replicator_dr.render.scratch import SHADOW_SIDE, Scratch
from replicator_dr.render.shapes import Shapes

CLEARED = 16
"""Texels that a thread clears on CUDA."""


class ShadowPass:
    """Draws the casters of a scene."""

    def __init__(self, geometry: Geometry, pictures: SurroundingArrays, device: wp.Device) -> None:
        self._geometry = geometry
        self._pictures = pictures
        self._device = device

    def fit(
        self, first: int, images: int, views: wp.array, depth: wp.array, shadows: wp.array, scratch: Scratch
    ) -> None:
        """Magnify the maps of those images to what their depth shows."""
        height, width = depth.shape[1:]
        scratch.map_bounds.fill_(np.inf)
        run = width if self._device.is_cpu else 64
        self._launch(
            map_fit.measure_maps,
            (images, (height + 1) // 2, -(-width // run)),
            [first, run, views, depth, shadows, scratch.map_bounds],
        )
        self._launch(map_fit.fit_maps, (images, int(shadows.shape[1])), [first, scratch.map_bounds, shadows])

    def draw(
        self, first: int, images: int, parts: wp.array, materials: wp.array, casts: wp.array, shadows: wp.array,
        shapes: Shapes, scratch: Scratch,
    ) -> None:  # fmt: skip
        """The casting parts into the maps, and what is looked up before them."""
        g, s, on_cpu, count = self._geometry, scratch, self._device.is_cpu, int(shadows.shape[1])
        clear_run = SHADOW_SIDE if on_cpu else CLEARED
        dim: tuple[int, ...] = (images, count, SHADOW_SIDE, SHADOW_SIDE // clear_run)
        self._launch(shadow.clear_maps, dim, [first, clear_run, shadows, s.maps])
        s.map_queue_length.zero_()
        placing = [first, parts, casts, shadows, shapes.centre, shapes.radius, s.placed]
        self._launch(shadow.place_parts, (images, count, int(parts.shape[1])), placing)
        run = 0 if on_cpu else 1
        self._launch(
            shadow.draw_maps,
            (images, count, g.faces if run else int(parts.shape[1])),
            [first, run, parts, materials, self._pictures, s.placed, shadows, g.triangles, g.triangle_part,
             g.part_triangle, g.part_vertex, g.face_shift, g.vertex_shift, g.points, shapes.points, g.uvs,
             s.seen, s.maps, s.map_queue_length, s.map_queue],
        )  # fmt: skip
        if not on_cpu:
            self._launch(
                shadow.draw_tiles,
                (images, count, (SHADOW_SIDE // int(shadow.TILE)) ** 2, tiles.THREADS),
                [first, shadows, s.maps, s.map_queue_length, s.map_queue],
            )
        cells = SHADOW_SIDE // int(shadow.CELL)
        cell_run = cells if on_cpu else 1
        dim = (images, count, cells, cells // cell_run)
        self._launch(shadow.coarsen_maps, dim, [first, cell_run, shadows, s.maps, s.coarse_maps])
        self._launch(shadow.widen_maps, dim, [first, cell_run, shadows, s.coarse_maps, s.wide_maps])

    def _launch(self, kernel: wp.Kernel, dim: tuple[int, ...], inputs: list[Any]) -> None:
        wp.launch(kernel, dim, inputs, device=self._device)
