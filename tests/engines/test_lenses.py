"""Lenses on the stage: read from USD's schemas, varied, drawn, and told by the annotators."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from pxr import Gf, Sdf, Usd, UsdGeom

from replicator_dr.engines.embedded.annotate.annotators_boxes import box_3d
from replicator_dr.engines.embedded.annotate.annotators_camera import camera_params as annotated
from replicator_dr.engines.embedded.annotate.annotators_image import distance_to_camera, distance_to_image_plane
from replicator_dr.engines.embedded.annotate.annotators_points import pointcloud
from replicator_dr.engines.embedded.api import create, distribution, modify, trigger
from replicator_dr.engines.embedded.loop.capture import CapturedView
from replicator_dr.engines.embedded.runtime import Runtime
from replicator_dr.errors import EngineError, UnsupportedError
from replicator_dr.labels.cameras import camera_of
from replicator_dr.optics import LensModel
from replicator_dr.pool.camera import camera_params
from replicator_dr.pool.usd_lens import write_lens
from replicator_dr.render.renderer import Renderer
from replicator_dr.render.scene import View
from tests.render.lens_oracle import opencv_fisheye, opencv_pinhole

BROWN = {"k1": -0.21, "k2": 0.06, "p1": 0.003, "p2": -0.002, "k3": -0.004, "k4": 0.02, "k5": 0.01, "k6": 0.002,
         "s1": 0.001, "s2": -0.002, "s3": 0.003, "s4": 0.001}  # fmt: skip
WIDE = {"k1": -0.03, "k2": 0.004, "k3": -0.0005, "k4": 0.0001}
PIXELS = (120.0, 125.0, 82.0, 58.0)
SIZE = (160, 120)


def camera_prim(runtime: Runtime, item: Any) -> Usd.Prim:
    path = item.get_output_prims()["prims"][0].GetPath()
    return next(p for p in Usd.PrimRange(runtime.stage.GetPrimAtPath(path)) if p.IsA(UsdGeom.Camera))


def bent(runtime: Runtime, model: LensModel, k: dict[str, float], **options: Any) -> Usd.Prim:
    """A camera with one of OpenCV's lenses."""
    prim = camera_prim(runtime, create.camera(**options))
    write_lens(prim, model, PIXELS, SIZE, k)
    return prim


def captured(runtime: Runtime, size: tuple[int, int] = SIZE, frames: int = 1) -> CapturedView:
    state = runtime.evaluate(np.arange(frames))
    rendered = Renderer(runtime.scene().arrays).render(state.arrays, View(0, *size), rgb=True, normals=True)
    return CapturedView(runtime.scene(), state, rendered, 0)


def test_the_schemas_are_read(runtime: Runtime) -> None:
    bent(runtime, LensModel.OPENCV_PINHOLE, BROWN)
    bent(runtime, LensModel.OPENCV_FISHEYE, WIDE)
    made = runtime.evaluate(np.arange(2)).arrays.cameras
    assert made.lens_model.tolist() == [[1, 2]] * 2
    np.testing.assert_allclose(made.intrinsics(0, 160, 120), [PIXELS] * 2)
    np.testing.assert_allclose(made.intrinsics(1, 320, 240), [np.array(PIXELS) * 2] * 2)
    order = ("k1", "k2", "p1", "p2", "k3", "k4", "k5", "k6", "s1", "s2", "s3", "s4")
    np.testing.assert_allclose(made.lens[0, 0], [BROWN[name] for name in order], rtol=1e-6)
    np.testing.assert_allclose(made.lens[0, 1, :4], list(WIDE.values()), rtol=1e-6)
    assert not made.lens[0, 1, 4:].any()


def test_what_the_schema_leaves_out_has_its_default(runtime: Runtime) -> None:
    """A stage that Isaac Sim wrote authors what was set; the token and NVIDIA's defaults are the schema's."""
    prim = camera_prim(runtime, create.camera())
    prim.AddAppliedSchema("OmniLensDistortionOpenCvFisheyeAPI")
    for name, value in {"fx": 100.0, "fy": 100.0, "cx": 80.0, "cy": 60.0, "k2": 0.01}.items():
        prim.CreateAttribute(f"omni:lensdistortion:opencvFisheye:{name}", Sdf.ValueTypeNames.Float).Set(value)
    with pytest.raises(EngineError, match="the lens has no value of 'omni:lensdistortion:opencvFisheye:imageSize'"):
        runtime.scene()
    prim.CreateAttribute("omni:lensdistortion:opencvFisheye:imageSize", Sdf.ValueTypeNames.Int2).Set(Gf.Vec2i(160, 120))
    made = runtime.evaluate(np.arange(1)).arrays.cameras
    assert made.lens_model[0, 0] == LensModel.OPENCV_FISHEYE
    np.testing.assert_allclose(made.lens[0, 0, :4], [0.00245, 0.01, 0, 0], rtol=1e-6)


