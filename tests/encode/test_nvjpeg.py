"""JPEG files: Pillow's on the CPU; nvJPEG's where there is a CUDA device and the library, refused elsewhere."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import warp as wp
from PIL import Image

from replicator_dr import build_graph
from replicator_dr.data import WrittenSamples
from replicator_dr.encode import nvjpeg
from replicator_dr.errors import UnsupportedError
from replicator_dr.labels.encoders import NativeEncoders
from replicator_dr.render.start import start_warp

start_warp()
SPEC: dict[str, Any] = {
    "create": {
        "balls": {"sphere": {"count": 3}, "semantics": {"class": "ball"}},
        "sun": {"light": {"rotation": [40, 20, 0], "intensity": 3000}},
        "eye": {"camera": {"position": [4, -3, 3], "look_at": [0, 0, 0]}},
    },
    "triggers": [
        {
            "on_frame": {},
            "randomize": [
                {"pose": {"prims": "balls", "position": {"uniform": [[-1, -1, -1], [1, 1, 1]]}}},
                {"color": {"prims": "balls", "colors": {"uniform": [[0, 0, 0], [1, 1, 1]]}}},
            ],
        }
    ],
    "render_products": [{"cameras": "eye", "resolution": [160, 120]}],
}


def pictures(count: int = 3, height: int = 96, width: int = 130) -> np.ndarray:
    """Smooth colours with an edge."""
    y, x = np.mgrid[:height, :width]
    image = np.stack([x * 255 / width, y * 255 / height, (x + y) % 256, np.full_like(x, 255)], axis=-1)
    image[20:50, 30:60] = [200, 40, 90, 255]
    return np.stack([np.roll(image, 7 * number, axis=1) for number in range(count)]).astype(np.uint8)


def test_quality_and_full_chroma_are_kept_by_pillow() -> None:
    images = pictures()
    fine, coarse = (NativeEncoders().jpeg(images, quality) for quality in (98, 40))
    assert all(len(a) > len(b) for a, b in zip(fine, coarse, strict=True))
    for file, image in zip(fine, images, strict=True):
        read = Image.open(io.BytesIO(file))
        assert [layer[1:3] for layer in read.layer] == [(1, 1)] * 3
        assert np.abs(np.asarray(read).astype(int) - image[..., :3]).mean() < 1.0


def test_coco_with_jpeg_is_read_as_any_dataset(tmp_path: Path) -> None:
    writers = [
        {"coco_depth": {"output_dir": str(tmp_path / "jpg"), "image_format": "jpg"}},
        {"coco_depth": {"output_dir": str(tmp_path / "png")}},
    ]
    with build_graph({**SPEC, "writers": writers}, device="cpu") as graph:
        graph.run(2)
    for frame in range(2):
        lossy, exact = (WrittenSamples(tmp_path / kind)[frame] for kind in ("jpg", "png"))
        error = np.abs(lossy["rgb"].astype(int) - exact["rgb"])
        assert 0 < error.mean() < 1.5
        assert np.array_equal(lossy["depth"], exact["depth"])


def test_without_cuda_it_is_refused_before_a_frame_is_made(tmp_path: Path) -> None:
    writer = {"output_dir": str(tmp_path / "set"), "image_format": "jpg", "jpeg_encoder": "nvjpeg"}
    with (
        build_graph({**SPEC, "writers": [{"coco_depth": writer}]}, device="cpu") as graph,
        pytest.raises(UnsupportedError, match="nvjpeg needs a CUDA device, and this run renders on the CPU"),
    ):
        graph.run(2)
    assert not list((tmp_path / "set").rglob("*.jpg"))


def found() -> bool:
    """Whether there is a device and the library."""
    try:
        nvjpeg.find_nvjpeg()
    except UnsupportedError:
        return False
    return wp.is_cuda_available()


@pytest.mark.skipif(not found(), reason="needs a CUDA device and nvJPEG")
def test_files_of_the_device_hold_its_images(tmp_path: Path) -> None:
    images = pictures(37)
    files = nvjpeg.encoder(wp.get_device("cuda:0")).encode(wp.array(images, device="cuda:0"), 95)
    assert len(files) == 37
    for file, image in zip(files, images, strict=True):
        read = Image.open(io.BytesIO(file))
        assert [layer[1:3] for layer in read.layer] == [(1, 1)] * 3
        assert np.abs(np.asarray(read).astype(int) - image[..., :3]).mean() < 1.5
    for encoder in ("cpu", "nvjpeg"):
        writer = {"output_dir": str(tmp_path / encoder), "image_format": "jpg", "jpeg_encoder": encoder}
        with build_graph({**SPEC, "writers": [{"coco_depth": writer}]}, device="cuda:0") as graph:
            graph.run(20)
    for frame in range(20):
        one, other = (WrittenSamples(tmp_path / encoder)[frame]["rgb"].astype(int) for encoder in ("cpu", "nvjpeg"))
        assert np.abs(one - other).mean() < 1.0
