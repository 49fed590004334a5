"""Lenses on Isaac Sim: the schemas that it has from 5 on, in both modes."""

from __future__ import annotations

import copy
import os
from pathlib import Path
from typing import Any

import pytest

from replicator_dr import build_graph
from replicator_dr.errors import UnsupportedError
from tests.isaacsim.runs import SPEC, dataset, differences
from tests.isaacsim.standin import RELEASES, isaac_sim

GOLDEN = Path(__file__).parent / "golden" / "lens.graph.txt"
HIDDEN = ("bbox_amodal", "area_amodal", "visible_fraction", "truncation")
WITH_SCHEMAS = [release for release in RELEASES if not release.startswith("4")]


def spec(mode: str) -> dict[str, Any]:
    """Cameras whose distortion varies."""
    made = {**copy.deepcopy(SPEC), "mode": mode}
    made["create"]["rig"]["camera"] |= {
        "fx": 45,
        "resolution": [64, 48],
        "lens": {"model": "opencv_fisheye", "k1": -0.02, "k2": 0.003},
    }
    lens = {"model": "opencv_fisheye", "k1": {"uniform": [-0.05, 0.05]}, "k3": 0.001}
    made["triggers"][0]["randomize"].append({"camera": {"cameras": "rig", "lens": lens}})
    return made


@pytest.mark.parametrize("release", WITH_SCHEMAS)
def test_stepped_frames_are_those_of_the_embedded_runtime(tmp_path: Path, release: str) -> None:
    with isaac_sim(release):
        found = dataset(spec("stepped"), tmp_path / "kit", 4)
    wanted = dataset({**spec("stepped"), "mode": "auto"}, tmp_path / "embedded", 4)
    assert wanted["images"][0]["camera"]["distortion"]["model"] == "opencv_fisheye"
    assert len({image["camera"]["distortion"]["k1"] for image in wanted["images"]}) == 8
    assert differences(found, wanted, HIDDEN) == []


@pytest.mark.parametrize("release", WITH_SCHEMAS)
def test_a_graph_writes_the_schemas_attributes(release: str) -> None:
    with isaac_sim(release) as standin, build_graph(spec("graph")) as graph:
        prim = graph.stage.GetPrimAtPath("/Replicator/rig/Camera")
        assert prim.GetMetadata("apiSchemas").HasItem("OmniLensDistortionOpenCvFisheyeAPI")
        assert prim.GetAttribute("omni:lensdistortion:model").Get() == "opencvFisheye"
        assert prim.GetAttribute("omni:lensdistortion:opencvFisheye:k2").Get() == pytest.approx(0.003)
        calls = standin.listing()
        graph.preview(0, ("rgb",))
    if os.environ.get("REPLICATOR_DR_GOLDEN"):
        GOLDEN.write_text(calls)
    assert calls == GOLDEN.read_text()


@pytest.mark.parametrize("mode", ["graph", "stepped"])
def test_before_them_a_lens_is_an_error(mode: str) -> None:
    with (
        isaac_sim("4.5"),
        pytest.raises(UnsupportedError, match=r"create\.rig: Isaac Sim 4\.5 .* would show a pinhole"),
    ):
        build_graph(spec(mode))