@pytest.mark.parametrize(
    ("schema", "token"),
    [("OmniLensDistortionKannalaBrandtK3API", "kannalaBrandtK3"), ("OmniLensDistortionLutAPI", "lut"), ("", "radTan")],
)
def test_other_models_are_errors(runtime: Runtime, schema: str, token: str) -> None:
    prim = camera_prim(runtime, create.camera())
    if schema:
        prim.AddAppliedSchema(schema)
    else:
        prim.CreateAttribute("omni:lensdistortion:model", Sdf.ValueTypeNames.Token).Set(token)
    with pytest.raises(
        UnsupportedError, match=r"the lens model '.*' is not rendered; use opencvPinhole, opencvFisheye"
    ):
        runtime.scene()


@pytest.mark.parametrize("projection", ["fisheyeOpenCV", "fisheyeKannalaBrandtK3", "omniDirectionalStereo"])
def test_other_projections_are_errors(runtime: Runtime, projection: str) -> None:
    with pytest.raises(UnsupportedError, match=f"projection_type '{projection}' is not rendered"):
        create.camera(projection_type=projection)
    prim = camera_prim(runtime, create.camera())
    prim.CreateAttribute("cameraProjectionType", Sdf.ValueTypeNames.Token).Set(projection)
    with pytest.raises(UnsupportedError, match=f"projection '{projection}' is not rendered"):
        runtime.scene()


def test_fisheye_polynomials_are_those_of_the_schema(runtime: Runtime) -> None:
    given = {
        "fisheye_nominal_width": 160, "fisheye_nominal_height": 120, "fisheye_optical_centre_x": 81,
        "fisheye_optical_centre_y": 59, "fisheye_max_fov": 190, "fisheye_polynomial_b": 0.02,
        "fisheye_polynomial_c": 1e-5, "fisheye_polynomial_d": -1e-7,
    }  # fmt: skip
    create.camera(projection_type="fisheyePolynomial", **given)
    create.camera(projection_type="fisheye_polynomial", **{**given, "fisheye_polynomial_b": 0.021})
    prim = camera_prim(runtime, create.camera())
    prim.AddAppliedSchema("OmniLensDistortionFthetaAPI")
    for name, value in {
        "nominalWidth": 160,
        "nominalHeight": 120,
        "maxFov": 190,
        "k1": 0.02,
        "k2": 1e-5,
        "k3": -1e-7,
    }.items():
        prim.CreateAttribute(f"omni:lensdistortion:ftheta:{name}", Sdf.ValueTypeNames.Float).Set(float(value))
    prim.CreateAttribute("omni:lensdistortion:ftheta:opticalCenter", Sdf.ValueTypeNames.Float2).Set(Gf.Vec2f(81, 59))
    made = runtime.evaluate(np.arange(1)).arrays.cameras
    assert made.lens_model.tolist() == [[3, 3, 3]]
    np.testing.assert_allclose(made.lens[0, 0], made.lens[0, 2], rtol=1e-6)
    lens = made.lenses(0, 160, 120)[0]
    # The angle of a pixel r pixels from the centre, by the polynomial.
    r = np.linspace(1, 70, 30)
    theta = 0.02 * r + 1e-5 * r**2 - 1e-7 * r**3
    rays = lens.unproject(np.stack([81 + r, np.full(30, 59.0)], axis=-1))
    np.testing.assert_allclose(np.arctan2(rays[:, 0], rays[:, 2]), theta, rtol=1e-5)
    assert lens.limit == pytest.approx(np.radians(95))
    info = annotated(captured(runtime)).info(0)
    assert info["cameraModel"] == "fisheyePolynomial"
    np.testing.assert_allclose(info["cameraFisheyePolynomial"], [0, 0.02, 1e-5, -1e-7, 0, 0], rtol=1e-5)
    assert info["cameraFisheyeMaxFOV"] == pytest.approx(190)
    assert info["cameraFisheyeOpticalCentre"].tolist() == [81, 59]


def test_a_polynomial_without_a_slope_is_an_error(runtime: Runtime) -> None:
    create.camera(projection_type="fisheyePolynomial", fisheye_polynomial_b=0.0)
    with pytest.raises(EngineError, match=r"begins with 0 \+ 0 r: its constant has to be 0 and its slope"):
        runtime.evaluate(np.arange(1))


def test_coefficients_vary_from_frame_to_frame(runtime: Runtime) -> None:
    item = create.camera()
    write_lens(camera_prim(runtime, item), LensModel.OPENCV_PINHOLE, PIXELS, SIZE, {"k2": 0.1})
    with trigger.on_frame(), item:
        modify.attribute("omni:lensdistortion:opencvPinhole:k1", distribution.uniform(-0.3, 0, name="k"))
        modify.attribute("omni:lensdistortion:opencvPinhole:fx", distribution.uniform(100, 130, name="fx"))
    state = runtime.evaluate(np.arange(5))
    made = state.arrays.cameras
    np.testing.assert_array_equal(made.lens[..., 0], state.draws["k"][..., 0])
    np.testing.assert_array_equal(made.opencv[..., 0], state.draws["fx"][..., 0])
    np.testing.assert_allclose(made.lens[..., 1], 0.1, rtol=1e-6)
    assert len(np.unique(made.lens[..., 0])) == 5


