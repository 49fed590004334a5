"""BOP by the text of bop_toolkit's docs/bop_datasets_format.md: one folder a scene, JSON files by image."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tests.conformance.reader import Reader
from tests.conformance.seen import Frames, Seen


def tables(folder: Path) -> dict[str, Any]:
    """The three tables of the only scene."""
    (scene,) = sorted((folder / "train_pbr").iterdir())
    return {
        "folder": scene,
        **{name: json.loads((scene / f"{name}.json").read_text())
           for name in ("scene_camera", "scene_gt", "scene_gt_info")},
    }  # fmt: skip


def _mask(file: Path) -> NDArray[np.bool_]:
    with Image.open(file) as image:
        values = np.asarray(image)
    assert set(np.unique(values).tolist()) <= {0, 255}
    return np.asarray(values == 255)


def read(folder: Path) -> Frames:
    scene = tables(folder)
    names = json.loads((folder / "models" / "categories.json").read_text())
    found: Frames = {}
    for image, entries in scene["scene_gt"].items():
        infos = scene["scene_gt_info"][image]
        assert len(infos) == len(entries)
        found[int(image)] = []
        for place, (entry, info) in enumerate(zip(entries, infos, strict=True)):
            mask = _mask(scene["folder"] / "mask_visib" / f"{int(image):06d}_{place:06d}.png")
            assert mask.sum() == info["px_count_visib"]
            # The toolkit's calc_2d_bbox gives x_max - x_min.
            x, y, width, height = info["bbox_visib"]
            box = (x, y, x + width + 1, y + height + 1)
            found[int(image)].append(Seen(names[str(entry["obj_id"])], box, mask))
    return found


def read_shards(folder: Path) -> Frames:
    """The same of tar files, by the package webdataset and what bop_toolkit's bop_webdataset.py does with a sample."""
    import webdataset

    names = json.loads((folder / "models" / "categories.json").read_text())
    shards = sorted(str(path) for path in (folder / "train_pbr").glob("shard-*.tar"))
    assert set(json.loads((folder / "train_pbr" / "key_to_shard.json").read_text()).values()) == set(range(len(shards)))
    found: Frames = {}
    for sample in webdataset.WebDataset(shards, shardshuffle=False):
        poses, infos, masks = (json.loads(sample[f"{name}.json"]) for name in ("gt", "gt_info", "mask_visib"))
        assert len(poses) == len(infos) == len(masks)
        seen = []
        for place, (entry, info) in enumerate(zip(poses, infos, strict=True)):
            x, y, width, height = info["bbox_visib"]
            box = (x, y, x + width + 1, y + height + 1)
            seen.append(Seen(names[str(entry["obj_id"])], box, run_length_mask(masks[str(place)])))
        found[int(sample["__key__"].split("_")[1])] = seen
    return found


def run_length_mask(rle: dict[str, Any]) -> NDArray[np.bool_]:
    """(H, W) from runs of zeros and ones by turns, column by column."""
    counts = np.array(rle["counts"])
    values = np.repeat(np.arange(len(counts)) % 2 == 1, counts)
    return values.reshape(rle["size"], order="F")


READERS = (
    Reader("bop", "a parser by its layout", ("PIL",), read, note="bop_toolkit is not on the package index"),
    Reader(
        "bop_webdataset", "webdataset", ("webdataset",), read_shards, note="bop_toolkit is not on the package index"
    ),
)
