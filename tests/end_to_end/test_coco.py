"""What a real run wrote, judged by COCO's own tools and against the rendered instance images."""

from __future__ import annotations

import contextlib
import io
from pathlib import Path

import numpy as np
import pytest
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from replicator_dr import build_graph
from tests.end_to_end.world import SPEC, depth_of


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, COCO]:
    folder = tmp_path_factory.mktemp("coco") / "run"
    with build_graph(SPEC) as graph:
        graph.run(8, output_dir=folder)
    with contextlib.redirect_stdout(io.StringIO()):
        return folder, COCO(str(folder / "annotations.json"))


@pytest.mark.parametrize("kind", ["bbox", "segm"])
def test_the_truth_as_detections_is_perfect(dataset: tuple[Path, COCO], kind: str) -> None:
    _, truth = dataset
    with contextlib.redirect_stdout(io.StringIO()):
        found = truth.loadRes([{**annotation, "score": 1.0} for annotation in truth.dataset["annotations"]])
        judge = COCOeval(truth, found, kind)
        judge.evaluate()
        judge.accumulate()
        judge.summarize()
    average_precision = judge.stats[:6]
    assert average_precision[0] == 1.0
    assert set(average_precision) <= {1.0, -1.0}  # -1: no object of that size


def test_masks_areas_and_boxes_are_those_of_the_instance_images(dataset: tuple[Path, COCO]) -> None:
    folder, truth = dataset
    seen = 0
    with build_graph(SPEC) as graph:
        frames = next(iter(graph.frames(8, batch=8, annotators=["instance_segmentation_fast"])))
    for image in truth.dataset["images"]:
        ids = np.asarray(frames[image["product"]]["instance_segmentation_fast"])[image["frame"]]
        covered = np.zeros(ids.shape, bool)
        for annotation in truth.imgToAnns[image["id"]]:
            mask = truth.annToMask(annotation).astype(bool)
            assert np.array_equal(mask, ids == annotation["instance_id"])
            y, x = np.nonzero(mask)
            assert annotation["area"] == mask.sum()
            assert annotation["bbox"] == [x.min(), y.min(), x.max() - x.min() + 1, y.max() - y.min() + 1]
            covered |= mask
            seen += 1
        assert np.array_equal(covered, ids > 1)
        assert np.array_equal(np.isfinite(depth_of(folder, image)), ids > 0)
    assert seen > 50
