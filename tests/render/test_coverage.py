"""Which pixels belong to what: the pixel centre rule, counts, boxes, extents."""

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


def clutter(seed: int, count: int = 8) -> tuple[list[Part], Eye]:
    """Boxes and balls in front of each other, some cut by the image's borders."""
    rng = np.random.default_rng(seed)
    meshes = [box(), sphere(0.5, 7)]
    parts = [
        Part(
            meshes[i % 2],
            scale(*rng.uniform(0.1, 1.2, 3)) @ random_turn(rng) @ move(*rng.uniform(-1.3, 1.3, 2), rng.uniform(-1, 1)),
        )
        for i in range(count)
    ]
    return parts, Eye(look(rng.normal(size=3) + np.array([0, 0, 4]), [0, 0, 0]))


def covered(mask: np.ndarray) -> tuple[int, list[int]]:
    """Number of pixels and inclusive box of a mask (H, W)."""
    y, x = np.nonzero(mask)
    if not len(x):
        return 0, [0, 0, -1, -1]
    return len(x), [x.min(), y.min(), x.max(), y.max()]


def assert_table_is_of_the_image(out: RenderedView, parts_of: list[list[int]]) -> None:
    """The visible half of the table, counted again from the part and depth images."""
    for entity, members in enumerate(parts_of):
        mask = np.isin(out.part[0], members)
        pixels, inclusive = covered(mask)
        table = out.entities
        assert table.visible[0, entity] == pixels
        assert table.visible_box[0, entity].tolist() == inclusive
        assert table.depth_min[0, entity] == out.depth[0][mask].min(initial=np.inf)
        assert table.depth_max[0, entity] == out.depth[0][mask].max(initial=-np.inf)


@pytest.mark.parametrize("seed", range(6))
def test_parts_are_those_that_the_rays_meet(seed: int) -> None:
    parts, eye = clutter(seed)
    out = render(parts, eye=eye, size=SIZE)
    hits, certain, _ = oracle(*build(parts, eye=eye), *SIZE).image(*SIZE)
    assert certain.mean() > 0.95
    np.testing.assert_array_equal(out.part[0].reshape(-1)[certain], hits.part[certain])


@pytest.mark.parametrize("seed", range(6))
def test_the_table_counts_what_the_images_show(seed: int) -> None:
    parts, eye = clutter(seed)
    assert_table_is_of_the_image(render(parts, eye=eye, size=SIZE), [[i] for i in range(len(parts))])


def test_an_entity_of_several_parts_is_counted_once() -> None:
    parts, eye = clutter(11, 9)
    owned = [Part(p.mesh, p.world, entity=(0, 1, -1)[i % 3]) for i, p in enumerate(parts)]
    out = render(owned, eye=eye, size=SIZE)
    assert_table_is_of_the_image(out, [[0, 3, 6], [1, 4, 7]])
    for entity in range(2):
        alone = render([p for p in owned if p.entity == entity], eye=eye, size=SIZE)
        pixels, inclusive = covered(alone.part[0] >= 0)
        assert out.entities.amodal[0, entity] == pixels
        assert out.entities.amodal_box[0, entity].tolist() == inclusive


@pytest.mark.parametrize("seed", range(6))
def test_amodal_is_what_each_object_covers_alone(seed: int) -> None:
    parts, eye = clutter(seed)
    table = render(parts, eye=eye, size=SIZE).entities
    hidden = 0
    for i, part in enumerate(parts):
        alone = render([part], eye=eye, size=SIZE)
        pixels, inclusive = covered(alone.part[0] == 0)
        assert alone.entities.amodal[0, 0] == alone.entities.visible[0, 0] == table.amodal[0, i] == pixels
        assert alone.entities.amodal_box[0, 0].tolist() == table.amodal_box[0, i].tolist() == inclusive
        np.testing.assert_array_equal(alone.entities.extent[0, 0], table.extent[0, i])
        hidden += int(table.amodal[0, i] - table.visible[0, i])
    assert hidden > 50


