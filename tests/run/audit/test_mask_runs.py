"""Masks as runs, against pycocotools."""

from __future__ import annotations

import numpy as np
import pytest
from pycocotools import mask as coco_mask

from replicator_dr.run.audit.mask_runs import MaskError, decode_masks
from replicator_dr.run.audit.page.samples import mask_image


def random_masks(number: int, height: int, width: int, seed: int) -> np.ndarray:
    """(H, W, N) bool: noise, blocks, an empty and a full one."""
    random = np.random.default_rng(seed)
    masks = random.random((height, width, number)) < random.random(number)
    masks[:, :, 0] = False
    masks[:, :, -1] = True
    if number > 3:
        masks[:, :, 1] = False
        masks[height // 3 : height // 2, width // 4 :, 1] = True
        masks[:, :, 2] = np.arange(width) >= width // 2
    return masks


@pytest.mark.parametrize("size", [(1, 1), (5, 3), (37, 53), (240, 320)])
def test_masks_are_those_of_pycocotools(size: tuple[int, int]) -> None:
    height, width = size
    masks = random_masks(7, height, width, seed=height)
    encoded = coco_mask.encode(np.asfortranarray(masks.astype(np.uint8)))
    runs = decode_masks([one["counts"] for one in encoded], height, width)
    assert runs.area.tolist() == coco_mask.area(encoded).tolist()
    for number in range(7):
        assert np.array_equal(mask_image(runs, number), masks[:, :, number])
        if runs.area[number]:
            x_min, y_min, x_max, y_max = runs.bounds[number].tolist()
            assert coco_mask.toBbox(encoded[number]).tolist() == [x_min, y_min, x_max - x_min + 1, y_max - y_min + 1]
    pixels = np.flatnonzero(masks.transpose(2, 1, 0).reshape(7, -1)[5])
    assert runs.pixels[runs.first[5] : runs.first[6]].tolist() == pixels.tolist()


def test_no_masks() -> None:
    runs = decode_masks([], 10, 20)
    assert (runs.number, len(runs.pixels), runs.bounds.shape) == (0, 0, (0, 4))


@pytest.mark.parametrize(
    ("counts", "message"),
    [
        ("", "mask 1 counts 0 pixels, the image has 12"),
        ("5", "mask 1 counts 5 pixels, the image has 12"),
        ("¡", "a mask holds a character"),
        ("P", "a mask ends within a number"),
        ("PPPPPPPPPP0", "a mask holds a number too large"),
        ("5O8", "holds a negative count"),
    ],
)
def test_masks_that_are_none(counts: str, message: str) -> None:
    good = coco_mask.encode(np.asfortranarray(np.eye(3, 4, dtype=np.uint8)))["counts"]
    with pytest.raises(MaskError, match=message):
        decode_masks([good, counts], 3, 4)
