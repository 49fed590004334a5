"""Deformed parts: vertices against the formulas in numpy, labels against projected triangles, volumes and normals."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import warp as wp
from numpy.typing import NDArray

from replicator_dr.optics import ROOM, LensModel
from replicator_dr.render.deformation import (
    BEND,
    BUMPS,
    TAPER,
    TOWARD,
    TWIST,
    WAVELENGTH,
    WAVES,
    DeformArrays,
    DeformLayout,
)
from replicator_dr.render.path.tracer import PathTracer
from replicator_dr.render.renderer import Renderer
from replicator_dr.render.scene import FrameArrays, LightType, Mesh, SceneArrays, View
from replicator_dr.render.shapes import ShapeMaker
from tests.render import scenes

Float64 = NDArray[np.float64]


def grid_cube(n: int = 12) -> Mesh:
    """A unit cube with n x n squares a face, each face with normals of its own."""
    points, normals, triangles = [], [], []
    line = np.linspace(-0.5, 0.5, n + 1)
    for axis in range(3):
        for side in (-0.5, 0.5):
            u, v = np.meshgrid(line, line, indexing="ij")
            face = np.empty((n + 1, n + 1, 3))
            face[..., axis], face[..., (axis + 1) % 3], face[..., (axis + 2) % 3] = side, u, v
            first = sum(len(p) for p in points)
            points.append(face.reshape(-1, 3))
            normal = np.zeros(3)
            normal[axis] = np.sign(side)
            normals.append(np.tile(normal, (len(points[-1]), 1)))
            i, j = (a.ravel() for a in np.meshgrid(np.arange(n), np.arange(n), indexing="ij"))
            a, b = first + i * (n + 1) + j, first + (i + 1) * (n + 1) + j
            quads = np.concatenate([np.stack([a, b, b + 1], 1), np.stack([a, b + 1, a + 1], 1)])
            triangles.append(quads if side > 0 else quads[:, ::-1])
    cloud = np.concatenate(points).astype(np.float32)
    uvs = np.zeros((len(cloud), 2), np.float32)
    return Mesh(cloud, np.concatenate(normals).astype(np.float32), uvs, np.concatenate(triangles).astype(np.int32))


def one_body(axis: int = 2, frame: Float64 | None = None) -> DeformLayout:
    box = np.array([[-0.5, -0.5, -0.5]])
    matrix = np.eye(4)[None] if frame is None else frame[None]
    return DeformLayout(np.zeros(1, np.int32), matrix, box, -box, np.array([axis], np.int32))


def arrays(frames: int = 1, **values: float) -> DeformArrays:
    """The same shape in each frame; waves from a fixed generator."""
    amounts = np.zeros((frames, 1, 6))
    amounts[..., WAVELENGTH] = 1.0
    columns = {"bend": BEND, "toward": TOWARD, "twist": TWIST, "taper": TAPER, "bumps": BUMPS, "wavelength": WAVELENGTH}
    for name, value in values.items():
        amounts[..., columns[name]] = value
    generator = np.random.default_rng(5)
    vectors = generator.normal(size=(1, 1, WAVES, 2, 3))
    vectors /= np.linalg.norm(vectors, axis=-1, keepdims=True)
    phase = generator.uniform(0, 2 * np.pi, (1, 1, WAVES, 1))
    waves = np.concatenate([vectors.reshape(1, 1, WAVES, 6), phase], axis=-1)
    return DeformArrays(amounts, np.repeat(waves, frames, axis=0))


def formulas(p: Float64, shape: DeformArrays, axis: int = 2, low: float = -0.5, size: float = 1.0) -> Float64:
    """The maps as DeformArrays writes them, for points (N, 3) of a cube from low to low + size."""
    bend, toward, twist, taper, bumps, wavelength = shape.amounts[0, 0]
    x, y, z = (p[:, (axis + k) % 3] for k in (1, 2, 0))
    q = np.stack([x - (low + size / 2), y - (low + size / 2), z - low], axis=1)
    if bumps:
        w, d, f = np.split(shape.waves[0, 0], [3, 6], axis=1)
        phase = 2 * np.pi * (q @ w.T) / (wavelength * size) + f[:, 0]
        q = q + bumps * size * np.sqrt(2 / WAVES) * (np.sin(phase) @ d)
    q[:, :2] *= (1 - taper * q[:, 2] / size)[:, None]
    angle = np.radians(twist) * q[:, 2] / size
    cosine, sine = np.cos(angle), np.sin(angle)
    q = np.stack([cosine * q[:, 0] - sine * q[:, 1], sine * q[:, 0] + cosine * q[:, 1], q[:, 2]], axis=1)
    if bend:
        # About a centre of curvature at the distance L / b on the inner side.
        c, radius = np.radians(toward), size / np.radians(bend)
        across = q[:, 0] * np.cos(c) + q[:, 1] * np.sin(c)
        beside = -q[:, 0] * np.sin(c) + q[:, 1] * np.cos(c)
        arc = q[:, 2] / radius
        over, up = radius - (radius - across) * np.cos(arc), (radius - across) * np.sin(arc)
        q = np.stack([over * np.cos(c) - beside * np.sin(c), over * np.sin(c) + beside * np.cos(c), up], axis=1)
    q += [low + size / 2, low + size / 2, low]
    result = np.empty_like(q)
    for k in (1, 2, 0):
        result[:, (axis + k) % 3] = q[:, [2, 0, 1][k]]
    return result


SHAPES: dict[str, dict[str, float]] = {
    "bend": {"bend": 70, "toward": 30},
    "twist": {"twist": 120},
    "taper": {"taper": 0.6},
    "bumps": {"bumps": 0.02, "wavelength": 0.4},
    "all": {"bend": -40, "toward": 200, "twist": 60, "taper": -0.3, "bumps": 0.01, "wavelength": 0.5},
    "slight": {"bend": 1e-4, "twist": 1e-4},
}


def made(mesh: Mesh, shape: DeformArrays, layout: DeformLayout) -> tuple[Float64, Float64, Any]:
    """Vertices and normals as the renderer's kernels make them, and all that they make."""
    scene, frames = scenes.build([scenes.Part(mesh)])
    scene, frames = replace(scene, deform=layout), replace(frames, deform=shape)
    renderer = Renderer(scene, "cpu")
    shapes = ShapeMaker(scene, renderer.geometry, renderer.device).make(frames, wp.array([[1]], dtype=wp.uint8))
    return shapes.points.numpy().astype(np.float64), shapes.normals.numpy().astype(np.float64), shapes