def test_a_pixel_belongs_to_what_covers_its_centre() -> None:
    # One metre away and 64 pixels of focal length: a metre is 64 pixels, the image's middle is (32, 32).
    def edges(left: float, right: float) -> list[int]:
        rectangle = Part(plane(right - left, 0.5), move((left + right) / 2, 0, -1))
        return render([rectangle], size=(64, 64)).entities.visible_box[0, 0].tolist()

    pixel = 1 / 64
    assert edges(0, 8 * pixel) == [32, 16, 39, 47]
    assert edges(0.49 * pixel, 7.51 * pixel) == [32, 16, 39, 47]
    assert edges(0.51 * pixel, 7.49 * pixel) == [33, 16, 38, 47]
    assert edges(0.51 * pixel, 1.49 * pixel) == [0, 0, -1, -1]


def test_a_centre_on_a_shared_edge_belongs_to_exactly_one() -> None:
    # Every edge runs through pixel centres: a checkerboard of squares of 4 pixels, half a pixel off the grid.
    pixel, count = 1 / 64, 17
    parts = []
    for i in range(count):
        for j in range(count):
            square = move((4 * i - 34 + 2.5) * pixel, (4 * j - 34 + 2.5) * pixel, -1)
            parts.append(Part(plane(4 * pixel, 4 * pixel), square))
    out = render(parts, size=(64, 64))
    assert np.all(out.part >= 0)
    assert out.entities.amodal.sum() == 64 * 64
    inner = out.entities.amodal.reshape(count, count)[1:-1, 1:-1]
    assert np.all(inner == 16)


def test_extent_is_the_projections_box_beyond_the_borders() -> None:
    # 64 pixels a metre at 1 m; a square of 1 m at 2 m, its middle at the left border.
    out = render([Part(plane(1, 1), move(-1, 0.125, -2))], size=(64, 48))
    np.testing.assert_allclose(out.entities.extent[0, 0], [-16, 4, 16, 36], atol=1 / 256)
    assert out.entities.visible_box[0, 0].tolist() == [0, 4, 15, 35]
    assert out.entities.amodal[0, 0] == 16 * 32


@pytest.mark.parametrize("seed", range(4))
def test_extent_is_that_of_the_projected_corners(seed: int) -> None:
    parts, eye = clutter(seed)
    out = render(parts, eye=eye, size=SIZE)
    caster = oracle(*build(parts, eye=eye), *SIZE)
    fx, fy, cx, cy = caster.intrinsics
    for i in range(len(parts)):
        p = caster.corners[caster.part == i].reshape(-1, 3)
        x, y = fx * p[:, 0] / p[:, 2] + cx, fy * p[:, 1] / p[:, 2] + cy
        np.testing.assert_allclose(out.entities.extent[0, i], [x.min(), y.min(), x.max(), y.max()], atol=1.5 / 256)


def test_extent_counts_an_entitys_parts_out_of_view() -> None:
    inside, outside = Part(plane(), move(0, 0, -2), entity=0), Part(plane(), move(5, 0, -2), entity=0)
    out = render([inside, outside], size=(64, 48))
    np.testing.assert_allclose(out.entities.extent[0, 0], [16, 8, 32 + 5.5 * 32, 40], atol=1 / 256)
    assert out.entities.amodal[0, 0] == 32 * 32
    hidden = render([inside, Part(plane(), move(5, 0, -2), entity=0, visible=False)], size=(64, 48))
    np.testing.assert_allclose(hidden.entities.extent[0, 0], [16, 8, 48, 40], atol=1 / 256)


def test_a_sheared_part_is_not_taken_for_one_out_of_view() -> None:
    shear = np.eye(4)
    shear[:3, :3] = [[1, 0, 0], [1, 0.05, 0], [0, 0, 1]]
    flat = turn([0, 0, 1], 0) @ shear
    for shift in np.linspace(0.5, 1.6, 12):
        parts, eye = [Part(box(1, 1, 0.1), flat @ move(shift, 0, -1))], Eye()
        out = render(parts, eye=eye, size=SIZE)
        hits, certain, _ = oracle(*build(parts, eye=eye), *SIZE).image(*SIZE)
        np.testing.assert_array_equal(out.part[0].reshape(-1)[certain], hits.part[certain])
