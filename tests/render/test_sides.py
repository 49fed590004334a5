"""Which sides of a surface are drawn, and how a mesh is known to be closed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from replicator_dr.render.geometry import is_closed
from replicator_dr.render.renderer import Renderer
from replicator_dr.render.scene import Mesh, View
from tests.render.raycast import oracle
from tests.render.scenes import (
    Eye,
    Part,
    box,
    build,
    facets,
    flipped,
    look,
    move,
    plane,
    random_turn,
    render,
    scale,
    sphere,
    turn,
)

SIZE = (48, 48)


def joined(*meshes: Mesh) -> Mesh:
    """Several meshes as one."""
    starts = np.cumsum([0] + [len(mesh.points) for mesh in meshes])
    return Mesh(
        *(np.concatenate([getattr(mesh, name) for mesh in meshes]) for name in ("points", "normals", "uvs")),
        np.concatenate([mesh.triangles + start for mesh, start in zip(meshes, starts, strict=False)]),
    )


def without(mesh: Mesh, *faces: int) -> Mesh:
    """A mesh less some of its triangles."""
    return Mesh(mesh.points, mesh.normals, mesh.uvs, np.delete(mesh.triangles, faces, axis=0), mesh.double_sided)


def shifted(mesh: Mesh, *by: float) -> Mesh:
    """A mesh moved in its own frame."""
    return Mesh(mesh.points + np.float32(by), mesh.normals, mesh.uvs, mesh.triangles)


CLOSED = {
    "box": box(),
    "flat box": box(1, 1, 1e-3),
    "ball": sphere(0.5, 12),
    "small ball": sphere(1e-4, 6),
    "two balls": joined(sphere(0.5, 12), shifted(sphere(0.5, 12), 3, 0, 0)),
    "far from its origin": shifted(sphere(0.5, 4), 100, 0, 0),
    "with a triangle that is a line": joined(box(), facets([[0, 0, 0], [1, 0, 0]], [[0, 1, 1]])),
}
OPEN = {
    "plane": plane(),
    "box without a face": without(box(), 3),
    "ball with a hole": without(sphere(0.5, 12), 40),
    "box and plane": joined(box(), shifted(plane(), 3, 0, 0)),
    "box twice in one place": joined(box(), box()),
    "box and its inside": joined(box(), flipped(box())),
    "one face turned round": Mesh(box().points, box().normals, box().uvs, box().triangles[:, [0, 1, 2]] * 1),
    "inside out": flipped(box()),
    "a box and another inside out": joined(box(), shifted(flipped(box(0.5, 0.5, 0.5)), 3, 0, 0)),
    "empty": Mesh(*(np.zeros((0, n), np.float32) for n in (3, 3, 2)), np.zeros((0, 3), np.int32)),
    "a line": facets([[0, 0, 0], [1, 0, 0]], [[0, 1, 1]]),
}
OPEN["one face turned round"].triangles[5] = OPEN["one face turned round"].triangles[5, ::-1]


@pytest.mark.parametrize("mesh", CLOSED.values(), ids=CLOSED)
def test_a_mesh_whose_edges_all_have_two_faces_is_closed(mesh: Mesh) -> None:
    assert is_closed(mesh)


@pytest.mark.parametrize("mesh", OPEN.values(), ids=OPEN)
def test_any_other_is_not(mesh: Mesh) -> None:
    assert not is_closed(mesh)


SEEN = {**CLOSED, **{name: mesh for name, mesh in OPEN.items() if name != "empty"}}


@pytest.mark.parametrize("mesh", SEEN.values(), ids=SEEN)
@pytest.mark.parametrize("mirror", [1, -1])
def test_the_nearest_surface_is_seen_whatever_the_winding(mesh: Mesh, mirror: int) -> None:
    rng = np.random.default_rng(len(mesh.points))
    middle = mesh.points.max(axis=0) / 2 + mesh.points.min(axis=0) / 2
    size = float(np.ptp(mesh.points, axis=0).max())
    world = move(*-middle) @ scale(mirror / size, 1 / size, 1 / size) @ random_turn(rng) @ move(0, 0, -1.5)
    parts = [Part(mesh, world)]
    out = render(parts, size=SIZE)
    hits, certain, same = oracle(*build(parts), *SIZE).image(*SIZE)
    np.testing.assert_array_equal(out.part[0].reshape(-1)[certain], hits.part[certain])
    sure = certain & same & (hits.part >= 0)
    np.testing.assert_allclose(out.depth[0].reshape(-1)[sure], hits.depth[sure], rtol=1e-5)


@pytest.mark.parametrize("double_sided", [False, True])
def test_a_plane_is_seen_from_behind(double_sided: bool) -> None:
    for angle in (0, 180):
        out = render([Part(plane(1, 1, double_sided), turn([0, 1, 0], angle) @ move(0, 0, -2))], normals=True)
        assert out.entities.visible[0, 0] == 32 * 32
        np.testing.assert_allclose(out.normals[0, 24, 32], [0, 0, 1, 0], atol=1e-6)


def test_an_open_box_shows_its_inside_through_the_opening() -> None:
    top = [i for i, t in enumerate(box().triangles) if np.all(box().points[t][:, 2] > 0)]
    bowl = without(box(), *top)
    out = render([Part(bowl)], eye=Eye(look([0, 0, 2], [0, 0, 0])), normals=True, size=SIZE)
    assert out.depth[0, 24, 24] == pytest.approx(2.5, rel=1e-5)
    np.testing.assert_allclose(out.normals[0, 24, 24, :3], [0, 0, 1], atol=1e-6)


def test_triangles_without_area_are_not_there() -> None:
    points = [[0, 0, -1], [0.3, 0, -1], [0.3, 0.3, -1], [0.15, 0, -1]]
    out = render([Part(facets(points, [[0, 0, 1], [0, 1, 3], [2, 2, 2]]))])
    assert np.all(out.part == -1)
    both = render([Part(facets(points, [[0, 0, 1], [0, 1, 3], [0, 1, 2]]))])
    alone = render([Part(facets(points, [[0, 1, 2]]))])
    np.testing.assert_array_equal(both.depth, alone.depth)
    assert alone.entities.amodal[0, 0] > 100


def test_a_part_flattened_by_its_matrix_is_seen_as_a_sheet() -> None:
    out = render([Part(box(), scale(1, 1, 0) @ move(0, 0, -2))], normals=True)
    assert out.entities.visible[0, 0] == 32 * 32
    assert np.all(np.isfinite(out.normals))


def test_a_part_scaled_to_nothing_is_not_there() -> None:
    assert np.all(render([Part(box(), scale(0, 0, 0) @ move(0, 0, -2))]).part == -1)


@pytest.mark.parametrize("mesh", [box(), sphere(0.5, 12)], ids=["box", "ball"])
def test_a_mirrored_part_keeps_its_outside(mesh: Mesh) -> None:
    mirrored = render([Part(mesh, scale(-1, 1, 1) @ move(0.2, 0, -2))], normals=True)
    plain = render([Part(mesh, move(0.2, 0, -2))], normals=True)
    np.testing.assert_array_equal(mirrored.part, plain.part)
    np.testing.assert_allclose(mirrored.depth, plain.depth, rtol=1e-5)
    np.testing.assert_allclose(mirrored.normals, plain.normals, atol=2e-3)


@pytest.mark.parametrize(("opacity", "pixels"), [(1.0, 1024), (0.5, 1024), (0.49, 0), (0.0, 0)])
def test_what_is_more_transparent_than_not_is_not_drawn(opacity: float, pixels: int) -> None:
    scene, shown = build([Part(plane(9, 9), move(0, 0, -2))])
    paints = replace(shown.materials, opacity=np.full_like(shown.materials.opacity, opacity))
    out = Renderer(scene, "cpu").render(replace(shown, materials=paints), View(0, 32, 32))
    assert out.entities.visible[0, 0] == out.entities.amodal[0, 0] == pixels
