"""The spec's renderer: colours are path traced or not, everything else stays as it is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from replicator_dr.engines.embedded.api import settings
from replicator_dr.engines.embedded.runtime import Runtime, activate
from replicator_dr.errors import EngineError
from replicator_dr.graph import build_graph
from replicator_dr.spec import load_spec
from tests.isaacsim.standin import RELEASES, isaac_sim

SPEC: dict[str, Any] = {
    "seed": 2,
    "create": {
        "floor": {"plane": {"scale": 4}, "semantics": {"class": "floor"}},
        "ball": {"sphere": {"scale": 0.5}, "semantics": {"class": "ball"}},
        "sun": {"light": {"intensity": 2000, "rotation": [-30, 20, 0]}},
        "eye": {"camera": {"position": [3, 0.5, 2], "look_at": [0, 0, 0]}},
    },
    "triggers": [
        {
            "on_frame": {},
            "randomize": [{"pose": {"prims": "ball", "position": {"uniform": [[-1, -1, 0.3], [1, 1, 0.6]]}}}],
        }
    ],
    "render_products": [{"cameras": "eye", "resolution": [32, 24]}],
}
TRACED = {**SPEC, "renderer": {"mode": "path_traced", "samples_per_pixel": 4, "max_bounces": 1}}
ANNOTATORS = ("rgb", "distance_to_image_plane", "instance_segmentation", "normals")


def frames(spec: dict[str, Any], count: int = 3, start: int = 0, batch: int = 16) -> dict[str, np.ndarray[Any, Any]]:
    with build_graph(spec, device="cpu") as graph:
        made = list(graph.frames(count, start, batch, ANNOTATORS))
    return {name: np.concatenate([one["eye"][name] for one in made]) for name in ANNOTATORS}


def test_only_the_colours_change() -> None:
    raster, traced = frames(SPEC), frames(TRACED)
    for name in ANNOTATORS[1:]:
        np.testing.assert_array_equal(raster[name], traced[name])
    assert traced["rgb"].dtype == np.uint8
    assert (traced["rgb"][..., 3] == 255).all()
    assert not np.array_equal(raster["rgb"], traced["rgb"])
    # The same scene under the same tone curve: light that bounces adds a little.
    apart = traced["rgb"][..., :3].mean() - raster["rgb"][..., :3].mean()
    assert -3 < apart < 30


def test_a_frame_is_the_same_alone_and_in_any_batch() -> None:
    whole = frames(TRACED, 4)["rgb"]
    np.testing.assert_array_equal(frames(TRACED, 4, batch=1)["rgb"], whole)
    np.testing.assert_array_equal(frames(TRACED, 1, start=3)["rgb"][0], whole[3])
    with build_graph(TRACED, device="cpu") as graph:
        alone = graph.preview(2, ["rgb"])["eye"]["rgb"]["data"]
    np.testing.assert_array_equal(alone, whole[2])


def test_samples_and_bounces_reach_the_tracer() -> None:
    def changed(**fields: int) -> np.ndarray[Any, Any]:
        return frames({**SPEC, "renderer": {**TRACED["renderer"], **fields}}, 1)["rgb"]

    plain = changed()
    assert not np.array_equal(changed(samples_per_pixel=16), plain)
    assert not np.array_equal(changed(max_bounces=0), plain)


def test_the_raster_can_be_asked_for() -> None:
    np.testing.assert_array_equal(frames({**SPEC, "renderer": {"mode": "raster"}}, 1)["rgb"], frames(SPEC, 1)["rgb"])


def test_scripts_switch_to_and_fro() -> None:
    with activate(Runtime()) as runtime:
        scene = runtime.scene()
        assert runtime.color_tracer(scene) is None
        settings.set_render_pathtraced(samples_per_pixel=8)
        settings.carb_settings("/rtx/pathtracing/maxBounces", 2)
        tracer = runtime.color_tracer(scene)
        assert tracer is not None
        assert (tracer.how.samples, tracer.how.bounces) == (8, 2)
        settings.set_render_rtx_realtime()
        assert runtime.color_tracer(scene) is None
        settings.set_render_pathtraced()
        settings.carb_settings("/rtx/pathtracing/maxBounces", -1)
        with pytest.raises(
            EngineError, match="64 samples a pixel and -1 bounces; give 1 to 65536 samples and 0 bounces"
        ):
            runtime.color_tracer(scene)


def test_the_defaults_and_the_digest(tmp_path: Path) -> None:
    assert load_spec(SPEC).renderer is None
    (tmp_path / "a.yaml").write_text(yaml.safe_dump({"renderer": {"mode": "path_traced"}}))
    renderer = load_spec(tmp_path / "a.yaml", ["renderer.max_bounces=2"]).renderer
    assert renderer is not None
    assert (renderer.mode, renderer.samples_per_pixel, renderer.max_bounces) == ("path_traced", 64, 2)
    assert load_spec(TRACED).digest() != load_spec(SPEC).digest()


@pytest.mark.parametrize("release", RELEASES)
@pytest.mark.parametrize("mode", ["graph", "stepped"])
def test_isaac_sim_gets_the_documented_calls(release: str, mode: str) -> None:
    bounces = "settings.carb_settings(setting='/rtx/pathtracing/maxBounces', value=1)"
    for spec, calls in (
        (TRACED, ["settings.set_render_pathtraced(samples_per_pixel=4)", bounces]),
        ({**SPEC, "renderer": {}}, ["settings.set_render_rtx_realtime()"]),
        (SPEC, []),
    ):
        with isaac_sim(release) as standin, build_graph({**spec, "mode": mode}):
            made = [line.partition(" = ")[2] for line in standin.calls.listing().splitlines()]
        assert [call for call in made if call.startswith("settings.")] == calls
