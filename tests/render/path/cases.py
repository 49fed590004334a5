"""Scenes that this renderer and Mitsuba define alike, and images compared by blocks of pixels."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from replicator_dr.render.environment import latlong
from replicator_dr.render.scene import Environment, FrameArrays, LightType, SceneArrays, Texture, View
from tests.render.scenes import (
    Eye,
    Lamp,
    Paint,
    Part,
    box,
    build,
    flipped,
    look,
    move,
    plane,
    sphere,
    turn,
)

VIEW = View(0, 48, 36)
BLOCK = 4
"""Images are compared by the means of blocks of so many pixels a side, so that noise does not hide errors."""


@dataclass(frozen=True)
class Case:
    """A scene and how well two renderings of it have to agree.

    tolerance: the greatest difference of a block's mean, in units of the exposure. It follows from the greatest
    difference of two renderings by one and the same renderer, with other seeds, which was measured and stands beside.
    """

    parts: list[Part]
    lamps: list[Lamp]
    eye: Eye
    tolerance: float
    bounces: int = 0
    samples: int = 256
    textures: list[Texture] = field(default_factory=list)
    environments: list[Environment] = field(default_factory=list)
    f_stop: float = 0.0
    focus: float = 1.0

    def arrays(self) -> tuple[SceneArrays, FrameArrays]:
        scene, frames = build(self.parts, self.lamps, self.eye, self.textures, self.environments)
        frames.cameras.f_stop[:] = self.f_stop
        frames.cameras.focus_distance[:] = self.focus
        return scene, frames


FLOOR = Part(plane(8, 8), paint=Paint((0.6, 0.5, 0.4)))
BOXES = [
    FLOOR,
    Part(box(), turn([0, 0, 1], 30) @ move(0, 0, 0.5), Paint((0.7, 0.2, 0.2))),
    Part(box(0.5, 0.5, 1.5), move(1, -0.6, 0.75), Paint((0.2, 0.3, 0.7))),
]
BALL = [FLOOR, Part(sphere(0.5, 48), move(0, 0, 0.6), Paint((0.5, 0.6, 0.7)))]
METALS = [
    Part(sphere(0.28, 48), move(0.6 * (i - 2), 0, 0), Paint((0.9, 0.6, 0.3), roughness, metallic=1.0))
    for i, roughness in enumerate((0.25, 0.4, 0.55, 0.7, 1.0))
]
ABOVE = Eye(look([2.5, -3, 2.2], [0.2, 0, 0.5]), focal=1.1)
BEFORE = Eye(look([0, -3, 0.4], [0, 0, 0]))
WARM = (8000, 7000, 6000)
SUN = Lamp(LightType.DISTANT, (3000, 2800, 2500), look([1, -0.6, 1.2], [0, 0, 0]))
SIDE_SUN = Lamp(LightType.DISTANT, (3000, 3000, 3000), look([0.4, -1, 0.8], [0, 0, 0]))
ROOM = [
    Part(flipped(box(4, 4, 3)), move(0, 0, 1.5), Paint((0.7, 0.7, 0.7))),
    Part(plane(3, 4), turn([0, 1, 0], 90) @ move(-1.99, 0, 1.5), Paint((0.7, 0.1, 0.1))),
    Part(box(0.8, 0.8, 1.2), turn([0, 0, 1], 20) @ move(0.3, 0.5, 0.6), Paint((0.4, 0.6, 0.4))),
]
# Mitsuba's lamps stand in the light, ours do not: it is small, away from the walls, and out of view.
ROOM_LAMP = Lamp(LightType.SPHERE, (560000,) * 3, move(0.2, -1.2, 2.5), (0.02, 0))
INSIDE = Eye(look([0.3, -1.9, 2.4], [0, 0.5, 0.6]), focal=0.6)


def sky() -> Environment:
    """A blue gradient with a soft sun, brighter than the rest by two orders."""
    toward, _ = latlong(32, 64)
    glow = np.exp(30.0 * (toward @ np.array([0.5, 0.6, 0.6245]) - 1.0))[..., None]
    radiance = np.array([0.2, 0.3, 0.5]) * (1.0 + 0.8 * toward[..., 1:2]) + 25.0 * glow * np.array([1.0, 0.9, 0.7])
    return Environment(radiance.astype(np.float32))


SKY = Lamp(LightType.DOME, world=turn([1, 0, 0], 90) @ turn([0, 0, 1], 25), environment=0)


def mosaic() -> Texture:
    """Texels of random colours."""
    pixels = np.full((8, 12, 4), 255, np.uint8)
    pixels[..., :3] = np.random.default_rng(0).integers(0, 256, (8, 12, 3))
    return Texture(pixels)


CASES = {
    "sun_on_boxes": Case(  # seeds differ by up to 0.001
        BOXES, [SUN], ABOVE, 0.0015
    ),
    "sun_with_an_angle": Case(  # seeds differ by up to 0.0042
        BOXES, [Lamp(SUN.kind, SUN.color, SUN.world, (12.0, 0))], ABOVE, 0.006
    ),
    "sphere_light": Case(  # seeds differ by up to 0.0003
        BALL, [Lamp(LightType.SPHERE, WARM, move(1.5, -1, 2.5), (0.3, 0))], ABOVE, 0.0005
    ),
    "rect_light": Case(  # seeds differ by up to 0.0006
        BOXES, [Lamp(LightType.RECT, WARM, look([-1, -1.5, 2.5], [0, 0, 0]), (1.2, 0.5))], ABOVE, 0.0008
    ),
    "disk_light": Case(  # seeds differ by up to 0.0007
        BOXES, [Lamp(LightType.DISK, WARM, look([-1, -1.5, 2.5], [0, 0, 0]), (0.5, 0))], ABOVE, 0.001
    ),
    "cylinder_light": Case(  # seeds differ by up to 0.0023
        BOXES, [Lamp(LightType.CYLINDER, WARM, turn([0, 0, 1], 40) @ move(-0.5, -1.5, 2.2), (0.1, 1.5))], ABOVE, 0.0025
    ),
    "two_lights": Case(  # seeds differ by up to 0.0063
        BOXES,
        [SUN, Lamp(LightType.SPHERE, (90000, 30000, 30000), move(-2, -3, 2.5), (0.2, 0))],
        ABOVE,
        0.009,
        bounces=1,
    ),
    "panorama": Case(  # seeds differ by up to 1e-05
        [], [SKY], Eye(look([0, 0, 0], [-1, 0.4, 0.3]), focal=0.5), 0.0001, samples=64, environments=[sky()]
    ),
    "dome_on_balls": Case(  # seeds differ by up to 0.033
        [
            FLOOR,
            Part(sphere(0.5, 48), move(-0.6, 0, 0.5), Paint((0.7, 0.6, 0.5))),
            Part(sphere(0.5, 48), move(0.6, 0, 0.5), Paint((0.9, 0.7, 0.4), 0.3, metallic=1.0)),
        ],
        [SKY],
        ABOVE,
        0.035,
        bounces=1,
        samples=784,
        environments=[sky()],
    ),
    "metals_in_the_sun": Case(  # seeds differ by up to 0.0035
        METALS, [SIDE_SUN], BEFORE, 0.004, samples=1024
    ),
    "metals_under_a_dome": Case(  # seeds differ by up to 0.016
        METALS, [SKY], BEFORE, 0.025, bounces=2, samples=529, environments=[sky()]
    ),
    "texture": Case(  # seeds differ by up to 0.0014
        [
            Part(
                plane(3, 2),
                turn([1, 0, 0], 60),
                Paint((0.9, 0.8, 1.0), texture=0, uv_scale=(1.5, 1.2), uv_offset=(0.1, 0.3), uv_rotation=20),
            )
        ],
        [SIDE_SUN],
        Eye(look([0, -3, 0.8], [0, 0, 0])),
        0.0015,
        textures=[mosaic()],
    ),
    "room_direct": Case(  # seeds differ by up to 4e-05
        ROOM, [ROOM_LAMP], INSIDE, 0.0001
    ),
    "room_1_bounce": Case(  # seeds differ by up to 0.001
        ROOM, [ROOM_LAMP], INSIDE, 0.0014, bounces=1, samples=256
    ),
    "room_5_bounces": Case(  # seeds differ by up to 0.0027
        ROOM, [ROOM_LAMP], INSIDE, 0.004, bounces=5, samples=256
    ),
    "depth_of_field": Case(  # seeds differ by up to 0.0027
        BOXES, [SUN], ABOVE, 0.004, f_stop=40.0, focus=3.0
    ),
}


def blocks(image: NDArray[np.float32]) -> NDArray[np.float64]:
    """(H / BLOCK, W / BLOCK, 3): the means of an image's blocks."""
    height, width = image.shape[:2]
    cut = image.astype(np.float64).reshape(height // BLOCK, BLOCK, width // BLOCK, BLOCK, 3)
    return np.asarray(cut.mean(axis=(1, 3)))


def assert_alike(
    ours: NDArray[np.float32], reference: NDArray[np.float32], tolerance: float, folder: Path, name: str
) -> None:
    """Every block agrees; else an error map is left in the folder: ours, the reference, and how far they are apart."""
    error = np.abs(blocks(ours) - blocks(reference))
    if error.max() <= tolerance:
        return
    file = folder / f"{name}.png"
    apart = np.kron(error / tolerance, np.ones((BLOCK, BLOCK, 1)))
    Image.fromarray((np.hstack([shown(ours), shown(reference), shown(0.5 * apart)])).astype(np.uint8)).save(file)
    row, column = np.unravel_index(error.max(axis=-1).argmax(), error.shape[:2])
    raise AssertionError(
        f"{name}: the block at rows {BLOCK * row}+, columns {BLOCK * column}+ is {error.max():.5f} off, allowed are "
        f"{tolerance}; {(error.max(axis=-1) > tolerance).mean():.0%} of the blocks are; means {ours.mean():.5f} and "
        f"{reference.mean():.5f}; see {file} (ours, reference, error: mid grey where it is the tolerance)"
    )


def shown(radiance: NDArray[np.floating]) -> NDArray[np.float64]:
    return 255.0 * np.clip(radiance, 0.0, 1.0) ** (1 / 2.2)


@cache
def traced(name: str, seed: int = 0) -> NDArray[np.float32]:
    """(H, W, 3): a case as the path tracer renders it."""
    from replicator_dr.render.path.tracer import PathTracer

    case = CASES[name]
    scene, frames = case.arrays()
    return PathTracer(scene, "cpu").render(frames, VIEW, case.samples, case.bounces, seed)[0]
