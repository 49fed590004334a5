"""Values of a frame reach Kit's stage with as few changes as there are differences."""

from __future__ import annotations

import pytest
from pxr import Sdf, Usd

from replicator_dr.engines.isaacsim.layers import Overlay, mirror

FRAME = """#usda 1.0
over "Replicator"
{
    over "Cube_Xform" (
        prepend apiSchemas = ["MaterialBindingAPI"]
    )
    {
        double3 xformOp:translate = (1, 2, 3)
        rel material:binding = </Replicator/Looks/Steel> (
            bindMaterialAs = "strongerThanDescendants"
        )
    }
    over "Sun"
    {
        float inputs:intensity = 7
    }
}
"""


def layer(text: str) -> Sdf.Layer:
    made = Sdf.Layer.CreateAnonymous(".usda")
    assert made.ImportFromString(text)
    return made


def values(text: str) -> str:
    """A layer's text without blank lines, for comparison."""
    return "\n".join(line for line in text.splitlines() if line.strip())


def test_the_same_place_gives_the_same_layer() -> None:
    source, target = layer(FRAME), Sdf.Layer.CreateAnonymous(".usda")
    mirror(source, "/Replicator", target, "/Replicator")
    assert values(target.ExportToString()) == values(source.ExportToString())


def test_another_place_takes_the_targets_of_relationships_along() -> None:
    target = Sdf.Layer.CreateAnonymous(".usda")
    mirror(layer(FRAME), "/Replicator", target, "/World/envs/env_3")
    binding = target.GetRelationshipAtPath("/World/envs/env_3/Cube_Xform.material:binding")
    assert list(binding.targetPathList.explicitItems) == [Sdf.Path("/World/envs/env_3/Looks/Steel")]
    assert binding.GetInfo("bindMaterialAs") == "strongerThanDescendants"


def test_what_the_next_frame_does_not_say_goes() -> None:
    target = Sdf.Layer.CreateAnonymous(".usda")
    mirror(layer(FRAME), "/Replicator", target, "/Replicator")
    mirror(layer(FRAME.replace("inputs:intensity", "inputs:exposure")), "/Replicator", target, "/Replicator")
    assert target.GetAttributeAtPath("/Replicator/Sun.inputs:exposure").default == 7
    assert target.GetAttributeAtPath("/Replicator/Sun.inputs:intensity") is None
    mirror(layer("#usda 1.0\n"), "/Replicator", target, "/Replicator")
    stage = Usd.Stage.CreateInMemory()
    stage.GetRootLayer().subLayerPaths.append(target.identifier)
    assert not [attribute for prim in stage.TraverseAll() for attribute in prim.GetAttributes()]
    assert not stage.GetPrimAtPath("/Replicator/Cube_Xform").GetAppliedSchemas()


def test_an_unchanged_value_is_not_written_again() -> None:
    """A stage hears of what changed and of nothing else: Kit loads anew whatever it hears of."""
    target = Sdf.Layer.CreateAnonymous(".usda")
    stage = Usd.Stage.CreateInMemory()
    stage.GetSessionLayer().subLayerPaths.append(target.identifier)
    mirror(layer(FRAME), "/Replicator", target, "/Replicator")
    changed: list[str] = []

    from pxr import Tf

    def note(notice: Usd.Notice.ObjectsChanged, _: Usd.Stage) -> None:
        changed.extend(str(path) for path in [*notice.GetResyncedPaths(), *notice.GetChangedInfoOnlyPaths()])

    key = Tf.Notice.Register(Usd.Notice.ObjectsChanged, note, stage)
    mirror(layer(FRAME.replace("(1, 2, 3)", "(1, 2, 4)")), "/Replicator", target, "/Replicator")
    key.Revoke()
    assert changed == ["/Replicator/Cube_Xform.xformOp:translate"]


@pytest.mark.parametrize("times", [1, 2])
def test_an_overlay_goes_without_a_trace(times: int) -> None:
    stage = Usd.Stage.CreateInMemory()
    stage.DefinePrim("/World")
    before = stage.GetRootLayer().ExportToString()
    scene = Sdf.Layer.CreateAnonymous(".usda")
    overlay = Overlay(stage, scene)
    Sdf.CreatePrimInLayer(scene, "/Replicator").specifier = Sdf.SpecifierDef
    Sdf.CreatePrimInLayer(overlay.frame, "/Replicator/Thing").specifier = Sdf.SpecifierDef
    assert stage.GetPrimAtPath("/Replicator/Thing")
    for _ in range(times):
        overlay.remove()
    assert not stage.GetPrimAtPath("/Replicator")
    assert stage.GetRootLayer().ExportToString() == before
