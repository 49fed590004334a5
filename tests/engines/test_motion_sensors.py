"""Velocities and sensors from the stage and the graph to the renderer's arrays and images."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from pxr import Gf, Sdf, UsdGeom, UsdPhysics

from replicator_dr.engines.embedded import api as rep
from replicator_dr.engines.embedded.runtime import Runtime
from replicator_dr.render.scene import FrameArrays


def arrays(runtime: Runtime, frames: int = 1) -> FrameArrays:
    return runtime.evaluate(np.arange(frames)).arrays


def camera_prim(item: Any) -> UsdGeom.Camera:
    return UsdGeom.Camera(item.get_output_prims()["prims"][0].GetChildren()[0])


def test_still_scenes_have_neither(runtime: Runtime) -> None:
    rep.create.cube()
    rep.create.camera()
    made = arrays(runtime)
    assert made.sensors is None
    assert made.motion is None


def test_velocities_of_usd_physics(runtime: Runtime) -> None:
    stage = runtime.stage
    parent = UsdGeom.Xform.Define(stage, "/World/turned")
    parent.AddRotateZOp().Set(90.0)
    body = UsdGeom.Xform.Define(stage, "/World/turned/body")
    body.AddTranslateOp().Set((1, 2, 3))
    UsdGeom.Cube.Define(stage, "/World/turned/body/a")
    UsdGeom.Cube.Define(stage, "/World/turned/body/b").AddTranslateOp().Set((0, 0, 4))
    UsdGeom.Cube.Define(stage, "/World/still")
    UsdGeom.Camera.Define(stage, "/World/turned/body/camera")
    physics = UsdPhysics.RigidBodyAPI.Apply(body.GetPrim())
    physics.CreateVelocityAttr((2, 0, 0))
    physics.CreateAngularVelocityAttr((0, 90, 0))
    made = arrays(runtime).motion
    assert made is not None
    assert np.allclose(made.velocity, [[[0, 2, 0]]])
    assert np.allclose(made.spin, [[[-90, 0, 0]]])
    assert np.allclose(made.centre, [[[-2, 1, 3]]])
    assert sorted(made.transform_body.tolist()) == [-1, 0, 0]
    assert made.camera_body.tolist() == [0]


def test_a_centre_of_mass_and_a_disabled_body(runtime: Runtime) -> None:
    stage = runtime.stage
    for name, enabled in (("on", True), ("off", False)):
        prim = UsdGeom.Cube.Define(stage, f"/World/{name}").GetPrim()
        UsdPhysics.RigidBodyAPI.Apply(prim).CreateVelocityAttr((1, 0, 0))
        UsdPhysics.RigidBodyAPI(prim).CreateRigidBodyEnabledAttr(enabled)
        UsdPhysics.MassAPI.Apply(prim).CreateCenterOfMassAttr((0.5, 0, 0))
    made = arrays(runtime).motion
    assert made is not None
    assert made.velocity.shape == (1, 1, 3)
    assert np.allclose(made.centre, [[[0.5, 0, 0]]])


def test_velocities_vary_and_are_recorded(runtime: Runtime) -> None:
    cubes = rep.create.cube(count=3)
    with rep.trigger.on_frame():
        speed = rep.distribution.uniform((-1, -1, 0), (1, 1, 0), name="speed")
        rep.modify.attribute("physics:velocity", speed, input_prims=cubes)
    state = runtime.evaluate(np.arange(5))
    made = state.arrays.motion
    assert made is not None
    assert np.allclose(made.velocity, state.draws["speed"])
    assert len(np.unique(made.velocity)) > 20
    assert (made[slice(1, 3)].velocity == made.velocity[1:3]).all()


def test_equal_places_that_move_apart_stay_apart(runtime: Runtime) -> None:
    stage = runtime.stage
    for name in "ab":
        UsdGeom.Cube.Define(stage, f"/World/{name}")
    UsdPhysics.RigidBodyAPI.Apply(stage.GetPrimAtPath("/World/b")).CreateVelocityAttr((1, 0, 0))
    made = arrays(runtime)
    assert made.motion is not None
    assert sorted(made.motion.transform_body.tolist()) == [-1, 0]


def test_usd_exposure_scales_light_and_gain(runtime: Runtime) -> None:
    camera = camera_prim(rep.create.camera())
    camera.CreateExposureAttr(1.0)
    camera.CreateExposureTimeAttr(0.02)
    camera.CreateExposureIsoAttr(400.0)
    camera.CreateExposureFStopAttr(2.0)
    camera.CreateExposureResponsivityAttr(3.0)
    made = arrays(runtime).sensors
    assert made is not None
    total = made.light * made.amplification
    assert total[0, 0] == pytest.approx(camera.ComputeLinearExposureScale(), rel=1e-6)
    assert made.amplification[0, 0] == 4.0


def test_shutters_in_time_codes_and_in_seconds(runtime: Runtime) -> None:
    runtime.stage.SetTimeCodesPerSecond(50)
    camera = camera_prim(rep.create.camera())
    camera.CreateShutterOpenAttr(-0.25)
    camera.CreateShutterCloseAttr(0.5)
    made = arrays(runtime).sensors
    assert made is not None
    assert np.allclose(made.shutter, [[[-0.005, 0.01]]])
    camera.GetPrim().CreateAttribute("sensor:shutter", Sdf.ValueTypeNames.Float).Set(0.02)
    made = arrays(runtime).sensors
    assert made is not None
    assert np.allclose(made.shutter, [[[-0.01, 0.01]]])


def test_sensors_vary(runtime: Runtime) -> None:
    cameras = rep.create.camera(count=2)
    with rep.trigger.on_frame():
        stops = rep.distribution.uniform(-1, 1, name="stops")
        rep.modify.attribute("exposure", stops, input_prims=cameras)
        rep.modify.attribute("sensor:fullWell", rep.distribution.choice([5000, 10000]), input_prims=cameras)
        rep.modify.attribute("sensor:vignetting", 0.5, input_prims=cameras)
    state = runtime.evaluate(np.arange(8))
    made = state.arrays.sensors
    assert made is not None
    assert np.allclose(np.log2(made.light), state.draws["stops"][..., 0])
    assert set(made.full_well.reshape(-1)) == {5000.0, 10000.0}
    assert (made.vignetting == 0.5).all()
    assert Gf.IsClose(float(made[slice(2, 3)].light[0, 1]), float(made.light[2, 1]), 1e-12)


def test_a_step_authors_what_varied(runtime: Runtime) -> None:
    cubes, cameras = rep.create.cube(), rep.create.camera()
    with rep.trigger.on_frame():
        speed = rep.distribution.uniform((1, 0, 0), (2, 0, 0), name="speed")
        rep.modify.attribute("physics:velocity", speed, input_prims=cubes)
        rep.modify.attribute("sensor:fullWell", rep.distribution.choice([5000]), input_prims=cameras)
        rep.modify.attribute("exposure:iso", 400, input_prims=cameras)
    rep.orchestrator.step()
    (cube,) = cubes.get_output_prims()["prims"]
    drawn = runtime.evaluate(np.arange(1)).draws["speed"][0, 0]
    assert np.allclose(cube.GetAttribute("physics:velocity").Get(), drawn)
    camera = camera_prim(cameras)
    assert camera.GetPrim().GetAttribute("sensor:fullWell").Get() == 5000
    assert not camera.GetPrim().HasAttribute("sensor:readNoise")
    assert camera.GetExposureIsoAttr().Get() == 400
    assert not camera.GetExposureTimeAttr().HasAuthoredValue()
    assert not cube.HasAPI(UsdPhysics.RigidBodyAPI)
