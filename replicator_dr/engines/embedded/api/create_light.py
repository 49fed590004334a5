"""``rep.create.light``; create.py takes it over under that name."""

from __future__ import annotations

from typing import Any

from pxr import Sdf, Usd

from replicator_dr.engines.embedded.draws.distributions import distribution_of
from replicator_dr.engines.embedded.item import ReplicatorItem
from replicator_dr.engines.embedded.scene.assets import existing_file
from replicator_dr.engines.embedded.usd.authoring import author_values, wrappers
from replicator_dr.errors import UnsupportedError

__all__ = ["light"]

TYPES = {
    "cylinder": "CylinderLight",
    "disk": "DiskLight",
    "distant": "DistantLight",
    "dome": "DomeLight",
    "rect": "RectLight",
    "sphere": "SphereLight",
}

_INPUTS = {
    "color": ("inputs:color", 3),
    "intensity": ("inputs:intensity", 1),
    "exposure": ("inputs:exposure", 1),
    "temperature": ("inputs:colorTemperature", 1),
    "texture": ("inputs:texture:file", 0),
}


def light(
    position: Any = None,
    scale: Any = None,
    rotation: Any = None,
    look_at: Any = None,
    look_at_up_axis: Any = None,
    light_type: Any = "Distant",
    color: Any = (1.0, 1.0, 1.0),
    intensity: Any = 1000.0,
    exposure: Any = None,
    temperature: Any = 6500,
    texture: Any = None,
    count: int = 1,
    name: str | None = None,
    parent: Any = None,
) -> ReplicatorItem:
    """A light: cylinder, disk, distant, dome, rect or sphere. temperature: kelvin, None for none.

    Rotation 0 shines along -Z. texture: a panorama (.hdr, .png, ...) for domes. UnsupportedError for a distribution of
    types and for textures on other lights.
    """
    arguments = locals()
    kind = "create.light"
    if distribution_of(light_type) is not None:
        raise UnsupportedError(f"{kind}: light_type cannot vary; create a light of each type and vary their visibility")
    if str(light_type).lower() not in TYPES:
        raise ValueError(f"{kind}: light_type is '{light_type}'; give one of {', '.join(TYPES)}")
    type_name = TYPES[str(light_type).lower()]
    if texture is not None and type_name != "DomeLight":
        raise UnsupportedError(f"{kind}: texture is used by dome lights only; use light_type='dome' or leave it out")
    lights: list[str] = []

    def author(stage: Usd.Stage, path: str, index: int) -> None:
        prim = stage.DefinePrim(f"{path}/{type_name}", type_name)
        prim.GetAttribute("inputs:enableColorTemperature").Set(temperature is not None)
        lights.append(str(prim.GetPath()))

    item = wrappers(kind, type_name, arguments, author)

    def set_value(prim: Usd.Prim, name: str, value: Any) -> None:
        if name == "inputs:texture:file":
            prim.GetAttribute(name).Set(Sdf.AssetPath(existing_file(str(value), kind)))
        else:
            prim.GetAttribute(name).Set(tuple(float(v) for v in value) if len(value) > 1 else float(value[0]))

    widths = dict(_INPUTS.values())
    author_values(kind, lights, {name: arguments[key] for key, (name, _) in _INPUTS.items()}, set_value, widths.get)
    return item