@pytest.mark.parametrize("axis", [0, 1, 2])
@pytest.mark.parametrize("name", sorted(SHAPES))
def test_vertices_follow_the_formulas(name: str, axis: int) -> None:
    mesh, shape = grid_cube(), arrays(**SHAPES[name])
    points, _, shapes = made(mesh, shape, one_body(axis))
    expected = formulas(mesh.points.astype(np.float64), shape, axis)
    assert np.abs(points - expected).max() < 1e-6
    assert np.allclose(shapes.low.numpy()[0, 0], points.min(axis=0))
    assert np.allclose(shapes.high.numpy()[0, 0], points.max(axis=0))
    assert np.linalg.norm(points - shapes.centre.numpy()[0, 0], axis=1).max() <= shapes.radius.numpy()[0, 0] * 1.000001


@pytest.mark.parametrize("name", sorted(SHAPES))
def test_normals_are_those_of_the_deformed_surface(name: str) -> None:
    mesh, shape = grid_cube(), arrays(**SHAPES[name])
    _, normals, _ = made(mesh, shape, one_body())
    # Tangents by central differences through the formulas, across each vertex's normal.
    p, n = mesh.points.astype(np.float64), mesh.normals.astype(np.float64)
    u = np.roll(n, 1, axis=1)
    v = np.cross(n, u)
    step = 1e-5
    along_u = formulas(p + step * u, shape) - formulas(p - step * u, shape)
    along_v = formulas(p + step * v, shape) - formulas(p - step * v, shape)
    expected = np.cross(along_u, along_v)
    expected /= np.linalg.norm(expected, axis=1, keepdims=True)
    assert np.abs(normals - expected).max() < 1e-5


