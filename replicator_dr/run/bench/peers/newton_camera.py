"""Newton's SensorCamera: rays traced in Warp kernels (newton.sensors, Apache-2.0)."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec
from time import perf_counter
from typing import Any

import numpy as np

from replicator_dr.run.bench.peers.protocol import Pictures
from replicator_dr.run.bench.peers.shared_scene import SharedPart, SharedScene, encoded, srgb


class NewtonCamera:
    """Textures and shadows as in its documentation's example, ambient light off, one ray a pixel.

    The order in which it visits pixels is tried out during setup.
    """

    name = "Newton SensorCamera"
    lacks = "anti-aliasing, reflections; shadows keep 30 % of the light"
    serial = True
    widths: Sequence[int] = (1, 4, 16, 64, 256)

    def available(self, device: str) -> str | None:
        """Whether the package is there, and has the sensor."""
        if find_spec("newton") is None:
            return "newton is not installed: pip install 'replicator_dr[peers]'"
        from newton import sensors

        return None if hasattr(sensors, "SensorCamera") else "this newton has no SensorCamera: install 1.8 or newer"

    def setup(self, scene: SharedScene, device: str) -> None:
        """One world with everything in it, static."""
        import newton
        import warp as wp
        from newton.sensors import SensorCamera

        builder = newton.ModelBuilder(up_axis=newton.Axis.Z)
        builder.begin_world()
        textures = [encoded(texture) for texture in scene.textures]
        for part in scene.parts:
            builder.add_shape_mesh(-1, mesh=_mesh(newton, part, textures), color=_color(part))
        builder.end_world()
        self._device = device
        self._model = builder.finalize(device=device)
        self._state = self._model.state()
        self._config = SensorCamera.RenderConfig(
            enable_textures=True, enable_shadows=True, enable_ambient_lighting=False
        )
        self._camera = SensorCamera(self._model, default_render_config=self._config)
        self._camera.create_default_light(enable_shadows=True, direction=wp.vec3f(*scene.toward))
        self._size = scene.view.width, scene.view.height
        self._rays = SensorCamera.compute_camera_rays_pinhole(
            *self._size, camera_fov=float(np.radians(scene.fov_y)), device=device
        )
        self._places = _transforms(scene.cameras)
        self._images: dict[int, tuple[Any, Any, Any, Any]] = {}
        self._tune(SensorCamera.RenderOrder)

    def _tune(self, orders: Any) -> None:
        best: dict[Any, float] = {}
        for order in orders:
            self._config.render_order = order
            self.render([0], True)
            began = perf_counter()
            self.render([0], True)
            best[order] = perf_counter() - began
        self._config.render_order = min(best, key=best.__getitem__)

    def render(self, cameras: Sequence[int], labels: bool) -> Pictures:
        """All views in one launch, into images that are kept."""
        import warp as wp

        count = len(cameras)
        if count not in self._images:
            camera = self._camera
            self._images[count] = (
                camera.allocate_image_color(count, *self._size),
                camera.allocate_image_depth_forward(count, *self._size),
                camera.allocate_image_shape_index(count, *self._size),
                wp.zeros(count, dtype=wp.int32, device=self._device),
            )
        color, depth, shape, worlds = self._images[count]
        self._camera.update(
            self._state,
            wp.array(self._places[list(cameras)], dtype=wp.transformf, device=self._device),
            self._rays,
            color_image=color,
            forward_depth_image=depth if labels else None,
            shape_index_image=shape if labels else None,
            world_indices=worlds,
        )
        rgb = color.numpy().view(np.uint8).reshape(count, self._size[1], self._size[0], 4)[..., :3]
        return Pictures(rgb, depth.numpy(), shape.numpy()) if labels else Pictures(rgb)


def _mesh(newton: Any, part: SharedPart, textures: Sequence[Any]) -> Any:
    return newton.Mesh(
        part.points,
        part.triangles.reshape(-1),
        normals=part.normals,
        uvs=part.uvs,
        compute_inertia=False,
        texture=textures[part.texture] if part.texture >= 0 else None,
    )


def _color(part: SharedPart) -> tuple[float, ...]:
    return tuple(float(value) for value in srgb(part.color))


def _transforms(cameras: Any) -> Any:
    """(K, 7) float32: position, quaternion x y z w, of matrices for row vectors."""
    from replicator_dr.run.bench.peers.rotations import quaternions

    return np.concatenate([cameras[:, 3, :3], quaternions(cameras[:, :3, :3])], axis=1).astype(np.float32)
