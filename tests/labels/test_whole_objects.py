"""Whole objects from a real stage: amodal masks and silhouettes through the graph, in every batch width."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from replicator_dr import build_graph

SPEC: dict[str, Any] = {
    "name": "whole",
    "seed": 4,
    "create": {
        "boxes": {"cube": {"count": 3, "size": 0.5}, "semantics": {"class": "box"}},
        "front": {"cube": {"size": 0.4, "position": [0, -1.5, 0]}, "semantics": {"class": "front"}},
        "wall": {"cube": {"position": [0, 3, 0], "scale": [8, 0.1, 8]}},
        "eye": {"camera": {"position": [0, -3, 0], "look_at": [0, 0, 0]}},
        "sun": {"light": {"light_type": "distant"}},
    },
    "triggers": [{"on_frame": {}, "randomize": [{"pose": {
        "prims": "boxes", "position": {"uniform": [[-1.5, -1, -1], [1.5, 1, 1]]},
    }}]}],
    "render_products": [{"cameras": "eye", "resolution": [64, 48], "name": "eye"}],
}  # fmt: skip
NAMES = ("amodal_segmentation", "amodal_bits", "silhouette", "bounding_box_2d_loose", "coverage")


def frames(batch: int) -> list[dict[str, Any]]:
    with build_graph(SPEC, device="cpu") as graph:
        parts = list(graph.frames(6, annotators=NAMES, batch=batch))
    (product,) = (name for name in parts[0] if name not in ("frames", "draws"))
    return [{name: part[product][name][i] for name in NAMES} for part in parts for i in range(len(part["frames"]))]


def test_rows_are_those_of_the_loose_boxes() -> None:
    cut = 0
    for frame in frames(4):
        amodal, loose, beyond = (frame[name] for name in ("amodal_segmentation", "bounding_box_2d_loose", "silhouette"))
        corners = ["x_min", "y_min", "x_max", "y_max"]
        np.testing.assert_array_equal(amodal[corners], loose[corners])
        np.testing.assert_array_equal(amodal["area"], frame["coverage"]["amodal"])
        for row in amodal:
            mask = frame["amodal_bits"][..., 0] >> np.uint64(row["instanceId"] - 2) & np.uint64(1)
            y, x = np.nonzero(mask)
            assert (len(x), x.min(), y.min(), x.max(), y.max()) == row[["area", *corners]].tolist()
        np.testing.assert_array_equal(amodal["instanceId"], beyond["instanceId"])
        assert (beyond["pixels"] >= amodal["area"]).all()
        extent = frame["coverage"]["extent"]
        for side, name in enumerate(corners):
            np.testing.assert_allclose(beyond[name] + 0.5, extent[:, side], atol=1.01)
        cut += int((beyond["pixels"] > amodal["area"]).sum())
    assert cut > 2


def test_the_width_of_a_batch_changes_nothing() -> None:
    for one, other in zip(frames(1), frames(6), strict=True):
        for name in NAMES:
            np.testing.assert_array_equal(one[name], other[name])


def test_a_preview_gives_masks() -> None:
    mask = pytest.importorskip("pycocotools.mask")
    with build_graph(SPEC, device="cpu") as graph:
        (shown,) = graph.preview(0, ("amodal_segmentation",)).values()
    given = shown["amodal_segmentation"]
    areas = [int(mask.area({"size": given["size"], "counts": counts})) for counts in given["counts"]]
    assert areas == given["data"]["area"].tolist()
    assert len(areas) > 1