def volume(points: Float64, triangles: NDArray[np.int32]) -> float:
    a, b, c = np.moveaxis(points[triangles], 1, 0)
    return float(np.einsum("ti,ti->t", a, np.cross(b, c)).sum() / 6)


VOLUMES = [({"twist": 90}, 1.0), ({"bend": 60, "toward": 45}, 1.0), ({"taper": 0.5}, 7 / 12)]


@pytest.mark.parametrize(("values", "expected"), VOLUMES)
def test_volumes(values: dict[str, float], expected: float) -> None:
    """Twist and bend keep the volume; a taper's is the mean of the squared width."""
    mesh = grid_cube(40)
    points, _, _ = made(mesh, arrays(**values), one_body())
    assert volume(points, mesh.triangles) == pytest.approx(expected, rel=2e-3)


def test_a_part_stands_turned_in_its_body() -> None:
    """The part's frame is not the body's: the same shape comes out as with the frame taken into the mesh."""
    mesh, shape = grid_cube(), arrays(bend=50, twist=30, bumps=0.01)
    frame = np.eye(4)
    frame[:3, :3] = 0.5 * np.array([[0, 1, 0], [0, 0, 1], [1, 0, 0]])
    frame[3, :3] = 0.1, -0.2, 0.05
    points, _, _ = made(mesh, shape, one_body(frame=frame))
    expected = formulas(mesh.points.astype(np.float64) @ frame[:3, :3] + frame[3, :3], shape)
    assert np.abs(points @ frame[:3, :3] + frame[3, :3] - expected).max() < 1e-6


def shown(shape: DeformArrays | None, mesh: Mesh) -> tuple[SceneArrays, FrameArrays]:
    """A cube of that mesh above a floor, in the light of a sun that throws its shadow."""
    floor = scenes.Part(scenes.plane(8.0, 8.0), scenes.move(0, 0, -0.5), entity=-1)
    sun = scenes.Lamp(LightType.DISTANT, world=scenes.look((2, 1, 3), (0, 0, 0)), size=(1.0, 0.0))
    eye = scenes.Eye(scenes.look((2.2, -1.8, 1.4), (0, 0, 0)))
    scene, frames = scenes.build([scenes.Part(mesh, entity=0), floor], [sun, scenes.WHITE_DOME], eye)
    if shape is None:
        return scene, frames
    one = one_body()
    layout = replace(one, part_body=np.array([0, -1], np.int32), part_frame=np.stack([np.eye(4)] * 2))
    return replace(scene, deform=layout), replace(frames, deform=shape)


VIEW = View(0, 160, 120)


def test_nothing_changes_at_rest() -> None:
    mesh = grid_cube()
    pair = shown(arrays(), mesh), shown(None, mesh)
    shaped, plain = (Renderer(scene, "cpu").render(frames, VIEW) for scene, frames in pair)
    assert np.array_equal(shaped.depth, plain.depth)
    assert np.array_equal(shaped.entities.visible_box, plain.entities.visible_box)
    assert shaped.rgb is not None
    assert plain.rgb is not None
    assert np.abs(shaped.rgb.astype(int) - plain.rgb.astype(int)).max() <= 2


