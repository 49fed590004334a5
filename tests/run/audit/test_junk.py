"""Whatever stands in the JSON files, an audit ends with findings or with an error of ours."""

from __future__ import annotations

import contextlib
import json
import random
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from replicator_dr.errors import AssetError
from replicator_dr.run.audit import audit

JUNK: list[Any] = [
    None, -1, 0, 1e300, -1e300, 10**25, "", "P", True, [], {}, [0], [0] * 3, [0] * 4, [None, 1], [[0, 0, 1, 1, 2, 2]],
    {"size": [1, 1], "counts": "0"}, {"size": [120, 160], "counts": [1, 2]}, {"size": [120, 160], "counts": -1e300},
]  # fmt: skip
Place = tuple[Any, ...]


def places(value: Any, above: Place = ()) -> Iterator[Place]:
    """Paths to everything within a JSON value."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in pairs:
        yield (*above, key)
        yield from places(inner, (*above, key))


@pytest.fixture(scope="module")
def three(clean: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The first three images of the faultless dataset."""
    folder = tmp_path_factory.mktemp("junk") / "data"
    shutil.copytree(clean, folder)
    labels = json.loads((folder / "annotations.json").read_text())
    labels["images"] = labels["images"][:3]
    labels["annotations"] = [one for one in labels["annotations"] if one["image_id"] <= 3]
    (folder / "annotations.json").write_text(json.dumps(labels))
    return folder


@pytest.mark.parametrize("name", ["annotations.json", "manifest.json"])
@pytest.mark.parametrize("seed", range(4))
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_junk(three: Path, name: str, seed: int) -> None:
    chance = random.Random(f"{name}{seed}")
    file = three / name
    text = file.read_text()
    every = list(places(json.loads(text)))
    try:
        for number in range(20):
            content = json.loads(text)
            *above, last = chance.choice(every)
            inner = content
            for key in above:
                inner = inner[key]
            if number % 5 == 0:
                del inner[last]
            else:
                inner[last] = chance.choice(JUNK)
            file.write_text(json.dumps(content))
            with contextlib.suppress(AssetError):
                assert json.dumps(audit(three, quick=bool(number % 2), workers=1).to_json())
    finally:
        file.write_text(text)