def test_a_camera_without_the_lens_has_no_coefficient_to_vary(runtime: Runtime) -> None:
    with trigger.on_frame(), create.camera():
        modify.attribute("omni:lensdistortion:opencvPinhole:k1", distribution.uniform(-0.3, 0))
    with pytest.raises(EngineError, match="has no attribute 'omni:lensdistortion:opencvPinhole:k1'"):
        runtime.evaluate(np.arange(1))


LENSES = [(LensModel.OPENCV_PINHOLE, BROWN), (LensModel.OPENCV_FISHEYE, WIDE)]


def room(runtime: Runtime, model: LensModel, k: dict[str, float]) -> CapturedView:
    """Things on a floor, seen from above through a lens."""
    create.plane(scale=20, semantics={"class": "floor"})
    for i in range(4):
        create.cube(
            scale=0.4, position=(0.8 * i - 1, 0.5 * i - 0.6, 0.2), rotation=(0, 0, 20 * i), semantics={"class": "box"}
        )
    bent(runtime, model, k, position=(0.3, -2.2, 1.9), look_at=(0.1, 0, 0.2), clipping_range=(0.01, 100))
    return captured(runtime)


@pytest.mark.parametrize(("model", "k"), LENSES)
def test_points_lie_where_the_rays_hit(runtime: Runtime, model: LensModel, k: dict[str, float]) -> None:
    view = room(runtime, model, k)
    cloud = pointcloud(view, includeUnlabelled=True)
    points, ids = cloud.data[0], cloud.info(0)["pointInstance"]
    floor = points[ids == ids.min()]
    assert len(floor) > 3000
    np.testing.assert_allclose(floor[:, 2], 0.0, atol=2e-5)
    assert points[ids != ids.min()][:, 2].max() == pytest.approx(0.4, abs=2e-5)
    # Each point is seen in its pixel's centre, by OpenCV's formula.
    camera = view.state.arrays.cameras.world[0, 0]
    local = (points - camera[3, :3]) @ camera[:3, :3].T * [1, -1, -1]
    forward = (opencv_pinhole if model == LensModel.OPENCV_PINHOLE else opencv_fisheye)(*PIXELS, **k)
    y, x = np.nonzero(np.isfinite(view.rendered.depth[0]))
    np.testing.assert_allclose(forward(local), np.stack([x + 0.5, y + 0.5], axis=-1), atol=2e-3)
    away, along = distance_to_camera(view).data[0][y, x], distance_to_image_plane(view).data[0][y, x]
    np.testing.assert_allclose(away, np.linalg.norm(local, axis=1), rtol=1e-5)
    np.testing.assert_allclose(along, local[:, 2], rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize(("model", "k"), LENSES)
def test_corners_of_boxes_land_on_their_pixels(runtime: Runtime, model: LensModel, k: dict[str, float]) -> None:
    """The projected corners of a turned cube are its extent in the image, and lie on it."""
    view = room(runtime, model, k)
    camera = camera_of(annotated(view).info(0))
    boxes = box_3d(view)
    extent = view.rendered.entities.extent[0]
    for row in range(1, 5):
        box = boxes.data[0][row]
        ends = np.array([[box[f"{axis}_{end}"] for axis in "xyz"] for end in ("min", "max")], np.float64)
        corners = np.array([[ends[i >> 2 & 1, 0], ends[i >> 1 & 1, 1], ends[i & 1, 2], 1.0] for i in range(8)])
        world = corners @ box["transform"].astype(np.float64)
        places = camera.project((world @ camera.from_world.T)[:, :3])
        bulge = 1.0  # edges bend outwards beyond the corners
        assert (places.min(axis=0) >= extent[row, :2] - 1e-2).all()
        assert (places.max(axis=0) <= extent[row, 2:] + 1e-2).all()
        np.testing.assert_allclose(places.min(axis=0), extent[row, :2], atol=bulge)
        np.testing.assert_allclose(places.max(axis=0), extent[row, 2:], atol=bulge)


@pytest.mark.parametrize(("model", "k"), LENSES)
def test_the_pool_says_what_the_annotator_says(runtime: Runtime, model: LensModel, k: dict[str, float]) -> None:
    prim = bent(runtime, model, k, position=(1, 2, 3), rotation=(10, 20, 30))
    view = captured(runtime, (320, 240))
    inside, outside = annotated(view).info(0), camera_params(runtime.stage, str(prim.GetPath()), (320, 240))
    assert outside["cameraDistortionModel"] == inside["cameraDistortionModel"] == model.name.lower()
    for name, value in outside.items():
        if isinstance(value, str):
            assert inside[name] == value
        else:
            np.testing.assert_allclose(inside[name], value, rtol=1e-6, atol=1e-9, err_msg=name)
    assert camera_of(inside).lenses[0].intrinsics == pytest.approx(tuple(2 * np.array(PIXELS)))
