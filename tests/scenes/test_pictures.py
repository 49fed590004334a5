"""Each scene is rendered and written for two frames, and the result looked at with pycocotools."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pycocotools.coco import COCO

from replicator_dr import build_graph, load_spec

SCENES = Path(__file__).resolve().parents[2] / "scenes"
FILES = sorted(SCENES.glob("*.yaml"))
FRAMES = 2


@pytest.fixture(scope="module", params=FILES, ids=lambda path: path.stem)
def dataset(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The scene's file, and the folder with its first frames."""
    path: Path = request.param
    folder = tmp_path_factory.mktemp(path.stem)
    with build_graph(path) as graph:
        graph.run(FRAMES, output_dir=folder)
    return path, folder


def classes_of(path: Path) -> set[str]:
    return {label for item in load_spec(path).create.values() for label in (item.semantics or {}).get("class", ())}


def test_it_has_images_and_annotations_of_its_classes(dataset: tuple[Path, Path]) -> None:
    path, folder = dataset
    coco = COCO(str(folder / "annotations.json"))
    images = len(coco.imgs)
    assert images == FRAMES * len(
        load_spec(path).leaves(*(n for p in load_spec(path).render_products for n in p.cameras))
    )
    assert len(coco.anns) >= 1
    seen = [coco.cats[annotation["category_id"]] for annotation in coco.anns.values()]
    # The links of a robot are classes of their own; what the spec names stands above them.
    assert all({category["name"], category["supercategory"]} & classes_of(path) for category in seen)


def test_the_pictures_are_neither_blown_out_nor_murky_nor_empty(dataset: tuple[Path, Path]) -> None:
    _, folder = dataset
    for path in sorted((folder / "rgb").rglob("*.png")):
        pixels = np.asarray(Image.open(path).convert("RGB")).astype(float)
        assert 40 < pixels.mean() < 215, path.name
        assert (pixels.min(axis=2) > 250).mean() < 0.25, path.name
        assert pixels.std() > 15, path.name


def test_the_two_frames_differ(dataset: tuple[Path, Path]) -> None:
    _, folder = dataset
    for product in (folder / "rgb").iterdir():
        first, second = (np.asarray(Image.open(path)).astype(int) for path in sorted(product.iterdir())[:2])
        assert np.abs(first - second).mean() > 2