def test_images_are_those_of_the_deformed_mesh() -> None:
    """Labels, depth, colours and shadows are the same as of a mesh that was deformed beforehand."""
    mesh, shape = grid_cube(), arrays(**SHAPES["all"])
    points, normals, _ = made(mesh, shape, one_body())
    ready = replace(mesh, points=points.astype(np.float32), normals=normals.astype(np.float32), double_sided=True)
    pair = [shown(shape, mesh), shown(None, ready)]
    deformed, expected = (Renderer(scene, "cpu").render(frames, VIEW) for scene, frames in pair)
    assert np.array_equal(deformed.depth, expected.depth)
    for name in ("visible", "amodal", "visible_box", "extent"):
        assert np.array_equal(getattr(deformed.entities, name), getattr(expected.entities, name))
    assert np.array_equal(deformed.rgb, expected.rgb)
    rest = Renderer(*shown(None, mesh)[:1], "cpu").render(shown(None, mesh)[1], VIEW)
    assert not np.array_equal(deformed.rgb, rest.rgb)
    traced = [PathTracer(scene, "cpu").render(frames, VIEW, 2) for scene, frames in pair]
    assert np.array_equal(*traced)


def test_boxes_enclose_the_projected_vertices() -> None:
    """The extent of the label is that of the vertices from the formulas, projected in float64."""
    mesh, shape = grid_cube(), arrays(**SHAPES["all"])
    scene, frames = shown(shape, mesh)
    seen = Renderer(scene, "cpu").render(frames, VIEW)
    world = formulas(mesh.points.astype(np.float64), shape)
    local = np.c_[world, np.ones(len(world))] @ np.linalg.inv(frames.cameras.world[0, 0])
    x = 80 + 160 * local[:, 0] / -local[:, 2]
    y = 60 - 160 * local[:, 1] / -local[:, 2]
    expected = [x.min(), y.min(), x.max(), y.max()]
    assert np.abs(seen.entities.extent[0, 0] - expected).max() < 1 / 128
    rows, columns = np.nonzero(seen.part[0] == 0)
    assert seen.entities.visible_box[0, 0].tolist() == [columns.min(), rows.min(), columns.max(), rows.max()]
    assert columns.min() >= np.floor(x.min())
    assert columns.max() <= np.ceil(x.max())


def test_a_frame_is_the_same_in_any_batch() -> None:
    mesh = grid_cube()
    scene, frames = shown(arrays(), mesh)
    shapes = [arrays(bend=bend, twist=twist) for bend, twist in ((0, 90), (40, 0), (-60, 30))]
    together = replace(
        scenes.batch(*[frames] * 3),
        deform=DeformArrays(*(np.concatenate([getattr(s, name) for s in shapes]) for name in ("amounts", "waves"))),
    )
    renderer = Renderer(scene, "cpu")
    all_three = renderer.render(together, VIEW)
    for row in range(3):
        alone = renderer.render(together[row : row + 1], VIEW)
        assert alone.rgb is not None
        assert all_three.rgb is not None
        assert np.array_equal(alone.rgb[0], all_three.rgb[row])
        assert np.array_equal(alone.depth[0], all_three.depth[row])
    assert len({all_three.depth[row].tobytes() for row in range(3)}) == 3


@pytest.mark.parametrize("model", [LensModel.OPENCV_FISHEYE, LensModel.OPENCV_PINHOLE])
def test_through_a_lens_too(model: LensModel) -> None:
    mesh, shape = grid_cube(), arrays(**SHAPES["all"])
    points, normals, _ = made(mesh, shape, one_body())
    ready = replace(mesh, points=points.astype(np.float32), normals=normals.astype(np.float32), double_sided=True)
    seen = []
    for scene, frames in (shown(shape, mesh), shown(None, ready)):
        cameras = replace(
            frames.cameras,
            opencv=np.array([[[80.0, 80.0, 80.0, 60.0]]]),
            nominal=np.array([[[160.0, 120.0]]]),
            lens_model=np.full((1, 1), int(model), np.int32),
            lens=np.array([[[0.02] + [0.0] * (ROOM - 1)]]),
        )
        seen.append(Renderer(scene, "cpu").render(replace(frames, cameras=cameras), VIEW))
    assert (seen[0].part == 0).sum() > 100
    assert np.array_equal(seen[0].depth, seen[1].depth)
    assert np.array_equal(seen[0].rgb, seen[1].rgb)
    assert np.array_equal(seen[0].entities.extent, seen[1].entities.extent)
