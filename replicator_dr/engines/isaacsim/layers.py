"""Our layers over Kit's stage: what a spec creates, and the values of the frame that is shown.

Both lie under the session layer, so that the user's own file is never changed and everything goes when they go.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pxr import Sdf, Usd


class Overlay:
    """scene: what was created. frame: stronger, the values of the frame."""

    def __init__(self, stage: Usd.Stage, scene: Sdf.Layer) -> None:
        from pxr import Sdf

        self._session = stage.GetSessionLayer()
        self.scene = scene
        self.frame = Sdf.Layer.CreateAnonymous("replicator_dr_frame.usda")
        for layer in (scene, self.frame):
            self._session.subLayerPaths.insert(0, layer.identifier)

    def remove(self) -> None:
        """Take both off the stage; calling it twice is no error."""
        for layer in (self.scene, self.frame):
            if layer.identifier in self._session.subLayerPaths:
                self._session.subLayerPaths.remove(layer.identifier)


def mirror(source: Sdf.Layer, root: str, target: Sdf.Layer, to: str) -> None:
    """Make what ``target`` holds below ``to`` equal to what ``source`` holds below ``root``, with few changes.

    Only what differs is written: a layer that is replaced as a whole makes Kit load the whole stage again. Paths below
    ``root`` that relationships point to are moved along. Use inside an Sdf.ChangeBlock.
    """
    from pxr import Sdf

    spec = source.GetPrimAtPath(root)
    if spec is None:
        old = target.GetPrimAtPath(to)
        if old is not None:
            _empty(old)
        return
    _mirror_prim(spec, Sdf.CreatePrimInLayer(target, to), Sdf.Path(root), Sdf.Path(to))


_STRUCTURE = ("specifier", "primChildren", "properties")


def _mirror_prim(source: Sdf.PrimSpec, target: Sdf.PrimSpec, root: Sdf.Path, to: Sdf.Path) -> None:
    from pxr import Sdf

    for key in set(source.ListInfoKeys()) | set(target.ListInfoKeys()):
        if key in _STRUCTURE:
            continue
        if not source.HasInfo(key):
            target.ClearInfo(key)
        elif not target.HasInfo(key) or target.GetInfo(key) != source.GetInfo(key):
            target.SetInfo(key, source.GetInfo(key))
    for name in [name for name in target.properties.keys() if name not in source.properties]:  # noqa: SIM118
        del target.properties[name]
    for prop in source.properties:
        if isinstance(prop, Sdf.RelationshipSpec):
            _mirror_targets(prop, target, root, to)
        else:
            _mirror_value(prop, target)
    for child in list(target.nameChildren):
        if child.name not in source.nameChildren:
            _empty(child)
    for child in source.nameChildren:
        path = target.path.AppendChild(child.name)
        _mirror_prim(child, Sdf.CreatePrimInLayer(target.layer, path), root, to)


def _mirror_value(source: Any, target: Sdf.PrimSpec) -> None:
    from pxr import Sdf

    held = target.properties.get(source.name)
    if held is None:
        held = Sdf.AttributeSpec(target, source.name, source.typeName, source.variability)
    if source.HasInfo("default") and (not held.HasInfo("default") or held.default != source.default):
        held.default = source.default
    if source.HasInfo("interpolation") and held.GetInfo("interpolation") != source.GetInfo("interpolation"):
        held.SetInfo("interpolation", source.GetInfo("interpolation"))


def _mirror_targets(source: Any, target: Sdf.PrimSpec, root: Sdf.Path, to: Sdf.Path) -> None:
    from pxr import Sdf

    held = target.properties.get(source.name)
    if held is None:
        held = Sdf.RelationshipSpec(target, source.name, custom=False)
    wanted = [path.ReplacePrefix(root, to) for path in source.targetPathList.GetAddedOrExplicitItems()]
    if list(held.targetPathList.explicitItems) != wanted:
        held.targetPathList.explicitItems = wanted
    for key in source.ListInfoKeys():
        if key not in ("targetPaths", "variability", "custom") and held.GetInfo(key) != source.GetInfo(key):
            held.SetInfo(key, source.GetInfo(key))


def _empty(prim: Sdf.PrimSpec) -> None:
    """Take the values off a prim and what is below it; the prims themselves may stay."""
    for name in list(prim.properties.keys()):
        del prim.properties[name]
    for key in prim.ListInfoKeys():
        if key not in _STRUCTURE:
            prim.ClearInfo(key)
    for child in prim.nameChildren:
        _empty(child)
