"""``rep.utils``: events, prims by path, transforms, and the base of nodes of one's own."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from pxr import Gf, Usd, UsdGeom

from replicator_dr.engines.embedded.api.registration import wrap
from replicator_dr.engines.embedded.item import ReplicatorItem
from replicator_dr.engines.embedded.nodes import NodeGraph
from replicator_dr.engines.embedded.runtime import current
from replicator_dr.engines.embedded.scene.transforms import look_at as look_at_matrix
from replicator_dr.engines.embedded.triggers import OnCustomEvent
from replicator_dr.engines.embedded.usd.stage import content
from replicator_dr.engines.embedded.usd.stage_labels import Labels, parse_labels, read_labels
from replicator_dr.errors import AssetError, EngineError

__all__ = [
    "ReplicatorItem", "ReplicatorWrapper", "compute_aabb", "find_prims", "get_files_group", "get_graph",
    "get_non_xform_prims", "get_prim_variant_values", "get_prims_from_paths", "get_reduced_ref_time", "get_usd_files",
    "legacy_semantics_arg_to_new", "look_at", "parse_semantics", "read_prim_transform", "send_og_event", "sequential",
]  # fmt: skip

_USD = (".usd", ".usda", ".usdc", ".usdz")


def send_og_event(event_name: str) -> None:
    """Let ``trigger.on_custom_event(event_name)`` fire at the next frame. EngineError where no trigger waits for it."""
    runtime = current()
    waiting = [
        trigger
        for trigger in runtime.graph.triggers
        if isinstance(trigger, OnCustomEvent) and trigger.event_name == event_name
    ]
    if not waiting:
        known = sorted(t.event_name for t in runtime.graph.triggers if isinstance(t, OnCustomEvent))
        raise EngineError(f"utils.send_og_event: no trigger waits for '{event_name}'; there are: {known or 'none'}")
    for trigger in waiting:
        trigger.send(runtime.next_frame)


def ReplicatorWrapper(fn: Callable[..., Any]) -> Callable[..., ReplicatorItem]:
    """Decorator of graph functions: what they return becomes a ReplicatorItem."""
    return wrap(fn, fn.__name__)


@contextmanager
def sequential() -> Iterator[None]:
    """Nodes created inside run one after the other; here nodes always run in order of creation."""
    yield


def get_graph() -> NodeGraph:
    """The graph that nodes are added to."""
    return current().graph


def get_prims_from_paths(prim_paths: Sequence[Any]) -> list[Usd.Prim]:
    """The prims at paths."""
    return [current().stage.GetPrimAtPath(str(path)) for path in prim_paths]


def get_non_xform_prims(prim_paths: Sequence[Any], usd_usdrt: bool = False) -> list[str]:
    """For wrappers the paths of what they wrap, other paths as they are."""
    return [str(content(prim).GetPath()) for prim in get_prims_from_paths(prim_paths)]


def find_prims(prim_paths: Sequence[Any], mode: str = "instances") -> list[Usd.Prim]:
    """Prims below paths. mode: "prims" those themselves, "meshes", "materials", "prototypes" or "instances"."""
    from pxr import UsdShade

    tests: dict[str, Callable[[Usd.Prim], bool]] = {
        "meshes": lambda prim: bool(prim.IsA(UsdGeom.Mesh)),
        "materials": lambda prim: bool(prim.IsA(UsdShade.Material)),
        "prototypes": lambda prim: bool(prim.IsPrototype()),
        "instances": lambda prim: bool(prim.IsInstance()),
    }
    roots = get_prims_from_paths(prim_paths)
    if mode == "prims":
        return roots
    if mode not in tests:
        raise ValueError(f"utils.find_prims: mode is '{mode}'; give one of prims, {', '.join(tests)}")
    return [prim for root in roots for prim in Usd.PrimRange(root, Usd.TraverseInstanceProxies()) if tests[mode](prim)]


def get_usd_files(path: str, recursive: bool = False, path_filter: str | None = None) -> list[str]:
    """USD files of a folder in order of their names. path_filter: a regular expression on the path."""
    return [
        str(file)
        for file in _files(path, recursive)
        if file.suffix.lower() in _USD and (path_filter is None or re.search(path_filter, str(file)))
    ]


def _files(folder: str, recursive: bool) -> list[Path]:
    root = Path(folder).expanduser()
    if not root.is_dir():
        raise AssetError(f"there is no folder {root.absolute()}")
    return sorted(path for path in (root.rglob("*") if recursive else root.iterdir()) if path.is_file())


def get_files_group(
    folder_path: str, file_suffixes: list[str] | None = None, ignore_case: bool = True, file_type: str = "png"
) -> dict[str, dict[str, str]]:
    """Files of a folder by common stem: {stem: {suffix: path}}, for texture sets such as wood_diffuse.png."""
    groups: dict[str, dict[str, str]] = {}
    for path in _files(folder_path, recursive=False):
        if path.suffix.lower() != f".{file_type.lower()}":
            continue
        for suffix in file_suffixes or [""]:
            stem = path.stem.lower() if ignore_case else path.stem
            ending = suffix.lower() if ignore_case else suffix
            if stem.endswith(ending):
                groups.setdefault(path.stem[: len(path.stem) - len(suffix)], {})[suffix] = str(path)
    return groups


def get_prim_variant_values(prim_path: str, variant_name: str) -> list[str]:
    """The values of a prim's variant set."""
    return list(current().stage.GetPrimAtPath(str(prim_path)).GetVariantSet(variant_name).GetVariantNames())


def compute_aabb(bbox_cache: UsdGeom.BBoxCache, prim: Any, include_children: bool = True) -> np.ndarray[Any, Any]:
    """(6,) float64: minimum and maximum of a prim's world bounds [stage units]."""
    prim = current().stage.GetPrimAtPath(prim) if isinstance(prim, str) else prim
    box = bbox_cache.ComputeWorldBound(prim).ComputeAlignedRange()
    return np.array([*box.GetMin(), *box.GetMax()], dtype=np.float64)


def parse_semantics(prim: Usd.Prim) -> Labels:
    """The prim's own labels, {type: labels}."""
    return read_labels(prim)


def legacy_semantics_arg_to_new(arg: list[tuple[str, str]]) -> dict[str, list[str]]:
    """[("class", "cube")] -> {"class": ["cube"]}."""
    return {name: list(values) for name, values in parse_labels(arg, "semantics").items()}


def read_prim_transform(prim_ref: Any) -> Gf.Matrix4d:
    """Local to world matrix of a prim, as the stage has it now."""
    prim = current().stage.GetPrimAtPath(str(prim_ref)) if not isinstance(prim_ref, Usd.Prim) else prim_ref
    return UsdGeom.Xformable(prim).ComputeLocalToWorldTransform(Usd.TimeCode.Default())


def get_reduced_ref_time(num: int, den: int) -> tuple[int, int]:
    """A reference time as a fraction in lowest terms."""
    divisor = int(np.gcd(num, den)) or 1
    return num // divisor, den // divisor


def look_at(
    target: Sequence[float],
    look_at_up_axis: Sequence[float] = (0, 1, 0),
    eye: Sequence[float] = (0, 0, 0),
    stage_up_axis: str = "Y",
    use_usdrt: bool = False,
) -> Gf.Rotation:
    """The rotation that turns local -Z from eye toward target."""
    vectors = (np.array(value, dtype=np.float64) for value in (eye, target, look_at_up_axis))
    matrix = look_at_matrix(*vectors)
    return Gf.Matrix3d(*matrix.ravel().tolist()).ExtractRotation()
