"""Whole raster images beside Mitsuba 3's, pixel by pixel: every kind of light, soft shadows, GGX, domes, pictures.

An edge of an object or a shadow may lie a pixel off: a pixel counts as right where its value lies between the least and
the greatest of the nine reference pixels around it, widened by a tolerance in bytes. Each case states two: one for all
but a hundredth of the pixels, and one for every pixel. What is beyond a raster's means sets the second: half-shadows as
wide as an object is high (``sun_with_an_angle``, the lamps with a surface), a horizon seen in metal
(``metals_under_a_dome``), the dark that leans against things under a dome (``boxes_under_a_dome``).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from replicator_dr.render.renderer import Renderer
from replicator_dr.render.scene import LightType, View
from tests.render.mitsuba_scene import reference
from tests.render.path.cases import ABOVE, BOXES, CASES, SKY, SUN, Case, sky
from tests.render.photometry import expected_byte
from tests.render.scenes import Lamp, look

Array = NDArray[np.float64]
VIEW = View(0, 96, 72)
SAMPLES = 400


@dataclass(frozen=True)
class Bound:
    """What is allowed: bytes for all but a hundredth of the pixels, and for every pixel.

    light: multiplies the case's lamps, so that the image uses the range of a byte and nothing is clipped.
    """

    most: float
    every: float
    light: float = 0.8


BRIGHT = (60000, 55000, 50000)
OWN = {
    "small_rect_light": Case(
        BOXES, [Lamp(LightType.RECT, BRIGHT, look([-1, -1.5, 2.5], [0, 0, 0]), (0.3, 0.25))], ABOVE, 0.0
    ),
    "small_disk_light": Case(
        BOXES, [Lamp(LightType.DISK, BRIGHT, look([-1, -1.5, 2.5], [0, 0, 0]), (0.15, 0))], ABOVE, 0.0
    ),
    "sun_of_three_degrees": Case(BOXES, [Lamp(LightType.DISTANT, (3000,) * 3, SUN.world, (3.0, 0))], ABOVE, 0.0),
    "boxes_under_a_dome": Case(BOXES, [SKY], ABOVE, 0.0, environments=[sky()]),
}
BOUNDS = {
    "sun_on_boxes": Bound(1, 22),
    "sun_with_an_angle": Bound(2, 75),
    "two_lights": Bound(1, 16),
    "sphere_light": Bound(1, 15, light=8),
    "rect_light": Bound(18, 48, light=8),
    "disk_light": Bound(18, 60, light=8),
    "cylinder_light": Bound(40, 60, light=8),
    "small_rect_light": Bound(1, 10, light=3),
    "small_disk_light": Bound(1, 10, light=3),
    "sun_of_three_degrees": Bound(1, 24),
    "room_direct": Bound(2, 12, light=8),
    "metals_in_the_sun": Bound(1, 10),
    "texture": Bound(9, 36),
    "metals_under_a_dome": Bound(21, 48, light=0.5),
    "boxes_under_a_dome": Bound(22, 44, light=0.5),
}


def beyond(image: Array, expected: Array) -> Array:
    """(H, W): bytes that a pixel lies outside of the range of the nine reference pixels around it."""
    height, width = expected.shape[:2]
    padded = np.pad(expected, ((1, 1), (1, 1), (0, 0)), mode="edge")
    around = np.stack([padded[y : y + height, x : x + width] for y in range(3) for x in range(3)])
    off = np.maximum(around.min(axis=0) - image, image - around.max(axis=0))
    return np.asarray(np.maximum(off, 0.0).max(axis=-1))


def assert_alike(image: NDArray[np.uint8], expected: Array, bound: Bound, folder: Path, name: str) -> None:
    """All pixels are right; else an error map is left in the folder: ours, the reference, how far they are apart."""
    off = beyond(image.astype(np.float64), expected)
    most, every = float(np.quantile(off, 0.99)), float(off.max())
    if most <= bound.most and every <= bound.every:
        return
    file = folder / f"{name}.png"
    error = np.repeat(128.0 * off[..., None] / bound.every, 3, axis=-1)
    Image.fromarray(np.hstack([image, expected, error]).clip(0, 255).astype(np.uint8)).save(file)
    row, column = np.unravel_index(off.argmax(), off.shape)
    raise AssertionError(
        f"{name}: 99 % of the pixels are within {most:.1f} bytes, allowed are {bound.most:g}; the worst, row {row}, "
        f"column {column}, is {every:.1f} off, allowed are {bound.every:g}; see {file} (ours, reference, error: mid "
        f"grey where it is what every pixel may have)"
    )


@cache
def images(name: str, bound: Bound) -> tuple[NDArray[np.uint8], Array]:
    """Bytes of the raster, and those that the reference stands for."""
    scene, frames = {**CASES, **OWN}[name].arrays()
    frames.lights.color[:] *= bound.light
    expected = expected_byte(reference(scene, frames, VIEW, SAMPLES, 0))
    out = Renderer(scene, "cpu").render(frames, VIEW)
    assert out.rgb is not None
    return out.rgb[0, ..., :3], np.minimum(expected, 255.0)


@pytest.mark.parametrize("name", BOUNDS)
def test_every_pixel_is_mitsubas(name: str, tmp_path: Path) -> None:
    image, expected = images(name, BOUNDS[name])
    assert expected.mean() > 8
    assert np.ptp(expected) > 60
    assert_alike(image, expected, BOUNDS[name], tmp_path, name)


def test_a_wrong_image_is_noticed_and_shown(tmp_path: Path) -> None:
    bound = BOUNDS["sun_on_boxes"]
    image, expected = images("sun_on_boxes", bound)
    for wrong in (np.roll(image, 2, axis=1), (0.97 * image).astype(np.uint8), np.where(image < 20, 40, image)):
        with pytest.raises(AssertionError, match=r"sun_on_boxes: .* allowed are 22; see .*sun_on_boxes\.png"):
            assert_alike(wrong.astype(np.uint8), expected, bound, tmp_path, "sun_on_boxes")
    assert (tmp_path / "sun_on_boxes.png").stat().st_size > 100
