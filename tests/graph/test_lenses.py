"""``lens:`` in a spec: what is built, what varies, and what a dataset says of it."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from replicator_dr import build_graph
from replicator_dr.engines.embedded.usd.stage import ROOT
from tests.render.lens_oracle import opencv_fisheye, opencv_pinhole

LENS = {"model": "opencv_pinhole", "k1": -0.2, "k2": 0.05, "p1": 0.002, "s3": 0.001}
ORDER = ("k1", "k2", "p1", "p2", "k3", "k4", "k5", "k6", "s1", "s2", "s3", "s4")
SPEC: dict[str, Any] = {
    "seed": 4,
    "create": {
        "floor": {"plane": {"scale": 8}, "semantics": {"class": "floor"}},
        "boxes": {"cube": {"count": 4, "scale": 0.4}, "semantics": {"class": "box"}},
        "sky": {"light": {"light_type": "dome", "intensity": 300}},
        "rig": {
            "camera": {
                "fx": 110, "fy": 115, "cx": 82, "resolution": [160, 120], "clipping_range": [0.01, 100], "lens": LENS,
                "position": [2, 0.3, 1.5], "look_at": [0, 0, 0.2],
            }
        },
    },
    "triggers": [
        {
            "on_frame": {},
            "randomize": [
                {"pose": {"prims": "boxes", "position": {"uniform": [[-0.7, -0.7, 0.2], [0.7, 0.7, 0.5]]}}},
                {
                    "camera": {
                        "cameras": "rig",
                        "lens": {"model": "opencv_pinhole", "k1": {"uniform": [-0.3, 0.1]}, "p2": 0.004},
                    }
                },
            ],
        }
    ],
    "render_products": [{"cameras": "rig", "resolution": [160, 120]}],
    "writers": [{"coco_depth": {}}],
}  # fmt: skip


def spec(**lens: Any) -> dict[str, Any]:
    made = copy.deepcopy(SPEC)
    if lens:
        made["create"]["rig"]["camera"]["lens"] = lens
        made["triggers"][0]["randomize"].pop()
    return made


def test_a_lens_is_a_schema_on_the_camera() -> None:
    with build_graph(spec(**LENS)) as graph:
        prim = graph.stage.GetPrimAtPath(f"{ROOT}/rig/Camera")
        assert prim.GetAttribute("omni:lensdistortion:model").Get() == "opencvPinhole"
        values = {
            name: prim.GetAttribute(f"omni:lensdistortion:opencvPinhole:{name}").Get() for name in ("fx", "cy", *ORDER)
        }
        given = {name: value for name, value in LENS.items() if name != "model"}
        assert values == pytest.approx({**dict.fromkeys(ORDER, 0.0), **given, "fx": 110.0, "cy": 60.0})
        # What does not know the lens sees a pinhole of the same focal length.
        assert prim.GetAttribute("focalLength").Get() / prim.GetAttribute("horizontalAperture").Get() == pytest.approx(
            110 / 160
        )


def test_coefficients_of_create_are_drawn_once() -> None:
    with build_graph(spec(model="opencv_fisheye", k1={"uniform": [-0.05, 0.05]})) as graph:
        found = [next(iter(graph.preview(i, ("camera_params",)).values()))["camera_params"] for i in range(3)]
    first = [one["cameraDistortion"][0] for one in found]
    assert first[0] == first[1] == first[2] != 0.0
    assert found[0]["cameraDistortionModel"] == "opencv_fisheye"


def test_a_frame_has_its_lens_whichever_batch_it_is_in(tmp_path: Path) -> None:
    with build_graph(spec()) as graph:
        graph.run(4, 0, tmp_path / "whole")
    with build_graph(spec()) as graph:
        graph.run(1, 2, tmp_path / "alone")
    whole, alone = (json.loads((tmp_path / name / "annotations.json").read_text()) for name in ("whole", "alone"))
    assert whole["images"][2] == alone["images"][0]
    assert [a for a in whole["annotations"] if a["image_id"] == 3] == alone["annotations"]
    ks = [image["camera"]["distortion"]["k1"] for image in whole["images"]]
    assert len(set(ks)) == 4
    assert all(-0.3 <= k <= 0.1 for k in ks)
    np.testing.assert_allclose([image["camera"]["distortion"]["p2"] for image in whole["images"]], 0.004)
    np.testing.assert_allclose([image["camera"]["distortion"]["k2"] for image in whole["images"]], 0.05, rtol=1e-6)


@pytest.mark.parametrize(
    "lens", [LENS, {"model": "opencv_fisheye", "k1": -0.04, "k2": 0.01, "k3": -0.001}], ids=lambda lens: lens["model"]
)
def test_a_datasets_numbers_agree_through_opencvs_formula(tmp_path: Path, lens: dict[str, Any]) -> None:
    """The 3D box of each record, projected with its image's intrinsics and distortion, is its image_points."""
    with build_graph(spec(**lens)) as graph:
        graph.run(3, 0, tmp_path)
    read = json.loads((tmp_path / "annotations.json").read_text())
    cameras = {image["id"]: image["camera"] for image in read["images"]}
    boxes = [a for a in read["annotations"] if "boxes" in a["prim_path"]]
    assert len(boxes) > 6
    for one in boxes:
        camera = cameras[one["image_id"]]
        k = camera["distortion"]
        assert k["model"] == lens["model"]
        (fx, _, cx), (_, fy, cy), _ = camera["intrinsics"]
        make = opencv_pinhole if lens["model"] == "opencv_pinhole" else opencv_fisheye
        forward = make(fx, fy, cx, cy, **{name: value for name, value in k.items() if name != "model"})
        w, x, y, z = one["pose"]["quaternion"]
        turn = np.array(
            [
                [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
                [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
                [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
            ]
        )
        low, high = one["bbox_3d"]["min"], one["bbox_3d"]["max"]
        corners = np.array([[a, b, c] for a in (low[0], high[0]) for b in (low[1], high[1]) for c in (low[2], high[2])])
        places = forward(corners @ turn.T + one["pose"]["translation"])
        np.testing.assert_allclose(np.array(one["bbox_3d"]["image_points"], float), places, atol=2e-3)
        # The amodal mask reaches as far as the corners, within the image.
        left, top, wide, tall = one["bbox_amodal"]
        assert left >= max(np.floor(places[:, 0].min()) - 1, 0)
        assert left + wide <= min(np.ceil(places[:, 0].max()) + 1, 160)
        assert top + tall <= min(np.ceil(places[:, 1].max()) + 1, 120)


def test_pinholes_have_no_distortion_in_their_records(tmp_path: Path) -> None:
    made = spec(**LENS)
    del made["create"]["rig"]["camera"]["lens"]
    with build_graph(made) as graph:
        graph.run(1, 0, tmp_path)
    (image,) = json.loads((tmp_path / "annotations.json").read_text())["images"]
    assert "distortion" not in image["camera"]
