"""modify.attribute and modify.visibility: values of named attributes."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from pxr import Usd, UsdGeom, UsdShade
from typing_extensions import override

from replicator_dr.engines.embedded.draws.distributions import distribution_of, things_of
from replicator_dr.engines.embedded.nodes import Effect
from replicator_dr.engines.embedded.scene.assets import existing_file
from replicator_dr.engines.embedded.scene.channels import PICTURES, WIDTH
from replicator_dr.engines.embedded.scene.omnipbr import DEFAULT, OMNIPBR_CHANNELS, channels_of, omnipbr_picture
from replicator_dr.engines.embedded.scene.preview_surface import PREVIEW_CHANNELS
from replicator_dr.engines.embedded.scene.scene_cameras import CAMERA_CHANNELS
from replicator_dr.engines.embedded.scene.scene_lights import LIGHT_CHANNELS, light_type
from replicator_dr.engines.embedded.scene.scene_materials import DISPLAY_COLOR
from replicator_dr.engines.embedded.scene.scene_motion import MOTION_CHANNELS
from replicator_dr.engines.embedded.scene.scene_patterns import PATTERN_CHANNELS, PATTERN_WORDS
from replicator_dr.engines.embedded.scene.shader_inputs import asset_path, input_value
from replicator_dr.engines.embedded.scene.transforms import ORDERS
from replicator_dr.engines.embedded.usd.stage import content
from replicator_dr.engines.embedded.usd.stage_materials import shader_of
from replicator_dr.errors import EngineError, UnsupportedError

if TYPE_CHECKING:
    from replicator_dr.engines.embedded.firing import Firing
    from replicator_dr.engines.embedded.scene.channels import Columns
    from replicator_dr.engines.embedded.scene.plan import Plan

Int64 = NDArray[np.int64]

ALL = slice(None)
FILE_CHANNELS = (*PICTURES, "environment")


@dataclass(frozen=True)
class Slot:
    """Where an attribute's values go."""

    channel: str
    components: slice
    columns: Int64


class AttributeEffect(Effect):
    """Writes one attribute of its prims. inputs: name, value."""

    drawn = ("value",)

    @override
    def prepare(self, plan: Plan) -> None:
        self._paths = self.targets()
        self._slot = find_slot(plan, self._paths, str(self.inputs["name"]), self.kind)
        if self._slot.channel in FILE_CHANNELS:
            self._files = self._file_rows(plan)

    @override
    def evaluate(self, firing: Firing) -> None:
        slot, value, count = self._slot, self.inputs["value"], len(self._paths)
        if not count:
            return
        if slot.channel in FILE_CHANNELS:
            picks = firing.picks(value, count)
            for channel, files in self._files.items():
                firing.write(channel, slot.columns, files[np.arange(count), picks][..., None])
        elif words := PATTERN_WORDS.get(slot.channel):
            numbers = np.array([words.index(str(thing)) for thing in things_of(value, count)], dtype=np.float64)
            firing.write(slot.channel, slot.columns, numbers[firing.picks(value, count)][..., None])
        elif slot.channel == "visible":
            firing.write("visible", slot.columns, visibility(firing, value, count))
        else:
            width = len(range(*slot.components.indices(WIDTH[slot.channel])))
            firing.write(slot.channel, slot.columns, firing.numbers(value, count, width), slot.components)
            if slot.channel == "rotate":
                code = float(ORDERS.index(str(self.inputs["name"])[-3:]))
                firing.write("rotate", slot.columns, np.full((len(firing.executions), count, 1), code), slice(3, 4))

    def _file_rows(self, plan: Plan) -> dict[str, NDArray[np.float64]]:
        """{channel: (n, things) float64}: the row of each file that may be chosen, as each prim looks it up."""
        channel = self._slot.channel
        things = things_of(self.inputs["value"], len(self._paths))
        paths = [existing_file(path, self.kind) if (path := asset_path(thing)) else "" for thing in things]
        if channel == "environment":
            rows = [[_panorama_row(plan, path) for path in paths]] * len(self._paths)
            return {channel: np.array(rows, dtype=np.float64)}
        materials = list(plan.materials.index)
        shaders = [shader_of(plan.prim(materials[column], self.kind)) for column in self._slot.columns]
        if influence := _INFLUENCE.get(channel):
            _warn_idle(shaders, influence, f"{self.kind}: {self.inputs['name']}")
        return {
            each: np.array(
                [
                    [plan.textures.row(omnipbr_picture(shader, each, path)) if path else -1 for path in paths]
                    for shader in shaders
                ],
                dtype=np.float64,
            )
            for each in channels_of(channel)
        }


def visibility(firing: Firing, value: object, count: int) -> NDArray[np.float64]:
    """(R, n, 1): booleans, numbers, or the tokens "inherited" and "invisible"."""
    node = distribution_of(value)
    tokens = isinstance(value, str) if node is None else not node.numeric
    if not tokens:
        return (firing.numbers(value, count, 1) > 0.5).astype(np.float64)
    shown = np.array([str(thing) != "invisible" for thing in things_of(value, count)], dtype=np.float64)
    return shown[firing.picks(value, count)][..., None]


