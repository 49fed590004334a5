"""``rep.create``: prims, materials, groups and render products.

Plain arguments are authored at once; distributions make nodes that run once, or at each firing of the trigger inside
which the function is called.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from pxr import Usd

from replicator_dr.engines.embedded.api.create_camera import camera, stereo_camera
from replicator_dr.engines.embedded.api.create_light import light
from replicator_dr.engines.embedded.api.create_material import material_omnipbr
from replicator_dr.engines.embedded.api.registration import attach
from replicator_dr.engines.embedded.api.render_products import render_product, render_product_tiled
from replicator_dr.engines.embedded.effects.material_effect import MaterialEffect
from replicator_dr.engines.embedded.item import ReplicatorItem, make_item
from replicator_dr.engines.embedded.nodes import PrimNode, unique
from replicator_dr.engines.embedded.runtime import current
from replicator_dr.engines.embedded.scene.references import add_asset
from replicator_dr.engines.embedded.targets import paths_of
from replicator_dr.engines.embedded.usd.authoring import wrappers
from replicator_dr.engines.embedded.usd.stage_labels import change_labels, parse_labels, read_labels, write_labels
from replicator_dr.engines.embedded.usd.stage_shapes import author_primitive
from replicator_dr.errors import AssetError, EngineError

__all__ = [
    "camera", "cone", "cube", "cylinder", "disk", "from_dir", "from_usd", "group", "light", "material_omnipbr", "plane",
    "register", "render_product", "render_product_tiled", "sphere", "stereo_camera", "torus", "xform",
]  # fmt: skip

USD_SUFFIXES = (".usd", ".usda", ".usdc", ".usdz")


def register(fn: Callable[..., Any], override: bool = True, fn_name: str | None = None) -> None:
    """Attach a function of one's own as ``rep.create.<name>``."""
    attach(globals(), "create", fn, override, fn_name)


def xform(
    position: Any = None,
    scale: Any = None,
    rotation: Any = None,
    look_at: Any = None,
    look_at_up_axis: Any = None,
    semantics: Any = None,
    visible: Any = True,
    count: int = 1,
    name: str | None = None,
    parent: Any = None,
) -> ReplicatorItem:
    """An empty transform, to hold other prims."""
    return wrappers("create.xform", "Xform", locals())


def _primitive(type_name: str, arguments: dict[str, Any]) -> ReplicatorItem:
    """One of the primitives, 1 m across."""
    kind = f"create.{type_name.lower()}"
    unit = 1.0 / _meters_per_unit()

    def author(stage: Usd.Stage, path: str, index: int) -> None:
        author_primitive(stage, f"{path}/{type_name}", type_name, unit, arguments.get("as_mesh", True))

    item = wrappers(kind, type_name, arguments, author)
    if arguments["material"] is not None:
        make_item(MaterialEffect(kind, partial(paths_of, item), {"value": arguments["material"]}))
    return item


def _meters_per_unit() -> float:
    from pxr import UsdGeom

    return float(UsdGeom.GetStageMetersPerUnit(current().stage))


def sphere(
    position: Any = None,
    scale: Any = None,
    pivot: Any = None,
    rotation: Any = None,
    look_at: Any = None,
    look_at_up_axis: Any = None,
    semantics: Any = None,
    material: Any = None,
    visible: Any = True,
    as_mesh: bool = True,
    count: int = 1,
    name: str | None = None,
    parent: Any = None,
) -> ReplicatorItem:
    """A sphere of diameter 1 m; as_mesh=False authors UsdGeom's own Sphere, which looks the same here."""
    return _primitive("Sphere", locals())


def cube(
    position: Any = None,
    scale: Any = None,
    pivot: Any = None,
    rotation: Any = None,
    look_at: Any = None,
    look_at_up_axis: Any = None,
    semantics: Any = None,
    material: Any = None,
    visible: Any = True,
    as_mesh: bool = True,
    count: int = 1,
    name: str | None = None,
    parent: Any = None,
) -> ReplicatorItem:
    """A cube with edges of 1 m."""
    return _primitive("Cube", locals())


def cylinder(
    position: Any = None,
    scale: Any = None,
    pivot: Any = None,
    rotation: Any = None,
    look_at: Any = None,
    look_at_up_axis: Any = None,
    semantics: Any = None,
    material: Any = None,
    visible: Any = True,
    as_mesh: bool = True,
    count: int = 1,
    name: str | None = None,
    parent: Any = None,
) -> ReplicatorItem:
    """A cylinder of diameter and height 1 m along Z."""
    return _primitive("Cylinder", locals())


