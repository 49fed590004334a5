"""Colours, textures, holes and normals through lenses: where the rays say, and as fine as the pixels are."""

from __future__ import annotations

import numpy as np
import pytest

from replicator_dr.optics import Lens, LensModel
from replicator_dr.render.scene import Texture
from tests.render import lens_oracle as truth
from tests.render.lens_scenes import MIDDLE, SIZE, lens_eye
from tests.render.scenes import WHITE_DOME, Paint, Part, look, move, plane, render, scale, sphere


def test_where_the_lens_shows_nothing_the_picture_is_black() -> None:
    # k1 = -0.3: r (1 - 0.3 r^2) is greatest at r = 1.054, where it is 0.7027.
    eye = lens_eye(LensModel.OPENCV_PINHOLE, (50.0, 50.0, *MIDDLE), (-0.3,))
    floor = Part(plane(2000, 2000), move(0, 0, -1))
    lit = render([floor], [WHITE_DOME], eye, SIZE, rgb=True)
    distance = np.linalg.norm(truth.pixel_places(*SIZE) - MIDDLE, axis=1).reshape(60, 80)
    edge = 50 * np.sqrt(1 / 0.9) * (1 - 0.3 / 0.9)
    inside = distance < edge
    np.testing.assert_array_equal(lit.part[0] == 0, inside)
    sky = render([], [WHITE_DOME], eye, SIZE, rgb=True)
    whole = distance < edge - 1
    outside = distance > edge + 1
    assert (sky.rgb[0][whole][:, :3] > 0).all()
    assert (sky.rgb[0][outside][:, :3] == 0).all()
    assert (lit.rgb[0][outside] == [0, 0, 0, 255]).all()
    np.testing.assert_allclose(lit.depth[0][inside], 1.0, rtol=1e-5)


def test_normals_are_those_of_what_each_ray_meets() -> None:
    eye = lens_eye(LensModel.OPENCV_FISHEYE, (20.0, 20.0, *MIDDLE), (0.01,), world=look([0.3, 0, 0], [0, 3, 1]))
    out = render([Part(sphere(1.0, 60), scale(-1, 1, 1))], eye=eye, size=SIZE, normals=True)
    lens = Lens(LensModel.OPENCV_FISHEYE, (20.0, 20.0, *MIDDLE), (0.01,))
    rays = lens.directions(*SIZE) * [1, -1, -1]
    place = rays * out.distance[0][..., None] @ eye.world[:3, :3] + eye.world[3, :3]
    np.testing.assert_allclose(np.linalg.norm(place, axis=-1), 1.0, atol=2e-3)
    assert np.einsum("yxc,yxc->yx", place, out.normals[0, ..., :3]).max() < -0.999


def test_holes_are_where_the_picture_has_them_through_a_lens() -> None:
    board = np.full((2, 2, 4), 255, np.uint8)
    board[0, 0] = board[1, 1] = 0
    picture = Texture(np.repeat(np.repeat(board, 64, axis=0), 64, axis=1), linear=True)
    sheet = Part(plane(2, 2), move(0, 0, -1.5), Paint(opacity_texture=0, opacity_threshold=0.5))
    eye = lens_eye(LensModel.OPENCV_FISHEYE, (40.0, 40.0, *MIDDLE), (-0.03, 0.002))
    out = render([sheet], eye=eye, size=SIZE, textures=[picture])
    lens = Lens(LensModel.OPENCV_FISHEYE, (40.0, 40.0, *MIDDLE), (-0.03, 0.002))
    rays = lens.directions(*SIZE)
    x, y = np.moveaxis(rays[..., :2] / rays[..., 2:] * 1.5, -1, 0)
    sure = (np.minimum(np.abs(x), np.abs(y)) > 0.05) & (np.abs(np.maximum(np.abs(x), np.abs(y)) - 1) > 0.05)
    # Row 0 is the top: camera y points down.
    expected = (np.maximum(np.abs(x), np.abs(y)) < 1) & ((x < 0) != (y < 0))
    np.testing.assert_array_equal((out.part[0] == 0)[sure], expected[sure])


