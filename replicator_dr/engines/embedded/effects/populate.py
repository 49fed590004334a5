"""Places that each hold a hidden copy of every asset, all of one size, so that one scale fits whatever is shown."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pxr import Gf, Usd, UsdGeom

from replicator_dr.engines.embedded.api.distribution import make_distribution
from replicator_dr.engines.embedded.api.randomizer import largest
from replicator_dr.engines.embedded.draws.choices import Choice
from replicator_dr.engines.embedded.effects.instantiate_effect import InstantiateEffect
from replicator_dr.engines.embedded.item import ReplicatorItem, make_item
from replicator_dr.engines.embedded.scene.assets import AssetCache
from replicator_dr.engines.embedded.scene.hierarchy import Hierarchy
from replicator_dr.engines.embedded.scene.references import add_asset
from replicator_dr.engines.embedded.scene.scene_bounds import Bounds
from replicator_dr.engines.embedded.targets import paths_of
from replicator_dr.engines.embedded.usd.authoring import wrappers
from replicator_dr.engines.embedded.usd.stage_shapes import author_primitive
from replicator_dr.errors import AssetError

KIND = "randomizer.populate"
SHAPES = ("Cube", "Sphere", "Cylinder", "Cone", "Torus")
TURNS = (np.eye(3), np.array([[1.0, 0, 0], [0, 0, 1], [0, -1, 0]]), np.array([[0, 0, -1.0], [0, 1, 0], [1, 0, 0]]))
"""As it is, and on two of its sides (row vectors)."""


def populate(
    paths: Sequence[str] = (),
    shapes: Sequence[str] = (),
    count: Any = 1,
    weights: Sequence[float] | None = None,
    stand: bool = False,
    seed: int | None = None,
    name: str | None = None,
) -> ReplicatorItem:
    """``count`` things at each firing, each one of the assets (USD files) and shapes (SHAPES); gives their places.

    A thing's largest extent is one metre, times the scale of its place. Its box is in the middle of the place, or with
    stand its lowest point lies there, and it stands as it was made or lies on its side, at random. count: a number or a
    distribution. weights: of paths and shapes, in this order.
    """
    sources = [*paths, *shapes]
    turns = TURNS if stand else TURNS[:1]
    places = largest(KIND, count)
    known: dict[tuple[str, int], Gf.Matrix4d] = {}
    copies: list[list[str]] = []

    def author(stage: Usd.Stage, path: str, _: int) -> None:
        copies.append([])
        for row, source in enumerate(sources):
            for number, turn in enumerate(turns):
                holder = UsdGeom.Xform.Define(stage, f"{path}/Copy_{row * len(turns) + number:03d}")
                below = str(holder.GetPath())
                if row < len(paths):
                    add_asset(stage, f"{below}/Ref", source, KIND)
                else:
                    author_primitive(stage, f"{below}/{source}", source, 1.0 / UsdGeom.GetStageMetersPerUnit(stage))
                if (source, number) not in known:
                    known[source, number] = _one_metre(stage, below, turn, stand)
                holder.AddTransformOp().Set(known[source, number])
                copies[-1].append(below)

    item = wrappers(KIND, "Thing", {"count": places, "name": name}, author)
    inputs = {
        "choices": list(copies[0]),
        "weights": None if weights is None else np.repeat(weights, len(turns)).tolist(),
        "numSamples": places,
        "seed": seed,
        "with_replacements": True,
    }
    choice = Choice(KIND, inputs, seed if seed and seed > 0 else None, name)
    make_distribution(choice)
    make_item(InstantiateEffect(partial(paths_of, item), {"size": count}, choice, copies, name))
    return item


def _one_metre(stage: Usd.Stage, path: str, turn: NDArray[np.float64], stand: bool) -> Gf.Matrix4d:
    """What makes the geometry below a prim one metre large, about or above its origin. AssetError without geometry."""
    points = Bounds(stage, Hierarchy(stage), AssetCache()).points(path) @ turn
    if not len(points) or np.ptp(points, axis=0).max() == 0:
        raise AssetError(f"{KIND}: {path} holds no geometry with an extent")
    low, high = points.min(axis=0), points.max(axis=0)
    middle = 0.5 * (low + high)
    if stand:
        middle[2 if UsdGeom.GetStageUpAxis(stage) == UsdGeom.Tokens.z else 1] = low[2]
    matrix = np.eye(4)
    scale = 1.0 / (float((high - low).max()) * UsdGeom.GetStageMetersPerUnit(stage))
    matrix[:3, :3], matrix[3, :3] = turn * scale, -middle * scale
    return Gf.Matrix4d(*matrix.ravel().tolist())
