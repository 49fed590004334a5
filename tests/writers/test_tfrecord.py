"""TFRecord files, read with a small parser of the wire format, with TensorFlow, and with the package tfrecord."""

from __future__ import annotations

import hashlib
import importlib.util
import io
import json
import struct
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from pycocotools import mask as coco_mask

from replicator_dr.storage.tf_example import Bytes, Floats, Integers, example, framed
from tests.writers.every_writer import plugin, run

FRAMES = 12
BOX = ("xmin", "ymin", "xmax", "ymax")


def divided(state: int) -> int:
    """Eight steps of long division by the polynomial."""
    for _ in range(8):
        state = (state >> 1) ^ (0x82F63B78 if state & 1 else 0)
    return state


OF_BYTE = [divided(byte) for byte in range(256)]


def byte_by_byte(data: bytes) -> int:
    """CRC-32C."""
    state = 0xFFFFFFFF
    for byte in data:
        state = (state >> 8) ^ OF_BYTE[(state ^ byte) & 255]
    return state ^ 0xFFFFFFFF


def test_known_checksums() -> None:
    # RFC 3720, B.4, and the customary check value.
    assert byte_by_byte(b"123456789") == 0xE3069283
    assert byte_by_byte(bytes(32)) == 0x8A9136AA
    assert byte_by_byte(b"\xff" * 32) == 0x62A8AB43
    assert byte_by_byte(bytes(range(32))) == 0x46DD794E


@pytest.mark.parametrize("size", [0, 1, 3, 4, 5, 8, 63, 64, 65, 127, 128, 129, 192, 1000, 8191])
def test_records_of_any_length(size: int, tmp_path: Path) -> None:
    messages = [np.random.default_rng(size + more).bytes(size) for more in range(2)]
    (tmp_path / "file").write_bytes(b"".join(map(framed, messages)))
    assert list(records(tmp_path / "file")) == messages


def records(path: Path) -> Iterator[bytes]:
    """The messages of a file, their checksums tested."""

    def mask(crc: int) -> int:
        return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF

    content = path.read_bytes()
    while content:
        (size, check) = struct.unpack("<QI", content[:12])
        message = content[12 : 12 + size]
        assert check == mask(byte_by_byte(content[:8]))
        assert struct.unpack("<I", content[12 + size : 16 + size]) == (mask(byte_by_byte(message)),)
        yield message
        content = content[16 + size :]


def varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        value |= (data[at] & 127) << shift
        shift, at = shift + 7, at + 1
        if data[at - 1] < 128:
            return value, at


def fields(data: bytes) -> Iterator[tuple[int, bytes]]:
    """(number, content) of a message whose fields all have a length."""
    at = 0
    while at < len(data):
        tag, at = varint(data, at)
        assert tag & 7 == 2
        size, at = varint(data, at)
        yield tag >> 3, data[at : at + size]
        at += size


def parsed(message: bytes) -> dict[str, list[Any]]:
    """{feature: its values}."""
    found: dict[str, list[Any]] = {}
    ((_, features),) = fields(message)
    for _, entry in fields(features):
        parts = dict(fields(entry))
        ((kind, values),) = fields(parts[2])
        content = [own for _, own in fields(values)]
        name = parts[1].decode()
        if kind == 1:
            found[name] = content
        elif kind == 2:
            found[name] = [number for own in content for (number,) in struct.iter_unpack("<f", own)]
        else:
            found[name] = []
            for own in content:
                at = 0
                while at < len(own):
                    number, at = varint(own, at)
                    found[name].append(number)
    return found


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("tf")
    writers = [
        plugin("tfrecord", folder / "tf", samples_per_shard=7, masks=True),
        plugin("coco_depth", folder / "coco"),
    ]
    run(writers, FRAMES)
    return folder / "tf", folder / "coco"


def shards(folder: Path) -> list[Path]:
    return sorted(folder.glob("samples-*"))


