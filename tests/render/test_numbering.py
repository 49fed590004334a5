"""Rows of parts, prims and entities, however many or few there are; images of any size."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from replicator_dr.render.renderer import Renderer
from replicator_dr.render.scene import LightType, View
from tests.render.photometry import assert_radiance
from tests.render.raycast import oracle
from tests.render.scenes import Eye, Lamp, Paint, Part, box, build, look, move, plane, random_turn, render

DOME = Lamp(LightType.DOME, (300,) * 3)


def test_an_empty_scene_shows_the_sky() -> None:
    out = render([], [DOME], rgb=True, normals=True)
    assert np.all(out.part == -1)
    assert np.all(np.isinf(out.depth))
    assert out.entities.visible.shape == (1, 0)
    assert out.entities.extent.shape == (1, 0, 4)
    assert not out.normals.any()
    assert_radiance(out.rgb, 0.3)


def test_nothing_at_all_is_black() -> None:
    out = render([], rgb=True)
    assert out.rgb[..., :3].max() == 0
    assert out.rgb[..., 3].min() == 255


def test_unlabelled_parts_are_seen_and_counted_nowhere() -> None:
    hidden = Part(plane(), move(0, 0, -2), entity=-1)
    out = render([hidden], [DOME])
    assert out.entities.visible.shape == (1, 0)
    assert np.sum(out.part == 0) == 32 * 32
    out = render([hidden, Part(plane(), move(0, 0, -3), entity=0)], [DOME])
    assert out.entities.visible[0, 0] == 0
    assert out.entities.amodal[0, 0] > 300
    assert out.entities.depth_min[0, 0] == np.inf
    assert out.entities.depth_max[0, 0] == -np.inf
    assert out.entities.visible_box[0, 0].tolist() == [0, 0, -1, -1]


@pytest.mark.parametrize("count", [1, 63, 64, 65, 127, 128, 129, 200])
def test_every_entity_has_a_bit_of_its_own(count: int) -> None:
    # Tiles side by side, each of 4 x 4 pixels, all hidden behind one wall.
    across, pixel = 16, 1 / 64
    tiles = [
        Part(plane(4 * pixel, 4 * pixel), move((4 * (i % across) - 30) * pixel, (30 - 4 * (i // across)) * pixel, -1))
        for i in range(count - 1)
    ]
    wall = Part(plane(9, 9), move(0, 0, -0.5))
    table = render([*tiles, wall], size=(64, 64)).entities
    assert table.visible.shape == (1, count)
    assert np.all(table.amodal[0, :-1] == 16)
    assert table.amodal[0, -1] == table.visible[0, -1] == 64 * 64
    assert table.visible[0, :-1].sum() == 0
    for i in range(count - 1):
        x, y = 4 * (i % across), 4 * (i // across)
        assert table.amodal_box[0, i].tolist() == [x, y, x + 3, y + 3]


def test_many_entities_in_front_of_each_other_at_one_pixel() -> None:
    parts = [Part(plane(9, 9), move(0, 0, -1 - 0.01 * i)) for i in range(150)]
    rng = np.random.default_rng(0)
    order = rng.permutation(150)
    table = render([parts[i] for i in order], size=(9, 7)).entities
    assert np.all(table.amodal == 63)
    np.testing.assert_array_equal(table.visible[0], np.where(order == 0, 63, 0))


@pytest.mark.parametrize("size", [(1, 1), (1, 9), (7, 5), (2, 3), (131, 1), (65, 67)])
def test_images_of_any_size(size: tuple[int, int]) -> None:
    rng = np.random.default_rng(4)
    parts = [Part(box(), random_turn(rng) @ move(*rng.uniform(-1, 1, 2), -2.5)) for _ in range(5)]
    parts.append(Part(plane(30, 30), move(0, 0, -5)))
    eye = Eye(focal=max(1.0, size[1] / size[0]))
    out = render(parts, [DOME], eye, size, rgb=True, normals=True)
    assert out.depth.shape == out.part.shape == (1, size[1], size[0])
    assert out.rgb.shape == out.normals.shape == (1, size[1], size[0], 4)
    hits, certain, _ = oracle(*build(parts, eye=eye), *size).image(*size)
    np.testing.assert_array_equal(out.part[0].reshape(-1)[certain], hits.part[certain])
    assert out.entities.visible.sum() == size[0] * size[1]
    assert out.rgb[..., :3].min() > 0


def test_instances_share_a_mesh() -> None:
    mesh = box()
    rng = np.random.default_rng(2)
    places = [random_turn(rng) @ move(*rng.uniform(-1, 1, 2), -3) for _ in range(6)]
    scene, frames = build([Part(mesh, world) for world in places])
    assert len(scene.meshes) == 1
    shared = Renderer(scene, "cpu").render(frames, View(0, 64, 48), rgb=False)
    own = render([Part(box(), world) for world in places])
    for name in ("part", "depth"):
        np.testing.assert_array_equal(getattr(shared, name), getattr(own, name))
    assert len(np.unique(shared.part)) > 4


def test_the_subsets_of_a_prim_move_together_and_have_materials_of_their_own() -> None:
    left, right = plane(1, 1), plane(1, 1)
    left.points[:, 0] -= 0.5
    right.points[:, 0] += 0.5
    red, blue = Paint((1, 0, 0)), Paint((0, 0, 1))
    parts = [Part(left, move(0, 0, -2), red, entity=0, prim=0), Part(right, paint=blue, entity=0, prim=0)]
    scene, frames = build(parts, [DOME])
    scene = replace(scene, part_transform=np.array([0, 0], np.int32))
    frames = replace(frames, world=frames.world[:, :1])
    assert scene.prims == 1
    renderer = Renderer(scene, "cpu")
    out = renderer.render(frames, View(0, 64, 48))
    assert out.entities.visible[0, 0] == 64 * 32
    assert_radiance(out.rgb[0, 24, 16], [0.3, 0, 0])
    assert_radiance(out.rgb[0, 24, 48], [0, 0, 0.3])
    swapped = renderer.render(replace(frames, part_material=frames.part_material[:, ::-1]), View(0, 64, 48))
    np.testing.assert_array_equal(swapped.part, out.part)
    assert_radiance(swapped.rgb[0, 24, 16], [0, 0, 0.3])


def test_points_that_no_triangle_uses_do_not_count() -> None:
    mesh = plane()
    stray = replace(
        mesh,
        points=np.concatenate([mesh.points, np.float32([[50, 0, 0]])]),
        normals=np.concatenate([mesh.normals, mesh.normals[:1]]),
        uvs=np.concatenate([mesh.uvs, mesh.uvs[:1]]),
    )
    with_stray, without = (render([Part(m, move(0, 0, -2))]).entities for m in (stray, mesh))
    np.testing.assert_array_equal(with_stray.extent, without.extent)
    np.testing.assert_array_equal(with_stray.amodal, without.amodal)


def test_a_hidden_part_is_nowhere() -> None:
    front, back = Part(plane(), move(0, 0, -2), visible=False), Part(box(), move(0, 0, -4))
    out = render([front, back], [DOME], rgb=True)
    alone = render([Part(plane(), move(0, 0, 9)), back], [DOME], rgb=True)
    for name in ("part", "depth", "rgb"):
        np.testing.assert_array_equal(getattr(out, name), getattr(alone, name))
    assert out.entities.amodal[0, 0] == 0
    assert np.all(out.entities.extent[0, 0, :2] == np.inf)


def test_the_second_camera_sees_its_own_image() -> None:
    parts = [Part(box(), move(0, 0, 1))]
    one, two = Eye(look([3, 0, 1], [0, 0, 1])), Eye(look([0, 1, 5], [0, 0, 1]))
    scene, frames = build(parts, eye=one)
    other = build(parts, eye=two)[1].cameras
    cameras = type(other)(
        **{name: np.concatenate([getattr(frames.cameras, name), value], axis=1) for name, value in vars(other).items()}
    )
    out = Renderer(scene, "cpu").render(replace(frames, cameras=cameras), View(1, 64, 48), rgb=False)
    np.testing.assert_array_equal(out.depth, render(parts, eye=two).depth)
    assert np.any(out.depth != render(parts, eye=one).depth)
