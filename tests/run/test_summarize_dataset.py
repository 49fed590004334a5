"""The summary that ends `make demo`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tools.summarize_dataset import summarize


def test_it_counts_and_decodes(dataset: Path) -> None:
    text = summarize(dataset)
    assert "4 images, 4 annotations, 1 categories, 10 files" in text
    assert "masks decoded: 400 pixels, as the stated areas say" in text
    assert text.endswith("mug 4")


def test_it_says_when_areas_are_wrong(dataset: Path) -> None:
    content = json.loads((dataset / "annotations.json").read_text())
    content["annotations"][0]["area"] = 99
    (dataset / "annotations.json").write_text(json.dumps(content))
    assert "masks decode to 400 pixels, but the stated areas sum to 399" in summarize(dataset)


def test_it_needs_a_dataset(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        summarize(tmp_path)
