"""How fast twenty objects settle in a bin, beside bare MuJoCo, and how well they lie.

``python -m tests.benchmarks.settling [worlds] [frames]``: the time of ``worlds`` frames sampled at once over that of a
bare MuJoCo loop over the same models and the same two simulated seconds, then overlaps and what left the bin in
``frames`` frames, measured by FCL from poses and sizes alone.
"""

from __future__ import annotations

import itertools
import sys
import time
import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import fcl
import mujoco
import numpy as np
from numpy.typing import NDArray

from replicator_dr import build_graph
from replicator_dr.engines.embedded.physics import effect
from replicator_dr.graph import Graph

Float64 = NDArray[np.float64]

WEDGE = Path(__file__).parents[2] / "scenes" / "assets" / "meshes" / "wedge.usdc"
WALLS = {
    "bottom": ([0, 0, -0.025], [0.6, 0.6, 0.05]),
    "left": ([-0.275, 0, 0.25], [0.05, 0.6, 0.5]),
    "right": ([0.275, 0, 0.25], [0.05, 0.6, 0.5]),
    "front": ([0, -0.275, 0.25], [0.5, 0.05, 0.5]),
    "back": ([0, 0.275, 0.25], [0.5, 0.05, 0.5]),
}
"""A bin with a room of 0.5 m x 0.5 m: centres and sizes."""
SHAPES = ("boxes", "balls", "cans", "wedges")


def spec(limit: float = 2.0, seed: int = 11) -> dict[str, Any]:
    """Five each of boxes, balls, cylinders and wedges, of drawn sizes, dropped into the bin."""
    size = {"uniform": [0.04, 0.09]}
    create: dict[str, Any] = {
        name: {"cube": {"position": where, "scale": extent, "physics": {"body": "static", "collider": "box"}}}
        for name, (where, extent) in WALLS.items()
    }
    for name, kind in zip(SHAPES, ("cube", "sphere", "cylinder")):
        create[name] = {kind: {"count": 5}, "semantics": {"class": name}}
    create["wedges"] = {"from_usd": {"usd": str(WEDGE), "count": 5}, "semantics": {"class": "wedges"}}
    create["eye"] = {"camera": {"position": [0, 0, 2], "look_at": [0, 0, 0]}}
    things = list(SHAPES)
    settle = {
        "prims": things, "colliders": list(WALLS), "gravity": {"uniform": [8, 10]}, "friction": {"uniform": [0.3, 1.5]},
        "restitution": {"uniform": [0, 0.3]}, "mass_scale": {"uniform": [0.9, 1.1]}, "left": "keep",
        "time_limit": limit, "linear_damping": {"uniform": [0, 0.5]}, "angular_damping": {"uniform": [0, 0.5]},
    }  # fmt: skip
    place = {"prims": things, "position": {"uniform": [[-0.16, -0.16, 0.06], [0.16, 0.16, 0.45]]}, "size": size}
    entries = [{"pose": place}, {"rotation": {"prims": things}}, {"settle": settle}]
    return {
        "name": "settling",
        "seed": seed,
        "create": create,
        "triggers": [{"on_frame": {}, "randomize": entries}],
        "render_products": [{"cameras": "eye", "resolution": [32, 32]}],
    }


def bare(graph: Graph, worlds: int) -> float:
    """Seconds of bare MuJoCo for two simulated seconds of the same worlds, models at hand."""
    kept: list[tuple[Any, Any]] = []
    real = effect.simulate

    def note(model: Any, start: Float64, *rest: Any) -> Any:
        kept.append((model, start))
        return real(model, start, *rest)

    effect.simulate = note
    graph.sample(range(worlds))
    effect.simulate = real
    datas = []
    for model, start in kept:
        data = mujoco.MjData(model)
        data.qpos[:] = start.ravel()
        datas.append((model, data))
    began = time.perf_counter()
    with ThreadPoolExecutor() as pool:
        list(pool.map(lambda pair: mujoco.mj_step(*pair, nstep=500), datas))
    return time.perf_counter() - began


