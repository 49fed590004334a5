"""Lights and cameras: what create makes, what the arrays hold."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pxr import UsdGeom, UsdLux

from replicator_dr.engines.embedded.api import create, distribution, modify, trigger
from replicator_dr.engines.embedded.runtime import Runtime
from replicator_dr.engines.embedded.scene.scene_lights import temperature_color
from replicator_dr.errors import AssetError, EngineError, UnsupportedError
from replicator_dr.render.scene import CameraArrays, LightArrays, LightType


def lights(runtime: Runtime, frames: int = 1) -> LightArrays:
    return runtime.evaluate(np.arange(frames)).arrays.lights


def cameras(runtime: Runtime, frames: int = 1) -> CameraArrays:
    return runtime.evaluate(np.arange(frames)).arrays.cameras


@pytest.mark.parametrize(
    ("name", "kind", "size"),
    [
        ("distant", LightType.DISTANT, (0.53, 0)),
        ("sphere", LightType.SPHERE, (0.5, 0)),
        ("rect", LightType.RECT, (1, 1)),
        ("DISK", LightType.DISK, (0.5, 0)),
        ("Cylinder", LightType.CYLINDER, (0.5, 1)),
        ("dome", LightType.DOME, (0, 0)),
    ],
)
def test_types_and_sizes(runtime: Runtime, name: str, kind: LightType, size: tuple[float, float]) -> None:
    create.light(light_type=name)
    made = lights(runtime)
    assert runtime.scene().arrays.light_type.tolist() == [kind]
    assert np.allclose(made.size[0, 0], size)
    # Intensity 1000, white, 6500 K.
    assert np.allclose(made.color[0, 0], 1000, rtol=1e-5)


def test_colour_is_intensity_times_exposure_times_colour(runtime: Runtime) -> None:
    create.light(intensity=10, exposure=3, color=(1, 0.5, 0.25), temperature=None)
    assert np.allclose(lights(runtime).color[0, 0], [80, 40, 20])


def test_temperatures_against_usd() -> None:
    """Within 0.02 of the chromaticity of USD's own black body, brought to the same white."""
    kelvin = np.array([2000.0, 3000, 4000, 5000, 8000, 9900])
    made = temperature_color(kelvin)
    assert np.allclose(temperature_color(np.array([6500.0])), 1)
    white = np.array(UsdLux.BlackbodyTemperatureAsRgb(6500.0))
    for color, temperature in zip(made, kelvin):
        reference = np.array(UsdLux.BlackbodyTemperatureAsRgb(float(temperature))) / white
        assert np.allclose(color / color.sum(), reference / reference.sum(), atol=0.02)
    assert np.allclose(made @ [0.2126, 0.7152, 0.0722], 1)


def test_scale_enlarges_the_light_and_leaves_its_frame(runtime: Runtime) -> None:
    create.light(light_type="rect", scale=(2, 3, 1), position=(1, 2, 3), rotation=(0, 90, 0))
    made = lights(runtime)
    assert np.allclose(made.size[0, 0], [2, 3])
    assert np.allclose(made.world[0, 0, :3, :3] @ made.world[0, 0, :3, :3].T, np.eye(3), atol=1e-6)
    # -Z turned by 90 degrees about Y.
    assert np.allclose(-made.world[0, 0, 2, :3], [-1, 0, 0], atol=1e-6)
    assert np.allclose(made.world[0, 0, 3, :3], [1, 2, 3])


def area(kind: str, size: np.ndarray) -> float:
    """A light's surface, from its size in the arrays (UsdLux: a cylinder's caps do not shine)."""
    first, second = size
    return {
        "SphereLight": 4 * np.pi * first**2,
        "RectLight": first * second,
        "DiskLight": np.pi * first**2,
        "CylinderLight": 2 * np.pi * first * second,
    }[kind]


AREA_LIGHTS = ("SphereLight", "RectLight", "DiskLight", "CylinderLight")


