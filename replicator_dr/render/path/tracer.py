"""PathTracer: a scene once, then any number of batches of frames through any of its cameras."""

from __future__ import annotations

from typing import Any

import numpy as np
import warp as wp
from numpy.typing import NDArray

from replicator_dr.errors import EngineError
from replicator_dr.render.finite import require_finite
from replicator_dr.render.path import albedo, emitters, lens, materials, panorama, pictures
from replicator_dr.render.path.bsdf import AlbedoTables
from replicator_dr.render.path.emitters import Emitter
from replicator_dr.render.path.integrate import PathScene, trace
from replicator_dr.render.path.lens import Lens
from replicator_dr.render.path.materials import PathMaterial
from replicator_dr.render.path.world import WorldBuilder
from replicator_dr.render.scene import FrameArrays, SceneArrays, View
from replicator_dr.render.start import start_warp

SAMPLES_A_LAUNCH = 1 << 22
"""Camera paths in one launch: some ten seconds on a CPU, so that an interrupt is heard."""


class PathTracer:
    """Renders a scene's frames by path tracing. Safe to call from several threads at once.

    device: a Warp device, "cpu" or "cuda:0".
    """

    def __init__(self, scene: SceneArrays, device: str = "cpu") -> None:
        start_warp()
        self.scene = scene
        self.device = wp.get_device(device)
        self._worlds = WorldBuilder(scene, self.device)
        self._pictures = pictures.upload(scene.textures, self.device)
        self._domes, self._dome_means = panorama.upload(scene.environments, self.device)
        directional, mean = albedo.tables()
        self._albedo = AlbedoTables()
        self._albedo.directional = self._put(directional, wp.vec2)
        self._albedo.mean = self._put(mean, wp.vec2)

    def render(
        self,
        frames: FrameArrays,
        view: View,
        samples_per_pixel: int = 64,
        bounces: int = 4,
        seed: int = 0,
        numbers: NDArray[np.int64] | None = None,
    ) -> NDArray[np.float32]:
        """(B, H, W, 3) float32 linear radiance times light_setup.EXPOSURE.

        bounces: how often light is scattered before it is scattered toward the camera; 0 is direct light alone.
        numbers: (B,) the frames' own numbers, by default their rows: an image depends on the frame's number, the seed
        and its own content, not on the batch.
        """
        if samples_per_pixel < 1 or bounces < 0:
            raise EngineError(
                f"{samples_per_pixel} samples a pixel and {bounces} bounces; give at least 1 sample and 0 bounces"
            )
        require_finite(frames)
        batch = len(frames)
        numbers = np.arange(batch) if numbers is None else numbers
        radiance = wp.zeros((batch, view.height, view.width), dtype=wp.vec3, device=self.device)
        lenses = self._put(lens.records(frames, view), Lens)
        lights = emitters.records(self.scene, frames, self._dome_means)
        surfaces = materials.records(frames.materials)
        step = max(1, SAMPLES_A_LAUNCH // max(view.width * view.height, 1))
        for frame in range(batch):
            world = self._worlds.build(
                frames,
                frame,
                self._put(surfaces[frame], PathMaterial),
                bool((surfaces[frame]["opacity_texture"] >= 0).any()),
            )
            scene = PathScene()
            scene.world, scene.pictures, scene.domes = world.arrays, self._pictures, self._domes
            scene.albedo, scene.lights = self._albedo, self._put(lights[frame], Emitter)
            word = int(numbers[frame]) & 0xFFFFFFFF
            for first in range(0, samples_per_pixel, step):
                samples = min(step, samples_per_pixel - first)
                wp.launch(
                    trace,
                    (view.height, view.width),
                    [scene, lenses, frame, seed & 0xFFFFFFFF, word, first, samples, bounces,
                     1.0 / samples_per_pixel, radiance],
                    device=self.device,
                )  # fmt: skip
            wp.synchronize_device(self.device)
        return np.asarray(radiance.numpy(), np.float32)

    def _put(self, values: NDArray[Any], dtype: Any) -> wp.array:
        return wp.array(np.ascontiguousarray(values), dtype=dtype, device=self.device)
