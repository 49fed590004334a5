"""Reads back what a run has written, for the contact sheet: what the sheet shows is what lies on the disk."""

from __future__ import annotations

import contextlib
import io
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from replicator_dr.errors import AssetError
from replicator_dr.run.preview_frame import PreviewFrame, PreviewObject
from replicator_dr.run.preview_sheet import SheetTitle

_METRES_PER_UNIT = 0.001


class WrittenDataset:
    """A folder that ``coco_depth`` wrote.

    frames: the numbers of the frames in it, ascending. name, seed: from the manifest, empty and None where it has none.
    """

    def __init__(self, folder: Path) -> None:
        """Read ``annotations.json``. Raises AssetError where there is none, or where it is not one of coco_depth's."""
        from pycocotools.coco import COCO

        file = folder / "annotations.json"
        if not file.is_file():
            raise AssetError(
                f"{folder} holds no annotations.json: give a folder that coco_depth wrote, or a spec's YAML file"
            )
        self.folder = folder
        try:
            with contextlib.redirect_stdout(io.StringIO()):  # pycocotools reports its own progress
                self._coco = COCO(str(file))
            self.frames: list[int] = sorted({image["frame"] for image in self._coco.imgs.values()})
            file = folder / "manifest.json"
            self._manifest: dict[str, Any] = json.loads(file.read_text()) if file.is_file() else {}
        except (ValueError, KeyError, TypeError) as error:
            raise AssetError(
                f"{file} is not as coco_depth writes it ({type(error).__name__}: {error}); make the dataset again, "
                "with --overwrite"
            ) from error

    @property
    def name(self) -> str:
        """The spec's name; the folder's where the manifest does not say."""
        return str(self._manifest.get("name") or self.folder.resolve().name)

    @property
    def seed(self) -> int | None:
        """The seed that the dataset was made with."""
        return self._manifest.get("seed")

    def images_of(self, frames: Iterable[int]) -> list[PreviewFrame]:
        """Every image of these frames, by frame and then by image id. AssetError for a frame that is not there."""
        wanted = list(frames)
        missing = sorted(set(wanted) - set(self.frames))
        if missing:
            raise AssetError(
                f"{self.folder} has no frame {missing[0]}: it holds {len(self.frames)} frames"
                + (f" from {self.frames[0]} to {self.frames[-1]}" if self.frames else "")
            )
        images = sorted(self._coco.imgs.values(), key=lambda image: image["id"])
        return [self._image(image) for frame in wanted for image in images if image["frame"] == frame]

    def _image(self, image: dict[str, Any]) -> PreviewFrame:
        annotations = self._coco.loadAnns(self._coco.getAnnIds(imgIds=[image["id"]]))
        return PreviewFrame(
            frame=image["frame"],
            product=str(image.get("product", "")),
            rgb=_read_rgb(self.folder / image["file_name"]),
            depth=self._depth(image),
            objects=tuple(
                PreviewObject(
                    category=self._coco.cats[annotation["category_id"]]["name"],
                    box=tuple(annotation["bbox"]),
                    mask=self._coco.annToMask(annotation).astype(np.bool_),
                    visible_fraction=annotation.get("visible_fraction"),
                )
                for annotation in annotations
            ),
        )

    def _depth(self, image: dict[str, Any]) -> NDArray[np.float32] | None:
        name = image.get("depth_file_name")
        unit = (self._manifest.get("depth") or {}).get("metres_per_unit", _METRES_PER_UNIT)
        return read_depth(self.folder / name, unit) if name else None


def dataset_preview(folder: Path, count: int, frames: Sequence[int] = ()) -> tuple[list[PreviewFrame], SheetTitle]:
    """The rows and the title of a dataset's sheet: these frames, or ``count`` of them spread from first to last."""
    dataset = WrittenDataset(folder)
    if not dataset.frames:
        raise AssetError(f"{folder} holds no image yet: generate some frames first")
    chosen = list(frames) or spread(dataset.frames, count)
    seed = "" if dataset.seed is None else f"seed {dataset.seed}   |   "
    detail = f"{seed}{len(chosen)} of {len(dataset.frames)} frames   |   {folder}"
    return dataset.images_of(chosen), SheetTitle(dataset.name, detail)


def spread(numbers: Sequence[int], count: int) -> list[int]:
    """``count`` of the numbers, evenly from the first to the last; all of them where there are no more."""
    if count >= len(numbers):
        return list(numbers)
    if count == 1:
        return [numbers[0]]
    return [numbers[round(step * (len(numbers) - 1) / (count - 1))] for step in range(count)]


def read_depth(path: Path, metres_per_unit: float = _METRES_PER_UNIT) -> NDArray[np.float32] | None:
    """(H, W) float32 [m] along the optical axis, inf where nothing was measured; None for a format unknown here.

    metres_per_unit: what one step of a 16-bit image stands for; arrays hold metres.
    """
    if path.suffix == ".npy":
        return np.asarray(np.load(path), dtype=np.float32)
    if path.suffix != ".png":
        return None
    from PIL import Image

    stored = np.asarray(Image.open(path), dtype=np.float32)
    return np.where(stored > 0, stored * np.float32(metres_per_unit), np.float32(np.inf))


def _read_rgb(path: Path) -> NDArray[np.uint8]:
    from PIL import Image

    if not path.is_file():
        raise AssetError(f"{path} is missing, though annotations.json names it: the dataset is not whole")
    return np.asarray(Image.open(path).convert("RGB"))
