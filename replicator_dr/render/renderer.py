"""Renderer: a scene once, then any number of batches of frames through any of its cameras."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import warp as wp
from numpy.typing import NDArray

from replicator_dr.render import (
    coverage,
    environment,
    frame_setup,
    geometry,
    labels,
    lights,
    normals,
    occlusion,
    raster,
    shade,
    texture,
)
from replicator_dr.render import shadow as shadow_maps
from replicator_dr.render.arrays import FrameRecords, GeometryArrays, PassBuffers, SurroundingArrays
from replicator_dr.render.color import encoding_table
from replicator_dr.render.finite import BRIGHTEST, require_finite, tamed
from replicator_dr.render.scene import (
    EntityTable,
    FrameArrays,
    MaterialArrays,
    RenderedView,
    SceneArrays,
    View,
)
from replicator_dr.render.start import start_warp
from replicator_dr.render.structs import (
    SAMPLES,
    LightState,
    MaterialState,
    PartState,
    ShadowState,
    ViewState,
    numpy_dtype,
)

SHADOW_SIDE = 512
"""Texels of a side of a depth map."""
LARGE_TRIANGLE = 256
"""On CUDA, triangles over more pixels than this are spread over rows."""
SHADED_ROWS = 16
"""Rows of an image that a thread shades together on a CPU."""
LARGE_IN_MAP = 64
"""The same for texels of depth maps."""
VIEWS_ON_CUDA = 64
"""Images drawn in one pass on CUDA."""


@dataclass
class _Scratch:
    """What one pass over ``images`` images of one size writes; kept between passes."""

    images: int
    camera: wp.array
    normals: wp.array
    grid: wp.array
    keys: wp.array
    surface: wp.array
    bits: wp.array
    maps: wp.array
    coarse_maps: wp.array
    wide_maps: wp.array
    seen: wp.array
    map_queue_length: wp.array
    map_queue: wp.array
    open: wp.array
    smooth_open: wp.array
    queue_length: wp.array
    queue: wp.array


@dataclass
class _Batch:
    """The device half of a batch of frames seen by one camera."""

    views: wp.array
    parts: wp.array
    materials: wp.array
    lights: wp.array
    shadows: wp.array
    casts: wp.array
    depth: wp.array
    part: wp.array
    counts: labels.EntityCounts
    extent: wp.array
    rgb: wp.array | None
    normals: wp.array | None
    intrinsics: NDArray[np.float64]
    normal_maps: bool
    keep: list[Any] = field(default_factory=list)


class Renderer:
    """Draws a scene's frames. Safe to call from several threads at once; on a CPU the calls run in parallel.

    device: a Warp device, "cpu" or "cuda:0".
    """

    def __init__(self, scene: SceneArrays, device: str = "cpu") -> None:
        start_warp()
        self.scene = scene
        self.device = wp.get_device(device)
        self._cpu = self.device.is_cpu
        self.geometry = geometry.upload(scene, device)
        self.textures = texture.upload(scene.textures, device)
        self.environments = environment.upload(scene.environments, device)
        self._encode = wp.array(encoding_table(), dtype=wp.int32, device=device)
        self._arrays = filled(GeometryArrays(), self.geometry)
        self._surroundings = filled(filled(SurroundingArrays(), self.textures), self.environments)
        self._words = max(-(-scene.entities // 64), 1)
        self._own = threading.local()
        self._transform = self._put(scene.part_transform, wp.int32)
        self._centre = self._put(self.geometry.centres, wp.vec3d)
        self._radius = self._put(self.geometry.radii, wp.float64)
        self._low = self._put(self.geometry.low, wp.vec3d)
        self._high = self._put(self.geometry.high, wp.vec3d)
        self._closed = self._put(self.geometry.closed.astype(np.uint8), wp.uint8)

    def render(self, frames: FrameArrays, view: View, rgb: bool = True, normals: bool = False) -> RenderedView:
        """All frames of a batch through one camera. Arrays of the result belong to the caller.

        rgb, normals: whether to make those images; labels and depth are always made.
        """
        batch = self._begin(frames, view, rgb, normals)
        width = 1 if self._cpu else VIEWS_ON_CUDA
        for first in range(0, len(frames), width):
            self._draw(batch, view, first, min(width, len(frames) - first))
        return self._result(batch, view)

    def _put(self, values: NDArray[Any], dtype: Any) -> wp.array:
        return wp.array(np.ascontiguousarray(values), dtype=dtype, device=self.device)

    def _new(self, shape: tuple[int, ...], dtype: Any, value: float | None = None) -> wp.array:
        if value is None:
            return wp.empty(shape, dtype=dtype, device=self.device)
        return wp.full(shape, value, dtype=dtype, device=self.device)

    def _launch(self, kernel: wp.Kernel, dim: tuple[int, ...], inputs: list[Any]) -> None:
        wp.launch(kernel, dim, inputs, device=self.device)

    def _begin(self, frames: FrameArrays, view: View, rgb: bool, normals: bool) -> _Batch:
        require_finite(frames)
        batch, entities = len(frames), self.scene.entities
        height, width = view.height, view.width
        intrinsics = frames.cameras.intrinsics(view.camera, width, height)
        prepared = lights.prepare(self.scene, self.geometry, self.environments, frames, SHADOW_SIDE)
        cameras = self._put(frames.cameras.world[:, view.camera], wp.mat44d)
        views = self._new((batch,), ViewState)
        parts = self._new((batch, len(self.scene.part_mesh)), PartState)
        box = labels.EntityCounts()
        box.visible = self._new((batch, entities), wp.int32, 0)
        box.amodal = self._new((batch, entities), wp.int32, 0)
        box.visible_box = self._new((batch, entities, 4), wp.int32, 1 << 30)
        box.amodal_box = self._new((batch, entities, 4), wp.int32, 1 << 30)
        box.depth_min = self._new((batch, entities), wp.float32, np.inf)
        box.depth_max = self._new((batch, entities), wp.float32, -np.inf)
        result = _Batch(
            views=views,
            parts=parts,
            materials=wp.array(
                material_records(frames.materials), dtype=MaterialState, device=self.device
            ),
            lights=wp.array(prepared.lights, dtype=LightState, device=self.device),
            shadows=wp.array(prepared.shadows, dtype=ShadowState, device=self.device),
            casts=self._put(prepared.casts.astype(np.uint8), wp.uint8),
            depth=self._new((batch, height, width), wp.float32),
            part=self._new((batch, height, width), wp.int32),
            counts=box,
            # Warp cannot slice an array without elements, and a scene may have nothing labelled.
            extent=self._new((batch, max(entities, 1), 4), wp.float32, np.inf),
            rgb=self._new((batch, height, width, 4), wp.uint8) if rgb else None,
            normals=self._new((batch, height, width, 4), wp.float32) if normals else None,
            intrinsics=intrinsics,
            normal_maps=bool(np.any(frames.materials.normal_texture >= 0)),
        )
        clipping = self._put(frames.cameras.clipping[:, view.camera], wp.float64)
        self._launch(
            frame_setup.set_up_views,
            (batch,),
            [cameras, self._put(intrinsics, wp.float64), clipping, views],
        )
        world = self._put(frames.world, wp.mat44d)
        visible = self._put(frames.part_drawn.astype(np.uint8), wp.uint8)
        material = self._put(frames.part_material.astype(np.int32), wp.int32)
        self._launch(
            frame_setup.set_up_parts,
            (batch, len(self.scene.part_mesh)),
            [width, height, world, cameras, views, visible, material, self._transform, self._centre, self._radius,
             self._low, self._high, self._closed, self.geometry.part_entity, parts],
        )  # fmt: skip
        result.keep = [cameras, clipping, world, visible, material]
        return result

    def _scratch(self, images: int, view: View, shadows: int) -> _Scratch:
        size = (images, view.width, view.height, shadows)
        held: dict[tuple[int, ...], _Scratch] = self._own.__dict__.setdefault("scratch", {})
        if size not in held:
            if len(held) >= 4:
                held.pop(next(iter(held)))
            pixels, faces = view.width * view.height, self.geometry.faces
            queue = faces if not self._cpu else 1
            cells = SHADOW_SIDE // int(shadow_maps.CELL)
            half = ((view.height + 1) // 2, (view.width + 1) // 2)
            held[size] = _Scratch(
                images=images,
                camera=self._new((images, self.geometry.vertices), wp.vec3),
                normals=self._new((images, self.geometry.vertices), wp.vec3),
                grid=self._new((images, self.geometry.vertices), wp.vec2i),
                # A block of pixels at the end of the last row reaches beyond it.
                keys=self._new((images, (pixels + raster.BLOCK) * SAMPLES), wp.int64),
                surface=self._new((images, view.height, view.width), wp.int32),
                bits=self._new((images, pixels * self._words), wp.int64),
                maps=self._new((images, max(shadows, 1), SHADOW_SIDE, SHADOW_SIDE), wp.float32),
                coarse_maps=self._new((images, max(shadows, 1), cells, cells), wp.float32),
                wide_maps=self._new((images, max(shadows, 1), cells, cells), wp.float32),
                seen=self._new((images, self.geometry.vertices if self._cpu else 1), wp.vec3),
                map_queue_length=self._new((images, max(shadows, 1)), wp.int32),
                map_queue=self._new((images, max(shadows, 1), queue), wp.int32),
                open=self._new((images, *half), wp.float32),
                smooth_open=self._new((images, *half), wp.float32),
                queue_length=self._new((images,), wp.int32),
                queue=self._new((images, queue), wp.int32),
            )
        return held[size]

    def _draw(self, batch: _Batch, view: View, first: int, images: int) -> None:
        shadow_count = int(batch.shadows.shape[1])
        s = self._scratch(images, view, shadow_count)
        g = self.geometry
        s.keys.zero_()
        s.bits.zero_()
        s.queue_length.zero_()
        target = coverage.Images()
        target.keys, target.bits = s.keys, s.bits
        target.extent = batch.extent[first : first + images]
        target.width, target.height, target.words = view.width, view.height, self._words
        tables = [g.triangles, g.triangle_part, g.part_vertex, g.part_triangle, g.part_mesh_vertex,
                  g.part_mesh_triangle, g.part_entity, s.camera, s.grid, target, s.queue_length, s.queue]  # fmt: skip
        self._launch(
            raster.project,
            (images, len(g.block_part)),
            [first, batch.parts, batch.views, g.block_part, g.block_first, g.part_vertex, g.part_mesh_vertex,
             g.part_entity, g.points, g.normals, s.camera, s.normals, s.grid, target],
        )  # fmt: skip
        run, large = (256, 0) if self._cpu else (1, LARGE_TRIANGLE)
        groups = -(-g.faces // run)
        self._launch(raster.rasterise, (images, groups), [first, run, large, batch.parts, batch.views, *tables])
        if large:
            self._launch(
                raster.rasterise_queued,
                (images, int(raster.LANES), view.height),
                [first, batch.parts, batch.views, *tables],
            )
        pixel_run = view.width if self._cpu else 16
        segments = (images, view.height, -(-view.width // pixel_run))
        self._launch(
            labels.read_labels,
            segments,
            [first, pixel_run, self._words, s.keys, s.bits, g.triangle_part, g.part_entity,
             batch.counts, batch.depth, batch.part, s.surface],
        )  # fmt: skip
        if batch.normals is not None:
            self._launch(
                normals.read_normals,
                segments,
                [first, pixel_run, batch.views, self._arrays, s.camera, s.normals, s.keys, batch.normals],
            )
        if batch.rgb is not None:
            self._shade(batch, s, view, first, images, shadow_count)

    def _shade(self, batch: _Batch, s: _Scratch, view: View, first: int, images: int, shadows: int) -> None:
        g = self.geometry
        if shadows:
            self._draw_maps(batch, s, first, images, shadows)
        half = s.open.shape
        half_run = half[2] if self._cpu else 1
        rows = (images, half[1], -(-half[2] // half_run))
        self._launch(occlusion.occlude, rows, [first, half_run, batch.views, batch.depth, s.open])
        self._launch(occlusion.smooth_occlusion, rows, [first, half_run, 0, batch.depth, s.open, s.smooth_open])
        self._launch(occlusion.smooth_occlusion, rows, [first, half_run, 1, batch.depth, s.smooth_open, s.open])
        records = FrameRecords()
        records.views, records.parts, records.materials = batch.views, batch.parts, batch.materials
        records.lights, records.shadows = batch.lights, batch.shadows
        records.normal_maps = int(batch.normal_maps)
        buffers = PassBuffers()
        buffers.camera, buffers.normals, buffers.keys, buffers.occlusion = s.camera, s.normals, s.keys, s.open
        buffers.surface = s.surface
        buffers.maps, buffers.wide_maps = s.maps, s.wide_maps
        rows, columns = (SHADED_ROWS, view.width) if self._cpu else (1, 1)
        self._launch(
            shade.shade_images,
            (images, -(-view.height // rows), -(-view.width // columns)),
            [first, rows, columns, self._arrays, records, self._surroundings, buffers, self._encode, batch.rgb],
        )

    def _draw_maps(self, batch: _Batch, s: _Scratch, first: int, images: int, shadows: int) -> None:
        g = self.geometry
        s.maps.zero_()
        s.map_queue_length.zero_()
        run, large = (0, 0) if self._cpu else (1, LARGE_IN_MAP)
        self._launch(
            shadow_maps.draw_maps,
            (images, shadows, g.faces if run else len(self.scene.part_mesh)),
            [first, run, large, batch.parts, batch.casts, batch.shadows, g.triangles, g.triangle_part, g.part_triangle,
             g.part_vertex, g.face_shift, g.vertex_shift, g.points, self._centre, self._radius, s.seen, s.maps,
             s.map_queue_length, s.map_queue],
        )  # fmt: skip
        if large:
            self._launch(
                shadow_maps.draw_queued,
                (images, shadows, int(shadow_maps.LANES), SHADOW_SIDE),
                [first, batch.parts, batch.shadows, g.triangles, g.triangle_part, g.face_shift, g.points, s.seen, s.maps,
                 s.map_queue_length, s.map_queue],
            )  # fmt: skip
        cells = SHADOW_SIDE // int(shadow_maps.CELL)
        cell_run = cells if self._cpu else 1
        dim = (images, shadows, cells, cells // cell_run)
        self._launch(shadow_maps.coarsen_maps, dim, [first, cell_run, batch.shadows, s.maps, s.coarse_maps])
        self._launch(shadow_maps.widen_maps, dim, [first, cell_run, batch.shadows, s.coarse_maps, s.wide_maps])

    def _result(self, batch: _Batch, view: View) -> RenderedView:
        counts = batch.counts
        extent = batch.extent.numpy()[:, : self.scene.entities].copy()
        extent[..., 2:] *= -1.0
        return RenderedView(
            view=view,
            intrinsics=batch.intrinsics,
            depth=batch.depth.numpy(),
            part=batch.part.numpy(),
            entities=EntityTable(
                visible=counts.visible.numpy(),
                amodal=counts.amodal.numpy(),
                visible_box=_box(counts.visible_box.numpy(), counts.visible.numpy()),
                amodal_box=_box(counts.amodal_box.numpy(), counts.amodal.numpy()),
                depth_min=counts.depth_min.numpy(),
                depth_max=counts.depth_max.numpy(),
                extent=extent,
            ),
            rgb=None if batch.rgb is None else batch.rgb.numpy(),
            normals=None if batch.normals is None else batch.normals.numpy(),
        )


def filled(group: Any, source: object) -> Any:
    """A group of arrays with those taken from ``source`` that it has under the same names."""
    for name, value in vars(source).items():
        if hasattr(group, name):
            setattr(group, name, value)
    return group


def _box(minima: NDArray[np.int32], pixels: NDArray[np.int32]) -> NDArray[np.int32]:
    """Minima of x, y, -x, -y to inclusive boxes; (0, 0, -1, -1) where there are no pixels."""
    box = minima.copy()
    box[..., 2:] *= -1
    box[pixels == 0] = (0, 0, -1, -1)
    return box


def material_records(materials: MaterialArrays) -> NDArray[Any]:
    """(B, M) MaterialState records: the arrays' values, texture transforms as two rows."""
    records: NDArray[Any] = np.zeros(materials.roughness.shape, numpy_dtype(MaterialState))
    for name in ("roughness", "metallic", "specular"):
        records[name] = tamed(getattr(materials, name), 0.0, 1.0)
    records["base_color"] = tamed(materials.base_color, 0.0, BRIGHTEST)
    records["emission"] = tamed(materials.emission, 0.0, BRIGHTEST) * lights.EXPOSURE
    records["texture"] = materials.base_texture
    pictures = ("roughness_texture", "metallic_texture", "normal_texture", "emission_texture")
    for name in (*pictures, "roughness_gain", "metallic_gain", "normal_gain"):
        records[name] = getattr(materials, name)
    records["maps"] = np.any([records[name] >= 0 for name in pictures], axis=0)
    angle = np.radians(materials.uv_rotation)
    cosine, sine = np.cos(angle), np.sin(angle)
    scale, offset = materials.uv_scale, materials.uv_offset
    records["uv_row_u"] = np.stack([cosine * scale[..., 0], -sine * scale[..., 1], offset[..., 0]], axis=-1)
    records["uv_row_v"] = np.stack([sine * scale[..., 0], cosine * scale[..., 1], offset[..., 1]], axis=-1)
    records["detail"] = 0.5 * np.log2(np.maximum(np.abs(scale[..., 0] * scale[..., 1]), 1e-20))
    return records
