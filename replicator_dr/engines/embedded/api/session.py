"""What stands at the top of ``rep``: layers, the global seed, opening a stage."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from pxr import Sdf, Tf, Usd, UsdGeom

from replicator_dr.engines.embedded.runtime import Runtime, current
from replicator_dr.engines.embedded.scene.assets import existing_file
from replicator_dr.engines.embedded.usd.stage import ROOT
from replicator_dr.errors import AssetError

_LAYERS = "replicatorLayers"


@contextmanager
def new_layer(name: str | None = None) -> Iterator[None]:
    """Collect what is created inside in a named sub-layer (default "Replicator"), which is emptied first.

    Emptying takes the nodes made inside it, and their triggers, out of the graph too.
    """
    runtime = current()
    name = name or "Replicator"
    layer = _layer(runtime, name)
    _forget(runtime, name)
    layer.Clear()
    first = len(runtime.graph.nodes)
    before = list(runtime.graph.triggers)
    if not runtime.stage.GetPrimAtPath(ROOT):
        runtime.stage.DefinePrim(ROOT, "Scope")
    with Usd.EditContext(runtime.stage, layer):
        yield
    runtime.layer_nodes[name] = runtime.graph.nodes[first:]
    runtime.layer_triggers[name] = [trigger for trigger in runtime.graph.triggers if trigger not in before]


def _layer(runtime: Runtime, name: str) -> Sdf.Layer:
    if name not in runtime.layers:
        layer = Sdf.Layer.CreateAnonymous(f"{Tf.MakeValidIdentifier(name)}.usda")
        runtime.layers[name] = layer
        runtime.stage.GetRootLayer().subLayerPaths.insert(0, layer.identifier)
    return runtime.layers[name]


def _forget(runtime: Runtime, name: str) -> None:
    gone: set[int] = {id(node) for node in runtime.layer_nodes.pop(name, [])}
    triggers = {id(trigger) for trigger in runtime.layer_triggers.pop(name, [])}
    runtime.graph.nodes = [node for node in runtime.graph.nodes if id(node) not in gone]
    runtime.graph.triggers = [trigger for trigger in runtime.graph.triggers if id(trigger) not in triggers]
    runtime.graph.version += 1


def set_global_seed(seed: int) -> None:
    """Seed of every distribution without one of its own. Raises ValueError for negative seeds."""
    current().seed = seed


def get_global_seed() -> int:
    """The global seed; drawn and kept when none was set."""
    return current().seed


def open_stage(stage_path: str) -> None:
    """Work on a USD file: it is put under a stage in memory and never written to. The graph starts anew."""
    file = existing_file(str(stage_path), "open_stage")
    try:
        source = Usd.Stage.Open(file, Usd.Stage.LoadNone)
    except Tf.ErrorException as error:
        reason = str(error).strip().splitlines()[-1].strip()
        raise AssetError(f"open_stage: {file} cannot be opened as USD ({reason})") from None
    stage = Usd.Stage.CreateInMemory("replicator.usda")
    UsdGeom.SetStageUpAxis(stage, UsdGeom.GetStageUpAxis(source))
    UsdGeom.SetStageMetersPerUnit(stage, UsdGeom.GetStageMetersPerUnit(source))
    stage.GetRootLayer().subLayerPaths.append(file)
    if not stage.GetPrimAtPath(ROOT):
        stage.DefinePrim(ROOT, "Scope")
    runtime = current()
    runtime.replace_stage(stage)


__all__ = ["get_global_seed", "new_layer", "open_stage", "set_global_seed"]
