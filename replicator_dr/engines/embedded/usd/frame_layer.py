"""The layer that holds a frame's values: strongest of all, empty while the stage is compiled.

Scripts that read the stage after a step find the frame's values there; what they author themselves goes to the root
layer, beneath, so that a frame's values never become the scene's.
"""

from __future__ import annotations

from pxr import Sdf, Usd

_TAG = "frame.usda"


def frame_layer(stage: Usd.Stage) -> Sdf.Layer:
    """The stage's frame layer, made when first needed, below its session layer."""
    session = stage.GetSessionLayer()
    for path in session.subLayerPaths:
        layer = Sdf.Layer.Find(path)
        if layer is not None and layer.customLayerData.get("replicatorFrame"):
            return layer
    layer = Sdf.Layer.CreateAnonymous(_TAG)
    layer.customLayerData = {"replicatorFrame": True}
    # The stage holds the layer from here on: it opens what its session layer names.
    session.subLayerPaths.insert(0, layer.identifier)
    return layer


def clear_frame_layer(stage: Usd.Stage) -> None:
    """Take a frame's values off the stage."""
    session = stage.GetSessionLayer()
    for path in session.subLayerPaths:
        layer = Sdf.Layer.Find(path)
        if layer is not None and layer.customLayerData.get("replicatorFrame") and layer.rootPrims:
            layer.Clear()
            layer.customLayerData = {"replicatorFrame": True}
