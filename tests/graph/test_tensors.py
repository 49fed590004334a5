"""Frames as tensors are the frames that annotators give."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from replicator_dr import build_graph

BOXES = ("bounding_box_2d_tight", "bounding_box_2d_loose")
SPEC: dict[str, Any] = {
    "name": "tensors",
    "seed": 3,
    "create": {
        "floor": {"plane": {"scale": 6}},
        "boxes": {"cube": {"count": 3}, "semantics": {"class": "box"}},
        "ball": {"sphere": {"position": [0, 0, 40]}, "semantics": {"class": "ball"}},
        "sky": {"light": {"light_type": "dome", "intensity": 900}},
        "left": {"camera": {"position": [3, 0, 2], "look_at": [0, 0, 0]}},
        "right": {"camera": {"position": [0, 3, 2], "look_at": [0, 0, 0]}},
    },
    "triggers": [
        {
            "on_frame": {},
            "randomize": [
                {"pose": {"prims": "boxes", "position": {"uniform": [[-1, -1, 0], [1, 1, 1]]}, "scale": 0.4}},
            ],
        }
    ],
    "render_products": [{"cameras": "left", "resolution": [48, 32]}, {"cameras": "right", "resolution": [40, 40]}],
}


@pytest.mark.parametrize("effect", [{}, {"sensor": {"exposure": 1.0}}], ids=["plain", "an effect behind the lens"])
def test_they_are_what_annotators_give(effect: dict[str, Any]) -> None:
    left = {"camera": {"position": [3, 0, 2], "look_at": [0, 0, 0], **effect}}
    spec = {**SPEC, "create": {**SPEC["create"], "left": left}}
    names = ("rgb", "distance_to_image_plane", "instance_segmentation", *BOXES)
    with build_graph(spec, device="cpu") as graph:
        ours = list(graph.tensors(5, start=2, batch=2))
        theirs = list(graph.frames(5, start=2, batch=2, annotators=names))
        state = graph.sample(range(2, 7))
    assert [batch["frames"].tolist() for batch in ours] == [[2, 3], [4, 5], [6]]
    for batch, expected in zip(ours, theirs, strict=True):
        rows = batch["frames"] - 2
        for product in ("left", "right"):
            view, annotated = batch[product], expected[product]
            assert np.array_equal(view.rgb.numpy(), annotated["rgb"])
            assert np.array_equal(view.depth.numpy(), annotated["distance_to_image_plane"])
            assert np.array_equal(view.instance.numpy(), annotated["instance_segmentation"])
            assert np.allclose(view.world.numpy(), state.entity_world[rows], atol=1e-6)
            for boxes, pixels, name in (
                (view.boxes, view.visible, BOXES[0]),
                (view.boxes_amodal, view.amodal, BOXES[1]),
            ):
                for frame, table in enumerate(annotated[name]):
                    seen = pixels.numpy()[frame] > 0
                    corners = np.stack([table[side] for side in ("x_min", "y_min", "x_max", "y_max")], axis=-1)
                    assert np.array_equal(boxes.numpy()[frame][seen], corners)
                    assert (boxes.numpy()[frame][~seen] == (0, 0, -1, -1)).all()
                    assert np.array_equal(view.semantic.numpy()[frame][seen], table["semanticId"])


def test_without_colours_and_with_dlpack() -> None:
    with build_graph(SPEC, device="cpu") as graph:
        (batch,) = graph.tensors(2, rgb=False)
    view = batch["left"]
    assert view.rgb is None
    shared = np.from_dlpack(view.depth)
    assert shared.shape == (2, 32, 48)
    assert shared.ctypes.data == view.depth.ptr, "no copy"
    assert np.allclose(view.intrinsics.numpy()[:, 2:], (24, 16))
