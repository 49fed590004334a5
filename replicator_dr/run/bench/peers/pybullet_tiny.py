"""PyBullet's TinyRenderer: a rasteriser on one CPU core (zlib licence)."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from replicator_dr.run.bench.peers.protocol import Pictures
from replicator_dr.run.bench.peers.shared_scene import SharedPart, SharedScene, encoded, srgb


class PyBulletTiny:
    """Shadows on, ambient and specular light off; it runs on the CPU on every machine."""

    name = "PyBullet TinyRenderer"
    lacks = "anti-aliasing, reflections, colour management; one image a call"
    serial = True
    widths: Sequence[int] = (1,)

    def available(self, device: str) -> str | None:
        """Whether the package is there."""
        return None if find_spec("pybullet") else "pybullet is not installed: pip install pybullet"

    def setup(self, scene: SharedScene, device: str) -> None:
        """Meshes and textures go through files, which is how it takes large ones."""
        import pybullet

        self._bullet = pybullet
        self._client = pybullet.connect(pybullet.DIRECT)
        with tempfile.TemporaryDirectory() as folder:
            textures = _textures(pybullet, scene, Path(folder))
            for number, part in enumerate(scene.parts):
                path = Path(folder) / f"{number}.obj"
                path.write_text(wavefront(part))
                color = [*(float(value) for value in srgb(part.color)), 1.0]
                shape = pybullet.createVisualShape(pybullet.GEOM_MESH, fileName=str(path), rgbaColor=color)
                body = pybullet.createMultiBody(0, -1, shape)
                if part.texture >= 0:
                    pybullet.changeVisualShape(body, -1, textureUniqueId=textures[part.texture])
        self._view = scene.view
        self._near, self._far = scene.near, scene.far
        self._sun = [float(value) for value in -scene.toward]
        self._projection = pybullet.computeProjectionMatrixFOV(
            scene.fov_y, scene.view.width / scene.view.height, scene.near, scene.far
        )
        # For column vectors, column by column: the memory order of the row-vector matrix.
        self._places = [np.linalg.inv(camera).reshape(-1).tolist() for camera in scene.cameras]

    def render(self, cameras: Sequence[int], labels: bool) -> Pictures:
        """One call for each image."""
        images = [self._image(camera, labels) for camera in cameras]
        rgb = np.stack([image[2][..., :3] for image in images]).astype(np.uint8)
        if not labels:
            return Pictures(rgb)
        depth = np.stack([self._metres(image[3]) for image in images])
        return Pictures(rgb, depth, np.stack([image[4] for image in images]))

    def _image(self, camera: int, labels: bool) -> tuple[Any, ...]:
        shape = self._view.height, self._view.width
        bullet = self._bullet
        found = bullet.getCameraImage(
            self._view.width,
            self._view.height,
            viewMatrix=self._places[camera],
            projectionMatrix=self._projection,
            lightDirection=self._sun,
            lightColor=[1, 1, 1],
            lightDistance=5.0,
            shadow=1,
            lightAmbientCoeff=0.0,
            lightDiffuseCoeff=1.0,
            lightSpecularCoeff=0.0,
            renderer=bullet.ER_TINY_RENDERER,
            flags=0 if labels else bullet.ER_NO_SEGMENTATION_MASK,
        )
        # A pybullet that was built without NumPy gives flat tuples.
        rgb = np.asarray(found[2], np.uint8).reshape(*shape, 4)
        return (*found[:2], rgb, np.reshape(found[3], shape), np.reshape(found[4], shape) if labels else None)

    def _metres(self, buffer: NDArray[np.floating]) -> NDArray[np.float32]:
        """OpenGL's depth buffer as distance along the optical axis."""
        near, far = self._near, self._far
        return np.asarray(far * near / (far - (far - near) * buffer), np.float32)


def _textures(pybullet: Any, scene: SharedScene, folder: Path) -> list[int]:
    from PIL import Image

    found = []
    for number, texture in enumerate(scene.textures):
        path = folder / f"{number}.png"
        Image.fromarray(encoded(texture)).save(path)
        found.append(pybullet.loadTexture(str(path)))
    return found


def wavefront(part: SharedPart) -> str:
    """The part as a Wavefront OBJ file."""
    lines = ["v {:.6g} {:.6g} {:.6g}".format(*point) for point in part.points.tolist()]
    lines += ["vt {:.6g} {:.6g}".format(*uv) for uv in part.uvs.tolist()]
    lines += ["vn {:.5g} {:.5g} {:.5g}".format(*normal) for normal in part.normals.tolist()]
    lines += ["f {0}/{0}/{0} {1}/{1}/{1} {2}/{2}/{2}".format(*corners) for corners in (part.triangles + 1).tolist()]
    return "\n".join(lines) + "\n"
