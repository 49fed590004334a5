"""The normals image against geometry."""

from __future__ import annotations

import numpy as np
import pytest

from replicator_dr.render.scene import RenderedView
from tests.render.raycast import oracle
from tests.render.scenes import (
    Eye,
    Part,
    box,
    build,
    facets,
    look,
    move,
    plane,
    random_turn,
    render,
    scale,
    sphere,
    turn,
)

SIZE = (80, 60)


def assert_unit(out: RenderedView) -> None:
    """Unit length where something is hit, zeros elsewhere, and the fourth number always zero."""
    length = np.linalg.norm(out.normals, axis=-1)
    np.testing.assert_allclose(length, out.part >= 0, atol=1e-5)
    assert np.all(out.normals[..., 3] == 0)


@pytest.mark.parametrize("seed", range(5))
def test_flat_meshes_have_the_normals_of_their_triangles(seed: int) -> None:
    rng = np.random.default_rng(seed)
    meshes = [box(), plane(), facets(rng.uniform(-0.5, 0.5, (4, 3)), [[0, 1, 2], [1, 2, 3]])]
    parts = []
    for i in range(9):
        size = rng.uniform(0.3, 1.2, 3) * [rng.choice([-1, 1]), 1, 1]
        parts.append(Part(meshes[i % 3], scale(*size) @ random_turn(rng) @ move(*rng.uniform(-1, 1, 3))))
    eye = Eye(look(rng.normal(size=3) + np.array([0, 0, 4]), [0, 0, 0]))
    out = render(parts, eye=eye, size=SIZE, normals=True)
    assert_unit(out)
    hits, _, same = oracle(*build(parts, eye=eye), *SIZE).image(*SIZE)
    sure = same & (hits.part >= 0)
    assert sure.sum() > 500
    np.testing.assert_allclose(out.normals[0].reshape(-1, 4)[sure, :3], hits.normal[sure], atol=2e-4)


@pytest.mark.parametrize("stretch", [(1, 1, 1), (1, 1, -1), (2, 0.5, 1), (-0.2, 1, 1.5), (1e-3, 1e-3, 1e-3)])
def test_smooth_normals_are_those_of_the_ellipsoid(stretch: tuple[float, float, float]) -> None:
    axes = np.array(stretch)
    turned = turn([1, 2, 3], 50)
    size = np.abs(axes).max()
    eye = Eye(look(np.array([0.7, -2.0, 1.0]) * size, [0, 0, 0]), clipping=(0.01 * size, 100 * size))
    out = render([Part(sphere(0.5, 60), scale(*axes) @ turned)], eye=eye, size=SIZE, normals=True)
    assert_unit(out)
    fx, fy, cx, cy = out.intrinsics[0]
    y, x = np.nonzero(out.part[0] == 0)
    ray = np.stack([(x + 0.5 - cx) / fx, -(y + 0.5 - cy) / fy, -np.ones(len(x))], axis=-1)
    world = ray * out.depth[0][y, x][:, None] @ eye.world[:3, :3] + eye.world[3, :3]
    # Gradient of |p / a|^2, in the part's axes and back.
    local = world @ turned[:3, :3].T
    gradient = local / axes**2 @ turned[:3, :3]
    expected = gradient / np.linalg.norm(gradient, axis=1, keepdims=True)
    cosine = np.einsum("nc,nc->n", out.normals[0][y, x, :3], expected)
    assert len(x) > 300
    assert np.degrees(np.arccos(np.clip(cosine, -1, 1))).max() < 3.5
    assert np.degrees(np.arccos(np.clip(cosine, -1, 1))).mean() < 0.3


def test_both_sides_of_a_sheet_face_the_camera() -> None:
    sheet = facets([[-1, -1, 0], [1, -1, 0], [0, 1, 0]], [[0, 1, 2]])
    for angle in range(0, 360, 40):
        part = Part(sheet, turn([1, 1, 0.3], angle) @ move(0, 0, -2))
        out = render([part], size=SIZE, normals=True)
        seen = out.part[0] == 0
        assert seen.sum() > 20
        fx, fy, cx, cy = out.intrinsics[0]
        y, x = np.nonzero(seen)
        ray = np.stack([(x + 0.5 - cx) / fx, -(y + 0.5 - cy) / fy, -np.ones(len(x))], axis=-1)
        assert np.all(np.einsum("nc,nc->n", ray, out.normals[0][seen][:, :3]) < 0)


def test_normals_are_in_the_worlds_frame() -> None:
    for eye in (Eye(look([0, -3, 1], [0, 0, 1])), Eye(look([0.1, -2, 3], [0, 0, 1]))):
        out = render([Part(box(), move(0, 0, 1))], eye=eye, size=SIZE, normals=True)
        front = np.abs(out.normals[0, ..., 1] + 1) < 1e-6
        assert front.sum() > 100
        top = np.abs(out.normals[0, ..., 2] - 1) < 1e-6
        assert (top.sum() > 100) == (eye.world[3, 2] > 1.5)


def test_they_are_not_made_unless_asked_for() -> None:
    out = render([Part(box(), move(0, 0, -2))], size=SIZE)
    assert out.normals is None
    assert out.rgb is None