def define(runtime: Runtime, kind: str, scale: float = 1.0, **inputs: float | bool) -> UsdLux.LightAPI:
    """A light of UsdLux as it is written in files, without what create.light sets."""
    prim = runtime.stage.DefinePrim("/World/Light", kind)
    UsdGeom.Xformable(prim).AddScaleOp().Set((scale, scale, scale))
    for name, value in inputs.items():
        name = name if name.startswith("treat") else f"inputs:{name}"
        assert prim.GetAttribute(name).Set(value)
    return UsdLux.LightAPI(prim)


@pytest.mark.parametrize("kind", AREA_LIGHTS)
@pytest.mark.parametrize("scale", [1.0, 3.0])
def test_power_of_normalized_and_other_lights(runtime: Runtime, kind: str, scale: float) -> None:
    """A Lambertian surface gives off pi L A: pi A I without ``normalize``, pi I with it, whatever the size."""
    light = define(runtime, kind, scale, intensity=100.0)
    made = lights(runtime)
    assert np.allclose(made.color[0, 0], 100)
    assert made.size[0, 0, 0] == pytest.approx(scale * (1.0 if kind == "RectLight" else 0.5))
    light.CreateNormalizeAttr(True)
    made = lights(runtime)
    assert np.allclose(made.color[0, 0] * area(kind, made.size[0, 0]), 100)


def test_normalized_lights_are_divided_by_the_area_in_the_stages_unit(runtime: Runtime) -> None:
    """UsdLux divides the luminance by the world-space area; on a stage of centimetres that is a number in cm2."""
    define(runtime, "DiskLight", intensity=100.0, radius=50.0, normalize=True)
    UsdGeom.SetStageMetersPerUnit(runtime.stage, 0.01)
    made = lights(runtime)
    assert made.size[0, 0, 0] == pytest.approx(0.5)
    assert np.allclose(made.color[0, 0], 100 / (np.pi * 50.0**2))


@pytest.mark.parametrize("normalize", [False, True])
@pytest.mark.parametrize(("kind", "flag"), [("SphereLight", "treatAsPoint"), ("CylinderLight", "treatAsLine")])
def test_points_and_lines_have_the_power_of_their_size(runtime: Runtime, kind: str, flag: str, normalize: bool) -> None:
    define(runtime, kind, 2.0, intensity=100.0, radius=0.3, normalize=normalize)
    full = lights(runtime)
    runtime.stage.GetPrimAtPath("/World/Light").GetAttribute(flag).Set(True)
    thin = lights(runtime)
    assert full.size[0, 0, 0] == pytest.approx(0.6)
    assert 0 < thin.size[0, 0, 0] <= 0.001
    assert thin.size[0, 0, 1] == full.size[0, 0, 1]
    power = full.color[0, 0] * area(kind, full.size[0, 0])
    assert np.allclose(thin.color[0, 0] * area(kind, thin.size[0, 0]), power, rtol=1e-5)
    runtime.stage.GetPrimAtPath("/World/Light").GetAttribute("inputs:radius").Set(0.0)
    made = lights(runtime)
    # Without a size there is power by ``normalize`` only.
    expected = 100.0 if normalize else 0.0
    assert np.allclose(made.color[0, 0] * area(kind, made.size[0, 0]), expected)


@pytest.mark.parametrize("angle", [0.0, 0.53, 10.0])
@pytest.mark.parametrize("normalize", [False, True])
def test_the_intensity_of_distant_lights_is_their_illuminance(runtime: Runtime, angle: float, normalize: bool) -> None:
    """UsdLux's normalized one: L = I / (pi sin^2(a / 2)), and E the integral of L cos over the cap."""
    define(runtime, "DistantLight", intensity=100.0, angle=angle, normalize=normalize)
    made = lights(runtime)
    assert made.size[0, 0, 0] == pytest.approx(angle)
    if angle > 0:
        theta = (np.arange(20000) + 0.5) / 20000 * np.radians(angle / 2)
        radiance = 100.0 / (np.pi * np.sin(np.radians(angle / 2)) ** 2)
        step = np.radians(angle / 2) / 20000
        illuminance = np.sum(radiance * np.cos(theta) * np.sin(theta)) * step * 2 * np.pi
        assert np.allclose(made.color[0, 0], illuminance)
    assert np.allclose(made.color[0, 0], 100)


