"""Materials of their own for what randomizers vary, made once for each item and shared by all randomizers."""

from __future__ import annotations

from types import ModuleType
from typing import Any

from replicator_dr.errors import UnsupportedError
from replicator_dr.plugins import Target
from replicator_dr.rep import runtime_name


class ShaderTable:
    """The shaders of each item's own materials."""

    def __init__(self) -> None:
        self._items: dict[str, list[Any]] = {}

    def of(self, rep: ModuleType, target: Target) -> list[Any]:
        """An item for each part of the target's prims, holding the shader of each copy."""
        if target.name not in self._items:
            if runtime_name() != "embedded":
                raise UnsupportedError("materials of their own are not made on Isaac Sim yet; use randomizer.materials")
            from replicator_dr.engines.embedded.own_materials import own_materials

            parts = own_materials(target.paths)
            self._items[target.name] = [rep.get.prim_at_path(part) for part in parts]
        return self._items[target.name]


def bind_created(rep: ModuleType, handle: Any, material: Any) -> None:
    """Bind a created material to an item for good, so that materials made from it later begin with it."""
    if runtime_name() != "embedded":
        rep.modify.material(material, input_prims=handle)
        return
    from replicator_dr.engines.embedded.own_materials import bind_material

    prims, looks = handle.get_output_prims()["prims"], material.get_output_prims()["prims"]
    bind_material([str(prim.GetPath()) for prim in prims], str(looks[0].GetPath()))
