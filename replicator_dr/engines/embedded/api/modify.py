"""``rep.modify``: nodes that write values of prims, once or at each firing of a trigger."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from replicator_dr.engines.embedded.api.registration import attach
from replicator_dr.engines.embedded.draws.distributions import distribution_of
from replicator_dr.engines.embedded.effects.attribute_effect import AttributeEffect, visibility_effect
from replicator_dr.engines.embedded.effects.material_effect import MaterialEffect
from replicator_dr.engines.embedded.effects.pose_effect import OrbitEffect, PoseEffect
from replicator_dr.engines.embedded.effects.semantics_effect import SemanticsEffect
from replicator_dr.engines.embedded.item import ReplicatorItem, make_item
from replicator_dr.engines.embedded.runtime import current
from replicator_dr.engines.embedded.targets import targets
from replicator_dr.engines.embedded.usd.stage_labels import parse_labels
from replicator_dr.errors import EngineError, UnsupportedError

MODES = ("add", "replace", "clear")


def register(fn: Callable[..., Any], override: bool = True, fn_name: str | None = None) -> None:
    """Attach a function of one's own as ``rep.modify.<name>``."""
    attach(globals(), "modify", fn, override, fn_name)


def pose(
    position: Any = None,
    position_x: Any = None,
    position_y: Any = None,
    position_z: Any = None,
    rotation: Any = None,
    rotation_x: Any = None,
    rotation_y: Any = None,
    rotation_z: Any = None,
    rotation_order: str = "XYZ",
    scale: Any = None,
    size: Any = None,
    pivot: Any = None,
    look_at: Any = None,
    look_at_up_axis: Any = None,
    input_prims: Any = None,
    name: str | None = None,
) -> ReplicatorItem:
    """Write poses in the prims' parent frames, in the order position, pivot, rotation, scale or size, look_at.

    Angles are degrees, applied in ``rotation_order``. size: the extents [stage units] of a box that the prim is to fill
    as far as its proportions allow. pivot: the point that position moves and rotation turns about, -1..1 along each
    axis of the prim's bounds. look_at: a world point, prims, or a distribution of these; drawn once for the group.
    Raises ValueError for arguments that exclude each other.
    """
    inputs = {name: value for name, value in locals().items() if name not in ("input_prims", "name")}
    for whole, parts in (("position", "xyz"), ("rotation", "xyz")):
        axes = [f"{whole}_{axis}" for axis in parts if inputs[f"{whole}_{axis}"] is not None]
        if inputs[whole] is not None and axes:
            raise ValueError(f"modify.pose: {whole} and {axes[0]} cannot both be given; choose one")
    if look_at is not None and any(value is not None for value in (rotation, rotation_x, rotation_y, rotation_z)):
        raise ValueError("modify.pose: rotation and look_at cannot both be given; choose one")
    if scale is not None and size is not None:
        raise ValueError("modify.pose: scale and size cannot both be given; choose one")
    if sorted(rotation_order.upper()) != ["X", "Y", "Z"]:
        raise ValueError(f"modify.pose: rotation_order is '{rotation_order}'; give an order of X, Y and Z")
    return make_item(PoseEffect("modify.pose", targets("modify.pose", input_prims), inputs, name))


def pose_orbit(
    barycentre: Any,
    distance: Any,
    azimuth: Any,
    elevation: Any,
    look_at_barycentre: bool = True,
    input_prims: Any = None,
) -> ReplicatorItem:
    """Place prims about a point or prims: azimuth [degrees] from +X toward +Y, elevation [degrees] from the ground."""
    numbers = isinstance(barycentre, (tuple, list)) and all(isinstance(value, (int, float)) for value in barycentre)
    if numbers and len(barycentre) != 3:
        raise ValueError(f"modify.pose_orbit: barycentre has {len(barycentre)} numbers; give x, y and z")
    inputs = {
        "barycentre": barycentre,
        "distance": distance,
        "azimuth": azimuth,
        "elevation": elevation,
        "look_at_barycentre": look_at_barycentre,
    }
    return make_item(OrbitEffect("modify.pose_orbit", targets("modify.pose_orbit", input_prims), inputs))


def semantics(semantics: Any = None, input_prims: Any = None, mode: str = "add") -> ReplicatorItem:
    """Label prims: {"class": "mug"}. mode: "add" keeps other labels, "replace" those of other types, "clear" none.

    A ReplicatorItem chooses among label dictionaries. Raises ValueError for other modes and forms.
    """
    if mode.lower() not in MODES:
        raise ValueError(f"modify.semantics: mode is '{mode}'; give one of {', '.join(MODES)}")
    if distribution_of(semantics) is None:
        parse_labels(semantics, "modify.semantics")
    inputs = {"semantics": semantics, "mode": mode.lower()}
    return make_item(SemanticsEffect(targets("modify.semantics", input_prims), inputs))


def attribute(name: str, value: Any, attribute_type: str | None = None, input_prims: Any = None) -> ReplicatorItem:
    """Write a named attribute: poses, visibility, inputs of lights and shaders, lens attributes, displayColor.

    A wrapper's own attributes are its pose and visibility, all others belong to what it wraps. Errors about unknown
    attributes come when the graph is first evaluated. attribute_type: accepted; the attributes that can vary have their
    types already.
    """
    where = targets("modify.attribute", input_prims)
    return make_item(AttributeEffect("modify.attribute", where, {"name": name, "value": value}))


def visibility(value: Any = None, input_prims: Any = None, name: str | None = None) -> ReplicatorItem:
    """Show or hide prims and all below them: booleans, or a distribution of them; None shows."""
    where = targets("modify.visibility", input_prims)
    return make_item(visibility_effect(where, True if value is None else value, name))


def material(value: Any = None, input_prims: Any = None, name: str | None = None) -> ReplicatorItem:
    """Bind a material, or one that a distribution chooses for each prim, over whatever the prim has bound below."""
    if value is None:
        raise EngineError("modify.material: value is missing; give a material, its path, or a distribution of them")
    where = targets("modify.material", input_prims)
    return make_item(MaterialEffect("modify.material", where, {"value": value}, name))


def variant(name: str, value: Any, input_prims: Any = None) -> ReplicatorItem:
    """Select a variant, once and for all frames. UnsupportedError for a distribution: scenes are compiled once."""
    if distribution_of(value) is not None or current().executions:
        raise UnsupportedError(
            "modify.variant: a variant cannot vary from frame to frame here; make one prim for each variant and vary "
            "their visibility"
        )
    where = targets("modify.variant", input_prims)
    for path in where():
        prim = current().stage.GetPrimAtPath(path)
        found = next((p for p in (prim, *prim.GetChildren()) if p.GetVariantSets().HasVariantSet(name)), None)
        if found is None or value not in found.GetVariantSet(name).GetVariantNames():
            raise EngineError(f"modify.variant: {path} has no variant '{value}' of '{name}'")
        found.GetVariantSet(name).SetVariantSelection(value)
    from replicator_dr.engines.embedded.nodes import PrimNode

    return make_item(PrimNode("modify.variant", where, {"name": name, "value": value}))
