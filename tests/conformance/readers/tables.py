"""Tables: pyarrow reads parquet, Hugging Face's datasets read both."""

from __future__ import annotations

from pathlib import Path

from tests.conformance.reader import Reader, frame_of
from tests.conformance.seen import Frames, Seen


def read_pyarrow(folder: Path) -> Frames:
    from pyarrow import parquet
    from pycocotools import mask

    images = {row["id"]: row for row in parquet.read_table(folder / "images.parquet").to_pylist()}
    found: Frames = {row["frame"]: [] for row in images.values()}
    for row in parquet.read_table(folder / "annotations.parquet").to_pylist():
        image = images[row["image_id"]]
        counts = {"size": [image["height"], image["width"]], "counts": row["rle"]}
        box, whole = ((x, y, x + width, y + height) for x, y, width, height in (row["bbox"], row["bbox_amodal"]))
        found[image["frame"]].append(Seen(row["category"], box, mask.decode(counts).astype(bool), whole))
    return found


def read_datasets(folder: Path) -> Frames:
    import datasets
    from datasets.info import DatasetInfosDict

    features = DatasetInfosDict.from_directory(str(folder))["default"].features
    cache = folder.parent / "hugging_face"
    loaded = datasets.load_dataset(str(folder), features=features, cache_dir=str(cache), split="train")
    names = loaded.features["objects"]["categories"].feature.names
    files = loaded.cast_column("image", datasets.Image(decode=False))
    found: Frames = {}
    for row in files:
        objects = row["objects"]
        found[frame_of(row["image"]["path"])] = [
            Seen(names[number], (x, y, x + width, y + height))
            for number, (x, y, width, height) in zip(objects["categories"], objects["bbox"], strict=True)
        ]
    return found


READERS = (
    Reader("parquet", "pyarrow", ("pyarrow",), read_pyarrow),
    Reader("hf_imagefolder", "datasets", ("datasets",), read_datasets, mask=None, loses="masks"),
)
