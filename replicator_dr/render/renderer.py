"""Renderer: a scene once, then any number of batches of frames through any of its cameras."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import Any

import numpy as np
import warp as wp
from numpy.typing import NDArray

from replicator_dr.render import (
    bands,
    coverage,
    environment,
    frame_setup,
    geometry,
    ground,
    labels,
    normals,
    projection,
    raster,
    seen_triangles,
    texture,
    tiles,
)
from replicator_dr.render.arrays import FrameRecords, GeometryArrays, SurroundingArrays, filled
from replicator_dr.render.batch import Batch
from replicator_dr.render.drawn import DrawnView, new_drawn_view
from replicator_dr.render.finite import require_finite
from replicator_dr.render.lens import lens_records
from replicator_dr.render.lens_pass import ROOM as LENS_ROOM
from replicator_dr.render.lens_pass import LensPass, PartTables, RayCache
from replicator_dr.render.light_pass import LightPass
from replicator_dr.render.materials import material_records
from replicator_dr.render.pattern import pattern_table
from replicator_dr.render.rays import RayMap
from replicator_dr.render.scene import (
    EntityTable,
    FrameArrays,
    RenderedView,
    SceneArrays,
    View,
    entity_words,
)
from replicator_dr.render.scratch import Scratch, images_in_pass, new_scratch
from replicator_dr.render.shading_pass import ShadingPass
from replicator_dr.render.shadow_pass import ShadowPass
from replicator_dr.render.shapes import ShapeMaker
from replicator_dr.render.silhouette_bits import Silhouettes, silhouettes_of
from replicator_dr.render.start import start_warp
from replicator_dr.render.structs import (
    GroundState,
    MaterialState,
    PartState,
    ViewState,
    put_records,
)

LARGE_TRIANGLE = 64
"""On CUDA, cut triangles over more pixels than this are drawn tile by tile."""
COUNTED = 32
"""Pixels of a row that a thread counts on CUDA."""


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
        self._arrays = filled(GeometryArrays(), self.geometry)
        self._surroundings = filled(filled(SurroundingArrays(), self.textures), self.environments)
        self._sides = ground.rectangles(scene, self.device)
        self._words = entity_words(scene.entities)
        self._own = threading.local()
        self._rays, self._no_rays = RayCache(self.device), RayMap()
        self._transform = self._put(scene.part_transform, wp.int32)
        self._shapes = ShapeMaker(scene, self.geometry, self.device)
        self._shadows = ShadowPass(self.geometry, self._surroundings, self.device)
        self._shading = ShadingPass(scene, self._arrays, self._surroundings, self.device)
        self._closed = self._put(self.geometry.closed.astype(np.uint8), wp.uint8)
        self._lights = LightPass(scene, self.geometry, self.environments, self._transform, self.device)

    def draw(
        self,
        frames: FrameArrays,
        view: View,
        rgb: bool = True,
        normals: bool = False,
        film: wp.array | None = None,
        new_maps: bool = True,
        amodal: bool = False,
        triangles: bool = False,
        silhouettes: Silhouettes | None = None,
    ) -> DrawnView:
        """The same as ``render``, with all results left on the device.

        film: (B, H, W, 4) float32 to write linear radiance to besides, 1 = white; see film.expose_images. new_maps:
        false where only cameras have changed since this thread's last draw, of this view: shadows are those of then.
        triangles: whether to make that image, which is not fetched. silhouettes: where all but these may be left out.
        """
        batch = self._begin(frames, view, rgb, normals, amodal, triangles, rgb or film is not None)
        batch.film = film
        batch.silhouettes = silhouettes
        g, shadows = self.geometry, int(batch.shadows.shape[1])
        width = images_in_pass(view, shadows, self._words, g.vertices, g.faces, self.device)
        if batch.lens is not None:
            width = max(1, width // LENS_ROOM)
        batch.new_maps = new_maps or width < len(frames)
        if not batch.new_maps:
            batch.shadows = self._own.shadows
        self._own.shadows = batch.shadows
        for first in range(0, len(frames), width):
            self._draw(batch, view, first, min(width, len(frames) - first))
        return batch.drawn

    def render(
        self, frames: FrameArrays, view: View, rgb: bool = True, normals: bool = False, amodal: bool = False
    ) -> RenderedView:
        """All frames of a batch through one camera. Arrays of the result belong to the caller.

        rgb, normals, amodal: whether to make those images; the other labels and depth are always made.
        """
        return self.draw(frames, view, rgb, normals, amodal=amodal).fetch()

    def silhouettes(
        self, frames: FrameArrays, view: View, wanted: NDArray[np.bool_], region: NDArray[np.int64]
    ) -> EntityTable:
        """What the wanted entities (B, E) cover, hidden or not: ``amodal`` and ``amodal_box``.

        region: (B, 4), x, y to before x, y: where they lie in the image.
        """
        owner = self.scene.part_entity
        own = wanted[:, np.maximum(owner, 0)] & (owner >= 0)
        alone = replace(frames, part_visible=frames.part_visible & own)
        asked = silhouettes_of(wanted, region, self.device)
        return self.draw(alone, view, rgb=False, silhouettes=asked).fetch_entities()

    def _put(self, values: NDArray[Any], dtype: Any) -> wp.array:
        return wp.array(np.ascontiguousarray(values), dtype=dtype, device=self.device)

    def _new(self, shape: tuple[int, ...], dtype: Any) -> wp.array:
        return wp.empty(shape, dtype=dtype, device=self.device)

    def _launch(self, kernel: wp.Kernel, dim: tuple[int, ...], inputs: list[Any]) -> None:
        wp.launch(kernel, dim, inputs, device=self.device)

    def _begin(
        self, frames: FrameArrays, view: View, rgb: bool, normals: bool, amodal: bool, triangles: bool, shaded: bool
    ) -> Batch:
        require_finite(frames)
        batch, entities = len(frames), self.scene.entities
        intrinsics = frames.cameras.intrinsics(view.camera, view.width, view.height)
        lenses = lens_records(frames, view)
        cameras = self._put(frames.cameras.world[:, view.camera], wp.mat44d)
        views = self._new((batch,), ViewState)
        parts = self._new((batch, len(self.scene.part_mesh)), PartState)
        visible = self._put(frames.part_drawn.astype(np.uint8), wp.uint8)
        shapes = self._shapes.make(frames, visible)
        world = self._put(frames.world, wp.mat44d)
        lights = self._lights.set_up(frames, shapes, world, visible, shaded)
        material_rows = material_records(frames.materials)
        result = Batch(
            views=views,
            parts=parts,
            materials=put_records(material_rows, MaterialState, self.device),
            lights=lights.lights,
            shadows=lights.shadows,
            casts=lights.casts,
            grounds=self._new((batch,), GroundState),
            shapes=shapes,
            pictures=bool(np.any(material_rows["maps"])),
            normal_maps=bool(np.any(frames.materials.normal_texture >= 0)),
            patterns=pattern_table(frames.patterns, self.device),
            drawn=new_drawn_view(
                view, intrinsics, entities, self.device, rgb, normals, lenses is not None, amodal, triangles
            ),
        )
        clipping = self._put(frames.cameras.clipping[:, view.camera], wp.float64)
        seen = [cameras, self._put(intrinsics, wp.float64), clipping, views]
        self._launch(frame_setup.set_up_views, (batch,), seen)
        material = self._put(frames.part_material.astype(np.int32), wp.int32)
        self._launch(
            frame_setup.set_up_parts,
            (batch, len(self.scene.part_mesh)),
            [view.width, view.height, world, cameras, views, visible, material, result.materials, self._transform,
             shapes.centre, shapes.radius, shapes.low, shapes.high, shapes.start, shapes.vertices,
             self._closed, self.geometry.part_entity, parts],
        )  # fmt: skip
        if lenses is not None:
            tables = PartTables(visible, shapes, self._closed)
            result.lens = LensPass(lenses, self._rays, tables, self.device)
        self._launch(
            ground.set_up_grounds,
            (batch,),
            [self._sides, self._transform, world, cameras, visible, material, result.materials, self._surroundings,
             result.grounds],
        )  # fmt: skip
        result.keep += [cameras, clipping, world, visible, material, *lights.keep]
        return result

    def _scratch(self, images: int, view: View, shadows: int, whole: bool) -> Scratch:
        size = (images, view.width, view.height, shadows, whole)
        held: dict[tuple[int, ...], Scratch] = self._own.__dict__.setdefault("scratch", {})
        if size not in held:
            if len(held) >= 4:
                held.pop(next(iter(held)))
            g = self.geometry
            parts = len(self.scene.part_mesh)
            held[size] = new_scratch(images, view, shadows, self._words, g.vertices, g.faces, parts, self.device, whole)
        return held[size]

    def _draw(self, batch: Batch, view: View, first: int, images: int) -> None:
        shadow_count = int(batch.shadows.shape[1])
        s = self._scratch(images, view, shadow_count, batch.lens is not None)
        g, drawn = self.geometry, batch.drawn
        rays = self._no_rays
        if batch.lens is not None:
            rays = batch.lens.begin(first, images, view.width, view.height, batch.views, batch.parts, g)
        target = coverage.Images()
        target.keys, target.bits, target.inverse, target.triangle = s.keys, s.bits, s.inverse, s.triangle
        target.extent = drawn.extent[first : first + images]
        target.width, target.words, target.top, target.bottom = view.width, self._words, 0, view.height
        self._launch(
            projection.project,
            (images, len(g.block_part)),
            [first, batch.parts, batch.views, g.block, g.block_part, g.block_first, g.part_vertex, g.part_mesh_vertex,
             g.part_entity, g.points, g.normals, batch.shapes.points, batch.shapes.normals, s.camera, s.normals,
             s.grid, target],
        )  # fmt: skip
        pixels = labels.PixelArrays()
        pixels.depth, pixels.part, pixels.counts = drawn.depth, drawn.part, drawn.counts
        pixels.surface, pixels.keys, pixels.mixed, pixels.mixed_length = s.surface, s.keys, s.mixed, s.mixed_length
        if drawn.amodal is not None:
            pixels.amodal = drawn.amodal
        if batch.lens is not None:
            self._draw_rays(batch, s, target, pixels, rays, first, images)
        elif self._cpu:
            self._draw_bands(batch, s, target, pixels, first, images)
        else:
            self._draw_triangles(batch, s, target, pixels, first, images)
        if drawn.amodal is not None and (batch.lens is not None or not self._cpu):
            each = s.bits.shape[1]
            wp.copy(drawn.amodal.flatten(), s.bits.flatten(), first * each, 0, images * each)
        run, runs = (view.width, 1) if self._cpu else (1, view.width)
        if drawn.triangles is not None:
            asked = [first, run, s.keys, s.surface, drawn.triangles]
            self._launch(seen_triangles.read_triangles, (images, view.height, runs), asked)
        if drawn.normals is not None:
            self._launch(
                normals.read_normals,
                (images, view.height, runs),
                [first, run, batch.views, self._arrays, s.camera, s.normals, s.keys,
                 s.surface, rays, drawn.normals],
            )  # fmt: skip
        if drawn.rgb is not None or batch.film is not None:
            self._shade(batch, s, rays, first, images, shadow_count)

    def _draw_bands(
        self,
        batch: Batch,
        s: Scratch,
        target: coverage.Images,
        pixels: labels.PixelArrays,
        first: int,
        images: int,
    ) -> None:
        if batch.silhouettes is not None:
            batch.silhouettes.put(target, first, images)
        g = self.geometry
        self._launch(
            bands.sort_triangles,
            (images,),
            [first, batch.parts, batch.views, g.triangles, g.part_triangle, g.face_shift, g.vertex_shift, s.camera,
             s.grid, target, s.band_table],
        )  # fmt: skip
        self._launch(
            bands.draw_bands,
            (images, s.band_table.count),
            [first, batch.materials, self._surroundings, g.uvs, batch.parts, batch.views, g.triangles, g.triangle_part,
             g.face_shift, g.vertex_shift, g.part_entity, s.camera, s.grid, target, s.band_table, pixels,
             s.queue],
        )  # fmt: skip

    def _draw_triangles(
        self,
        batch: Batch,
        s: Scratch,
        target: coverage.Images,
        pixels: labels.PixelArrays,
        first: int,
        images: int,
    ) -> None:
        g = self.geometry
        s.keys.zero_()
        s.bits.zero_()
        s.queue.length.zero_()
        meshes = [g.triangles, g.triangle_part, g.face_shift, g.vertex_shift, g.part_entity, s.camera, s.grid]
        self._launch(
            raster.rasterise,
            (images, -(-g.faces // raster.THREADS) * raster.THREADS),
            [first, batch.parts, batch.views, *meshes, target, s.queue],
        )
        self._launch(
            raster.rasterise_cut,
            (images, g.faces),
            [first, LARGE_TRIANGLE, batch.materials, self._surroundings, g.uvs, batch.parts, batch.views, *meshes,
             target, s.queue],
        )  # fmt: skip
        pixels.counting = 1
        self._finish_tiles(batch, s, target, pixels, first, images)

    def _draw_rays(
        self, batch: Batch, s: Scratch, target: coverage.Images, pixels: labels.PixelArrays, rays: RayMap,
        first: int, images: int,
    ) -> None:  # fmt: skip
        assert batch.lens is not None
        g, drawn, width, height = self.geometry, batch.drawn, target.width, target.bottom
        s.keys.zero_()
        s.bits.zero_()
        batch.lens.cover(
            first, images, rays, batch.views, batch.parts, batch.materials, self._surroundings, g, s, target
        )
        distance = pixels.depth = drawn.depth if drawn.distance is None else drawn.distance
        if self._cpu:
            self._launch(
                labels.read_pixels,
                (images, height),
                [first, s.keys, g.triangle_part, distance, drawn.part, s.surface],
            )
        else:
            s.queue.length.zero_()
            self._finish_tiles(batch, s, target, pixels, first, images)
        batch.lens.along_axis(first, images, rays, distance, drawn.depth)
        self._count(s, target, drawn, first, images, width if self._cpu else COUNTED)

    def _finish_tiles(
        self,
        batch: Batch,
        s: Scratch,
        target: coverage.Images,
        pixels: labels.PixelArrays,
        first: int,
        images: int,
    ) -> None:
        s.mixed_length.zero_()
        tile_count = -(-target.width // int(tiles.TILE)) * -(-target.bottom // int(tiles.TILE))
        self._launch(
            tiles.finish_tiles,
            (images, tile_count, tiles.THREADS),
            [first, batch.views, self._arrays, target, s.queue, pixels],
        )

    def _count(self, s: Scratch, target: coverage.Images, drawn: DrawnView, first: int, images: int, run: int) -> None:
        self._launch(
            labels.count_entities,
            (images, target.bottom, -(-target.width // run)),
            [first, run, self._words, s.bits, self.geometry.part_entity, drawn.depth, drawn.part, drawn.counts],
        )

    def _shade(self, batch: Batch, s: Scratch, rays: RayMap, first: int, images: int, shadows: int) -> None:
        if shadows and batch.new_maps:
            if batch.lens is None:  # what is seen is measured along straight rays
                self._shadows.fit(first, images, batch.views, batch.drawn.depth, batch.shadows, s)
            self._shadows.draw(first, images, batch.parts, batch.materials, batch.casts, batch.shadows, batch.shapes, s)
        drawn = batch.drawn
        depth = drawn.depth if drawn.distance is None else drawn.distance
        self._shading.occlude(first, images, batch.views, rays, depth, s)
        records = FrameRecords()
        records.views, records.parts, records.materials = batch.views, batch.parts, batch.materials
        records.lights, records.shadows, records.grounds = batch.lights, batch.shadows, batch.grounds
        records.normal_maps = int(batch.normal_maps)
        records.patterns = batch.patterns
        simple = batch.lens is None and not batch.pictures
        self._shading.shade(first, images, records, simple, rays, s, drawn.rgb, batch.film)
