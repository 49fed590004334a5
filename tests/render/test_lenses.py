"""Images through lenses against OpenCV's formulas, a float64 ray caster and geometry."""

from __future__ import annotations

import numpy as np
import pytest

from replicator_dr.errors import EngineError
from replicator_dr.optics import LensModel
from replicator_dr.render.renderer import Renderer
from replicator_dr.render.scene import RenderedView, View
from tests.render import lens_oracle as truth
from tests.render.lens_scenes import MIDDLE, SIZE, clutter, lens_eye
from tests.render.raycast import oracle
from tests.render.scenes import (
    WHITE_DOME,
    Eye,
    Paint,
    Part,
    batch,
    box,
    build,
    facets,
    frame,
    move,
    plane,
    random_turn,
    render,
    sphere,
    turn,
)


def brown(rng: np.random.Generator) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Intrinsics, and twelve coefficients of a lens that is one to one on the image."""
    fx, fy = rng.uniform(55, 90, 2)
    k = rng.normal(0, [0.08, 0.02, 0.01, 0.01, 0.005, 0.02, 0.01, 0.005, 0.01, 0.005, 0.01, 0.005])
    return (fx, fy, 40 + rng.normal(), 30 + rng.normal()), tuple(k)


def kannala(rng: np.random.Generator) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """The same of a fisheye that sees 200 degrees and more in the corners."""
    fx, fy = rng.uniform(19, 24, 2)
    return (fx, fy, 40 + rng.normal(), 30 + rng.normal()), tuple(rng.normal(0, [0.02, 0.004, 0.0006, 0.0001]))


def assert_seen_as_by_the_rays(
    out: RenderedView, parts: list[Part], eye: Eye, forward: truth.Forward, axial: bool
) -> float:
    """Parts to the pixel, but for centres that are 1e-4 pixels from an edge; depth to 1e-5.

    Gives the share of sure pixels among those with a ray.
    """
    pixels = truth.pixel_places(*SIZE)
    scene = oracle(*build(parts, eye=eye), *SIZE)
    fx, fy, cx, cy = eye.opencv
    start = np.concatenate([(pixels - (cx, cy)) / (fx, fy), np.ones((len(pixels), 1))], axis=1)
    if not axial:
        angle = np.minimum(np.linalg.norm(start[:, :2], axis=1), 3.0)
        flat = start[:, :2] / np.maximum(np.linalg.norm(start[:, :2], axis=1, keepdims=True), 1e-12)
        start = np.concatenate([flat * np.sin(angle)[:, None], np.cos(angle)[:, None]], axis=1)
    rays = truth.inverse(forward, pixels, start)
    known = np.isfinite(rays).all(axis=1)
    assert known.mean() > 0.6
    hits = truth.cast(scene, rays, axial)
    sure = known.copy()
    for offset in 1e-4 * np.array([[1, 0], [-1, 0], [0, 1], [0, -1]]):
        beside = truth.inverse(forward, pixels + offset, np.nan_to_num(rays, nan=1.0))
        sure &= truth.cast(scene, beside, axial).triangle == hits.triangle
    part, distance = out.part[0].reshape(-1), out.distance[0].reshape(-1)
    np.testing.assert_array_equal(part[sure], hits.part[sure])
    seen = sure & (hits.part >= 0)
    np.testing.assert_allclose(distance[seen], hits.distance[seen], rtol=1e-5)
    np.testing.assert_allclose(out.depth[0].reshape(-1)[seen], (hits.distance * rays[:, 2])[seen], rtol=1e-5, atol=1e-5)
    assert np.isinf(out.depth[0].reshape(-1)[part < 0]).all()
    return float(sure.sum() / known.sum())


@pytest.mark.parametrize("seed", range(8))
def test_distorted_images_show_what_the_rays_meet(seed: int) -> None:
    rng = np.random.default_rng(seed)
    pixels, k = brown(rng)
    eye = lens_eye(LensModel.OPENCV_PINHOLE, pixels, k)
    parts = clutter(rng, 8, around=False)
    out = render(parts, eye=eye, size=SIZE)
    assert assert_seen_as_by_the_rays(out, parts, eye, truth.opencv_pinhole(*pixels, *k), axial=True) > 0.99
    assert len(np.unique(out.part)) > 4


@pytest.mark.parametrize("seed", range(8))
def test_fisheyes_show_what_the_rays_meet(seed: int) -> None:
    rng = np.random.default_rng(seed)
    pixels, k = kannala(rng)
    eye = lens_eye(LensModel.OPENCV_FISHEYE, pixels, k)
    parts = clutter(rng, 20, around=True)
    out = render(parts, eye=eye, size=SIZE)
    assert assert_seen_as_by_the_rays(out, parts, eye, truth.opencv_fisheye(*pixels, *k), axial=False) > 0.99
    assert (out.depth[np.isfinite(out.depth)] < 0).any()


@pytest.mark.parametrize("seed", range(4))
def test_without_distortion_it_is_the_pinhole(seed: int) -> None:
    rng = np.random.default_rng(seed)
    pixels = (70.0, 75.0, 41.0, 29.0)
    parts = [*clutter(rng, 8, around=False), Part(plane(6, 6), move(0, 0, -5))]
    sky = WHITE_DOME
    straight = render(parts, [sky], Eye(opencv=pixels, nominal=SIZE), SIZE, rgb=True, normals=True)
    lens = lens_eye(LensModel.OPENCV_PINHOLE, pixels, ())
    seen = render(parts, [sky], lens, SIZE, rgb=True, normals=True)
    # The pinhole rounds corners to 1/256 pixel: only a few pixels at edges may differ.
    same = seen.part == straight.part
    assert (~same).sum() <= 6
    np.testing.assert_allclose(seen.depth[same], straight.depth[same], rtol=2e-5)
    np.testing.assert_allclose(seen.entities.extent, straight.entities.extent, atol=1 / 256)
    assert np.abs(seen.entities.amodal - straight.entities.amodal).max() <= 3
    off = np.abs(seen.rgb.astype(int) - straight.rgb.astype(int)).max(axis=-1)
    assert np.mean(off <= 2) > 0.97
    inner = same[0].copy()
    inner[1:-1, 1:-1] = [[len(np.unique(straight.part[0, y - 1 : y + 2, x - 1 : x + 2])) == 1 for x in range(1, 79)]
                         for y in range(1, 59)]  # fmt: skip
    assert np.mean(np.linalg.norm((seen.normals - straight.normals)[0], axis=-1)[inner] < 1e-2) > 0.99


def test_a_balls_outline_in_a_fisheye_is_that_of_a_cone() -> None:
    # A ball at 80 degrees from the axis, seen under an angle of 2 asin(r / d).
    eye = lens_eye(LensModel.OPENCV_FISHEYE, (22.0, 22.0, *MIDDLE), (0.0, 0.0, 0.0, 0.0))
    for angle in (0.0, 50.0, 80.0, 95.0):
        toward = np.array([np.sin(np.radians(angle)), 0.0, -np.cos(np.radians(angle))])
        out = render([Part(sphere(0.5, 100), move(*(2.0 * toward)))], eye=eye, size=SIZE)
        places = (truth.pixel_places(*SIZE) - MIDDLE) / 22.0
        theta = np.linalg.norm(places, axis=1)
        flat = places / np.maximum(theta, 1e-12)[:, None]
        rays = np.concatenate([flat * np.sin(theta)[:, None], np.cos(theta)[:, None]], axis=1)
        gap = np.arccos(np.clip(rays @ (toward * [1, -1, -1]), -1, 1)) - np.arcsin(0.25)
        sure = (np.abs(gap) > 1.5e-3) & (theta < np.pi)
        np.testing.assert_array_equal((out.part[0].reshape(-1) == 0)[sure], (gap < 0)[sure])
        # The outline's nearest and farthest point from the middle.
        reach = np.radians(angle) + np.arcsin(0.25)
        assert out.entities.extent[0, 0, 2] == pytest.approx(40 + 22 * reach, abs=0.05)


@pytest.mark.parametrize(
    ("model", "pixels", "k"),
    [
        (LensModel.OPENCV_FISHEYE, (18.0, 17.0, 40.0, 30.0), (0.01, -0.002, 0.0, 0.0)),
        (LensModel.OPENCV_PINHOLE, (50.0, 52.0, 40.0, 30.0), (0.2, 0.01, 0.01, -0.01)),
        (LensModel.OPENCV_PINHOLE, (40.0, 40.0, 40.0, 30.0), ()),
        (LensModel.FTHETA, (20.0, 20.0, 40.0, 30.0), (0.02, 0.001, 0.0, 0.0, 3.0)),
    ],
)
@pytest.mark.parametrize("seed", range(3))
def test_no_sample_is_missed_or_seen_twice(model: LensModel, pixels: tuple, k: tuple, seed: int) -> None:
    rng = np.random.default_rng(seed)
    ball = sphere(1.0, 6)
    turned = np.eye(4) if seed == 0 else random_turn(rng)
    glow = Paint(emission=(0.3, 0.3, 0.3), base_color=(0, 0, 0))
    parts = [Part(facets(ball.points, [t], double_sided=True), turned, paint=glow) for t in ball.triangles]
    out = render(parts, eye=lens_eye(model, pixels, k, clipping=(0.01, 10.0)), size=SIZE, rgb=True)
    assert (out.part >= 0).all()
    assert out.entities.amodal.sum() == SIZE[0] * SIZE[1]
    assert out.entities.visible.sum() == SIZE[0] * SIZE[1]
    assert len(np.unique(out.rgb.reshape(-1, 4), axis=0)) == 1


def test_corners_on_pixel_centres_belong_to_exactly_one() -> None:
    # Squares of 4 pixels with their corners on centres, through a lens that distorts nothing.
    step = 1 / 64
    parts = [
        Part(plane(4 * step, 4 * step), move((4 * i - 34 + 2.5) * step, (4 * j - 34 + 2.5) * step, -1))
        for i in range(17)
        for j in range(17)
    ]
    eye = Eye(opencv=(64, 64, 32, 32), nominal=(64, 64), lens_model=LensModel.OPENCV_PINHOLE)
    out = render(parts, eye=eye, size=(64, 64))
    assert out.entities.amodal.sum() == 64 * 64


def test_boxes_are_those_of_the_distorted_masks() -> None:
    rng = np.random.default_rng(5)
    pixels, k = kannala(rng)
    parts = clutter(rng, 12, around=True)
    eye = lens_eye(LensModel.OPENCV_FISHEYE, pixels, k)
    out = render(parts, eye=eye, size=SIZE)
    for i, part in enumerate(parts):
        alone = render([part], eye=eye, size=SIZE)
        for pixels_of, box_of, mask in (
            (out.entities.visible, out.entities.visible_box, out.part[0] == i),
            (out.entities.amodal, out.entities.amodal_box, alone.part[0] == 0),
        ):
            y, x = np.nonzero(mask)
            assert pixels_of[0, i] == len(x)
            if len(x):
                assert box_of[0, i].tolist() == [x.min(), y.min(), x.max(), y.max()]
        shown = out.depth[0][out.part[0] == i]
        assert out.entities.depth_min[0, i] == shown.min(initial=np.inf)
        assert out.entities.depth_max[0, i] == shown.max(initial=-np.inf)


@pytest.mark.parametrize("model", [LensModel.OPENCV_PINHOLE, LensModel.OPENCV_FISHEYE])
def test_extents_are_those_of_curved_edges(model: LensModel) -> None:
    # A wall before the camera: its straight upper edge bulges, and its farthest point is no corner.
    pixels, k = (60.0, 60.0, *MIDDLE), (0.12, 0.0, 0.01) if model == LensModel.OPENCV_PINHOLE else (-0.02,)
    forward = truth.opencv_pinhole if model == LensModel.OPENCV_PINHOLE else truth.opencv_fisheye
    eye = lens_eye(model, pixels, k)
    wall = Part(plane(1.8, 1.0), turn([1, 2, 3], 20) @ move(0.1, 0.1, -2))
    out = render([wall], eye=eye, size=SIZE)
    corners = oracle(*build([wall], eye=eye), *SIZE).corners
    share = np.linspace(0, 1, 20001)[:, None]
    edges = np.concatenate([a + (b - a) * share for t in corners for a, b in zip(t, np.roll(t, 1, axis=0))])
    seen = forward(*pixels, *k)(edges)
    expected = [*seen.min(axis=0), *seen.max(axis=0)]
    np.testing.assert_allclose(out.entities.extent[0, 0], expected, atol=2e-3)


def test_what_goes_all_around_reaches_the_rim_of_the_lens() -> None:
    # A fisheye of 200 degrees over a floor without end: all of the picture's circle.
    half = np.radians(100.0)
    eye = lens_eye(LensModel.FTHETA, (15.0, 15.0, *MIDDLE), (0.0, 0.0, 0.0, 0.0, half))
    out = render([Part(sphere(3.0, 30))], eye=eye, size=SIZE)
    reach = 15.0 * half
    np.testing.assert_allclose(out.entities.extent[0, 0], [40 - reach, 30 - reach, 40 + reach, 30 + reach], atol=1e-3)
    distance = np.linalg.norm(truth.pixel_places(*SIZE) - MIDDLE, axis=1).reshape(60, 80)
    np.testing.assert_array_equal(out.part[0] == 0, distance < reach)


def test_near_and_far_count_along_the_axis_or_along_the_ray() -> None:
    wall = Part(plane(50, 50), move(0, 0, -2))
    for model, axial in ((LensModel.OPENCV_PINHOLE, True), (LensModel.OPENCV_FISHEYE, False)):
        out = render([wall], eye=lens_eye(model, (40.0, 40.0, *MIDDLE), (), clipping=(0.1, 2.2)), size=SIZE)
        seen = out.part[0] == 0
        if axial:
            assert seen.all()
        else:
            theta = np.linalg.norm(truth.pixel_places(*SIZE) - MIDDLE, axis=1).reshape(60, 80) / 40.0
            np.testing.assert_array_equal(seen, 2.0 / np.cos(theta) < 2.2)


def test_a_triangle_that_passes_beside_and_behind_the_camera() -> None:
    strip = facets([[-0.5, -0.4, -6], [0.5, -0.4, -6], [0.3, -0.4, 9]], [[0, 1, 2]], double_sided=True)
    for model, pixels in (
        (LensModel.OPENCV_PINHOLE, (45.0, 45.0, *MIDDLE)), (LensModel.OPENCV_FISHEYE, (16.0, 16.0, *MIDDLE)),
    ):  # fmt: skip
        k = (0.05,) if model == LensModel.OPENCV_PINHOLE else (0.005,)
        eye, part = lens_eye(model, pixels, k), Part(strip)
        forward = (truth.opencv_pinhole if model == LensModel.OPENCV_PINHOLE else truth.opencv_fisheye)(*pixels, *k)
        out = render([part], eye=eye, size=SIZE)
        assert (out.part == 0).sum() > 100
        assert_seen_as_by_the_rays(out, [part], eye, forward, model == LensModel.OPENCV_PINHOLE)


def test_every_frame_of_a_batch_has_its_own_distortion() -> None:
    parts = clutter(np.random.default_rng(3), 6, around=False)
    eyes = [lens_eye(LensModel.OPENCV_PINHOLE, (60.0 + i, 60.0, *MIDDLE), (0.05 * i, -0.02 * i)) for i in range(4)]
    scene, _ = build(parts, eye=eyes[0])
    together = Renderer(scene).render(batch(*(frame(parts, eye=eye) for eye in eyes)), View(0, *SIZE))
    for i, eye in enumerate(eyes):
        alone = render(parts, eye=eye, size=SIZE)
        np.testing.assert_array_equal(together.depth[i], alone.depth[0])
        np.testing.assert_array_equal(together.entities.extent[i], alone.entities.extent[0])
    assert (together.part[0] != together.part[3]).any()


def test_the_model_cannot_vary_within_a_batch() -> None:
    parts = [Part(box(), move(0, 0, -3))]
    scene, straight = build(parts)
    bent = frame(parts, eye=lens_eye(LensModel.OPENCV_FISHEYE, (60.0, 60.0, *MIDDLE), ()))
    with pytest.raises(
        EngineError, match=r"lens_model\[:, 0\] varies from frame to frame; vary the coefficients instead"
    ):
        Renderer(scene).render(batch(straight, bent), View(0, *SIZE))


def test_extents_end_where_near_cuts_things_off() -> None:
    # A wall that comes toward the camera and passes it on the right: what is nearer than 0.5 m does not count.
    pixels, k = (30.0, 32.0, *MIDDLE), (0.1, 0.0, 0.01)
    eye = lens_eye(LensModel.OPENCV_PINHOLE, pixels, k, clipping=(0.5, 3.0))
    wall = Part(plane(12, 0.6, double_sided=True), turn([0, 1, 0], 80) @ move(0.4, 0.05, 0))
    out = render([wall], eye=eye, size=SIZE)
    corners = oracle(*build([wall], eye=eye), *SIZE).corners
    u, v = np.meshgrid(np.linspace(0, 1, 4001), np.linspace(0, 1, 201))
    points = []
    for a, b, c in corners:
        inside = u + v <= 1
        points.append(a + u[inside, None] * (b - a) + v[inside, None] * (c - a))
    cloud = np.concatenate(points)
    cloud = cloud[(cloud[:, 2] >= 0.5) & (cloud[:, 2] <= 3.0)]
    seen = truth.opencv_pinhole(*pixels, *k)(cloud)
    np.testing.assert_allclose(out.entities.extent[0, 0], [*seen.min(axis=0), *seen.max(axis=0)], atol=0.25)
    assert out.entities.extent[0, 0, 2] > 60  # beyond the middle, cut at an angle


def test_ray_maps_are_kept_by_lens_and_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    from replicator_dr.render import lens_pass

    made = []
    real = lens_pass.make_rays
    monkeypatch.setattr(lens_pass, "make_rays", lambda *a: made.append(len(a[0])) or real(*a))
    monkeypatch.setattr(lens_pass, "KEPT", 2 * SIZE[0] * SIZE[1] * lens_pass.RAY_BYTES)
    parts = [Part(box(), move(0, 0, -3))]
    eyes = [lens_eye(LensModel.OPENCV_FISHEYE, (60.0, 60.0, *MIDDLE), (0.01 * i,)) for i in range(3)]
    scene, _ = build(parts, eye=eyes[0])
    renderer = Renderer(scene)

    def draw(*rows: int) -> int:
        renderer.render(batch(*(frame(parts, eye=eyes[row]) for row in rows)), View(0, *SIZE), rgb=False)
        return len(made)

    assert draw(0, 0, 0) == 1  # one lens, one map
    assert draw(1, 0) == 2
    assert draw(2) == 3  # lens 1 was asked for least lately
    assert draw(0) == 3
    assert draw(1) == 4
