"""Amodal masks and silhouettes: what each object covers when it is alone, inside the image and beyond it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from replicator_dr.optics import LensModel
from replicator_dr.render.renderer import Renderer
from replicator_dr.render.scene import RenderedView, View
from replicator_dr.render.silhouette import with_silhouettes
from replicator_dr.storage.rle import bit_runs, compress_runs
from tests.render.scenes import Eye, Part, box, build, look, move, plane, render, sphere
from tests.render.test_coverage import SIZE, clutter, covered

LENSES = {
    "pinhole": {},
    "brown": {
        "opencv": (70.0, 72.0, 39.0, 31.0), "nominal": SIZE, "lens_model": LensModel.OPENCV_PINHOLE,
        "lens": (-0.2, 0.05, 0.001, -0.002, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0),
    },
    "fisheye": {
        "opencv": (75.0, 75.0, 40.5, 29.0), "nominal": SIZE, "lens_model": LensModel.OPENCV_FISHEYE,
        "lens": (0.02, -0.003, 0.0, 0.0),
    },
}  # fmt: skip


def drawn(parts: list[Part], eye: Eye, size: tuple[int, int] = SIZE) -> RenderedView:
    scene, arrays = build(parts, eye=eye)
    return Renderer(scene).render(arrays, View(0, *size), rgb=False, amodal=True)


def masks(out: RenderedView, entity: int) -> np.ndarray:
    assert out.amodal is not None
    return (out.amodal[0, :, :, entity // 64] >> (entity % 64) & 1).astype(bool)


@pytest.mark.parametrize("lens", LENSES)
@pytest.mark.parametrize("seed", range(3))
def test_a_mask_is_what_the_object_shows_alone(seed: int, lens: str) -> None:
    parts, eye = clutter(seed)
    eye = replace(eye, **LENSES[lens])
    out = drawn(parts, eye)
    hidden = 0
    for i, part in enumerate(parts):
        alone = render([part], eye=eye, size=SIZE).part[0] == 0
        np.testing.assert_array_equal(masks(out, i), alone)
        hidden += int((alone & (out.part[0] != i)).sum())
    assert hidden > 20


def test_masks_of_more_entities_than_a_word_holds() -> None:
    parts, eye = clutter(5, 140)
    out = drawn(parts, eye)
    assert out.amodal is not None
    assert out.amodal.shape == (1, SIZE[1], SIZE[0], 3)
    for i in (0, 63, 64, 127, 128, 139):
        np.testing.assert_array_equal(masks(out, i), render([parts[i]], eye=eye, size=SIZE).part[0] == 0)


def test_nothing_is_kept_unless_asked_for() -> None:
    parts, eye = clutter(0)
    out = render(parts, eye=eye, size=SIZE)
    assert out.amodal is None
    assert out.whole is None
    assert out.whole_box is None


def test_bands_of_a_larger_image_join_without_a_seam() -> None:
    parts, eye = clutter(2)
    size = (640, 480)
    out = drawn(parts, eye, size)
    for i in range(len(parts)):
        assert masks(out, i).sum() == out.entities.amodal[0, i]
        assert covered(masks(out, i))[1] == out.entities.amodal_box[0, i].tolist()


def test_runs_of_bits_are_cocos_masks() -> None:
    coco = pytest.importorskip("pycocotools.mask")
    rng = np.random.default_rng(1)
    for shape in ((2, 7, 5, 2), (1, 1, 1, 1), (3, 1, 6, 1), (2, 5, 1, 1)):
        dense = rng.random((64 * shape[3], *shape[:3])) < rng.choice([0.0, 0.1, 0.5, 1.0], (64 * shape[3], 1, 1, 1))
        bits = np.zeros(shape, np.uint64)
        for number, mask in enumerate(dense):
            bits[..., number // 64] |= mask.astype(np.uint64) << np.uint64(number % 64)
        found = compress_runs(bit_runs(bits.view(np.int64)))
        expected = []
        for image in range(shape[0]):
            for number in np.flatnonzero(dense[:, image].any(axis=(1, 2))).tolist():
                encoded = coco.encode(np.asfortranarray(dense[number, image].astype(np.uint8)))
                area, inclusive = covered(dense[number, image])
                expected.append((image, number, area, inclusive, encoded["counts"].decode()))
        assert expected == list(
            zip(found.image.tolist(), found.value.tolist(), found.area.tolist(), found.box.tolist(), found.counts)
        )


def silhouettes(parts: list[Part], eye: Eye | None = None, size: tuple[int, int] = SIZE) -> RenderedView:
    scene, arrays = build(parts, eye=eye or Eye())
    renderer = Renderer(scene)
    return with_silhouettes(renderer, arrays, renderer.render(arrays, View(0, *size), rgb=False))


def test_a_cut_square_is_counted_whole() -> None:
    # 80 pixels a metre at 1 m. At 2 m, half a metre is 20 pixels; the left border is at -1 m, its middle 3 m off.
    inside = Part(plane(0.5, 0.5), move(0, 0, -2))
    little = Part(plane(0.5, 0.5), move(-1, 0, -2))
    much = Part(plane(2, 0.5), move(1, 0.75, -2))
    out = silhouettes([inside, little, much])
    assert out.whole is not None
    assert out.whole_box is not None
    assert out.whole[0].tolist() == [20 * 20, 20 * 20, 80 * 20]
    assert out.whole_box[0].tolist() == [[30, 20, 49, 39], [-10, 20, 9, 39], [40, -10, 119, 9]]
    assert out.entities.amodal[0].tolist() == [400, 200, 400]


def test_silhouettes_end_a_width_and_a_height_beyond_the_borders() -> None:
    out = silhouettes([Part(plane(100, 0.5), move(0, 0, -2))])
    assert out.whole is not None
    assert out.whole_box is not None
    assert out.whole_box[0].tolist() == [[-80, 20, 159, 39]]
    assert out.whole[0].tolist() == [3 * 80 * 20]


def test_what_does_not_meet_the_image_costs_no_canvas(monkeypatch: pytest.MonkeyPatch) -> None:
    scene, arrays = build([Part(plane(0.5, 0.5), move(0, 0, -2)), Part(plane(0.5, 0.5), move(-3, 0, -2))])
    renderer = Renderer(scene)
    seen = renderer.render(arrays, View(0, *SIZE), rgb=False)
    monkeypatch.setattr(renderer, "silhouettes", lambda *_: pytest.fail("drew a canvas"))
    out = with_silhouettes(renderer, arrays, seen)
    assert out.whole is not None
    assert out.whole[0].tolist() == [400, 0]


@pytest.mark.parametrize("lens", LENSES)
def test_silhouettes_are_those_of_a_wider_image(lens: str) -> None:
    eye = replace(Eye(look([0, -3, 0.5], [0, 0, 0])), **LENSES[lens])
    parts = [Part(box(), move(-1.4, 0, 0)), Part(sphere(0.8, 7), move(1.3, 0.5, 0.2)), Part(box(0.3, 0.3, 0.3))]
    assert beyond_the_borders(parts, eye) > 0


@pytest.mark.parametrize(("cut", "inside"), [(1, 0), (1, 70), (20, 0)])
def test_silhouettes_of_a_floor_to_the_horizon_and_of_what_stands_on_it(cut: int, inside: int) -> None:
    floor = Part(plane(400, 400), move(0, 0, -0.5))
    at_the_border = [Part(box(), move(-1.4, 0.02 * k, 0.02 * k)) for k in range(cut)]
    far_away = [Part(box(0.1, 0.1, 0.1), move(0.03 * k, 5, 0)) for k in range(inside)]
    eye = Eye(look([0, -3, 0.5], [0, 0, 0]))
    assert beyond_the_borders([*at_the_border[: cut // 2], *far_away[:9], floor, *far_away[9:]], eye) == cut // 2 + 1
    assert beyond_the_borders([*far_away, *at_the_border, floor], eye) == cut + 1


def beyond_the_borders(parts: list[Part], eye: Eye) -> int:
    """How many parts reach beyond; each must be what a sensor of three times the size sees of it alone."""
    out = silhouettes(parts, eye)
    assert out.whole is not None
    assert out.whole_box is not None
    fx, fy, cx, cy = out.intrinsics[0].tolist()
    width, height = SIZE
    wide = replace(eye, opencv=(fx, fy, cx + width, cy + height), nominal=(3 * width, 3 * height))
    for i, part in enumerate(parts):
        alone = render([part], eye=wide, size=(3 * width, 3 * height)).part[0] == 0
        pixels, corners = covered(alone)
        assert out.whole[0, i] == pixels
        assert out.whole_box[0, i].tolist() == (np.array(corners) - [width, height, width, height]).tolist()
    return int((out.whole[0] > out.entities.amodal[0]).sum())
