"""Motion of what is deformed, against NumPy's own triangles: met by rays in one frame, projected in another."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from replicator_dr import build_graph
from replicator_dr.render.deformation import DeformArrays
from tests.labels.test_motion import LENSES, SIZE, cameras, optics, poses, shown
from tests.labels.test_motion import spec as rigid_spec
from tests.render.test_deform import formulas

Float64 = NDArray[np.float64]
NEAR = 1e-4
"""Metres between a pixel's depth and the oracle's: beyond, the pixel shows another thing than the triangles."""


def spec(lens: str) -> dict[str, Any]:
    """A cube that is bent, twisted, tapered and bumpy beside one that keeps its shape; both move, and the camera."""
    given = rigid_spec(lens)
    amounts = {
        "bend": {"uniform": [-50, 50]}, "bend_direction": {"uniform": [0, 360]}, "twist": {"uniform": [-40, 40]},
        "taper": {"uniform": [-0.3, 0.3]}, "bumps": {"uniform": [0.0, 0.03]}, "wavelength": {"uniform": [0.5, 1]},
    }  # fmt: skip
    given["triggers"][0]["randomize"].append({"deform": {"prims": "left", **amounts}})
    return given


def corners(graph: Any, shape: DeformArrays) -> Float64:
    """(T, 3, 3): the triangles of the deformed cube in its own frame."""
    scene = graph.scene.arrays
    (part,) = np.flatnonzero(scene.deform.part_body == 0)
    mesh = scene.meshes[scene.part_mesh[part]]
    low, size = float(scene.deform.low[0, 0]), float(np.ptp([scene.deform.low[0, 0], scene.deform.high[0, 0]]))
    moved: Float64 = formulas(mesh.points.astype(np.float64), shape, low=low, size=size)[mesh.triangles]
    return moved


def met(rays: Float64, triangles: Float64) -> tuple[Float64, NDArray[np.intp], Float64]:
    """Where rays (N, 3) from the origin first meet triangles (T, 3, 3): distance, triangle, weights of its corners."""
    a, b, c = triangles[:, 0], triangles[:, 1], triangles[:, 2]
    # Moeller and Trumbore 1997.
    p = np.cross(rays[:, None], (c - a)[None])
    with np.errstate(divide="ignore", invalid="ignore"):
        scale = 1.0 / np.sum(p * (b - a), axis=-1)
        u = np.sum(p * -a, axis=-1) * scale
        q = np.cross(-a, b - a)
        v = rays @ q.T * scale
        t = np.sum(q * (c - a), axis=-1) * scale
    slack = 1e-9
    hits = np.isfinite(scale) & (u >= -slack) & (v >= -slack) & (u + v <= 1 + slack) & (t > 0)
    t = np.where(hits, t, np.inf)
    first = np.argmin(t, axis=1)
    rows = np.arange(len(rays))
    u, v = u[rows, first], v[rows, first]
    return t[rows, first], first, np.stack([1 - u - v, u, v], axis=1)


@pytest.mark.parametrize("lens", LENSES)
def test_points_stay_where_they_are_on_their_deformed_triangles(lens: str) -> None:
    given, optic = spec(lens), optics(lens)
    frames, state = shown(given, 3, 3)
    with build_graph(given, device="cpu") as graph:
        triangles = [corners(graph, state.arrays.deform[slice(k, k + 1)]) for k in range(4)]
    number = 2
    view = cameras(state) @ poses(state)[:, number - 2]
    rays = optic.directions(*SIZE)
    ys, xs = np.mgrid[: SIZE[1], : SIZE[0]] + 0.5
    for k, frame in enumerate(frames):
        mask = frame["instance_segmentation"] == number
        local = triangles[k] @ view[k, :3, :3].T + view[k, :3, 3]
        distance, face, weight = met(rays[mask], local)
        alike = np.abs(distance - frame["distance_to_camera"][mask]) < NEAR
        assert alike.sum() > 300
        assert alike.mean() > 0.99
        here = rays[mask] * distance[:, None]
        for step, name in ((1, "optical_flow"), (-1, "motion_vectors")):
            then = max(k + step, 0)
            moved = np.sum(triangles[then][face] * weight[..., None], axis=1)
            there = moved @ view[then, :3, :3].T + view[then, :3, 3]
            pixels = optic.project(there) - np.stack([xs[mask], ys[mask]], axis=-1)
            np.testing.assert_allclose(frame[name][mask][alike][:, :2], pixels[alike], atol=2e-3)
            if step > 0:
                np.testing.assert_allclose(frame["scene_flow"][mask][alike], (there - here)[alike], atol=1e-5)
                back = np.linalg.inv(view[k])
                rigid = (here @ back[:3, :3].T + back[:3, 3]) @ view[then, :3, :3].T + view[then, :3, 3]
                assert np.abs(rigid - there).max() > 0.05