def test_records_hold_what_coco_depth_holds(both: tuple[Path, Path]) -> None:
    folder, other = both
    assert [path.name for path in shards(folder)] == [f"samples-{number:05d}-of-00004" for number in range(4)]
    found = [parsed(message) for path in shards(folder) for message in records(path)]
    coco = json.loads((other / "annotations.json").read_text())
    names = {entry["id"]: entry["name"].encode() for entry in coco["categories"]}
    label_map = "".join(f'item {{\n  id: {key}\n  name: "{name.decode()}"\n}}\n' for key, name in names.items())
    assert (folder / "label_map.pbtxt").read_text() == label_map
    assert len(found) == len(coco["images"])
    for image, one in zip(coco["images"], found, strict=True):
        rgb = (other / image["file_name"]).read_bytes()
        assert one["image/encoded"] == [rgb]
        assert one["image/key/sha256"] == [hashlib.sha256(rgb).hexdigest().encode()]
        assert one["image/format"] == [b"png"]
        assert one["image/depth/encoded"] == [(other / image["depth_file_name"]).read_bytes()]
        assert (one["image/width"], one["image/height"]) == ([image["width"]], [image["height"]])
        assert one["image/source_id"] == [str(image["id"]).encode()]
        assert np.allclose(one["image/camera/intrinsics"], np.ravel(image["camera"]["intrinsics"]), atol=1e-4)
        own = [entry for entry in coco["annotations"] if entry["image_id"] == image["id"]]
        assert one["image/object/class/label"] == [entry["category_id"] for entry in own]
        assert one["image/object/class/text"] == [names[entry["category_id"]] for entry in own]
        assert one["image/object/area"] == [entry["area"] for entry in own]
        assert one["image/object/id"] == [entry["id"] for entry in own]
        assert one["image/object/is_crowd"] == one["image/object/difficult"] == [0] * len(own)
        size = np.array([image["width"], image["height"]] * 2)
        box = np.array([one[f"image/object/bbox/{side}"] for side in BOX]).T.reshape(-1, 4) * size
        wanted = np.array([entry["bbox"] for entry in own]).reshape(-1, 4)
        assert np.allclose(box, np.concatenate([wanted[:, :2], wanted[:, :2] + wanted[:, 2:]], axis=1), atol=1e-4)
        for entry, png in zip(own, one["image/object/mask"], strict=True):
            with Image.open(io.BytesIO(png)) as mask:
                assert np.array_equal(np.asarray(mask) > 0, coco_mask.decode(entry["segmentation"]).astype(bool))


def test_tensorflow_reads_them(both: tuple[Path, Path]) -> None:
    tf = pytest.importorskip("tensorflow", reason="TensorFlow is not installed")
    folder = both[0]
    files = [str(path) for path in shards(folder)]
    ours = [parsed(message) for path in shards(folder) for message in records(path)]
    spec = {
        "image/encoded": tf.io.FixedLenFeature([], tf.string),
        "image/width": tf.io.FixedLenFeature([], tf.int64),
        "image/object/bbox/xmin": tf.io.VarLenFeature(tf.float32),
        "image/object/class/label": tf.io.VarLenFeature(tf.int64),
        "image/object/class/text": tf.io.VarLenFeature(tf.string),
    }
    count = 0
    for raw, own in zip(tf.data.TFRecordDataset(files), ours, strict=True):
        one = tf.io.parse_single_example(raw, spec)
        assert tf.io.decode_image(one["image/encoded"]).shape[1] == int(one["image/width"])
        for key in list(spec)[2:]:
            assert tf.sparse.to_dense(one[key]).numpy().tolist() == own[key]
        count += 1
    assert count == 2 * FRAMES


READ = """
import json, sys
import numpy as np
from tfrecord.reader import tfrecord_loader
keys = {"image/encoded": "byte", "image/object/class/label": "int", "image/object/area": "float"}
for one in tfrecord_loader(sys.argv[1], None, keys):
    lists = {key: np.asarray(one[key]).tolist() for key in keys if "object" in key}
    print(json.dumps({"image/encoded": len(one["image/encoded"]), **lists}))
"""


def test_the_package_tfrecord_reads_them(both: tuple[Path, Path]) -> None:
    """In a process of its own: it declares the same messages as TensorFlow."""
    if importlib.util.find_spec("tfrecord") is None:
        pytest.skip("the package tfrecord is not installed")
    for path in shards(both[0]):
        done = subprocess.run([sys.executable, "-c", READ, str(path)], capture_output=True, text=True, check=True)
        ours = [parsed(message) for message in records(path)]
        keys = ("image/object/class/label", "image/object/area")
        assert [json.loads(text) for text in done.stdout.splitlines()] == [
            {"image/encoded": len(own["image/encoded"][0]), **{key: own[key] for key in keys}} for own in ours
        ]


def test_splits_and_large_numbers(tmp_path: Path) -> None:
    run([plugin("tfrecord", tmp_path, splits={"train": 0.6, "val": 0.4}, image_format="jpg", depth="none")], FRAMES)
    found = {path.name: [parsed(one) for one in records(path)] for path in tmp_path.glob("*-of-*")}
    assert set(found) == {"train-00000-of-00001", "val-00000-of-00001"}
    assert sum(map(len, found.values())) == 2 * FRAMES
    assert {one["image/format"][0] for own in found.values() for one in own} == {b"jpeg"}
    assert not any("image/depth/encoded" in one for own in found.values() for one in own)
    numbers = [0, 127, 128, 2**40]
    features = {"b": Integers(numbers), "a": Floats([]), "c": Bytes([b"", b"x" * 300])}
    assert parsed(example(features)) == {"a": [], "b": numbers, "c": [b"", b"x" * 300]}
