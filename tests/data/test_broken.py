"""What is wrong with a dataset is said, with the file and what to do."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from replicator_dr.data import WrittenSamples
from replicator_dr.errors import DatasetError


@pytest.fixture
def copy(folder: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(folder, tmp_path / "copy"))


def changed(folder: Path, change: Callable[[bytes], bytes]) -> None:
    file = folder / "annotations.json"
    file.write_bytes(change(file.read_bytes()))


def test_no_dataset(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"holds no annotations.json: give a folder that coco_depth wrote"):
        WrittenSamples(tmp_path)


@pytest.mark.parametrize("size", [0.3, 0.9, 0.999])
def test_annotations_cut_short(copy: Path, size: float) -> None:
    changed(copy, lambda text: text[: int(len(text) * size)])
    with pytest.raises(DatasetError, match=r"annotations.json is cut short: it ends after \d+ bytes"):
        WrittenSamples(copy)


@pytest.mark.parametrize("style", [{}, {"indent": 2}, {"separators": (",", ":")}])
def test_annotations_saved_by_another_program(copy: Path, style: dict[str, Any]) -> None:
    changed(copy, lambda text: (json.dumps(json.loads(text), **style) + "\n").encode())
    with pytest.raises(DatasetError, match="one record a line: another program has saved it"):
        WrittenSamples(copy)


def test_a_record_of_another_kind(copy: Path) -> None:
    changed(copy, lambda text: text.replace(b'{"id":', b'{"no":', 3).replace(b'{"no":', b'{"id":', 2))
    with pytest.raises(DatasetError, match=r"annotations.json cannot be read: .*missing required field `id`"):
        WrittenSamples(copy)


def test_a_value_of_another_type(copy: Path) -> None:
    changed(copy, lambda text: re.sub(rb'"area":\d+', b'"area":"large"', text))
    samples = WrittenSamples(copy)
    with pytest.raises(DatasetError, match=r"annotations of image \d+ in .*Expected `int`, got `str`"):
        list(samples)


def test_annotations_of_images_that_are_not_there(copy: Path) -> None:
    def without_an_image(text: bytes) -> bytes:
        lines = text.splitlines(keepends=True)
        with_objects = json.loads(text)["annotations"][0]["image_id"]
        return b"".join(line for line in lines if not line.startswith(b'{"id":%d,"width"' % with_objects))

    changed(copy, without_an_image)
    with pytest.raises(DatasetError, match="holds annotations of images that are not in it"):
        WrittenSamples(copy)


def test_a_mask_that_does_not_fit_its_record(copy: Path) -> None:
    changed(copy, lambda text: re.sub(rb'"area":(\d+)', rb'"area":1\1', text))
    with pytest.raises(DatasetError, match=r"the mask of annotation \d+ has \d+ pixels of \d+ x \d+; its record"):
        list(WrittenSamples(copy))


@pytest.mark.parametrize("kind", ["rgb", "depth"])
def test_an_image_that_is_missing(copy: Path, kind: str) -> None:
    (copy / kind / "front" / "000000.png").unlink()
    samples = WrittenSamples(copy)
    with pytest.raises(DatasetError, match=r"000000.png is missing, though annotations.json names it"):
        samples[0]


def test_an_image_cut_short(copy: Path) -> None:
    file = copy / "rgb" / "front" / "000000.png"
    file.write_bytes(file.read_bytes()[:-200])
    with pytest.raises(DatasetError, match=r"000000.png cannot be read: .*delete it and run the same spec again"):
        WrittenSamples(copy)[0]


def test_an_image_of_another_size(copy: Path) -> None:
    Image.fromarray(np.zeros((4, 4, 3), np.uint8)).save(copy / "rgb" / "front" / "000000.png")
    with pytest.raises(DatasetError, match=r"holds \(4, 4, 3\) uint8, and annotations.json says \(48, 64, 3\)"):
        WrittenSamples(copy)[0]


def test_depth_of_another_kind(copy: Path) -> None:
    Image.fromarray(np.zeros((48, 64), np.uint8)).save(copy / "depth" / "front" / "000000.png")
    with pytest.raises(DatasetError, match=r"holds \(48, 64\) uint8, and annotations.json says \(48, 64\) uint16"):
        WrittenSamples(copy)[0]


def test_annotations_that_change_while_they_are_read(copy: Path) -> None:
    samples = WrittenSamples(copy)
    changed(copy, lambda text: text[:2000])
    with pytest.raises(DatasetError, match="has become shorter since it was opened"):
        list(samples)
