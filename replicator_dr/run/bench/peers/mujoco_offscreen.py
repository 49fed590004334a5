"""MuJoCo's renderer: OpenGL into an offscreen buffer (Apache-2.0)."""

from __future__ import annotations

import os
from collections.abc import Sequence
from importlib.util import find_spec
from io import BytesIO
from typing import Any

import numpy as np
from numpy.typing import NDArray

from replicator_dr.run.bench.peers.protocol import Pictures
from replicator_dr.run.bench.peers.shared_scene import SharedScene, encoded, srgb

BACKENDS = ("egl", "osmesa", "glfw")
"""Ways to an OpenGL context, tried in this order unless MUJOCO_GL says which."""


class MuJoCoOffscreen:
    """Its default shadow map and four samples a pixel; ambient light off. Segments cost it a second pass."""

    name = "MuJoCo (OpenGL)"
    lacks = "reflections, colour management; one image a call"
    serial = False
    widths: Sequence[int] = (1,)

    def available(self, device: str) -> str | None:
        """Whether the package is there, and OpenGL."""
        if find_spec("mujoco") is None:
            return "mujoco is not installed: pip install 'replicator_dr[peers]'"
        os.environ.setdefault("MUJOCO_GL", BACKENDS[0])
        try:
            import mujoco

            context = mujoco.GLContext(16, 16)
            context.make_current()
            context.free()
        except Exception as error:  # noqa: BLE001 - whatever OpenGL's loaders raise is the reason
            backend = os.environ["MUJOCO_GL"]
            return f"no OpenGL through {backend} ({error}): set MUJOCO_GL to one of {', '.join(BACKENDS)}"
        return None

    def setup(self, scene: SharedScene, device: str) -> None:
        """A model with static geoms, one light, one camera."""
        import mujoco

        self._mujoco = mujoco
        width, height = scene.view.width, scene.view.height
        self._model = _specification(mujoco, scene).compile()
        self._data = mujoco.MjData(self._model)
        mujoco.mj_forward(self._model, self._data)
        self._gl = mujoco.GLContext(width, height)
        self._gl.make_current()
        self._scene = mujoco.MjvScene(self._model, maxgeom=len(scene.parts) + 10)
        self._option = mujoco.MjvOption()
        self._context = mujoco.MjrContext(self._model, mujoco.mjtFontScale.mjFONTSCALE_100)
        mujoco.mjr_setBuffer(mujoco.mjtFramebuffer.mjFB_OFFSCREEN, self._context)
        self._rect = mujoco.MjrRect(0, 0, width, height)
        self._eye = mujoco.MjvCamera()
        self._eye.type, self._eye.fixedcamid = mujoco.mjtCamera.mjCAMERA_FIXED, 0
        self._cameras = scene.cameras
        self._near, self._far = scene.near, scene.far
        # The first update fills in the geoms, which stay.
        self._look(0)
        mujoco.mjv_updateScene(
            self._model, self._data, self._option, None, self._eye, mujoco.mjtCatBit.mjCAT_ALL, self._scene
        )

    def render(self, cameras: Sequence[int], labels: bool) -> Pictures:
        """One pass for colours and depth, one for segments."""
        shape = (len(cameras), self._rect.height, self._rect.width)
        rgb = np.empty((*shape, 3), np.uint8)
        depth = np.empty(shape, np.float32) if labels else None
        segments = np.empty((*shape, 3), np.uint8) if labels else None
        for row, camera in enumerate(cameras):
            self._look(camera)
            self._mujoco.mjv_updateCamera(self._model, self._data, self._eye, self._scene)
            self._pass(False, rgb[row], None if depth is None else depth[row])
            if segments is not None:
                self._pass(True, segments[row], None)
        return Pictures(
            rgb[:, ::-1],
            None if depth is None else self._metres(depth[:, ::-1]),
            None if segments is None else segments[:, ::-1].astype(np.int32) @ np.array([1, 256, 65536]),
        )

    def _look(self, camera: int) -> None:
        self._data.cam_xpos[0] = self._cameras[camera, 3, :3]
        self._data.cam_xmat[0] = self._cameras[camera, :3, :3].T.reshape(-1)

    def _pass(self, segments: bool, rgb: NDArray[np.uint8], depth: NDArray[np.float32] | None) -> None:
        flags = self._mujoco.mjtRndFlag
        self._scene.flags[flags.mjRND_SEGMENT] = self._scene.flags[flags.mjRND_IDCOLOR] = segments
        self._mujoco.mjr_render(self._rect, self._scene, self._context)
        self._mujoco.mjr_readPixels(rgb, depth, self._rect, self._context)

    def _metres(self, buffer: NDArray[np.float32]) -> NDArray[np.float32]:
        """The depth buffer as distance along the optical axis; MuJoCo 3 and later store it reversed or not."""
        near, far = self._near, self._far
        if self._context.readDepthMap == self._mujoco.mjtDepthMap.mjDEPTH_ZEROFAR:
            buffer = 1.0 - buffer
        return np.asarray(near * far / (far - (far - near) * buffer), np.float32)


