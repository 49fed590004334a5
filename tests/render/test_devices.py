"""A CUDA device gives the CPU's labels to the pixel and its colours to a step of a byte; skipped without one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import warp as wp

from replicator_dr.optics import LensModel
from replicator_dr.render import develop, jpeg
from replicator_dr.render.flow import flow
from replicator_dr.render.moment import Moment
from replicator_dr.render.renderer import Renderer
from replicator_dr.render.scene import Environment, FrameArrays, LightType, RenderedView, SceneArrays, Texture, View
from replicator_dr.render.silhouette import with_silhouettes
from replicator_dr.render.start import start_warp
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
from tests.render.test_film import sensors

VIEW = View(0, 320, 240)
pytestmark = pytest.mark.cuda


@pytest.fixture(scope="module", autouse=True)
def device() -> str:
    start_warp()
    if not wp.is_cuda_available():
        pytest.skip("no CUDA device: this compares one with the CPU")
    return "cuda:0"


def scene(seed: int, lights: list[Lamp]) -> tuple[SceneArrays, FrameArrays]:
    """Two frames of forty things: pictures, holes, metal, mirrored parts, a near plane that cuts, a floor."""
    rng = np.random.default_rng(seed)
    meshes = [box(), sphere(0.5, 24), plane(1, 1)]
    pixels = rng.integers(0, 256, (32, 32, 4), dtype=np.uint8)
    holes = np.full((16, 16, 4), 255, np.uint8)
    holes[rng.random((16, 16)) < 0.3, :3] = 0
    toward = rng.uniform(0.05, 0.6, (16, 32, 3)).astype(np.float32)
    toward[4, 9] = 60.0
    frames, first = [], None
    for _ in range(2):
        parts = []
        for i in range(40):
            paint = Paint(
                rng.uniform(0, 1, 3), rng.uniform(0.1, 1), float(rng.random() < 0.3), rng.uniform(),
                texture=int(rng.integers(-1, 1)), opacity_texture=1 if rng.random() < 0.2 else -1,
            )  # fmt: skip
            mirror = scale(*(rng.uniform(0.1, 0.7, 3) * [rng.choice([-1, 1]), 1, 1]))
            world = mirror @ random_turn(rng) @ move(*rng.uniform(-1.3, 1.3, 2), rng.uniform(0.1, 0.9))
            parts.append(Part(meshes[i % 3], world, paint))
        parts.append(Part(plane(8, 8), paint=Paint(texture=0, uv_scale=(5, 5))))
        eye = Eye(look([*rng.uniform(-1.5, 1.5, 2), 1.9], [0, 0, 0.3]), clipping=(0.9, 12.0))
        if first is None:
            first, _ = build(parts, lights, eye, [Texture(pixels), Texture(holes, linear=True)], [Environment(toward)])
        frames.append(frame(parts, lights, eye))
    assert first is not None
    return first, batch(*frames)


LIGHTS = {
    "sun": [Lamp(LightType.DISTANT, (2500,) * 3, look([0.5, 0.3, 1], [0, 0, 0]), (0.5, 0))],
    "lamps": [
        Lamp(LightType.SPHERE, (20000,) * 3, move(1, -1, 2.5), (0.1, 0)),
        Lamp(LightType.RECT, (3000,) * 3, look([-1.5, 1, 2], [0, 0, 0]), (0.6, 0.4)),
        Lamp(LightType.CYLINDER, (4000,) * 3, move(0, 0.3, 0.8), (0.05, 0.8)),
    ],
    "dome": [Lamp(LightType.DOME, (700,) * 3, random_turn(np.random.default_rng(0)), environment=0)],
}


def both(seed: int, lights: list[Lamp]) -> tuple[RenderedView, RenderedView]:
    what, frames = scene(seed, lights)
    one, two = (Renderer(what, name).render(frames, VIEW, normals=True) for name in ("cpu", "cuda:0"))
    return one, two


@pytest.mark.parametrize("seed", range(4))
def test_labels_are_the_cpus_to_the_pixel(seed: int) -> None:
    cpu, cuda = both(seed, LIGHTS["sun"])
    np.testing.assert_array_equal(cuda.part, cpu.part)
    np.testing.assert_array_equal(cuda.depth, cpu.depth)
    for name, values in vars(cpu.entities).items():
        np.testing.assert_array_equal(getattr(cuda.entities, name), values, err_msg=name)
    np.testing.assert_allclose(cuda.normals, cpu.normals, atol=1e-5)


@pytest.mark.parametrize("lights", LIGHTS)
def test_colours_are_the_cpus_to_a_step(lights: str) -> None:
    cpu, cuda = both(7, LIGHTS[lights])
    apart = np.abs(cuda.rgb.astype(int) - cpu.rgb.astype(int)).max(axis=-1)
    assert cpu.rgb[..., :3].std() > 20
    # A tap on the rim of a shadow may fall on either side: such pixels are few, and lie on rims.
    assert (apart > 1).mean() < 2e-3
    assert np.quantile(apart, 0.99) <= 1


def moved(arrays: FrameArrays, seed: int) -> Moment:
    """Everything and the camera a little elsewhere."""
    rng = np.random.default_rng(seed)
    shift = np.eye(4)
    shift[3, :3] = rng.uniform(-0.1, 0.1, 3)
    world = arrays.world @ random_turn(rng) @ shift
    return Moment(world, replace(arrays.cameras, world=arrays.cameras.world @ shift))


LENSES = {
    "pinhole": {},
    "opencv_pinhole": {
        "opencv": (250.0, 255.0, 161.0, 118.0), "nominal": (320.0, 240.0), "lens_model": LensModel.OPENCV_PINHOLE,
        "lens": (-0.2, 0.05, 0.001, -0.002),
    },
    "opencv_fisheye": {
        "opencv": (150.0, 150.0, 160.5, 119.0), "nominal": (320.0, 240.0), "lens_model": LensModel.OPENCV_FISHEYE,
        "lens": (0.02, -0.003),
    },
}  # fmt: skip


@pytest.mark.parametrize("lens", LENSES)
def test_whole_objects_and_motion_are_equal(device: str, lens: str) -> None:
    things, arrays = scene(3, LIGHTS["sun"])
    _, seen = build([], (), Eye(**LENSES[lens]))  # type: ignore[arg-type]
    names = ("opencv", "nominal", "lens_model", "lens")
    repeated = {name: np.repeat(getattr(seen.cameras, name), len(arrays), axis=0) for name in names}
    arrays = replace(arrays, cameras=replace(arrays.cameras, **repeated))
    views = []
    for where in ("cpu", device):
        renderer = Renderer(things, where)
        shown = with_silhouettes(renderer, arrays, renderer.render(arrays, VIEW, rgb=False, amodal=True))
        now = Moment(arrays.world, arrays.cameras)
        views.append((shown, flow(now, moved(arrays, 1), shown, things.part_transform, renderer.device)))
    (first, one), (second, other) = views
    np.testing.assert_array_equal(first.amodal, second.amodal)
    np.testing.assert_array_equal(first.whole, second.whole)
    np.testing.assert_array_equal(first.whole_box, second.whole_box)
    assert first.amodal is not None
    assert first.amodal.any()
    np.testing.assert_allclose(one.points, other.points, atol=1e-6)
    np.testing.assert_allclose(one.pixels, other.pixels, atol=2e-4)


def test_sensors_make_the_same_of_light(device: str) -> None:
    """To a step of a byte; noise, too, but for an electron more or less now and then. JPEG to the bit."""
    light = np.random.default_rng(2).gamma(1.0, 0.4, (4, 61, 83, 4)).astype(np.float32)
    _, frames = scene(1, LIGHTS["sun"])
    frames = batch(frames, frames)
    view, numbers = View(0, 83, 61), np.arange(4)
    quiet = {
        "gain": 1.5, "vignetting": 1.0, "blur": 1.2, "chromatic_aberration": 2.0, "hot_pixels": 0.01,
        "dead_pixels": 0.01, "sharpening": 0.7,
    }  # fmt: skip
    for effects, share in ((quiet, 0.0), ({"full_well": 3000.0, "read_noise": 5.0, "bits": 10.0}, 0.002)):
        how = develop.records(replace(frames, sensors=sensors(4, **effects)), view, 5, numbers)
        films = [wp.array(light, dtype=wp.float32, device=name) for name in ("cpu", device)]
        one, other = (develop.develop(film, how).numpy().astype(int) for film in films)
        assert (np.abs(one - other) > 1).mean() <= share
    pictures = np.random.default_rng(3).integers(0, 256, (4, 61, 83, 4)).astype(np.uint8)
    coded = [wp.array(pictures, dtype=wp.uint8, device=name) for name in ("cpu", device)]
    for rgb in coded:
        jpeg.compress(rgb, np.array([0, 2, 3]), np.array([20, 75, 95]))
    assert (coded[0].numpy() == coded[1].numpy()).all()
