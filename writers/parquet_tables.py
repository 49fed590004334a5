"""images.parquet and annotations.parquet, made from the journal one row group at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from importlib.util import find_spec
from itertools import islice
from typing import Any

import msgspec

from replicator_dr.dataset.assembly import Assembly
from replicator_dr.errors import OutputError
from replicator_dr.storage.atomic import AtomicFile
from replicator_dr.storage.json_numbers import dumps
from writers.coco_tables import CONVENTIONS

DRAW = "draw."
"""What the column of a draw begins with."""

Row = dict[str, Any]


class _Drawn(msgspec.Struct):
    draws: dict[str, Any]


class _DrawsOf(msgspec.Struct):
    """What is read of a record for one purpose: reading all of it for each would cost most of the time."""

    image: _Drawn


class _ImageOf(msgspec.Struct):
    image: Row


class _AnnotationsOf(msgspec.Struct):
    annotations: list[Row]


_DRAWS = msgspec.json.Decoder(_DrawsOf).decode
_IMAGES = msgspec.json.Decoder(_ImageOf).decode
_ANNOTATIONS = msgspec.json.Decoder(_AnnotationsOf).decode


def require_pyarrow() -> None:
    """OutputError where it is not installed."""
    if find_spec("pyarrow") is None:
        raise OutputError(
            "the writer parquet needs pyarrow; install it with: pip install 'replicator_dr[arrow]', then run again"
        )


def write_tables(dataset: Assembly, rows_per_group: int) -> None:
    """Write both. OutputError where pyarrow is missing."""
    require_pyarrow()
    import pyarrow as pa

    numbers, texts = _draw_columns(dataset)
    floats = pa.list_(pa.float64())
    matrix = pa.list_(pa.float64(), 16)
    images = [
        *((name, pa.int64()) for name in ("id", "frame", "width", "height", "objects")),
        *((name, pa.string()) for name in ("product", "split", "file_name", "depth_file_name")),
        ("intrinsics", pa.list_(pa.float64(), 9)),
        ("camera_from_world", matrix),
        ("world_from_camera", matrix),
        ("distortion", pa.string()),
        *((DRAW + name, pa.float64()) for name in numbers),
        *((DRAW + name, pa.string()) for name in texts),
    ]
    annotations = [
        *((name, pa.int64()) for name in ("id", "image_id", "category_id", "instance_id", "area", "area_amodal")),
        *((name, pa.string()) for name in ("category", "prim_path", "rle", "split")),
        *((name, pa.float64()) for name in ("visible_fraction", "truncation")),
        *((name, pa.list_(pa.float64(), 4)) for name in ("bbox", "bbox_amodal", "quaternion")),
        *((name, pa.list_(pa.float64(), 3)) for name in ("translation", "scale", "box_3d_min", "box_3d_max")),
        ("box_3d_image_points", floats),
        ("depth_range", pa.list_(pa.float64(), 2)),
    ]
    rows: list[tuple[str, list[Any], Callable[[], Iterator[Row]]]] = [
        ("images.parquet", images, lambda: map(_image, dataset.lines())),
        ("annotations.parquet", annotations, lambda: _annotations(dataset)),
    ]
    about = {"conventions": dumps(CONVENTIONS), "depth": dumps(dataset.info.get("depth"))}
    about |= {"categories": dumps(dataset.categories), "name": str(dataset.info.get("name") or "")}
    for name, fields, made in rows:
        with dataset.file(name) as file:
            _write(file, pa.schema(fields, metadata=about), made(), rows_per_group)


def _write(file: AtomicFile, schema: Any, rows: Iterator[Row], rows_per_group: int) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    sink = pa.PythonFile(_Sink(file), mode="w")
    with pq.ParquetWriter(sink, schema, compression="zstd") as writer:
        while group := list(islice(rows, rows_per_group)):
            writer.write_table(pa.Table.from_pylist(group, schema=schema), row_group_size=rows_per_group)


class _Sink:
    """What pyarrow takes for a file that is open for writing."""

    closed = False

    def __init__(self, file: AtomicFile) -> None:
        self._file = file

    def write(self, content: bytes) -> int:
        before = self._file.size
        self._file.write(bytes(content))
        return self._file.size - before

    def tell(self) -> int:
        return self._file.size

    def flush(self) -> None:
        """Nothing is held back."""

    def close(self) -> None:
        """The file is its owner's."""


def _draw_columns(dataset: Assembly) -> tuple[list[str], list[str]]:
    """Columns of draws that are numbers in every image, and those that are not; by name."""
    numeric: dict[str, bool] = {}
    for line in dataset.lines():
        for name, value in _DRAWS(line.record).image.draws.items():
            numeric[name] = numeric.get(name, True) and isinstance(value, float)
    return [name for name in sorted(numeric) if numeric[name]], [name for name in sorted(numeric) if not numeric[name]]


def _image(line: Any) -> Row:
    image = _IMAGES(line.record).image
    camera = image.pop("camera")
    draws = image.pop("draws")
    return {
        **image,
        "split": line.split,
        "objects": sum(line.objects.values()),
        "intrinsics": _flat(camera["intrinsics"]),
        "camera_from_world": _flat(camera["camera_from_world"]),
        "world_from_camera": _flat(camera["world_from_camera"]),
        "distortion": dumps(camera["distortion"]) if "distortion" in camera else None,
        **{DRAW + name: value if isinstance(value, float) else str(value) for name, value in draws.items()},
    }


def _annotations(dataset: Assembly) -> Iterator[Row]:
    for line in dataset.lines():
        for one in _ANNOTATIONS(line.record).annotations:
            yield _annotation(one, dataset.categories, line.split)


def _annotation(one: dict[str, Any], categories: Mapping[str, int], split: str | None) -> Row:
    pose, box = one.pop("pose"), one.pop("bbox_3d")
    return {
        **one,
        **pose,
        "category_id": categories[one["category"]],
        "rle": one["segmentation"]["counts"],
        "split": split,
        "box_3d_min": box["min"],
        "box_3d_max": box["max"],
        "box_3d_image_points": _flat(box["image_points"]),
    }


def _flat(rows: list[list[Any]]) -> list[Any]:
    return [value for row in rows for value in row]
