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


READERS = (Reader("bop", "a parser by its layout", ("PIL",), read, note="bop_toolkit is not on the package index"),)
