"""``rep.randomizer``: ready-made randomizers, and functions of one's own by ``register``."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from pxr import Sdf

from replicator_dr.engines.embedded.api.distribution import make_distribution
from replicator_dr.engines.embedded.api.registration import attach
from replicator_dr.engines.embedded.draws.choices import Choice
from replicator_dr.engines.embedded.draws.distributions import Distribution, Uniform, distribution_of
from replicator_dr.engines.embedded.effects.attribute_effect import AttributeEffect
from replicator_dr.engines.embedded.effects.instantiate_effect import InstantiateEffect
from replicator_dr.engines.embedded.effects.material_effect import MaterialEffect
from replicator_dr.engines.embedded.effects.pose_effect import RotationEffect
from replicator_dr.engines.embedded.effects.scatter_effect import ScatterEffect
from replicator_dr.engines.embedded.item import ReplicatorItem, make_item
from replicator_dr.engines.embedded.placement.effect import PlacementEffect
from replicator_dr.engines.embedded.placement.groups import Group
from replicator_dr.engines.embedded.placement.in_volume import InVolume
from replicator_dr.engines.embedded.placement.rules import rules
from replicator_dr.engines.embedded.runtime import current
from replicator_dr.engines.embedded.scene.references import add_asset
from replicator_dr.engines.embedded.targets import holds_prims, paths_of, targets
from replicator_dr.engines.embedded.usd.authoring import wrappers
from replicator_dr.engines.embedded.usd.stage import content
from replicator_dr.engines.embedded.usd.stage_labels import parse_labels, write_labels
from replicator_dr.engines.embedded.usd.stage_materials import bind, define_omnipbr, set_shader_input, shader_of
from replicator_dr.errors import EngineError, UnsupportedError

Limits = tuple[float | None, float | None, float | None]

MODES = ("scene_instance", "reference", "point_instance")


def register(fn: Callable[..., Any], override: bool = True, fn_name: str | None = None) -> None:
    """Attach a function of one's own as ``rep.randomizer.<name>``; call it inside a trigger by that name."""
    attach(globals(), "randomizer", fn, override, fn_name)


def stream(kind: str, seed: int | None) -> Distribution:
    """A stream of uniforms for a randomizer's own draws."""
    node = Uniform(kind, {"lower": 0.0, "upper": 1.0, "seed": seed}, seed if seed and seed > 0 else None, None)
    make_distribution(node)
    return node


def _choose(kind: str, values: Any, seed: int | None) -> Any:
    """A distribution as it is, a list as a choice from it."""
    if distribution_of(values) is not None:
        return values
    if not isinstance(values, (list, tuple)) or not values:
        raise EngineError(f"{kind}: {values!r} holds nothing to choose from; give a list or a distribution")
    inputs = {"choices": list(values), "weights": None, "numSamples": 1, "seed": seed, "with_replacements": True}
    return make_distribution(Choice(kind, inputs, seed if seed and seed > 0 else None, None))


def scatter_2d(
    surface_prims: Any,
    no_coll_prims: Any = None,
    min_samp: Limits = (None, None, None),
    max_samp: Limits = (None, None, None),
    seed: int | None = None,
    offset: float = 0,
    check_for_collisions: bool = False,
    input_prims: Any = None,
    name: str | None = None,
) -> ReplicatorItem:
    """Spread prims over surfaces, evenly by area: each prim's origin comes to lie ``offset`` along the normal.

    min_samp, max_samp: bounds of the surface in world coordinates [m], None for none. check_for_collisions: True or 1
    keeps the prims apart from each other as seen from above; no_coll_prims: from those too. Prims look only at those
    before them. A prim without a free place gives a warning and overlaps. ``set_input("stand", True)`` on the result
    lifts each prim onto the surface by its lowest point. UnsupportedError for check_for_collisions 2 and 3.
    """
    kind = "randomizer.scatter_2d"
    if int(check_for_collisions) not in (0, 1):
        raise UnsupportedError(
            f"{kind}: check_for_collisions={check_for_collisions} is not supported; use True and name the other prims "
            "in no_coll_prims"
        )
    if not holds_prims(surface_prims):
        raise EngineError(f"{kind}: surface_prims is {surface_prims!r}; give the prims to scatter on")
    where = targets(kind, input_prims)
    inputs = {
        "min_samp": min_samp,
        "max_samp": max_samp,
        "offset": offset,
        "check_for_collisions": check_for_collisions,
        "stand": False,
    }
    surfaces, obstacles = partial(paths_of, surface_prims), partial(paths_of, no_coll_prims)
    return make_item(ScatterEffect(where, surfaces, obstacles, stream(kind, seed), inputs, name))


