"""Records in shards: webdataset; TensorFlow and the package tfrecord."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tests.conformance.reader import Reader, frame_of
from tests.conformance.seen import Frames, Seen
from tests.conformance.shapes import HEIGHT, WIDTH


def read_webdataset(folder: Path) -> Frames:
    import webdataset
    from pycocotools import mask

    found: Frames = {}
    shards = sorted(str(path) for path in folder.glob("samples-*.tar"))
    for sample in webdataset.WebDataset(shards, shardshuffle=False).decode("rgb8"):
        assert sample["rgb.png"].shape == (HEIGHT, WIDTH, 3)
        found[int(sample["json"]["frame"])] = [
            Seen(
                entry["category"],
                _edges(entry["bbox"]),
                mask.decode(entry["segmentation"]).astype(bool),
                _edges(entry["bbox_amodal"]),
            )
            for entry in sample["json"]["annotations"]
        ]
        assert sample["__key__"].startswith(f"{sample['json']['frame']:06d}_")
    return found


def _edges(box: list[float]) -> tuple[float, float, float, float]:
    x, y, width, height = box
    return x, y, x + width, y + height


_TEXT = ("image/filename",)
_MANY = ("image/object/class/text", "image/object/mask")
_SIDES = ("image/object/bbox/xmin", "image/object/bbox/ymin", "image/object/bbox/xmax", "image/object/bbox/ymax")


def read_tensorflow(folder: Path) -> Frames:
    import tensorflow as tf

    keys = {
        **{key: tf.io.FixedLenFeature([], tf.string) for key in _TEXT},
        **{key: tf.io.VarLenFeature(tf.string) for key in _MANY},
        **{key: tf.io.VarLenFeature(tf.float32) for key in _SIDES},
    }
    records = tf.data.TFRecordDataset(sorted(str(path) for path in folder.glob("samples-*-of-*")))
    parsed = (tf.io.parse_single_example(record, keys) for record in records)
    return _frames(
        {key: (value.values if key in (*_MANY, *_SIDES) else value).numpy() for key, value in one.items()}
        for one in parsed
    )


def read_tfrecord(folder: Path) -> Frames:
    from google.protobuf.message import Message
    from tfrecord import example_pb2
    from tfrecord.reader import tfrecord_iterator

    def examples() -> Iterable[dict[str, Any]]:
        for file in sorted(folder.glob("samples-*-of-*")):
            for record in tfrecord_iterator(str(file)):
                example = example_pb2.Example()
                assert isinstance(example, Message)
                example.ParseFromString(bytes(record))
                features = example.features.feature
                yield {
                    **{key: features[key].bytes_list.value[0] for key in _TEXT},
                    **{key: list(features[key].bytes_list.value) for key in _MANY},
                    **{key: list(features[key].float_list.value) for key in _SIDES},
                }

    return _frames(examples())


def _frames(examples: Iterable[Mapping[str, Any]]) -> Frames:
    found: Frames = {}
    for example in examples:
        columns = zip(*(example[key] for key in (*_MANY, *_SIDES)), strict=True)
        found[frame_of(bytes(example["image/filename"]).decode())] = [
            Seen(
                bytes(name).decode(),
                (x_min * WIDTH, y_min * HEIGHT, x_max * WIDTH, y_max * HEIGHT),
                _mask(bytes(mask)),
            )
            for name, mask, x_min, y_min, x_max, y_max in columns
        ]
    return found


def _mask(png: bytes) -> NDArray[np.bool_]:
    with Image.open(io.BytesIO(png)) as image:
        values = np.asarray(image)
    assert set(np.unique(values).tolist()) <= {0, 255}
    return np.asarray(values == 255)


_SINGLE_PRECISION = 1e-4

READERS = (
    Reader("webdataset", "webdataset", ("webdataset",), read_webdataset),
    Reader("tfrecord", "tensorflow", ("tensorflow",), read_tensorflow, box_error=_SINGLE_PRECISION, apart=True),
    Reader("tfrecord", "tfrecord", ("tfrecord",), read_tfrecord, box_error=_SINGLE_PRECISION, apart=True),
)
