"""Crowds: what each object covers in a crowd is what it covers alone, whatever stands before, behind or beside it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from replicator_dr.render.renderer import Renderer
from replicator_dr.render.scene import FrameArrays, RenderedView, SceneArrays, Texture, View
from tests.render.scenes import (
    Eye,
    Paint,
    Part,
    batch,
    box,
    build,
    facets,
    look,
    move,
    plane,
    random_turn,
    scale,
    sphere,
)

VIEW = View(0, 96, 72)


def crowd(seed: int, objects: int) -> tuple[SceneArrays, FrameArrays]:
    """Objects of one to three parts each, some beyond the borders, some crossing the near plane, some with holes."""
    rng = np.random.default_rng(seed)
    ragged = facets(rng.uniform(-0.5, 0.5, (18, 3)), np.arange(18).reshape(6, 3))
    meshes = [box(), sphere(0.5, 8), plane(1, 1), ragged]
    holes = np.full((16, 16, 4), 255, np.uint8)
    holes[rng.random((16, 16)) < 0.4, :3] = 0
    parts = []
    for entity in range(objects):
        at = rng.uniform(-1.6, 1.6, 3)
        for _ in range(int(rng.integers(1, 4))):
            world = scale(*rng.uniform(0.1, 1.0, 3)) @ random_turn(rng) @ move(*(at + rng.normal(scale=0.2, size=3)))
            paint = Paint(opacity_texture=0) if rng.random() < 0.2 else Paint()
            parts.append(Part(meshes[rng.integers(4)], world, paint, entity=entity, visible=bool(rng.random() < 0.95)))
    eye = Eye(look(rng.normal(size=3) + np.array([0, 0, 2.2]), [0, 0, 0]), clipping=(0.6, 4.0))
    return build([parts[i] for i in rng.permutation(len(parts))], eye=eye, textures=[Texture(holes, linear=True)])


def alone(scene: SceneArrays, frames: FrameArrays) -> RenderedView:
    """Frame i shows object i and nothing else."""
    each = []
    for entity in range(scene.entities):
        shown = frames.part_visible & (scene.part_entity == entity)
        each.append(replace(frames, part_visible=shown))
    return Renderer(scene, "cpu").render(batch(*each), VIEW, rgb=False)


@pytest.mark.parametrize(("seed", "objects"), [(0, 5), (1, 30), (2, 63), (3, 64), (4, 65), (5, 150)])
def test_each_object_covers_in_a_crowd_what_it_covers_alone(seed: int, objects: int) -> None:
    scene, frames = crowd(seed, objects)
    table = Renderer(scene, "cpu").render(frames, VIEW, rgb=False).entities
    single = alone(scene, frames)
    own = np.arange(objects)
    covered = single.part >= 0
    np.testing.assert_array_equal(table.amodal[0], covered.sum(axis=(1, 2)))
    np.testing.assert_array_equal(table.amodal[0], single.entities.visible[own, own])
    np.testing.assert_array_equal(table.amodal_box[0], single.entities.visible_box[own, own])
    np.testing.assert_array_equal(table.extent[0], single.entities.extent[own, own])
    for i in own:
        rows, columns = np.nonzero(covered[i])
        inclusive = [columns.min(), rows.min(), columns.max(), rows.max()] if len(rows) else [0, 0, -1, -1]
        assert table.amodal_box[0, i].tolist() == inclusive
    hidden = table.amodal[0] - table.visible[0]
    assert np.all(hidden >= 0)
    assert (hidden > 0).mean() > 0.2


@pytest.mark.parametrize("seed", range(4))
def test_the_crowd_is_the_nearest_of_all_alone(seed: int) -> None:
    scene, frames = crowd(seed, 40)
    out = Renderer(scene, "cpu").render(frames, VIEW, rgb=False)
    single = alone(scene, frames)
    nearest = single.depth.min(axis=0)
    np.testing.assert_array_equal(out.depth[0], nearest)
    tied = (single.depth == nearest).sum(axis=0) > 1
    first = single.depth.argmin(axis=0)
    expected = np.take_along_axis(single.part, first[None], axis=0)[0]
    clear = ~tied | ~np.isfinite(nearest)
    assert clear.mean() > 0.99
    np.testing.assert_array_equal(out.part[0][clear], expected[clear])


def test_a_missing_part_is_noticed() -> None:
    scene, frames = crowd(1, 30)
    single = alone(scene, frames)
    biggest = int(single.entities.amodal.max(axis=0).argmax())
    shown = frames.part_visible.copy()
    shown[:, np.flatnonzero(scene.part_entity == biggest)[:1]] = False
    table = Renderer(scene, "cpu").render(replace(frames, part_visible=shown), VIEW, rgb=False).entities
    assert table.amodal[0, biggest] < single.entities.amodal[biggest, biggest]
