"""What the renderer draws: the parts of a scene that never change, and the arrays that change from frame to frame.

Conventions, everywhere in this project: metres, Z up, right-handed; matrices are USD's (row vectors, so that
``p_world = p_local @ M``, translation in the last row); cameras look along local -Z with +Y up. B = frames of a
batch, P = parts, X = transforms, E = labelled entities, M = materials, L = lights, C = cameras.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from replicator_dr.optics import Lens, LensModel
from replicator_dr.render.deformation import DeformArrays, DeformLayout
from replicator_dr.render.motion import MotionArrays
from replicator_dr.render.pattern_arrays import PatternArrays
from replicator_dr.render.sensor import DepthSensorArrays, SensorArrays
from replicator_dr.render.skin import Skin

Float32 = NDArray[np.float32]
Int32 = NDArray[np.int32]


class LightType(IntEnum):
    """The light types of UsdLux, as the renderer numbers them."""

    DISTANT = 0
    SPHERE = 1
    RECT = 2
    DISK = 3
    CYLINDER = 4
    DOME = 5


@dataclass(frozen=True, eq=False)
class Mesh:
    """Triangles with one material, in their own local frame; two are the same only if they are one object.

    points: (V, 3) float32 [m]; normals: (V, 3) float32, unit; uvs: (V, 2) float32, origin bottom left as in USD;
    triangles: (T, 3) int32, counter-clockwise seen from outside. Corners that differ in normal, uv or colour are
    separate vertices. double_sided: USD's flag; a mesh that is not closed is drawn from both sides whatever it says.
    colors: (V, 3) float32, linear, multiply the base colour; None where it is the material's alone. skin: None where
    no joints move the vertices.
    """

    points: Float32
    normals: Float32
    uvs: Float32
    triangles: Int32
    double_sided: bool = False
    colors: Float32 | None = None
    skin: Skin | None = None


@dataclass(frozen=True)
class Texture:
    """An image in memory, rows from the top.

    pixels: (H, W, 4) uint8, colour and linear alpha. linear: the colour bytes are data (roughness, normals, ...) or
    linear colour, 255 = 1; else they are sRGB-encoded.
    """

    pixels: NDArray[np.uint8]
    linear: bool = False


@dataclass(frozen=True)
class Environment:
    """A latitude-longitude panorama of linear radiance: (H, W, 3) float32, first row toward the dome's +Y.

    As in UsdLux: the panorama's middle column lies toward the dome's local +Z (in OpenUSD, latlong's centre), its top
    toward +Y; the light's world matrix turns it (on Z-up stages it carries the turn from Y up to Z up).
    """

    radiance: Float32


@dataclass(frozen=True)
class SceneArrays:
    """The constant half of a scene.

    A *part* is one thing that is drawn: a mesh, under one transform, with one material at a time. A prim with several
    material subsets is several parts with the same transform and the same ``part_prim``.

    part_mesh: (P,) int32, row of ``meshes``. part_transform: (P,) int32, column of ``FrameArrays.world``.
    part_prim: (P,) int32, row of the leaf prim (for instance_id_segmentation). part_entity: (P,) int32, row of the
    lowest labelled prim above (or at) the part, -1 where nothing is labelled. entities, prims: how many there are.
    light_type: (L,) int32, a LightType each. deform: None where all parts keep their shape. part_casts: (P,) bool,
    whether the part throws shadows in rasterised images; None where all do.
    """

    meshes: tuple[Mesh, ...]
    textures: tuple[Texture, ...]
    environments: tuple[Environment, ...]
    part_mesh: Int32
    part_transform: Int32
    part_prim: Int32
    part_entity: Int32
    light_type: Int32
    prims: int
    entities: int
    deform: DeformLayout | None = None
    part_casts: NDArray[np.bool_] | None = None


@dataclass(frozen=True)
class MaterialArrays:
    """Metallic-roughness materials, (B, M, ...) each.

    base_color: (B, M, 3) float32, linear, multiplied with the texture; roughness, metallic, specular, opacity: (B, M)
    float32 in 0..1 (specular 0.5 gives the usual 4 % reflectance; a part whose opacity is below a half is not drawn);
    emission: (B, M, 3) float32, radiance in the lights' unit; base_texture: (B, M) int32, row of
    ``SceneArrays.textures``, -1 = none; uv_scale, uv_offset: (B, M, 2) float32; uv_rotation: (B, M) float32 [degrees].

    Further pictures, (B, M) int32 rows like base_texture, all looked up at the same texture coordinates. With t their
    red channel: roughness = roughness + roughness_gain * t, metallic = metallic + metallic_gain * t, each clipped to
    0..1; where opacity * t is below opacity_threshold there is a hole, in labels too. normal_texture: tangent-space
    normals (2 rgb - 1, x along u, y along v), x and y times normal_gain. emission_texture multiplies emission.
    """

    base_color: Float32
    roughness: Float32
    metallic: Float32
    specular: Float32
    opacity: Float32
    emission: Float32
    base_texture: Int32
    uv_scale: Float32
    uv_offset: Float32
    uv_rotation: Float32
    roughness_texture: Int32
    roughness_gain: Float32
    metallic_texture: Int32
    metallic_gain: Float32
    opacity_texture: Int32
    opacity_threshold: Float32
    normal_texture: Int32
    normal_gain: Float32
    emission_texture: Int32


@dataclass(frozen=True)
class LightArrays:
    """Lights, (B, L, ...) each.

    color: (B, L, 3) float32 = intensity x 2^exposure x colour x colour of the temperature. It is a radiance [nit] for
    lights with a surface and for domes (times the panorama), an irradiance [lux] at normal incidence for distant ones.
    world: (B, L, 4, 4) float32; distant, rect and disk lights shine along local -Z. size: (B, L, 2) float32 [m]: sphere
    (radius, 0), rect (width, height), disk (radius, 0), cylinder (radius, length); distant (angle [degrees], 0).
    visible: (B, L) bool. environment: (B, L) int32, row of ``SceneArrays.environments``, -1 = uniform.
    """

    color: Float32
    world: Float32
    size: Float32
    visible: NDArray[np.bool_]
    environment: Int32


@dataclass(frozen=True)
class CameraArrays:
    """Cameras, (B, C, ...) each: camera-to-world matrices and what USD's camera schema holds.

    world: (B, C, 4, 4) float64, without scale. focal_length, horizontal_aperture: (B, C) float64, same unit.
    aperture_offset: (B, C, 2) float64, same unit, horizontal and vertical. opencv: (B, C, 4) float64, fx fy cx cy in
    pixels of ``nominal`` ((B, C, 2) float64, width and height), nan where the camera is a plain pinhole.
    clipping: (B, C, 2) float64 [m]. f_stop, focus_distance [m]: (B, C) float64 (0 = everything sharp); the
    lens' radius is focal_length / (2 f_stop) in tenths of a metre, as in USD. lens_model: (B, C) int32, an
    optics.LensModel each, the same in all frames; lens: (B, C, optics.ROOM) float64, its coefficients.
    """

    world: NDArray[np.float64]
    focal_length: NDArray[np.float64]
    horizontal_aperture: NDArray[np.float64]
    aperture_offset: NDArray[np.float64]
    opencv: NDArray[np.float64]
    nominal: NDArray[np.float64]
    clipping: NDArray[np.float64]
    f_stop: NDArray[np.float64]
    focus_distance: NDArray[np.float64]
    lens_model: Int32
    lens: NDArray[np.float64]

    def lens_radius(self, camera: int) -> NDArray[np.float64]:
        """(B,) float64 [m]: focal length / (2 f_stop), a tenth of a metre being the focal length's unit; 0 = sharp."""
        stop, focus = self.f_stop[:, camera], self.focus_distance[:, camera]
        sharp = (stop <= 0.0) | (focus <= 0.0)
        radius = 0.1 * self.focal_length[:, camera] / (2.0 * np.where(sharp, 1.0, stop))
        return np.where(sharp, 0.0, radius)

    def intrinsics(self, camera: int, width: int, height: int) -> NDArray[np.float64]:
        """(B, 4) float64: fx, fy, cx, cy in pixels of an image of that size; pixel i covers i to i + 1.

        Pixels are square and the vertical aperture does not enter, as in Replicator: fx = fy = width * f / a.
        """
        scale = width / self.horizontal_aperture[:, camera]
        focal = scale * self.focal_length[:, camera]
        centre_x = 0.5 * width + scale * self.aperture_offset[:, camera, 0]
        centre_y = 0.5 * height - scale * self.aperture_offset[:, camera, 1]
        pinhole = np.stack([focal, focal, centre_x, centre_y], axis=-1)
        ratio = np.array([width, height, width, height]) / np.tile(self.nominal[:, camera], (1, 2))
        opencv = self.opencv[:, camera] * ratio
        return np.where(np.isnan(opencv), pinhole, opencv)

    def lenses(self, camera: int, width: int, height: int) -> tuple[Lens, ...]:
        """The lens of each frame over an image of that size."""
        rows = zip(self.lens_model[:, camera], self.intrinsics(camera, width, height), self.lens[:, camera])
        return tuple(_lens(int(model), tuple(pixels.tolist()), tuple(k.tolist())) for model, pixels, k in rows)


@lru_cache(maxsize=256)
def _lens(model: int, intrinsics: tuple[float, float, float, float], coefficients: tuple[float, ...]) -> Lens:
    """One object for equal lenses, so that what is worked out for one is worked out once."""
    return Lens(LensModel(model), intrinsics, coefficients)


@dataclass(frozen=True)
class FrameArrays:
    """The half of a scene that varies, for a batch of B frames.

    world: (B, X, 4, 4) float64, local to world. part_visible: (B, P) bool. part_material: (B, P) int32, row of the
    material arrays. sensors: None where all of them are plain. motion: None where everything stands still.
    depth_sensors: None where no camera measures depth. deform: None where all parts keep their shape.
    patterns: None where no material has one.
    """

    world: NDArray[np.float64]
    part_visible: NDArray[np.bool_]
    part_material: Int32
    materials: MaterialArrays
    lights: LightArrays
    cameras: CameraArrays
    sensors: SensorArrays | None = None
    motion: MotionArrays | None = None
    depth_sensors: DepthSensorArrays | None = None
    deform: DeformArrays | None = None
    patterns: PatternArrays | None = None

    def __len__(self) -> int:
        return len(self.world)

    @property
    def part_drawn(self) -> NDArray[np.bool_]:
        """(B, P) bool: visible, and of a material that is more opaque than not."""
        opacity = np.take_along_axis(self.materials.opacity, self.part_material.astype(np.intp), axis=1)
        return self.part_visible & (opacity >= 0.5)

    def __getitem__(self, frames: slice | NDArray[np.intp]) -> FrameArrays:
        """The same arrays for some of the frames (views for a slice, copies for rows)."""

        def cut(part: object) -> dict[str, NDArray[np.generic]]:
            return {name: value[frames] for name, value in vars(part).items()}

        return FrameArrays(
            world=self.world[frames],
            part_visible=self.part_visible[frames],
            part_material=self.part_material[frames],
            materials=MaterialArrays(**cut(self.materials)),  # type: ignore[arg-type]
            lights=LightArrays(**cut(self.lights)),  # type: ignore[arg-type]
            cameras=CameraArrays(**cut(self.cameras)),  # type: ignore[arg-type]
            sensors=None if self.sensors is None else self.sensors[frames],
            motion=None if self.motion is None else self.motion[frames],
            depth_sensors=None if self.depth_sensors is None else self.depth_sensors[frames],
            deform=None if self.deform is None else self.deform[frames],
            patterns=None if self.patterns is None else self.patterns[frames],
        )


@dataclass(frozen=True)
class View:
    """One camera at one resolution: what a render product asks for. camera: column of CameraArrays."""

    camera: int
    width: int
    height: int


def entity_words(entities: int) -> int:
    """64-bit words that hold a bit for each entity; one at least."""
    return max(-(-entities // 64), 1)


@dataclass(frozen=True)
class EntityTable:
    """What each labelled entity covers in each image, counted on pixel centres; (B, E, ...) each.

    visible, amodal: (B, E) int32, pixels inside the image with and without the other objects in front.
    visible_box, amodal_box: (B, E, 4) int32, x_min, y_min, x_max, y_max, **inclusive**; (0, 0, -1, -1) where empty.
    depth_min, depth_max: (B, E) float32 [m] along the optical axis over the visible pixels; inf and -inf where none.
    extent: (B, E, 4) float32, x_min, y_min, x_max, y_max of the projected triangles in continuous pixel coordinates,
    image borders ignored (only what lies beyond the near plane, and in what the lens sees, counts); inf and -inf where
    nothing does.
    """

    visible: Int32
    amodal: Int32
    visible_box: Int32
    amodal_box: Int32
    depth_min: Float32
    depth_max: Float32
    extent: Float32


@dataclass(frozen=True)
class RenderedView:
    """All that one view shows over B frames. Arrays that were not asked for are None.

    rgb: (B, H, W, 4) uint8, sRGB, alpha 255. depth: (B, H, W) float32 [m] along the optical axis at the pixel's
    centre, inf where nothing is hit. normals: (B, H, W, 4) float32, unit, world frame, toward the camera's side of
    the surface as shaded; zeros where nothing is hit. part: (B, H, W) int32, row of the part seen at the pixel's
    centre, -1 where none. entities: the table above. intrinsics: (B, 4) float64, fx fy cx cy. distance: (B, H, W)
    float32 [m] along the ray, made for lenses that are no plain pinholes: beyond 90 degrees depth is negative.
    sensor_depth: (B, H, W) float32 [m] along the optical axis as the camera's depth sensor measures it, inf where it
    measures nothing. amodal: (B, H, W, words) int64: bit e % 64 of word e // 64 says that entity e covers the pixel's
    centre, hidden or not. whole: (B, E) int32, pixels that it would cover beyond the image's borders too; whole_box:
    (B, E, 4) int32, inclusive, may leave the image; both as in silhouette.py. flow, flow_back: (B, H, W, 2) float32
    [pixels], to the next frame and to the previous one; scene_flow: (B, H, W, 3) float32 [m], to the next; as in
    flow.Flow.
    """

    view: View
    intrinsics: NDArray[np.float64]
    depth: Float32
    part: Int32
    entities: EntityTable
    rgb: NDArray[np.uint8] | None = None
    normals: Float32 | None = None
    distance: Float32 | None = None
    sensor_depth: Float32 | None = None
    amodal: NDArray[np.int64] | None = None
    whole: Int32 | None = None
    whole_box: Int32 | None = None
    flow: Float32 | None = None
    flow_back: Float32 | None = None
    scene_flow: Float32 | None = None