def test_domes_do_not_know_normalize(runtime: Runtime) -> None:
    define(runtime, "DomeLight", intensity=100.0, normalize=True)
    assert np.allclose(lights(runtime).color[0, 0], 100)


def test_colour_temperature_only_where_it_is_enabled(runtime: Runtime) -> None:
    light = define(runtime, "DiskLight", intensity=10.0, exposure=1.0, colorTemperature=3000.0)
    light.CreateColorAttr((1, 0.5, 0.25))
    assert np.allclose(lights(runtime).color[0, 0], [20, 10, 5])
    light.CreateEnableColorTemperatureAttr(True)
    assert np.allclose(lights(runtime).color[0, 0], [20, 10, 5] * temperature_color(np.array(3000.0)))


def test_inputs_vary(runtime: Runtime) -> None:
    with trigger.on_frame(), create.light(light_type="disk", temperature=None, count=2):
        modify.attribute("intensity", distribution.uniform(1, 2, name="i"))
        modify.attribute("inputs:radius", distribution.uniform(1, 2, name="r"))
        modify.attribute("color", distribution.uniform((0, 0, 0), (1, 1, 1), name="c"))
        modify.visibility(distribution.choice([True, False]))
    state = runtime.evaluate(np.arange(10))
    assert np.allclose(state.arrays.lights.color, state.draws["i"] * state.draws["c"])
    assert np.allclose(state.arrays.lights.size[..., 0], state.draws["r"][..., 0])
    assert 0 < state.arrays.lights.visible.sum() < 20


def test_distributions_in_create_run_once_outside_a_trigger_and_each_time_inside(runtime: Runtime) -> None:
    create.light(intensity=distribution.uniform(1, 2), temperature=None)
    with trigger.on_frame():
        create.light(intensity=distribution.uniform(1, 2), temperature=None)
    color = lights(runtime, 5).color[..., 0]
    assert len(np.unique(color[:, 0])) == 1
    assert len(np.unique(color[:, 1])) == 5


class TestDome:
    """Panoramas."""

    def test_pictures_are_chosen_and_linear(self, runtime: Runtime, tmp_path: Path) -> None:
        files = []
        for value in (0, 128, 255):
            Image.new("RGB", (8, 4), (value, value, value)).save(tmp_path / f"{value}.png")
            files.append(str(tmp_path / f"{value}.png"))
        with trigger.on_frame():
            create.light(light_type="dome", texture=distribution.choice(files, name="sky"))
        state = runtime.evaluate(np.arange(20))
        environments = runtime.scene().arrays.environments
        assert [round(float(one.radiance.mean()), 3) for one in environments] == [0, 0.216, 1]
        rows = state.arrays.lights.environment[:, 0]
        assert set(rows) == {0, 1, 2}
        assert [files[row] for row in rows] == state.draws["sky"][:, 0].tolist()

    def test_the_top_of_the_picture_is_up(self, runtime: Runtime) -> None:
        create.light(light_type="dome", rotation=(0, 0, 90))
        world = lights(runtime).world[0, 0]
        assert np.allclose(world[1, :3], [0, 0, 1], atol=1e-6)
        # The middle of the picture, +Z of the dome, lies toward -Y before the turn and toward +X after it.
        assert np.allclose(world[2, :3], [1, 0, 0], atol=1e-6)

    def test_missing_pictures_and_other_lights(self, runtime: Runtime) -> None:
        with pytest.raises(AssetError, match=r"there is no file /no/sky\.hdr"):
            create.light(light_type="dome", texture="/no/sky.hdr")
        with pytest.raises(UnsupportedError, match="texture is used by dome lights only"):
            create.light(light_type="sphere", texture="x.hdr")