def scatter_3d(
    volume_prims: Any = None,
    no_coll_prims: Any = None,
    volume_excl_prims: Any = None,
    min_samp: Limits = (None, None, None),
    max_samp: Limits = (None, None, None),
    resolution_scaling: float = 1.0,
    voxel_size: float = 0.0,
    check_for_collisions: bool = False,
    prevent_vol_overlap: bool = True,
    viz_sampled_voxels: bool = False,
    seed: int | None = None,
    input_prims: Any = None,
    name: str | None = None,
) -> ReplicatorItem:
    """Spread prims over volumes, each part of them alike: each prim's origin comes to lie inside.

    volume_prims: closed meshes; None fills the box from min_samp to max_samp, which bounds the places in world
    coordinates otherwise. volume_excl_prims: closed meshes whose inside is left out. check_for_collisions keeps the
    convex hulls of the prims apart, no_coll_prims those of others from them too. prevent_vol_overlap: what several
    volumes share is filled once. resolution_scaling, voxel_size: accepted; places are exact here, without voxels. A
    prim without a free place gives a warning and overlaps. UnsupportedError for viz_sampled_voxels.
    """
    kind = "randomizer.scatter_3d"
    if viz_sampled_voxels:
        raise UnsupportedError(f"{kind}: viz_sampled_voxels=True is not supported; there are no voxels to show")
    check = bool(check_for_collisions)
    proposal = InVolume(
        kind, partial(paths_of, volume_prims), partial(paths_of, volume_excl_prims), min_samp, max_samp,
        prevent_vol_overlap,
    )  # fmt: skip
    wanted = "hull" if check or no_coll_prims is not None else "none"
    how = rules(kind, collision=wanted, no_room="overlap", no_coll_prims=no_coll_prims, among=check)
    group = Group(targets(kind, input_prims), stream(kind, seed))
    return make_item(PlacementEffect(proposal, [group], how, {"offset": 0.0, "stand": False, "record": None}, name))


def rotation(
    min_angle: Sequence[float] = (-180.0, -180.0, -180.0),
    max_angle: Sequence[float] = (180.0, 180.0, 180.0),
    seed: int | None = None,
    input_prims: Any = None,
) -> ReplicatorItem:
    """Random orientations, uniform over those that XYZ Euler angles [degrees] within the bounds reach."""
    kind = "randomizer.rotation"
    for low, high in zip(min_angle, max_angle):
        if low > high:
            raise ValueError(f"{kind}: min_angle {tuple(min_angle)} is above max_angle {tuple(max_angle)}")
    inputs = {"min_angle": tuple(min_angle), "max_angle": tuple(max_angle)}
    return make_item(RotationEffect(kind, targets(kind, input_prims), inputs, stream(kind, seed)))


def materials(
    materials: Any,
    seed: int | None = None,
    max_cached_materials: int = 0,
    input_prims: Any = None,
    name: str | None = None,
) -> ReplicatorItem:
    """Bind one of several materials (an item of them, paths, or a distribution) to each prim.

    max_cached_materials: accepted; all materials stay loaded here. MDL files cannot be given (EngineError).
    """
    kind = "randomizer.materials"
    if distribution_of(materials) is None:
        materials = _choose(kind, paths_of(materials), seed)
    return make_item(MaterialEffect(kind, targets(kind, input_prims), {"value": materials}, name))


def _own_looks(kind: str, where: Callable[[], list[str]]) -> list[str]:
    """A new OmniPBR material for each prim, bound to it."""
    stage = current().stage
    looks = []
    for path in where():
        material = define_omnipbr(stage)
        set_shader_input(shader_of(material), "enable_emission", False)
        prim = stage.GetPrimAtPath(path)
        if not prim:
            raise EngineError(f"{kind}: there is no prim at {path}")
        bind(content(prim), material)
        looks.append(str(material.GetPath()))
    return looks


def _sub_mesh(kind: str, per_sub_mesh: bool) -> None:
    if per_sub_mesh:
        raise UnsupportedError(f"{kind}: per_sub_mesh=True is not supported; give the subsets' meshes as input_prims")


def _vary(kind: str, looks: list[str], name: str, value: Any) -> ReplicatorItem:
    return make_item(AttributeEffect(kind, lambda: looks, {"name": name, "value": value}))


