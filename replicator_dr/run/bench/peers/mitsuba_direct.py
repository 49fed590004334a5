"""Mitsuba 3: direct light with one sample a pixel (BSD licence)."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from replicator_dr.run.bench.peers.protocol import Pictures
from replicator_dr.run.bench.peers.shared_scene import SharedPart, SharedScene, encoded


class MitsubaDirect:
    """Diffuse surfaces, the light sampled once, a box filter; depth in a second pass.

    Its integrator for further channels would give segments too, but takes several times as long as these two passes.
    variant: of Mitsuba, such as scalar_rgb.
    """

    lacks = "segments, anti-aliasing (one sample), reflections; one image a call"
    serial = False
    widths: Sequence[int] = (1,)

    def __init__(self, variant: str) -> None:
        self._variant = variant
        self.name = f"Mitsuba {variant}"

    def available(self, device: str) -> str | None:
        """Whether the package is there, has the variant, and the variant finds what it needs."""
        if find_spec("mitsuba") is None:
            return "mitsuba is not installed: pip install 'replicator_dr[peers]'"
        if self._variant.startswith("cuda") and device == "cpu":
            return "this is a run on the CPU"
        import mitsuba

        if self._variant not in mitsuba.variants():
            return f"this mitsuba has no variant {self._variant}"
        try:
            mitsuba.set_variant(self._variant)
            if not self._variant.startswith("scalar"):
                import drjit

                drjit.eval(mitsuba.Float(1.0) + mitsuba.Float([1.0, 2.0]))
        except Exception as error:  # noqa: BLE001 - a missing LLVM or driver is the reason
            return f"{self._variant} does not start here: {error}"
        return None

    def setup(self, scene: SharedScene, device: str) -> None:
        """A scene with a sensor for each camera; meshes go through PLY files."""
        import mitsuba

        self._mitsuba = mitsuba
        mitsuba.set_log_level(mitsuba.LogLevel.Error)
        with tempfile.TemporaryDirectory() as folder:
            content: dict[str, Any] = {"type": "scene", "sun": _sun(scene)}
            for number, part in enumerate(scene.parts):
                path = Path(folder) / f"{number}.ply"
                path.write_bytes(polygons(part))
                content[f"p{number}"] = {"type": "ply", "filename": str(path), "bsdf": self._surface(scene, part)}
            self._scene = mitsuba.load_dict(content)
        self._sensors = [self._sensor(scene, camera) for camera in scene.cameras]
        self._slant, self._near = _slant(scene), scene.near
        self._color = mitsuba.load_dict(
            {"type": "direct", "emitter_samples": 1, "bsdf_samples": 0, "hide_emitters": True}
        )
        self._depth = mitsuba.load_dict({"type": "depth"})

    def render(self, cameras: Sequence[int], labels: bool) -> Pictures:
        """One call for each image; encoded to 8 bits by Mitsuba."""
        rgb = np.stack([self._encoded(self._pass(camera, self._color)) for camera in cameras])
        if not labels:
            return Pictures(rgb)
        # Mitsuba measures depth along the ray, from where it meets the near plane.
        along = np.stack([np.array(self._pass(camera, self._depth))[..., 0] for camera in cameras])
        return Pictures(rgb, (along / self._slant + self._near).astype(np.float32))

    def _pass(self, camera: int, integrator: Any) -> Any:
        return self._mitsuba.render(self._scene, sensor=self._sensors[camera], integrator=integrator, spp=1)

    def _encoded(self, image: Any) -> NDArray[np.uint8]:
        mitsuba = self._mitsuba
        kind = mitsuba.Bitmap.PixelFormat.RGB, mitsuba.Struct.Type.UInt8
        return np.array(mitsuba.Bitmap(image).convert(*kind, srgb_gamma=True))

    def _surface(self, scene: SharedScene, part: SharedPart) -> dict[str, Any]:
        color: dict[str, Any] = {"type": "rgb", "value": part.color.tolist()}
        if part.texture >= 0:
            pixels = encoded(scene.textures[part.texture])
            tinted = np.round(pixels * part.color ** (1 / 2.2)).astype(np.uint8)
            color = {"type": "bitmap", "bitmap": self._mitsuba.Bitmap(tinted)}
        return {"type": "twosided", "bsdf": {"type": "diffuse", "reflectance": color}}

    def _sensor(self, scene: SharedScene, camera: Any) -> Any:
        mitsuba = self._mitsuba
        # Its cameras look along +Z with +X to the left.
        turned = np.diag([-1.0, 1.0, -1.0, 1.0]) @ camera
        return mitsuba.load_dict(
            {
                "type": "perspective",
                "fov": scene.fov_y,
                "fov_axis": "y",
                "near_clip": scene.near,
                "far_clip": scene.far,
                "to_world": mitsuba.ScalarTransform4f(turned.T),
                "sampler": {"type": "independent", "sample_count": 1},
                "film": {
                    "type": "hdrfilm",
                    "width": scene.view.width,
                    "height": scene.view.height,
                    "pixel_format": "rgb",
                    "rfilter": {"type": "box"},
                },
            }
        )


def _sun(scene: SharedScene) -> dict[str, Any]:
    irradiance = {"type": "rgb", "value": [float(np.pi)] * 3}
    return {"type": "directional", "direction": scene.toward.tolist(), "irradiance": irradiance}


def _slant(scene: SharedScene) -> Any:
    """(H, W): length of a pixel's ray where it is one metre along the optical axis."""
    height, width = scene.view.height, scene.view.width
    unit = 2 * np.tan(np.radians(scene.fov_y) / 2) / height
    x = (np.arange(width) + 0.5 - width / 2) * unit
    y = (np.arange(height) + 0.5 - height / 2) * unit
    return np.sqrt(1 + x[None, :] ** 2 + y[:, None] ** 2)


def polygons(part: SharedPart) -> bytes:
    """The part as a binary PLY file."""
    names = ("x", "y", "z", "nx", "ny", "nz", "u", "v")
    header = ["ply", "format binary_little_endian 1.0", f"element vertex {len(part.points)}"]
    header += [f"property float {name}" for name in names]
    header += [f"element face {len(part.triangles)}", "property list uchar int vertex_indices", "end_header", ""]
    # Mitsuba's texture coordinates begin at the top.
    vertices = np.concatenate([part.points, part.normals, part.uvs * (1, -1) + (0, 1)], axis=1).astype("<f4")
    faces = np.empty(len(part.triangles), [("count", "u1"), ("corners", "<i4", 3)])
    faces["count"], faces["corners"] = 3, part.triangles
    return b"".join(("\n".join(header).encode(), vertices.tobytes(), faces.tobytes()))
