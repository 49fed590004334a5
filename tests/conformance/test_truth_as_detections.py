"""What the annotators show, handed to evaluators as detections, is perfect by what was written."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from pycocotools import mask as coco_mask

from tests.conformance import panoptic_quality
from tests.conformance.datasets import Written
from tests.conformance.reader import frame_of
from tests.conformance.readers.coco import faster_index, pycocotools_index
from tests.conformance.seen import Frames, Seen

SMALL, MEDIUM = 32**2, 96**2
"""COCO's bounds between sizes [pixels]."""
SIGMAS = (0.05, 0.08)


def detections(truth: Any, frames: Frames) -> list[dict[str, Any]]:
    """Results as evaluators take them, of what the frames show."""
    numbers = {entry["name"]: number for number, entry in truth.cats.items()}
    images = {frame_of(entry["file_name"]): number for number, entry in truth.imgs.items()}
    return [
        {
            "image_id": images[frame],
            "category_id": numbers[seen.category],
            "bbox": _xywh(seen),
            "segmentation": _run_lengths(seen),
            "score": 1.0,
        }
        for frame, objects in frames.items()
        for seen in objects
    ]


def _xywh(seen: Seen) -> list[float]:
    assert seen.box is not None
    left, top, right, bottom = seen.box
    return [left, top, right - left, bottom - top]


def _run_lengths(seen: Seen) -> dict[str, Any]:
    assert seen.mask is not None
    packed = coco_mask.encode(np.asfortranarray(seen.mask.astype(np.uint8)))
    return {"size": packed["size"], "counts": packed["counts"].decode()}


def _pycocotools() -> tuple[ModuleType, Callable[[Path], Any]]:
    return pytest.importorskip("pycocotools.cocoeval"), pycocotools_index


def _faster() -> tuple[ModuleType, Callable[[Path], Any]]:
    return pytest.importorskip("faster_coco_eval"), faster_index


TOOLS = pytest.mark.parametrize("tool", [_pycocotools, _faster])


def judged(module: Any, truth: Any, found: list[dict[str, Any]], kind: str, sigmas: Any = None) -> np.ndarray:
    """The evaluator's twelve (for keypoints ten) numbers."""
    judge_class = getattr(module, "COCOeval", None) or module.COCOeval_faster
    with contextlib.redirect_stdout(io.StringIO()):
        judge = judge_class(truth, truth.loadRes(found), kind)
        if sigmas is not None:
            judge.params.kpt_oks_sigmas = np.array(sigmas)
        judge.evaluate()
        judge.accumulate()
        judge.summarize()
    return np.array(judge.stats)


@TOOLS
@pytest.mark.parametrize("kind", ["bbox", "segm"])
def test_average_precision_and_recall_are_one_at_each_size(tool: Any, kind: str, written: Written) -> None:
    module, load = tool()
    truth = load(written.folder("coco_depth") / "annotations.json")
    frames = written.truth.frames()
    stats = judged(module, truth, detections(truth, frames), kind)
    areas = [int(seen.mask.sum()) for objects in frames.values() for seen in objects if seen.mask is not None]
    occur = [
        any(area < SMALL for area in areas),
        any(SMALL < area < MEDIUM for area in areas),
        any(area > MEDIUM for area in areas),
    ]
    assert all(occur), "the scene has things of each size"
    np.testing.assert_array_equal(stats[:6], 1.0)  # AP over all IoU, at 0.5, at 0.75, small, medium, large
    np.testing.assert_array_equal(stats[8:12], 1.0)  # AR with 100 detections, small, medium, large


@TOOLS
@pytest.mark.parametrize("kind", ["bbox", "segm"])
def test_a_detection_that_is_moved_is_not_perfect(tool: Any, kind: str, written: Written) -> None:
    module, load = tool()
    truth = load(written.folder("coco_depth") / "annotations.json")
    frames = written.truth.frames()
    moved = next(seen for seen in frames[0] if seen.path.endswith("/ring"))
    assert moved.mask is not None
    assert moved.box is not None
    left, top, right, bottom = moved.box
    other = Seen(moved.category, (left + 1, top, right + 1, bottom), np.roll(moved.mask, 1, axis=1))
    frames[0] = [other if seen is moved else seen for seen in frames[0]]
    assert judged(module, truth, detections(truth, frames), kind)[0] < 1.0


@TOOLS
def test_keypoints_are_perfect(tool: Any, written: Written) -> None:
    """Those of the file by its own numbers, one of them moved: OKS sees both."""
    module, load = tool()
    truth = load(written.folder("coco_depth") / "annotations.json")
    have = [entry for entry in truth.dataset["annotations"] if entry.get("num_keypoints", 0) > 0]
    assert 6 <= len(have) < len(truth.dataset["annotations"]), "others have keypoints of which none is known"
    found = [
        {key: entry[key] for key in ("image_id", "category_id", "keypoints")} | {"score": 1.0, "bbox": entry["bbox"]}
        for entry in have
    ]
    stats = judged(module, truth, found, "keypoints", SIGMAS)
    assert stats[0] == stats[5] == 1.0
    moved = [{**entry, "keypoints": [value + 30 for value in entry["keypoints"]]} for entry in found]
    assert judged(module, truth, moved, "keypoints", SIGMAS)[0] < 1.0


def test_keypoints_are_where_they_were_put(written: Written) -> None:
    """COCO counts from the first pixel's centre. 2 is seen, 1 hidden, 0 outside the image."""
    truth = pycocotools_index(written.folder("coco_depth") / "annotations.json")
    (image,) = (number for number, entry in truth.imgs.items() if frame_of(entry["file_name"]) == 0)
    found = {entry["prim_path"]: entry for entry in truth.imgToAnns[image]}
    assert truth.cats[found["/World/plate"]["category_id"]]["keypoints"] == ["middle", "corner"]
    np.testing.assert_allclose(found["/World/plate"]["keypoints"], [179.75, 139.75, 2, 167.75, 127.75, 1], atol=0.01)
    np.testing.assert_allclose(found["/World/plate_on_the_border"]["keypoints"], [59.75, 231.75, 2, 0, 0, 0], atol=0.01)
    assert found["/World/ring"]["num_keypoints"] == 0


def test_panoptic_quality_is_one(written: Written) -> None:
    folder = written.folder("coco_panoptic")
    frames = written.truth.frames()
    quality = panoptic_quality.of(folder, frames)
    assert set(quality) == {"hand tool", "part"}
    assert set(quality.values()) == {1.0}
    frames[0] = [seen for seen in frames[0] if not seen.path.endswith("/ring")]
    worse = panoptic_quality.of(folder, frames)
    assert worse["part"] < 1.0
    assert worse["hand tool"] == 1.0
