"""A frame's bytes do not depend on the frames around it, on what came before, or on other threads."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from replicator_dr.render.renderer import Renderer
from replicator_dr.render.scene import (
    Environment,
    FrameArrays,
    LightType,
    Mesh,
    RenderedView,
    SceneArrays,
    Texture,
    View,
)
from tests.render.scenes import (
    Eye,
    Lamp,
    Paint,
    Part,
    batch,
    box,
    build,
    frame,
    look,
    move,
    plane,
    random_turn,
    scale,
    sphere,
)

FRAMES = 6
VIEW = View(0, 72, 56)


@pytest.fixture(scope="module")
def world() -> tuple[Renderer, FrameArrays]:
    """A busy little scene: everything that changes from frame to frame does."""
    rng = np.random.default_rng(0)
    meshes = [box(), sphere(0.5, 12)]
    sky = rng.uniform(0, 1, (16, 32, 3)).astype(np.float32)
    sky[3, 5] = 200.0
    textures = [Texture(rng.integers(0, 256, (16, 16, 4), dtype=np.uint8)) for _ in range(2)]
    environments = [Environment(sky), Environment(sky[:, ::-1].copy())]
    frames, scene = [], None
    for _ in range(FRAMES):
        parts = [changing(rng, meshes[i % 2]) for i in range(7)] + [Part(plane(6, 6), paint=Paint(texture=1))]
        lamps = [
            Lamp(LightType.DISTANT, rng.uniform(0, 2000, 3), look([*rng.normal(size=2), 2], [0, 0, 0]), (3.0, 0)),
            Lamp(LightType.SPHERE, rng.uniform(0, 9e4, 3), move(*rng.uniform(-1, 1, 2), 2.5), (0.1, 0)),
            Lamp(LightType.DOME, (300,) * 3, random_turn(rng), environment=int(rng.integers(-1, 2))),
        ]
        eye = Eye(look([*rng.uniform(-3, 3, 2), 2.5], [0, 0, 0.3]), clipping=(rng.uniform(0.01, 1.0), 20.0))
        if scene is None:
            scene, _ = build(parts, lamps, eye, textures, environments)
        frames.append(frame(parts, lamps, eye))
    assert isinstance(scene, SceneArrays)
    return Renderer(scene, "cpu"), batch(*frames)


def changing(rng: np.random.Generator, mesh: Mesh) -> Part:
    """A part with random place, paint and visibility."""
    where = scale(*rng.uniform(0.2, 1, 3)) @ random_turn(rng) @ move(*rng.uniform(-1.5, 1.5, 2), 0.5)
    paint = Paint(rng.uniform(0, 1, 3), *rng.uniform(0, 1, 3), texture=int(rng.integers(-1, 2)), uv_rotation=30.0)
    return Part(mesh, where, paint, visible=bool(rng.uniform() < 0.8))


def arrays(out: RenderedView) -> dict[str, np.ndarray]:
    """All of a result's arrays by name."""
    plain = {name: getattr(out, name) for name in ("intrinsics", "depth", "part", "rgb", "normals")}
    return {**plain, **vars(out.entities)}


def joined(outs: list[RenderedView]) -> dict[str, np.ndarray]:
    parts = [arrays(out) for out in outs]
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def assert_same(one: dict[str, np.ndarray], two: dict[str, np.ndarray]) -> None:
    for name, value in one.items():
        assert value.dtype == two[name].dtype, name
        assert value.tobytes() == two[name].tobytes(), name


def pick(frames: FrameArrays, order: list[int]) -> FrameArrays:
    return batch(*[frames[i : i + 1] for i in order])


def test_the_frames_differ(world: tuple[Renderer, FrameArrays]) -> None:
    renderer, frames = world
    out = renderer.render(frames, VIEW, normals=True)
    for name, value in arrays(out).items():
        if name != "intrinsics":
            assert len({frame.tobytes() for frame in value}) == FRAMES, name


def test_one_by_one_or_all_together(world: tuple[Renderer, FrameArrays]) -> None:
    renderer, frames = world
    together = arrays(renderer.render(frames, VIEW, normals=True))
    single = joined([renderer.render(frames[i : i + 1], VIEW, normals=True) for i in range(FRAMES)])
    assert_same(together, single)
    fresh = Renderer(renderer.scene, "cpu")
    assert_same(
        together, joined([fresh.render(frames[:2], VIEW, normals=True), fresh.render(frames[2:], VIEW, normals=True)])
    )


def test_in_any_order(world: tuple[Renderer, FrameArrays]) -> None:
    renderer, frames = world
    order = [3, 0, 5, 1, 4, 2, 3]
    together = arrays(renderer.render(frames, VIEW, normals=True))
    shuffled = arrays(renderer.render(pick(frames, order), VIEW, normals=True))
    assert_same({name: value[order] for name, value in together.items()}, shuffled)


def test_in_several_threads_at_once(world: tuple[Renderer, FrameArrays]) -> None:
    renderer, frames = world
    together = arrays(renderer.render(frames, VIEW, normals=True))
    small = View(0, 40, 33)
    other = arrays(renderer.render(frames, small, normals=True))
    jobs = [(i, view) for _ in range(4) for i in range(FRAMES) for view in (VIEW, small)]
    with ThreadPoolExecutor(4) as pool:
        outs = list(pool.map(lambda job: renderer.render(frames[job[0] : job[0] + 1], job[1], normals=True), jobs))
    for (i, view), out in zip(jobs, outs, strict=True):
        expected = together if view is VIEW else other
        assert_same({name: value[i : i + 1] for name, value in expected.items()}, arrays(out))


def test_labels_do_not_depend_on_what_else_is_made(world: tuple[Renderer, FrameArrays]) -> None:
    renderer, frames = world
    full = renderer.render(frames, VIEW, normals=True)
    bare = renderer.render(frames, VIEW, rgb=False)
    assert bare.rgb is None
    assert_same({"depth": full.depth, "part": full.part, **vars(full.entities)},
                {"depth": bare.depth, "part": bare.part, **vars(bare.entities)})  # fmt: skip


def test_results_belong_to_the_caller(world: tuple[Renderer, FrameArrays]) -> None:
    renderer, frames = world
    first = renderer.render(frames[:1], VIEW)
    kept = {name: value.copy() for name, value in arrays(first).items() if value is not None}
    renderer.render(frames[1:3], VIEW)
    for name, value in kept.items():
        np.testing.assert_array_equal(value, arrays(first)[name])
    first.depth[:] = 0.0
    assert renderer.render(frames[:1], VIEW).depth.min() > 0
