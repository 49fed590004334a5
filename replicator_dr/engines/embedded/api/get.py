"""``rep.get``: prims that are on the stage already, by path, type and label."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from pxr import Usd, UsdGeom, UsdLux, UsdShade

from replicator_dr.engines.embedded.api.registration import attach
from replicator_dr.engines.embedded.item import ReplicatorItem, make_item
from replicator_dr.engines.embedded.nodes import PrimNode
from replicator_dr.engines.embedded.runtime import current
from replicator_dr.engines.embedded.targets import paths_of
from replicator_dr.engines.embedded.usd.stage_labels import Labels, parse_labels, read_labels
from replicator_dr.errors import EngineError

Test = Callable[[Usd.Prim], bool]


def register(func: Callable[..., Any], override: bool = True, fn_name: str | None = None) -> None:
    """Attach a function of one's own as ``rep.get.<name>``."""
    attach(globals(), "get", func, override, fn_name)


def prim_at_path(path: Any, name: str | None = None) -> ReplicatorItem:
    """The prim, or prims, at paths; EngineError where there is none."""
    paths = paths_of(path)
    for one in paths:
        if not current().stage.GetPrimAtPath(one):
            raise EngineError(f"get.prim_at_path: there is no prim at {one}")
    return make_item(PrimNode("get.prim_at_path", lambda: paths, {"path": path}, name))


def prims(
    path_pattern: str | None = None,
    path_match: str | None = None,
    path_pattern_exclusion: str | None = None,
    prim_types: str | list[str] | None = None,
    prim_types_exclusion: str | list[str] | None = None,
    semantics: Any = None,
    semantics_exclusion: Any = None,
    cache_result: bool = True,
    ignore_case: bool = True,
    name: str | None = None,
) -> ReplicatorItem:
    """Prims whose path holds a regular expression or a text, of given types and labels, in stage order.

    Everything given must hold and no exclusion may. cache_result=False looks again whenever the stage has changed.
    """
    wanted, excluded = _types(prim_types), _types(prim_types_exclusion)
    tests: list[Test] = []
    if wanted:
        tests.append(lambda prim: prim.GetTypeName().lower() in wanted)
    if excluded:
        tests.append(lambda prim: prim.GetTypeName().lower() not in excluded)
    patterns = (path_pattern, path_match, path_pattern_exclusion)
    return _query("get.prims", tests, patterns, (semantics, semantics_exclusion), cache_result, ignore_case, name)


def _types(value: str | list[str] | None) -> set[str]:
    return {name.lower() for name in ([value] if isinstance(value, str) else value or [])}


def _carries(prim: Usd.Prim, labels: Labels) -> bool:
    own = {name: {value.lower() for value in values} for name, values in read_labels(prim).items()}
    return any(value.lower() in own.get(name, ()) for name, values in labels.items() for value in values)


def _query(
    kind: str,
    tests: Sequence[Test],
    patterns: tuple[str | None, str | None, str | None],
    labels: tuple[Any, Any],
    cache_result: bool,
    ignore_case: bool,
    name: str | None,
) -> ReplicatorItem:
    flags = re.IGNORECASE if ignore_case else 0
    checks = list(tests)
    pattern, text, exclusion = patterns
    if pattern is not None:
        expression = _compile(kind, pattern, flags)
        checks.append(lambda prim: bool(expression.search(str(prim.GetPath()))))
    if text is not None:
        part = text.lower() if ignore_case else text
        checks.append(lambda prim: part in (str(prim.GetPath()).lower() if ignore_case else str(prim.GetPath())))
    if exclusion is not None:
        excluded = _compile(kind, exclusion, flags)
        checks.append(lambda prim: not excluded.search(str(prim.GetPath())))
    if labels[0] is not None:
        wanted = parse_labels(labels[0], kind)
        checks.append(lambda prim: _carries(prim, wanted))
    if labels[1] is not None:
        unwanted = parse_labels(labels[1], kind)
        checks.append(lambda prim: not _carries(prim, unwanted))
    runtime = current()

    def find() -> list[str]:
        return [str(prim.GetPath()) for prim in runtime.stage.Traverse() if all(check(prim) for check in checks)]

    if cache_result:
        found = find()
        return make_item(PrimNode(kind, lambda: found, {}, name))
    return make_item(PrimNode(kind, find, {}, name))


def _compile(kind: str, pattern: str, flags: int) -> re.Pattern[str]:
    try:
        return re.compile(pattern, flags)
    except re.error as error:
        raise ValueError(f"{kind}: '{pattern}' is not a regular expression: {error}") from None


def _by_type(
    kind: str,
    test: Test,
    path_pattern: str | None,
    path_pattern_exclusion: str | None,
    semantics: Any,
    semantics_exclusion: Any,
    cache_result: bool,
    name: str | None,
    path_match: str | None,
) -> ReplicatorItem:
    patterns = (path_pattern, path_match, path_pattern_exclusion)
    return _query(kind, [test], patterns, (semantics, semantics_exclusion), cache_result, True, name)


def _is_a(schema: Any) -> Test:
    return lambda prim: bool(prim.IsA(schema))


def _is_named(*types: str) -> Test:
    return lambda prim: prim.GetTypeName() in types


def _getter(name: str, test: Test) -> Callable[..., ReplicatorItem]:
    def get(
        path_pattern: str | None = None,
        path_pattern_exclusion: str | None = None,
        semantics: Any = None,
        semantics_exclusion: Any = None,
        cache_result: bool = True,
        name: str | None = None,
        path_match: str | None = None,
    ) -> ReplicatorItem:
        return find(
            path_pattern, path_pattern_exclusion, semantics, semantics_exclusion, cache_result, name, path_match
        )

    find = partial(_by_type, f"get.{name}", test)
    get.__name__ = get.__qualname__ = name
    get.__doc__ = f"Prims of kind {name}, chosen by path and label as in ``get.prims``."
    return get


camera = _getter("camera", _is_a(UsdGeom.Camera))
curve = _getter("curve", _is_a(UsdGeom.Curves))
geomsubset = _getter("geomsubset", _is_a(UsdGeom.Subset))
graph = _getter("graph", _is_named("OmniGraph"))
light = _getter("light", lambda prim: prim.HasAPI(UsdLux.LightAPI))
listener = _getter("listener", _is_named("OmniListener", "Listener"))
material = _getter("material", _is_a(UsdShade.Material))
mesh = _getter("mesh", _is_a(UsdGeom.Mesh))
physics = _getter("physics", _is_named("PhysicsScene", "PhysicsJoint", "PhysicsFixedJoint", "PhysicsRevoluteJoint"))
renderproduct = _getter("renderproduct", _is_named("RenderProduct"))
rendervar = _getter("rendervar", _is_named("RenderVar"))
scope = _getter("scope", _is_a(UsdGeom.Scope))
shader = _getter("shader", _is_a(UsdShade.Shader))
shape = _getter("shape", _is_named("Cube", "Sphere", "Cylinder", "Cone", "Capsule", "Plane"))
sound = _getter("sound", _is_named("OmniSound", "Sound", "SpatialAudio"))
xform = _getter("xform", _is_named("Xform"))
skelanimation = _getter("skelanimation", _is_named("SkelAnimation"))
skeleton = _getter("skeleton", _is_named("Skeleton"))