def test_pictures_lie_where_the_rays_say() -> None:
    # Stripes of 0.25 m on a wall at 1 m, through a lens that bends them.
    bright = np.zeros((8, 8, 4), np.uint8)
    bright[:, ::2, :3] = 255
    stripes = Texture(np.repeat(np.repeat(bright, 32, axis=0), 32, axis=1), linear=True)
    glow = Paint(base_color=(0, 0, 0), emission=(20, 20, 20), emission_texture=0)
    eye = lens_eye(LensModel.OPENCV_PINHOLE, (60.0, 60.0, *MIDDLE), (-0.25, 0.05))
    out = render([Part(plane(2, 2), move(0, 0, -1), glow)], eye=eye, size=SIZE, rgb=True, textures=[stripes])
    lens = Lens(LensModel.OPENCV_PINHOLE, (60.0, 60.0, *MIDDLE), (-0.25, 0.05))
    rays = lens.directions(*SIZE)
    x, y = np.moveaxis(rays[..., :2] / rays[..., 2:], -1, 0)
    stripe, within = np.divmod((x + 1) / 0.25, 1)
    sure = (np.abs(within - 0.5) < 0.3) & (np.maximum(np.abs(x), np.abs(y)) < 0.95)
    assert sure.mean() > 0.4
    shown = out.rgb[0, ..., 0].astype(int)
    assert np.ptp(shown) > 20
    np.testing.assert_array_equal((shown > shown.max() / 2)[sure], (stripe % 2 == 0)[sure])


@pytest.mark.parametrize("focal", [20.0, 60.0])
def test_pictures_finer_than_pixels_are_their_mean(focal: float) -> None:
    # A board whose squares are far smaller than a pixel's angle anywhere shows neither patterns nor noise.
    board = np.full((512, 512, 4), 255, np.uint8)
    board[..., :3] = 255 * (np.indices((512, 512)).sum(axis=0) % 2)[..., None]
    glow = Paint(base_color=(0, 0, 0), emission=(20, 20, 20), emission_texture=0, uv_scale=(4, 4))
    eye = lens_eye(LensModel.OPENCV_FISHEYE, (focal, focal, *MIDDLE), (0.02,))
    tile = Part(plane(4, 4), move(0, 0, -2), glow)
    out = render([tile], eye=eye, size=SIZE, rgb=True, textures=[Texture(board, linear=True)])
    inside = out.part[0] == 0
    inside[1:-1, 1:-1] &= inside[:-2, 1:-1] & inside[2:, 1:-1] & inside[1:-1, :-2] & inside[1:-1, 2:]
    shown = out.rgb[0][inside][:, 0].astype(int)
    assert inside.sum() > 500
    assert np.ptp(shown) <= 3


def test_pictures_are_as_fine_as_their_pixels() -> None:
    # The same board in squares of four pixels keeps its contrast.
    squares = np.zeros((64, 64, 4), np.uint8)
    squares[..., 3] = 255
    squares[..., :3] = 255 * (np.indices((64, 64)).sum(axis=0) % 2)[..., None]
    glow = Paint(base_color=(0, 0, 0), emission=(20, 20, 20), emission_texture=0)
    eye = lens_eye(LensModel.OPENCV_FISHEYE, (60.0, 60.0, *MIDDLE), (0.02,))
    wall = Part(plane(6, 6), move(0, 0, -1.4), glow)
    out = render([wall], eye=eye, size=SIZE, rgb=True, textures=[Texture(squares, linear=True)])
    shown = out.rgb[0][out.part[0] == 0][:, 0].astype(int)
    share = shown / shown.max()
    assert shown.max() > 20
    assert np.percentile(share, 10) < 0.5
    assert np.percentile(share, 90) > 0.8