def test_lights_that_are_none(runtime: Runtime) -> None:
    with pytest.raises(ValueError, match="light_type is 'lamp'; give one of cylinder"):
        create.light(light_type="lamp")
    with pytest.raises(UnsupportedError, match="light_type cannot vary"):
        create.light(light_type=distribution.choice(["sphere", "rect"]))
    with create.light():
        modify.attribute("intensty", 1)
    with pytest.raises(EngineError, match="has no attribute 'intensty'"):
        runtime.scene()


def test_camera_defaults_and_intrinsics(runtime: Runtime) -> None:
    create.camera()
    made = cameras(runtime)
    assert made.focal_length[0, 0] == 24
    assert made.horizontal_aperture[0, 0] == pytest.approx(20.955)
    assert made.clipping[0, 0].tolist() == [1.0, 1e6]
    assert made.f_stop[0, 0] == 0
    assert made.focus_distance[0, 0] == 400
    fx, fy, cx, cy = made.intrinsics(0, 640, 480)[0]
    assert fx == fy == pytest.approx(640 * 24 / 20.955)
    assert (cx, cy) == (320, 240)


def test_lens_attributes_vary(runtime: Runtime) -> None:
    with trigger.on_frame():
        camera = create.camera(
            focal_length=distribution.uniform(15, 35, name="f"), f_stop=2.8, clipping_range=(0.01, 9)
        )
        with camera:
            modify.attribute("horizontalApertureOffset", distribution.uniform(-1, 1, name="o"))
            modify.attribute("clippingRange", distribution.combine([0.1, distribution.uniform(5, 6, name="far")]))
    state = runtime.evaluate(np.arange(5))
    made = state.arrays.cameras
    assert np.array_equal(made.focal_length, state.draws["f"][..., 0])
    assert np.array_equal(made.aperture_offset[..., :1], state.draws["o"])
    assert np.array_equal(made.clipping[..., 1:], state.draws["far"])
    assert np.allclose(made.f_stop, 2.8)


def test_opencv_pinholes(runtime: Runtime) -> None:
    create.camera(
        projection_type="pinholeOpenCV", openCV_focal_x=500, openCV_focal_y=510, fisheye_optical_centre_x=300,
        fisheye_optical_centre_y=250, fisheye_nominal_width=640, fisheye_nominal_height=480,
    )  # fmt: skip
    made = cameras(runtime)
    assert np.allclose(made.intrinsics(0, 640, 480), [[500, 510, 300, 250]])
    assert np.allclose(made.intrinsics(0, 320, 240), [[250, 255, 150, 125]])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"projection_type": "fisheyeSpherical"}, "projection_type 'fisheyeSpherical' is not rendered"),
        (
            {"projection_type": "pinholeOpenCV", "fisheye_polynomial_a": 0.1},
            "fisheye_polynomial_a has no effect on a 'pinholeOpenCV' camera here; leave it out or give 0",
        ),
        (
            {"projection_type": "fisheyePolynomial", "openCV_focal_y": 3.0},
            "openCV_focal_y has no effect on a 'fisheyePolynomial' camera here",
        ),
        ({"fisheye_polynomial_b": 0.1}, "fisheye_polynomial_b has no effect"),
        ({"openCV_focal_x": 3.0}, "openCV_focal_x has no effect on a 'pinhole' camera here; use projection_type="),
        ({"cross_camera_reference_name": "x"}, "cross_camera_reference_name is not supported"),
    ],
)
def test_lenses_that_are_not_rendered(runtime: Runtime, arguments: dict[str, object], message: str) -> None:
    with pytest.raises(UnsupportedError, match=message):
        create.camera(**arguments)


def test_stereo_cameras_stand_side_by_side(runtime: Runtime) -> None:
    create.stereo_camera(0.2, position=(5, 0, 1), look_at=(0, 0, 1))
    left, right = cameras(runtime).world[0]
    assert np.allclose(left[:3, :3], right[:3, :3])
    offset = right[3, :3] - left[3, :3]
    assert np.allclose(offset, 0.2 * left[0, :3])
    assert np.allclose(0.5 * (left[3, :3] + right[3, :3]), [5, 0, 1])