# Pictures that count by a further input.
_INFLUENCE = {
    "roughness_texture": "reflection_roughness_texture_influence",
    "metallic_texture": "metallic_texture_influence",
}


def _warn_idle(shaders: list[UsdShade.Shader], influence: str, what: str) -> None:
    for shader in shaders:
        if not input_value(shader, influence):
            warnings.warn(f"{what} of {shader.GetPath()} counts by {influence}, which is 0 there", stacklevel=2)
            return


def _panorama_row(plan: Plan, path: str) -> int:
    if not path:
        return -1
    plan.assets.panorama(path)
    return plan.panoramas.row(path)


def find_slot(plan: Plan, paths: list[str], name: str, kind: str) -> Slot:
    """The channel for an attribute, and its columns for the prims.

    Raises EngineError where a prim has no such attribute, UnsupportedError where it has one that cannot vary.
    """
    if name == "visibility":
        return Slot("visible", ALL, plan.visible_columns(paths, kind))
    if name in MOTION_CHANNELS:
        return Slot(MOTION_CHANNELS[name], ALL, plan.motion_columns(paths, kind))
    if name in PATTERN_CHANNELS:
        materials = [_material_path(plan, plan.prim(path, kind)) for path in paths]
        if "" in materials:
            raise EngineError(f"{kind}: {paths[materials.index('')]} is no shader; '{name}' is an attribute of shaders")
        return Slot(PATTERN_CHANNELS[name], ALL, plan.pattern_columns(materials, kind))
    if name.startswith("xformOp:"):
        return _pose_slot(plan, paths, name, kind)
    found = [_child_slot(plan, content(plan.prim(path, kind)), name, kind) for path in paths]
    if not found:
        return Slot("visible", ALL, np.zeros(0, dtype=np.int64))
    channel, components, family, _ = found[0]
    if any(other[:2] != (channel, components) for other in found):
        raise EngineError(f"{kind}: '{name}' means different things on the prims {paths}; call it for each kind")
    return Slot(channel, components, plan.columns(family, [where for *_, where in found]))


def _pose_slot(plan: Plan, paths: list[str], name: str, kind: str) -> Slot:
    operation = name.removeprefix("xformOp:")
    columns = plan.pose_columns(paths, kind)
    if operation in ("translate", "scale"):
        return Slot(operation, ALL, columns)
    if operation.removeprefix("rotate") in ORDERS:
        return Slot("rotate", slice(0, 3), columns)
    raise UnsupportedError(
        f"{kind}: '{name}' cannot vary; use xformOp:translate, xformOp:scale or xformOp:rotateXYZ (or another order)"
    )


def _child_slot(plan: Plan, prim: Usd.Prim, name: str, kind: str) -> tuple[str, slice, Columns, str]:
    path = str(prim.GetPath())
    bare = name.removeprefix("inputs:")
    known: Iterable[str] = ()
    if light_type(prim) is not None:
        known = [entry for entry in LIGHT_CHANNELS if prim.HasAttribute(entry)]
        if f"inputs:{bare}" in known:
            return LIGHT_CHANNELS[f"inputs:{bare}"], ALL, plan.lights, path
    elif prim.IsA(UsdGeom.Camera):
        known = CAMERA_CHANNELS
        if name in known and (CAMERA_CHANNELS[name][0] not in ("opencv", "nominal", "lens") or prim.GetAttribute(name)):
            channel, components = CAMERA_CHANNELS[name]
            return channel, components, plan.cameras, path
    elif prim.IsA(UsdShade.Material) or prim.IsA(UsdShade.Shader):
        material = _material_path(plan, prim)
        known = [*OMNIPBR_CHANNELS, *PREVIEW_CHANNELS]
        channel_name = OMNIPBR_CHANNELS.get(bare) or PREVIEW_CHANNELS.get(bare)
        if channel_name and material:
            return channel_name, ALL, plan.materials, material
    elif name == "primvars:displayColor" and prim.IsA(UsdGeom.Gprim):
        row = path + DISPLAY_COLOR
        plan.painted.add(path)
        if row not in plan.materials:
            plan.materials.add(row, DEFAULT)
        return "diffuse", ALL, plan.materials, row
    if prim.GetAttribute(name):
        raise UnsupportedError(
            f"{kind}: '{name}' of {path} cannot vary from frame to frame here; what can: visibility, xformOp:*"
            + "".join(f", {entry}" for entry in known)
        )
    hint = f"; a {prim.GetTypeName()} has: {', '.join(known)}" if known else "; give the prim that has it"
    raise EngineError(f"{kind}: {path} has no attribute '{name}'{hint}")


def _material_path(plan: Plan, prim: Usd.Prim) -> str:
    while prim and not prim.IsA(UsdShade.Material):
        prim = prim.GetParent()
    path = str(prim.GetPath()) if prim else ""
    return path if path in plan.materials else ""


def visibility_effect(targets: Callable[[], list[str]], value: object, name: str | None) -> AttributeEffect:
    """modify.visibility is the attribute of that name."""
    inputs: dict[str, Any] = {"name": "visibility", "value": value}
    return AttributeEffect("modify.visibility", targets, inputs, name)