def cone(
    position: Any = None,
    scale: Any = None,
    pivot: Any = None,
    rotation: Any = None,
    look_at: Any = None,
    look_at_up_axis: Any = None,
    semantics: Any = None,
    material: Any = None,
    visible: Any = True,
    as_mesh: bool = True,
    count: int = 1,
    name: str | None = None,
    parent: Any = None,
) -> ReplicatorItem:
    """A cone of base diameter and height 1 m, its apex toward +Z, the origin half-way up."""
    return _primitive("Cone", locals())


def torus(
    position: Any = None,
    scale: Any = None,
    pivot: Any = None,
    rotation: Any = None,
    look_at: Any = None,
    look_at_up_axis: Any = None,
    semantics: Any = None,
    material: Any = None,
    visible: Any = True,
    count: int = 1,
    name: str | None = None,
    parent: Any = None,
) -> ReplicatorItem:
    """A torus of outer diameter 1 m lying in XY, its tube 0.3 m thick."""
    return _primitive("Torus", locals())


def disk(
    position: Any = None,
    scale: Any = None,
    pivot: Any = None,
    rotation: Any = None,
    look_at: Any = None,
    look_at_up_axis: Any = None,
    semantics: Any = None,
    material: Any = None,
    visible: Any = True,
    count: int = 1,
    name: str | None = None,
    parent: Any = None,
) -> ReplicatorItem:
    """A disk of diameter 1 m that faces +Z."""
    return _primitive("Disk", locals())


def plane(
    position: Any = None,
    scale: Any = None,
    pivot: Any = None,
    rotation: Any = None,
    look_at: Any = None,
    look_at_up_axis: Any = None,
    semantics: Any = None,
    material: Any = None,
    visible: Any = True,
    count: int = 1,
    name: str | None = None,
    parent: Any = None,
) -> ReplicatorItem:
    """A plane of 1 m x 1 m that faces +Z."""
    return _primitive("Plane", locals())


def from_usd(
    usd: str,
    position: Any = None,
    scale: Any = None,
    rotation: Any = None,
    look_at: Any = None,
    look_at_up_axis: Any = None,
    semantics: Any = None,
    count: int = 1,
    name: str | None = None,
    parent: Any = None,
) -> ReplicatorItem:
    """References to a USD file, corrected to the stage's units and up axis.

    Raises AssetError, naming the file, where it is missing, unreadable, or holds nothing that can be drawn.
    """
    arguments = locals()

    def author(stage: Usd.Stage, path: str, index: int) -> None:
        add_asset(stage, f"{path}/Ref", str(usd), "create.from_usd")

    return wrappers("create.from_usd", Path(str(usd)).stem or "Asset", arguments, author)


def from_dir(
    dir_path: str, recursive: bool = False, path_filter: str | None = None, semantics: Any = None
) -> ReplicatorItem:
    """All USD files of a folder, in order of their names. path_filter: a regular expression on the path."""
    folder = Path(dir_path).expanduser()
    if not folder.is_dir():
        raise AssetError(f"create.from_dir: there is no folder {folder.absolute()}")
    files = sorted(path for path in (folder.rglob("*") if recursive else folder.iterdir()) if path.is_file())
    chosen = [path for path in files if path.suffix.lower() in USD_SUFFIXES]
    if path_filter is not None:
        chosen = [path for path in chosen if re.search(path_filter, str(path))]
    if not chosen:
        raise AssetError(f"create.from_dir: {folder.absolute()} holds no USD file that fits; check path_filter")
    return group([from_usd(str(path), semantics=semantics) for path in chosen])


def group(items: Sequence[Any], semantics: Any = None, name: str | None = None) -> ReplicatorItem:
    """Several items, paths or prims as one; it may be empty. semantics: labels for all of them, beside their own."""
    for item in items:
        if isinstance(item, ReplicatorItem) and item.node.paths() is None:
            raise EngineError(f"create.group: {item!r} holds no prims")

    def paths() -> list[str]:
        return unique([path for item in items for path in paths_of(item)])

    if semantics is not None:
        labels = parse_labels(semantics, "create.group")
        for path in paths():
            prim = current().stage.GetPrimAtPath(path)
            if not prim:
                raise EngineError(f"create.group: there is no prim at {path}")
            write_labels(prim, change_labels(read_labels(prim), labels, "add"))
    return make_item(PrimNode("create.group", paths, {"items": items}, name))