def color(colors: Any, per_sub_mesh: bool = False, seed: int | None = None, input_prims: Any = None) -> ReplicatorItem:
    """A colour (linear) for each prim, on an OmniPBR material of its own that replaces what it has bound."""
    kind = "randomizer.color"
    _sub_mesh(kind, per_sub_mesh)
    where = targets(kind, input_prims)
    return _vary(kind, _own_looks(kind, where), "diffuse_color_constant", _choose(kind, colors, seed))


def texture(
    textures: Any,
    texture_scale: Any = None,
    texture_rotate: Any = None,
    per_sub_mesh: bool = False,
    project_uvw: Any = False,
    seed: int | None = None,
    input_prims: Any = None,
) -> ReplicatorItem:
    """A picture for each prim, on an OmniPBR material of its own that replaces what it has bound.

    texture_scale, texture_rotate [degrees]: lists to choose from or distributions. UnsupportedError for project_uvw.
    """
    kind = "randomizer.texture"
    _sub_mesh(kind, per_sub_mesh)
    if project_uvw is not False:
        raise UnsupportedError(f"{kind}: project_uvw is not rendered; give the mesh texture coordinates (primvars:st)")
    looks = _own_looks(kind, targets(kind, input_prims))
    for name, values in (("texture_scale", texture_scale), ("texture_rotate", texture_rotate)):
        if values is not None:
            _vary(kind, looks, name, _choose(kind, values, seed))
    return _vary(kind, looks, "diffuse_texture", _choose(kind, textures, seed))


def instantiate(
    paths: Any,
    size: Any,
    weights: Sequence[float] | None = None,
    mode: str = "scene_instance",
    with_replacements: bool = True,
    seed: int | None = None,
    name: str | None = None,
    use_cache: bool = True,
    semantics: Any = None,
) -> ReplicatorItem:
    """``size`` assets chosen from USD files or prims at each firing; the result's prims are their places.

    mode: the three modes look the same here, as copies share their geometry anyway. size: a number, or a distribution,
    of which the largest value makes as many places. use_cache: accepted; assets are read once.
    """
    kind = "randomizer.instantiate"
    if mode not in MODES:
        raise ValueError(f"{kind}: mode is '{mode}'; give one of {', '.join(MODES)}")
    sources = _asset_list(kind, paths)
    places = largest(kind, size)
    if not with_replacements and places > len(sources):
        raise ValueError(f"{kind}: {places} of {len(sources)} assets without replacement; give more assets")
    inputs = {
        "choices": sources,
        "weights": weights,
        "numSamples": places,
        "seed": seed,
        "with_replacements": with_replacements,
    }
    choice = Choice(kind, inputs, seed if seed and seed > 0 else None, name)
    make_distribution(choice)
    copies: list[list[str]] = []

    def author(stage: Any, path: str, index: int) -> None:
        copies.append([_copy(stage, f"{path}/Copy_{i:02d}", source, kind) for i, source in enumerate(sources)])

    item = wrappers(kind, "Instance", {"count": places, "name": name}, author)
    if semantics is not None:
        for place in item.paths:
            write_labels(current().stage.GetPrimAtPath(place), parse_labels(semantics, kind))
    make_item(InstantiateEffect(partial(paths_of, item), {"size": size}, choice, copies, name))
    return item


def _asset_list(kind: str, paths: Any) -> list[str]:
    if distribution_of(paths) is not None:
        raise UnsupportedError(f"{kind}: paths cannot be a distribution; give the list and weights")
    found = paths_of(paths)
    if not found:
        raise EngineError(f"{kind}: paths is empty; give USD files or prim paths")
    return found


def _copy(stage: Any, path: str, source: str, kind: str) -> str:
    """A copy of a USD file, or of a prim of this stage."""
    if Sdf.Path.IsValidPathString(source) and stage.GetPrimAtPath(source):
        stage.DefinePrim(path, "Xform").GetReferences().AddInternalReference(Sdf.Path(source))
        return path
    return str(add_asset(stage, f"{path}/Ref", source, kind).GetPath().GetParentPath())


def largest(kind: str, size: Any) -> int:
    """How many places a size needs."""
    node = distribution_of(size)
    if node is None:
        if int(size) < 1:
            raise ValueError(f"{kind}: size is {size}; give 1 or more")
        return int(size)
    if "upper" in node.inputs:
        return max(1, math.ceil(float(node.inputs["upper"])))
    options = node.inputs.get("choices") or node.inputs.get("items")
    if options:
        return max(1, *(int(option) for option in options))
    raise UnsupportedError(f"{kind}: {node.kind} has no largest value; give size as a uniform, choice or sequence")
