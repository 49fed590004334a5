"""Environments: copies of a scene that stand apart, light once, and keep their materials."""

from __future__ import annotations

import pytest
from pxr import Sdf, Usd, UsdGeom, UsdLux, UsdShade

from replicator_dr.engines.isaacsim.environments import clone, environments, global_lights


def scene() -> Usd.Stage:
    stage = Usd.Stage.CreateInMemory()
    UsdGeom.Xform.Define(stage, "/Replicator")
    cube = UsdGeom.Cube.Define(stage, "/Replicator/Cube_Xform/Cube")
    material = UsdShade.Material.Define(stage, "/Replicator/Looks/Steel")
    UsdShade.MaterialBindingAPI.Apply(cube.GetPrim()).Bind(material)
    UsdLux.DomeLight.Define(stage, "/Replicator/Sky_Xform/Sky")
    UsdLux.DistantLight.Define(stage, "/Replicator/Sun_Xform/Sun")
    UsdLux.SphereLight.Define(stage, "/Replicator/Lamp_Xform/Lamp")
    return stage


@pytest.mark.parametrize(
    ("count", "corners"), [(1, [(0, 0)]), (3, [(0, 0), (0, 10), (10, 0)]), (64, [(0, 0), (0, 10), (0, 20)])]
)
def test_they_stand_on_a_square_grid(count: int, corners: list[tuple[float, float]]) -> None:
    places = environments(count, 10.0)
    assert [place.origin[:2] for place in places[:3]] == corners
    assert len({place.origin for place in places}) == count
    assert max(max(place.origin) for place in places) < 10.0 * count**0.5 + 10


def test_copies_stand_apart_and_keep_their_own_materials() -> None:
    source, stage, layer = scene(), Usd.Stage.CreateInMemory(), Sdf.Layer.CreateAnonymous(".usda")
    lights = global_lights(source, "/Replicator")
    assert lights == ["/Replicator/Sky_Xform/Sky", "/Replicator/Sun_Xform/Sun"]
    # A stage in centimetres: ten metres are a thousand units.
    clone(source.GetRootLayer(), "/Replicator", layer, environments(3, 10.0), lights, 0.01)
    stage.GetSessionLayer().subLayerPaths.append(layer.identifier)
    cube = stage.GetPrimAtPath("/World/envs/env_1/Cube_Xform/Cube")
    assert UsdGeom.XformCache().GetLocalToWorldTransform(cube).ExtractTranslation() == (0, 1000, 0)
    bound = UsdShade.MaterialBindingAPI(cube).ComputeBoundMaterial()[0]
    assert bound.GetPath() == "/World/envs/env_1/Looks/Steel"


def test_what_lights_the_whole_stage_is_there_once() -> None:
    source, stage, layer = scene(), Usd.Stage.CreateInMemory(), Sdf.Layer.CreateAnonymous(".usda")
    clone(source.GetRootLayer(), "/Replicator", layer, environments(4, 10.0), global_lights(source, "/Replicator"), 1.0)
    stage.GetSessionLayer().subLayerPaths.append(layer.identifier)
    kinds = [str(prim.GetTypeName()) for prim in stage.Traverse()]
    assert (kinds.count("DomeLight"), kinds.count("DistantLight"), kinds.count("SphereLight")) == (1, 1, 4)
