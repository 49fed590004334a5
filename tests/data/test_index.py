"""The index finds records by their lines, in sets of any size, and of none."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from replicator_dr.data.index import read_index
from replicator_dr.data.lines import ids_at, layout_of

CAMERA = {"intrinsics": np.eye(3).tolist(), "camera_from_world": [], "world_from_camera": []}


def write(folder: Path, objects: list[int]) -> Path:
    """annotations.json with so many objects for each image, a record a line; image ids with gaps."""
    images: list[dict[str, Any]] = []
    annotations = []
    for row, number in enumerate(objects):
        identity = 3 * row + 1
        images.append({"id": identity, "width": 4, "height": 4, "file_name": "x", "frame": row, "product": 'eye\n"],'})
        images[-1]["camera"] = CAMERA
        common = {"image_id": identity, "category_id": 1, "bbox": [0, 0, 1, 1], "area": 1}
        shape = {"segmentation": {"size": [4, 4], "counts": "01?"}}
        annotations += [{"id": identity * 100_000 + 2 + one, **common, **shape} for one in range(number)]
    lists = [
        "".join("\n" + ",\n".join(json.dumps(one, separators=(",", ":")) for one in many)) if many else ""
        for many in (images, annotations)
    ]
    categories = [{"id": 1, "name": '],"categories":['}]
    (folder / "annotations.json").write_text(
        '{"info":{"description":"],\\"annotations\\":["},"licenses":[],"images":[' + lists[0] + '],"annotations":['
        + lists[1] + '],"categories":' + json.dumps(categories, separators=(",", ":")) + "}\n"
    )  # fmt: skip
    json.loads((folder / "annotations.json").read_text())
    return folder


@pytest.mark.parametrize(
    "objects", [[], [0], [0, 0], [1], [3], [0, 2], [2, 0], [1, 0, 0, 5, 0], [0, 4, 0, 0, 1, 1], [7] * 50]
)
def test_every_record_is_found(tmp_path: Path, objects: list[int]) -> None:
    index = read_index(write(tmp_path, objects))
    content = (tmp_path / "annotations.json").read_bytes()
    assert len(index) == len(objects)
    assert index.ids.tolist() == [3 * row + 1 for row in range(len(objects))]
    assert [category.name for category in index.categories] == ['],"categories":[']
    assert index.info.description == '],"annotations":['
    for row, number in enumerate(objects):
        (a, b), (c, d) = index.images[row], index.objects[row]
        assert index.image(row, content[a:b].rstrip(b",\n")).frame == row
        found = index.annotations(row, content[c:d].rstrip(b",\n"))
        assert [one.id % 100_000 for one in found] == [2 + one for one in range(number)]


def test_large_files_are_read_in_blocks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from replicator_dr.data import lines

    write(tmp_path, [3] * 40)
    whole = read_index(tmp_path)
    monkeypatch.setattr(lines, "_BLOCK", 100)
    parts = read_index(tmp_path)
    for name in ("ids", "images", "objects"):
        np.testing.assert_array_equal(getattr(whole, name), getattr(parts, name))


def test_ids_are_read_to_the_last_digit(tmp_path: Path) -> None:
    numbers = [1, 42, 1_000_000 * 100_000 + 7, 2**62]
    text = "".join(f'{{"id":{number},"x":1}},\n' for number in numbers)
    content = np.frombuffer(text.encode(), np.uint8)
    starts = np.flatnonzero(content == ord("{")).astype(np.int64)
    assert ids_at(tmp_path, content, starts).tolist() == numbers
    assert (
        len(layout_of(tmp_path, np.frombuffer(b'{"images":[\n{"id":1}],"annotations":[\n{}]}\n', np.uint8)).images) == 2
    )