def solids(graph: Graph, world: Float64) -> list[Any]:
    """FCL's shapes of one frame: (E, 4, 4) worlds, boxes, balls, cylinders and wedges by their names."""
    from pxr import Usd, UsdGeom

    stage = Usd.Stage.Open(str(WEDGE))
    corners = np.concatenate([
        np.array(UsdGeom.Mesh(prim).GetPointsAttr().Get()) for prim in stage.Traverse() if prim.IsA(UsdGeom.Mesh)
    ]).astype(np.float64)  # fmt: skip
    made = []
    for path, matrix in zip(graph.scene.labels.entity_paths, world):
        name = path.rpartition("/")[2].split("_")[0]
        scale = np.linalg.norm(matrix[:3, :3], axis=1)
        placed = fcl.Transform((matrix[:3, :3] / scale[:, None]).T, matrix[3, :3])
        if name == "boxes":
            shape = fcl.Box(*scale)
        elif name == "balls":
            shape = fcl.Sphere(0.5 * scale[0])
        elif name == "cans":
            shape = fcl.Cylinder(0.5 * scale[0], scale[2])
        else:
            shape = _convex(corners * scale)
        made.append(fcl.CollisionObject(shape, placed))
    for where, extent in WALLS.values():
        made.append(fcl.CollisionObject(fcl.Box(*extent), fcl.Transform(np.eye(3), np.array(where, float))))
    return made


def _convex(points: Float64) -> Any:
    from scipy.spatial import ConvexHull

    hull = ConvexHull(points)
    order = {old: new for new, old in enumerate(hull.vertices)}
    faces = []
    for face, plane in zip(hull.simplices, hull.equations):
        a, b, c = points[face]
        turned = face if np.dot(np.cross(b - a, c - a), plane[:3]) > 0 else face[::-1]
        faces += [3, *(order[corner] for corner in turned)]
    return fcl.Convex(points[hull.vertices], len(hull.simplices), np.array(faces))


def overlaps(things: list[Any], walls: int) -> list[float]:
    """Metres by which each pair that touches overlaps; walls among themselves do not count."""
    depths = []
    for i, j in itertools.combinations(range(len(things)), 2):
        if i < len(things) - walls:
            result = fcl.CollisionResult()
            fcl.collide(things[i], things[j], fcl.CollisionRequest(enable_contact=True), result)
            if result.is_collision:
                depths.append(max(contact.penetration_depth for contact in result.contacts))
    return depths


def outside(world: Float64) -> int:
    """Things of a frame whose origin, which may lie on their surface, is out of the bin's room by a centimetre."""
    place = world[:, 3, :3]
    return int(((np.abs(place[:, :2]) > 0.26).any(axis=1) | (place[:, 2] < -0.01)).sum())


def main(worlds: int = 16, frames: int = 64) -> None:
    """Print the figures."""
    warnings.simplefilter("ignore")
    graph = build_graph(spec())
    graph.sample([0])
    plain = min(bare(graph, worlds) for _ in range(3))
    own = []
    for _ in range(3):
        began = time.perf_counter()
        graph.sample(range(worlds))
        own.append(time.perf_counter() - began)
    print(f"{worlds} worlds: {min(own):.3f} s, bare MuJoCo {plain:.3f} s for 2 s simulated: x {min(own) / plain:.2f}")
    depths, left = [], 0
    for start in range(0, frames, 32):
        state = graph.sample(range(start, min(start + 32, frames)))
        for world in state.entity_world:
            depths += overlaps(solids(graph, world), len(WALLS))
            left += outside(world)
    found = 1000 * np.array(depths)
    print(f"{frames} frames: {len(found)} contacts, overlap median {np.median(found):.2f} mm, "
          f"99 % {np.percentile(found, 99):.2f} mm, most {found.max():.2f} mm; {left} things left the bin")  # fmt: skip


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:]))