def _specification(mujoco: Any, scene: SharedScene) -> Any:
    from PIL import Image

    spec = mujoco.MjSpec()
    spec.stat.extent = 1.0
    spec.visual.map.znear, spec.visual.map.zfar = scene.near, scene.far
    spec.visual.global_.offwidth, spec.visual.global_.offheight = scene.view.width, scene.view.height
    spec.visual.headlight.active = 0
    for number, texture in enumerate(scene.textures):
        file = BytesIO()
        Image.fromarray(encoded(texture)).save(file, "png")
        spec.assets[f"t{number}.png"] = file.getvalue()
        spec.add_texture(name=f"t{number}", type=mujoco.mjtTexture.mjTEXTURE_2D, file=f"t{number}.png")
    for number, part in enumerate(scene.parts):
        material = spec.add_material(name=f"m{number}", rgba=[*srgb(part.color), 1.0], specular=0.0, shininess=0.0)
        if part.texture >= 0:
            material.textures[mujoco.mjtTextureRole.mjTEXROLE_RGB] = f"t{part.texture}"
        spec.add_mesh(
            name=f"p{number}",
            uservert=part.points.reshape(-1),
            usernormal=part.normals.reshape(-1),
            # Its texture coordinates begin at the top.
            usertexcoord=(part.uvs * (1, -1) + (0, 1)).reshape(-1),
            userface=part.triangles.reshape(-1),
            inertia=mujoco.mjtMeshInertia.mjMESH_INERTIA_SHELL,
        )
        spec.worldbody.add_geom(
            type=mujoco.mjtGeom.mjGEOM_MESH, meshname=f"p{number}", material=f"m{number}", contype=0, conaffinity=0
        )
    _add_sun(mujoco, spec, scene)
    spec.worldbody.add_camera(name="eye", fovy=scene.fov_y)
    return spec


def _add_sun(mujoco: Any, spec: Any, scene: SharedScene) -> None:
    corners = np.concatenate([part.points for part in scene.parts])
    middle = 0.5 * (corners.min(axis=0) + corners.max(axis=0))
    distance = float(np.linalg.norm(corners.max(axis=0) - corners.min(axis=0)))
    # Its shadow map covers the model's extent around the light's own axis.
    spec.stat.extent, spec.stat.center = max(distance, 1e-3), middle
    spec.visual.map.znear, spec.visual.map.zfar = scene.near / distance, scene.far / distance
    spec.worldbody.add_light(
        pos=middle - distance * scene.toward,
        dir=scene.toward,
        type=mujoco.mjtLightType.mjLIGHT_DIRECTIONAL,
        castshadow=True,
        diffuse=[1, 1, 1],
        ambient=[0, 0, 0],
        specular=[0, 0, 0],
    )
