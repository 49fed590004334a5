"""Materials of their own for what randomizers vary, made once for each item and shared by all randomizers."""

from __future__ import annotations

from types import ModuleType
from typing import TYPE_CHECKING, Any

from replicator_dr.plugins import Target

if TYPE_CHECKING:
    from pxr import Usd


class ShaderTable:
    """The shaders of each item's own materials, on the stage that the graph is built on."""

    def __init__(self, stage: Usd.Stage) -> None:
        self._stage = stage
        self._items: dict[str, list[Any]] = {}

    def of(self, rep: ModuleType, target: Target) -> list[Any]:
        """An item for each part of the target's prims, holding the shader of each copy."""
        if target.name not in self._items:
            from replicator_dr.engines.embedded.scene.own_materials import own_materials

            parts = own_materials(self._stage, target.paths)
            self._items[target.name] = [rep.get.prim_at_path(part) for part in parts]
        return self._items[target.name]


def bind_created(stage: Usd.Stage, handle: Any, material: Any) -> None:
    """Bind a created material to an item for good, so that materials made from it later begin with it."""
    from replicator_dr.engines.embedded.scene.own_materials import bind_material

    prims, looks = handle.get_output_prims()["prims"], material.get_output_prims()["prims"]
    bind_material(stage, [str(prim.GetPath()) for prim in prims], str(looks[0].GetPath()))
