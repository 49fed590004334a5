"""A batch of frames through a lens: the steps of a pass that differ from a plain pinhole's."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

import numpy as np
import warp as wp
from numpy.typing import NDArray

from replicator_dr.optics import LensModel
from replicator_dr.render import ray_extent, ray_raster, ray_setup
from replicator_dr.render.coverage import Images
from replicator_dr.render.geometry import Geometry
from replicator_dr.render.lens import LensState
from replicator_dr.render.rays import RayMap, make_rays
from replicator_dr.render.scratch import Scratch
from replicator_dr.render.shapes import Shapes
from replicator_dr.render.structs import put_records

KEPT = 512 << 20
"""Bytes of ray maps that a renderer keeps: those of cameras whose lens does not vary are made once."""
RAY_BYTES = 56
"""Of a pixel's rays."""
ROOM = 2
"""With rays, an image takes about this many times the memory of a plain one."""


class RayCache:
    """Ray maps by lens and size; safe to use from several threads."""

    def __init__(self, device: wp.Device) -> None:
        self._device = device
        self._lock = threading.Lock()
        self._held: OrderedDict[tuple[bytes, int, int], RayMap] = OrderedDict()

    def rays(self, records: NDArray[Any], width: int, height: int) -> RayMap:
        """The rays of some images, from their LensState records; images with the same lens share them."""
        raw = records.view(np.uint8).reshape(len(records), -1)
        _, chosen, row = np.unique(raw, axis=0, return_index=True, return_inverse=True)
        distinct = records[chosen]
        key = (distinct.tobytes(), width, height)
        with self._lock:
            found = self._held.get(key)
            if found is not None:
                self._held.move_to_end(key)
        if found is None:
            found = make_rays(distinct, width, height, self._device)
            if len(distinct) == 1:
                self._keep(key, found)
        result = RayMap()
        for name in ("on", "x", "y", "z", "pitch", "cones", "levels", "whole"):
            setattr(result, name, getattr(found, name))
        result.row = wp.array(row.reshape(-1).astype(np.int32), dtype=wp.int32, device=self._device)
        return result

    def _keep(self, key: tuple[bytes, int, int], rays: RayMap) -> None:
        """Keep a map, and let those go that were asked for least lately."""
        with self._lock:
            self._held[key] = rays
            while len(self._held) > 1 and sum(w * h for _, w, h in self._held) * RAY_BYTES > KEPT:
                self._held.popitem(last=False)


@dataclass(frozen=True)
class PartTables:
    """What ray_setup.fit_parts asks of parts, as Warp arrays; see frame_setup.set_up_parts."""

    visible: wp.array
    shapes: Shapes
    closed: wp.array


class LensPass:
    """The lenses of a batch. records: (B,) LensState records."""

    def __init__(self, records: NDArray[Any], cache: RayCache, tables: PartTables, device: wp.Device) -> None:
        self.records = records
        self.tables = tables
        self._cache = cache
        self._device = device
        self._states = put_records(records, LensState, device)
        self._axial = int(records["model"][0] <= LensModel.OPENCV_PINHOLE) if len(records) else 0

    def begin(self, first: int, images: int, width: int, height: int, views: wp.array, parts: wp.array,
              geometry: Geometry) -> RayMap:  # fmt: skip
        """The rays of a pass over some images, once its parts are fitted to what these see."""
        rays = self._cache.rays(self.records[first : first + images], width, height)
        t, s = self.tables, self.tables.shapes
        self._launch(
            ray_setup.fit_parts,
            (images, int(parts.shape[1])),
            [first, self._axial, views, t.visible, s.centre, s.radius, s.low, s.high, t.closed, geometry.part_entity,
             rays, parts],
        )  # fmt: skip
        return rays

    def cover(
        self, first: int, images: int, rays: RayMap, views: wp.array, parts: wp.array, materials: wp.array,
        pictures: Any, geometry: Geometry, scratch: Scratch, target: Images,
    ) -> None:  # fmt: skip
        """The triangles of those images into the visibility buffer, and the extents of entities."""
        g, s = geometry, scratch
        run, branches = (256, 1) if self._device.is_cpu else (1, ray_raster.BRANCHES)
        groups = (images, -(-g.faces // run))
        self._launch(
            ray_raster.rasterise_rays,
            (*groups, branches),
            [first, run, branches, self._axial, materials, pictures, g.uvs, parts, views, g.triangles, g.triangle_part,
             g.part_triangle, g.face_shift, g.vertex_shift, g.part_entity, s.camera, rays, target],
        )  # fmt: skip
        self._launch(
            ray_extent.measure_vertices,
            (images, len(g.block_part)),
            [first, g.block, self._axial, parts, views, self._states, g.block_part, g.block_first, g.part_vertex,
             g.part_entity, s.camera, s.grid, target],
        )  # fmt: skip
        self._launch(
            ray_extent.measure_edges,
            groups,
            [first, run, self._axial, parts, views, self._states, g.triangles, g.triangle_part, g.face_shift,
             g.vertex_shift, g.part_entity, s.camera, s.grid, target],
        )  # fmt: skip

    def along_axis(self, first: int, images: int, rays: RayMap, distance: wp.array, depth: wp.array) -> None:
        """Depth along the axis from distance along the rays."""
        width = int(depth.shape[2])
        run = width if self._device.is_cpu else 1
        dim = (images, int(depth.shape[1]), -(-width // run))
        self._launch(ray_raster.along_axis, dim, [first, run, rays, distance, depth])

    def _launch(self, kernel: wp.Kernel, dim: tuple[int, ...], inputs: list[Any]) -> None:
        wp.launch(kernel, dim, inputs, device=self._device)
