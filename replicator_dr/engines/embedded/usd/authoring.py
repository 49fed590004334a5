"""What create functions share: wrappers with pose, labels and visibility, plain values at once and others by nodes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from pxr import Usd, UsdGeom

from replicator_dr.engines.embedded.draws.distributions import distribution_of
from replicator_dr.engines.embedded.draws.values import spread
from replicator_dr.engines.embedded.effects.attribute_effect import AttributeEffect, visibility_effect
from replicator_dr.engines.embedded.effects.pose_effect import PoseEffect
from replicator_dr.engines.embedded.effects.semantics_effect import SemanticsEffect
from replicator_dr.engines.embedded.item import ReplicatorItem, make_item
from replicator_dr.engines.embedded.nodes import PrimNode
from replicator_dr.engines.embedded.runtime import current
from replicator_dr.engines.embedded.targets import paths_of
from replicator_dr.engines.embedded.usd.stage import ROOT, define_wrapper, set_pose
from replicator_dr.engines.embedded.usd.stage_labels import parse_labels, write_labels
from replicator_dr.errors import EngineError

POSE_ARGUMENTS = ("position", "rotation", "scale", "pivot", "look_at", "look_at_up_axis")
_AT_REST = {"position": 0.0, "rotation": 0.0, "scale": 1.0}


def is_plain(value: object) -> bool:
    """Whether a value is authored at once: no distribution, nor a list that holds one."""
    if isinstance(value, (list, tuple)):
        return all(is_plain(part) for part in value)
    return distribution_of(value) is None


def one_each(value: object, count: int) -> list[Any]:
    """A plain non-numeric value for each of ``count`` prims: a list of as many is spread, anything else repeated."""
    return list(value) if isinstance(value, (list, tuple)) and len(value) == count else [value] * count


def wrappers(
    kind: str,
    type_name: str,
    arguments: dict[str, Any],
    author: Callable[[Usd.Stage, str, int], None] | None = None,
) -> ReplicatorItem:
    """``count`` wrappers with what ``author(stage, wrapper path, index)`` puts into each, as one item.

    arguments: those of the create function; position, rotation, scale, pivot, look_at, look_at_up_axis, semantics,
    visible, count, name and parent are taken from it where they are.
    """
    count = arguments.get("count", 1)
    if count < 1:
        raise ValueError(f"{kind}: count is {count}; give 1 or more")
    runtime = current()
    stage = runtime.stage
    suffix = "" if type_name == "Xform" else "_Xform"
    paths: list[str] = []
    for parent, index in _parents(kind, arguments.get("parent"), count):
        prim = define_wrapper(stage, parent, arguments.get("name") or f"{type_name}{suffix}")
        paths.append(str(prim.GetPath()))
        if author is not None:
            author(stage, paths[-1], index)
    item = make_item(PrimNode(kind, lambda: paths, arguments, arguments.get("name")))
    _author_pose(kind, paths, arguments)
    _author_state(kind, paths, arguments)
    return item


def _parents(kind: str, parent: object, count: int) -> list[tuple[str, int]]:
    """The parent of each new prim; an item of as many prims gives each its own."""
    paths = [ROOT] if parent is None else paths_of(parent)
    if len(paths) not in (1, count):
        raise EngineError(f"{kind}: parent stands for {len(paths)} prims and count is {count}; give one, or one each")
    return [(paths[i % len(paths)], i) for i in range(count)]


def _author_pose(kind: str, paths: list[str], arguments: dict[str, Any]) -> None:
    stage = current().stage
    given = {name: arguments.get(name) for name in POSE_ARGUMENTS if arguments.get(name) is not None}
    if "rotation" in given and "look_at" in given:
        raise ValueError(f"{kind}: rotation and look_at cannot both be given; choose one")
    plain = {name: value for name, value in given.items() if name in _AT_REST and is_plain(value)}
    columns = {name: spread(plain.get(name, rest), len(paths), 3, f"{kind}: {name}") for name, rest in _AT_REST.items()}
    for path, translate, rotate, scale in zip(paths, columns["position"], columns["rotation"], columns["scale"]):
        set_pose(stage.GetPrimAtPath(path), translate, rotate, scale)
    dynamic = {name: value for name, value in given.items() if name not in plain and name != "look_at_up_axis"}
    if dynamic:
        axes = [f"{whole}_{axis}" for whole in ("position", "rotation") for axis in "xyz"]
        inputs: dict[str, Any] = dict.fromkeys((*POSE_ARGUMENTS, *axes, "size"))
        inputs.update({**dynamic, "look_at_up_axis": arguments.get("look_at_up_axis"), "rotation_order": "XYZ"})
        make_item(PoseEffect(kind, lambda: paths, inputs))


def _author_state(kind: str, paths: list[str], arguments: dict[str, Any]) -> None:
    stage = current().stage
    semantics, visible = arguments.get("semantics"), arguments.get("visible", True)
    if distribution_of(semantics) is not None:
        make_item(SemanticsEffect(lambda: paths, {"semantics": semantics, "mode": "add"}))
    elif semantics is not None:
        labels = parse_labels(semantics, kind)
        for path in paths:
            write_labels(stage.GetPrimAtPath(path), labels)
    if not is_plain(visible):
        make_item(visibility_effect(lambda: paths, visible, None))
    else:
        for path, shown in zip(paths, one_each(visible, len(paths))):
            if not shown:
                UsdGeom.Imageable(stage.GetPrimAtPath(path)).MakeInvisible()


def author_values(
    kind: str, paths: Sequence[str], values: dict[str, Any], set_value: Callable[[Usd.Prim, str, Any], None], width: Any
) -> None:
    """Attributes of created prims: plain values by ``set_value(prim, name, value)``, distributions by nodes.

    width: gives the number of components of an attribute, 0 for those that are no numbers.
    """
    stage = current().stage
    for name, value in values.items():
        if value is None:
            continue
        if distribution_of(value) is not None:
            make_item(AttributeEffect(kind, lambda: list(paths), {"name": name, "value": value}))
            continue
        components = width(name)
        each = spread(value, len(paths), components, f"{kind}: {name}") if components else one_each(value, len(paths))
        for path, one in zip(paths, each):
            set_value(stage.GetPrimAtPath(path), name, one)
