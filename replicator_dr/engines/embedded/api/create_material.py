"""``rep.create.material_omnipbr``; create.py takes it over under that name."""

from __future__ import annotations

from typing import Any

from pxr import Sdf, Usd

from replicator_dr.engines.embedded.item import ReplicatorItem, make_item
from replicator_dr.engines.embedded.nodes import PrimNode
from replicator_dr.engines.embedded.runtime import current
from replicator_dr.engines.embedded.scene.assets import existing_file
from replicator_dr.engines.embedded.usd.authoring import author_values
from replicator_dr.engines.embedded.usd.stage_labels import parse_labels, write_labels
from replicator_dr.engines.embedded.usd.stage_materials import OMNIPBR, define_omnipbr, set_shader_input, shader_of
from replicator_dr.errors import UnsupportedError

__all__ = ["material_omnipbr"]

_WIDTHS = {"diffuse": 3, "emissive_color": 3, "roughness": 1, "metallic": 1, "specular": 1, "emissive_intensity": 1}


def material_omnipbr(
    diffuse: Any = None,
    diffuse_texture: Any = None,
    roughness: Any = None,
    roughness_texture: Any = None,
    metallic: Any = None,
    metallic_texture: Any = None,
    specular: Any = None,
    emissive_color: Any = None,
    emissive_texture: Any = None,
    emissive_intensity: Any = 0.0,
    project_uvw: Any = False,
    semantics: Any = None,
    count: int = 1,
) -> ReplicatorItem:
    """OmniPBR materials under /Replicator/Looks. Colours are linear; emission is on, with an intensity of 0.

    A picture takes the place of the plain value beside it: roughness and metallic pictures are given the whole
    influence. project_uvw=True is not rendered (UnsupportedError): give the mesh texture coordinates.
    """
    arguments = locals()
    kind = "create.material_omnipbr"
    if count < 1:
        raise ValueError(f"{kind}: count is {count}; give 1 or more")
    if project_uvw is not False:
        raise UnsupportedError(f"{kind}: project_uvw is not rendered; give the mesh texture coordinates (primvars:st)")
    stage = current().stage
    paths = [str(define_omnipbr(stage).GetPath()) for _ in range(count)]
    if semantics is not None:
        for path in paths:
            write_labels(stage.GetPrimAtPath(path), parse_labels(semantics, kind))
    item = make_item(PrimNode(kind, lambda: paths, arguments))

    def set_value(prim: Usd.Prim, name: str, value: Any) -> None:
        type_name = dict(OMNIPBR.values())[name]
        if type_name == Sdf.ValueTypeNames.Asset:
            value = Sdf.AssetPath(existing_file(str(value), kind))
        elif type_name == Sdf.ValueTypeNames.Bool:
            value = bool(value)
        else:
            value = tuple(float(v) for v in value) if len(value) > 1 else float(value[0])
        set_shader_input(shader_of(prim), name, value)

    widths = {OMNIPBR[name][0]: width for name, width in _WIDTHS.items()}
    values = {OMNIPBR[name][0]: arguments[name] for name in OMNIPBR}
    author_values(kind, paths, values, set_value, lambda name: widths.get(name, 0))
    for path in paths:
        shader = shader_of(stage.GetPrimAtPath(path))
        set_shader_input(shader, "enable_emission", True)
        for picture, influence in (
            (roughness_texture, "reflection_roughness_texture_influence"),
            (metallic_texture, "metallic_texture_influence"),
        ):
            if picture is not None:
                set_shader_input(shader, influence, 1.0)
    return item
