"""The prims of a stage as they are drawn and labelled: once each, and those of point instancers once for each instance.

An instance is called ``<instancer>/<prototype's name>_<index>``, its index counting the instancer's positions, with
what lies below the prototype's root below that. It is drawn and labelled as if it stood there. What stands below an
instancer on the stage is drawn only so, as USD asks of renderers.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pxr import Gf, Usd, UsdGeom

from replicator_dr.engines.embedded.scene.hierarchy import Hierarchy
from replicator_dr.errors import AssetError

Float64 = NDArray[np.float64]

DRAWN_PURPOSES = (UsdGeom.Tokens.default_, UsdGeom.Tokens.render)


@dataclass(frozen=True)
class Placed:
    """A prim at one place.

    path: what it is called there. source: its path on the stage. chain: the prims that it inherits visibility and
    bindings from, nearest first, itself too. frame: the prim in whose local frame it stands by ``offset`` (4, 4), None
    where it is that prim.
    """

    path: str
    source: str
    chain: tuple[str, ...]
    frame: str
    offset: Float64 | None = None

    @property
    def is_instance(self) -> bool:
        """Whether a point instancer placed it."""
        return self.offset is not None


def upward(path: str) -> list[str]:
    """A prim's path and those above it, nearest first."""
    paths = []
    while path:
        paths.append(path)
        path = path.rpartition("/")[0]
    return paths


def prims_below(root: Usd.Prim) -> Usd.PrimRange:
    """A prim and all below it, inside of instances too; of an ``over`` or a class, which prototypes often are, too."""
    if root.IsDefined() and not root.IsAbstract():
        return Usd.PrimRange(root, Usd.TraverseInstanceProxies())
    return Usd.PrimRange(root, Usd.TraverseInstanceProxies(Usd.PrimIsActive & Usd.PrimIsLoaded))


def placed_prims(root: Usd.Prim, hierarchy: Hierarchy) -> Iterator[tuple[Usd.Prim, Placed]]:
    """A prim and all below it, in the stage's order, instances in the place of their instancer's children."""
    walk = iter(Usd.PrimRange(root, Usd.TraverseInstanceProxies()))
    for prim in walk:
        if prim.IsPseudoRoot():
            continue
        path = str(prim.GetPath())
        here = Placed(path, path, tuple(upward(path)), path)
        yield prim, here
        if prim.IsA(UsdGeom.PointInstancer):
            walk.PruneChildren()
            yield from _instances(prim, here, hierarchy, ())


def _instances(
    instancer: Usd.Prim, at: Placed, hierarchy: Hierarchy, within: tuple[str, ...]
) -> Iterator[tuple[Usd.Prim, Placed]]:
    """All prims of an instancer's instances. within: the instancers that this one stands in."""
    if at.source in within:
        raise AssetError(f"{at.source}: is a prototype of itself; take it out of its prototypes")
    base = np.eye(4) if at.offset is None else at.offset
    bodies = {}
    for name, prototype, matrix in read_instances(instancer):
        root = str(prototype.GetPath())
        if root not in bodies:
            bodies[root] = list(_body(prototype, hierarchy))
        for prim, local, chain in bodies[root]:
            source = str(prim.GetPath())
            place = Placed(
                path=f"{at.path}/{name}{source.removeprefix(root)}",
                source=source,
                chain=(*chain, *at.chain),
                frame=at.frame,
                offset=local @ matrix @ base,
            )
            yield prim, place
            if prim.IsA(UsdGeom.PointInstancer):
                yield from _instances(prim, place, hierarchy, (*within, at.source))


def _body(prototype: Usd.Prim, hierarchy: Hierarchy) -> Iterator[tuple[Usd.Prim, Float64, tuple[str, ...]]]:
    """The prims of a prototype, their matrices to its root's frame, and their chains up to it."""
    root = str(prototype.GetPath())
    walk = iter(prims_below(prototype))
    for prim in walk:
        matrix, chain = np.eye(4), []
        for path in upward(str(prim.GetPath())):
            chain.append(path)
            if path == root:
                break
            matrix = matrix @ hierarchy.rest_local(path)[0]
        yield prim, matrix, tuple(chain)
        if prim.IsA(UsdGeom.PointInstancer):
            walk.PruneChildren()


def read_instances(prim: Usd.Prim) -> list[tuple[str, Usd.Prim, Float64]]:
    """(name, prototype's root, matrix from the root's frame to the instancer's) of each instance that is drawn.

    The root's own transform is part of the matrix. Inactive and invisible ids are left out. Raises AssetError for
    arrays that do not fit each other.
    """
    instancer, path = UsdGeom.PointInstancer(prim), prim.GetPath()
    rows = list(instancer.GetProtoIndicesAttr().Get() or ())
    targets = instancer.GetPrototypesRel().GetForwardedTargets()
    prototypes = [prim.GetStage().GetPrimAtPath(target) for target in targets]
    missing = [str(target) for target, found in zip(targets, prototypes) if not found]
    if missing:
        raise AssetError(f"{path}: there is no prim at {missing[0]}, which it names as a prototype")
    if rows and not 0 <= min(rows) <= max(rows) < len(prototypes):
        wrong = min(rows) if min(rows) < 0 else max(rows)
        raise AssetError(f"{path}: an instance uses prototype {wrong} of {len(prototypes)} prototypes")
    _check_lengths(instancer, len(rows))
    now = Usd.TimeCode.Default()
    matrices = instancer.ComputeInstanceTransformsAtTime(
        now, now, UsdGeom.PointInstancer.IncludeProtoXform, UsdGeom.PointInstancer.IgnoreMask
    )
    mask = instancer.ComputeMaskAtTime(now) or [True] * len(rows)
    places = np.array([Gf.Matrix4d(matrix) for matrix in matrices], dtype=np.float64).reshape(-1, 4, 4)
    return [
        (f"{prototypes[row].GetName()}_{index}", prototypes[row], places[index])
        for index, row in enumerate(rows)
        if mask[index]
    ]


def _check_lengths(instancer: UsdGeom.PointInstancer, count: int) -> None:
    arrays: Sequence[tuple[str, Usd.Attribute, bool]] = (
        ("positions", instancer.GetPositionsAttr(), True),
        ("orientations", instancer.GetOrientationsAttr(), False),
        ("scales", instancer.GetScalesAttr(), False),
        ("ids", instancer.GetIdsAttr(), False),
    )
    for name, attribute, needed in arrays:
        size = len(attribute.Get() or ())
        if size != count and (needed or size):
            raise AssetError(f"{instancer.GetPath()}: has {size} {name} for {count} instances (its protoIndices)")
