"""Sensors' effects on pictures that another renderer made, read from attributes on the stage."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from pxr import Gf, Sdf, Usd, UsdGeom

from replicator_dr.graph.isaacsim.sensor_pictures import with_sensors
from replicator_dr.pool.layout import View
from replicator_dr.render import color

SIZE = (64, 48)
VIEWS = [View(name, f"/Replicator/{name}", SIZE) for name in ("left", "right")]


def stage(**attributes: float) -> Usd.Stage:
    """Two cameras below their wrappers, the right one with attributes of a sensor."""
    made = Usd.Stage.CreateInMemory()
    for name in ("left", "right"):
        UsdGeom.Xform.Define(made, f"/Replicator/{name}")
        camera = UsdGeom.Camera.Define(made, f"/Replicator/{name}/Camera")
        camera.CreateClippingRangeAttr(Gf.Vec2f(0.1, 100.0))
    for attribute, value in attributes.items():
        prim = made.GetPrimAtPath("/Replicator/right/Camera")
        prim.CreateAttribute(f"sensor:{attribute}", Sdf.ValueTypeNames.Float).Set(value)
    return made


def ramp() -> NDArray[np.uint8]:
    image = np.full((*SIZE[::-1], 4), 255, np.uint8)
    image[..., :3] = np.linspace(0, 255, SIZE[0]).astype(np.uint8)[None, :, None]
    return image


def shown(frame: int = 0, image: NDArray[np.uint8] | None = None, **attributes: float) -> dict[str, Any]:
    data = {"rgb": {"data": ramp() if image is None else image}, "distance_to_camera": {"data": np.ones(SIZE[::-1])}}
    pictures = {view.name: dict(data) for view in VIEWS}
    return {"before": pictures, "after": with_sensors(pictures, stage(**attributes), VIEWS, frame, 7)}


def test_cameras_without_effects_keep_their_arrays() -> None:
    found = shown()
    for view in VIEWS:
        assert found["after"][view.name] is found["before"][view.name]


def test_only_colours_of_the_camera_with_a_sensor_change() -> None:
    found = shown(gain=2.0)
    assert found["after"]["left"] is found["before"]["left"]
    right = found["after"]["right"]
    assert right["distance_to_camera"] is found["before"]["right"]["distance_to_camera"]
    assert (right["rgb"]["data"] != ramp()).any()
    assert right["rgb"]["data"].dtype == np.uint8


def test_a_faint_effect_gives_the_bytes_back() -> None:
    """There and back through the tone curve, but for what is burnt out."""
    found = shown(gain=1.0 + 1e-6)["after"]["right"]["rgb"]["data"]
    below = ramp()[..., 0] < 250
    assert np.abs(found.astype(int) - ramp())[below].max() <= 1
    assert (found[..., 3] == 255).all()


def test_gain_multiplies_light() -> None:
    image = ramp()
    found = shown(gain=0.5)["after"]["right"]["rgb"]["data"]
    light = color.to_linear(image[..., 1] / 255.0)
    straight = light < color.SHOULDER
    assert np.allclose(color.to_linear(found[..., 1] / 255.0)[straight], 0.5 * light[straight], atol=0.006)


def test_noise_is_a_function_of_the_frame_and_the_camera() -> None:
    grey = np.full((*SIZE[::-1], 4), 128, np.uint8)
    one, again, next_one = (shown(frame, grey, fullWell=500.0)["after"]["right"]["rgb"]["data"] for frame in (3, 3, 4))
    assert (one == again).all()
    assert (one != next_one).any()
    light = color.to_linear(one[..., :3] / 255.0)
    # Poisson: variance = mean / electrons of white.
    assert np.isclose(light.var() / light.mean() * 125.0, 1.0, rtol=0.15)


def test_the_wrapper_may_hold_the_attribute() -> None:
    made = stage()
    holder = made.GetPrimAtPath("/Replicator/right")
    holder.CreateAttribute("sensor:jpegQuality", Sdf.ValueTypeNames.Float).Set(5.0)
    noise = np.random.default_rng(1).integers(0, 256, (*SIZE[::-1], 4)).astype(np.uint8)
    pictures = {"right": {"rgb": {"data": noise}}}
    found = with_sensors(pictures, made, VIEWS, 0, 7)["right"]["rgb"]["data"]
    assert np.abs(np.diff(found[..., 1].astype(int))).mean() < 0.6 * np.abs(np.diff(noise[..., 1].astype(int))).mean()
