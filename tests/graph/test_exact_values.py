"""Keyframes, edge cases and fixed values: exact where they are given, and all else as it was."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from replicator_dr import build_graph
from replicator_dr.errors import EngineError
from replicator_dr.plugins import BuildContext, RandomizerPlugin, register_randomizer
from replicator_dr.spec import Number, Prims
from replicator_dr.spec.registry import RANDOMIZERS

SPEC: dict[str, Any] = {
    "seed": 9,
    "draws": {"wear": {"uniform": [0, 1]}, "own": {"uniform": [0, 1], "per": "prim"}},
    "designs": {"sweep": {"latin_hypercube": {"samples": 8}, "factors": {"bright": {"uniform": [10, 20]}}}},
    "create": {
        "boxes": {"cube": {"count": 2}, "semantics": {"class": "box"}},
        "ball": {"sphere": {}, "semantics": {"class": "ball"}},
        "things": {"group": ["boxes", "ball"]},
        "red": {"material": {"diffuse": [1, 0, 0]}},
        "sun": {"light": {"light_type": "distant", "intensity": 1000}},
        "lamp": {"light": {"light_type": "sphere"}},
        "camera": {"camera": {"position": [6, 0, 3], "look_at": [0, 0, 0], "f_stop": 2}},
    },
    "triggers": [
        {
            "on_frame": {},
            "randomize": [
                {"pose": {"prims": "boxes", "position": {"uniform": [[-1, -1, 0], [1, 1, 0]]}}},
                {"materials": {"prims": "things", "metallic": "$own", "roughness": {"draw": "wear", "scale": 0.5}}},
                {"light": {"lights": "sun", "intensity_scale": {"uniform": [0.5, 1]}, "color": [1, 1, 1]}},
                {"light": {"lights": "lamp", "intensity": "$bright"}},
                {"camera": {"cameras": "camera", "f_stop": {"uniform": [1, 8]}}},
                {"visibility": {"prims": "ball", "visible": {"choice": [True, False]}}},
                {
                    "texture": {
                        "prims": "ball",
                        "textures": {
                            "choice": ["scenes/assets/textures/dots.png", "scenes/assets/textures/checker.png"]
                        },
                    }
                },
            ],
        },
        {"on_frame": {"interval": 4}, "randomize": [{"pose": {"prims": "ball", "size": {"uniform": [0.1, 0.4]}}}]},
    ],
}
FRAMES = range(12)


def draws(**changes: Any) -> dict[str, np.ndarray]:
    """What is drawn with these sections added."""
    with build_graph({**copy.deepcopy(SPEC), **changes}) as graph:
        return dict(graph.sample(FRAMES).draws)


PLAIN = draws()
EDGES = {
    0: {"boxes.position": [9, 8, 7], "wear": 0.25},
    3: {"sun.intensity_scale": 3, "things.metallic": 0.5, "camera.f_stop": 22},
    4: {"ball.size": 2, "$bright": 99, "ball.visible": False},
    8: {"ball.textures": "scenes/assets/textures/mosaic.jpg", "sun.light.color": [1, 0.5, 0]},
}


@pytest.fixture(scope="module")
def edged() -> dict[str, np.ndarray]:
    return draws(edge_cases=EDGES)


def test_edge_cases_are_exact(edged: dict[str, np.ndarray]) -> None:
    assert edged["boxes.pose.position"][0].tolist() == [[9, 8, 7]] * 2
    assert edged["boxes.materials.roughness"][0].ravel().tolist() == [0.125] * 2
    assert edged["sun.light.intensity_scale"][3].ravel().tolist() == [3000]
    assert edged["boxes.materials.metallic"][3].ravel().tolist() == [0.5] * 2
    assert edged["ball.materials.metallic"][3].ravel().tolist() == [0.5]
    assert edged["camera.camera.f_stop"][3].ravel() / PLAIN["camera.camera.f_stop"].max() > 2
    assert edged["lamp.light.intensity"][4].ravel().tolist() == [99]
    assert not edged["ball.visibility.visible"][4].any()
    assert edged["ball.pose.size"][4:8].ravel().tolist() == [2] * 4
    assert edged["ball.texture.textures"][8].tolist() == ["scenes/assets/textures/mosaic.jpg"]
    assert edged["sun.light.color"][8].ravel().tolist() == [1, 0.5, 0]


def test_edge_cases_leave_everything_else_as_it_was(edged: dict[str, np.ndarray]) -> None:
    given = {
        "boxes.pose.position": [0],
        "boxes.materials.roughness": [0],
        "ball.materials.roughness": [0],
        "sun.light.intensity_scale": [3],
        "boxes.materials.metallic": [3],
        "ball.materials.metallic": [3],
        "camera.camera.f_stop": [3],
        "lamp.light.intensity": [4],
        "ball.visibility.visible": [4],
        "ball.pose.size": [4, 5, 6, 7],
        "ball.texture.textures": [8],
    }
    assert PLAIN.keys() == edged.keys() - {"sun.light.color"}
    for name, values in PLAIN.items():
        rows = np.setdiff1d(np.array(FRAMES), given.get(name, []))
        np.testing.assert_array_equal(edged[name][rows], values[rows], err_msg=name)
    assert (np.delete(edged["sun.light.color"], 8, axis=0) == 1).all()


def test_edge_cases_as_a_list_are_the_first_frames() -> None:
    found = draws(edge_cases=[{"boxes.position": [1, 1, 1]}, {"boxes.position": [2, 2, 2]}])["boxes.pose.position"]
    assert found[:3, 0, 0].tolist() == [1, 2, PLAIN["boxes.pose.position"][2, 0, 0]]


def test_an_edge_case_is_the_same_alone_and_in_a_run() -> None:
    with build_graph({**copy.deepcopy(SPEC), "edge_cases": EDGES}) as graph:
        run, alone = graph.sample(FRAMES), graph.sample([3])
        for name, values in alone.draws.items():
            np.testing.assert_array_equal(run.draws[name][3], values[0], err_msg=name)
        held = graph.sample([6]).draws["ball.pose.size"]
    assert held.ravel().tolist() == [2]


def test_fixed_values_hold_in_all_frames_and_edge_cases_stand_over_them() -> None:
    found = draws(fixed={"sun.intensity_scale": 2, "wear": 1, "bright": 15}, edge_cases=[{"sun.intensity_scale": 4}])
    assert found["sun.light.intensity_scale"].ravel().tolist() == [4000, *[2000] * 11]
    assert (found["boxes.materials.roughness"] == 0.5).all()
    assert (found["lamp.light.intensity"] == 15).all()
    for name in PLAIN.keys() - {"sun.light.intensity_scale", "lamp.light.intensity"}:
        if not name.endswith("roughness"):
            np.testing.assert_array_equal(found[name], PLAIN[name], err_msg=name)


def test_the_values_reach_the_stage() -> None:
    with build_graph({**copy.deepcopy(SPEC), "edge_cases": {"5": {"boxes.position": [0.5, 0.25, 2]}}}) as graph:
        boxes = [row for row, path in enumerate(graph.scene.labels.entity_paths) if "boxes" in path]
        worlds = graph.sample([4, 5]).entity_world
    at = worlds[:, boxes, 3, :3]
    assert at[1].tolist() == [[0.5, 0.25, 2]] * 2
    assert (at[0] != at[1]).any(axis=1).all()


class Together(RandomizerPlugin):
    """Turns prims, all by one draw."""

    prims: Prims
    angle: Number = 5.0

    def build(self, rep: ModuleType, context: BuildContext) -> None:
        angle = context.draw("angle")
        for target in context.targets("prims"):
            rep.modify.pose(rotation_x=angle, input_prims=target.item)


def test_materials_are_chosen_exactly() -> None:
    spec = copy.deepcopy(SPEC)
    spec["create"]["blue"] = {"material": {"diffuse": [0, 0, 1]}}
    keys = {"keyframes": {"values": {"0": "red", "2": "blue"}, "interpolation": "step"}}
    spec["triggers"][0]["randomize"].append({"materials": {"prims": "ball", "materials": keys}})
    with build_graph(spec) as graph:
        red, again, blue, stays = graph.sample(range(4)).draws["ball.materials.materials"][:, 0].tolist()
    assert red == again != blue == stays
    spec["triggers"][0]["randomize"][-1]["materials"]["materials"] = {"choice": ["red", "blue"]}
    with build_graph(spec) as graph:
        plain = graph.sample(FRAMES).draws["ball.materials.materials"][:, 0].tolist()
    assert {*plain} == {red, blue}
    with build_graph({**spec, "edge_cases": {"3": {"ball.materials": "red" if plain[3] == blue else "blue"}}}) as graph:
        found = graph.sample(FRAMES).draws["ball.materials.materials"][:, 0].tolist()
    assert found == [*plain[:3], red if plain[3] == blue else blue, *plain[4:]]


@pytest.fixture
def together() -> Iterator[None]:
    register_randomizer(Together)
    yield
    RANDOMIZERS.unregister("together")


@pytest.mark.usefixtures("together")
def test_a_name_without_a_draw_of_its_own_is_an_error() -> None:
    spec = copy.deepcopy(SPEC)
    spec["triggers"][0]["randomize"].append({"together": {"prims": ["boxes", "ball"], "angle": {"uniform": [0, 9]}}})
    with pytest.raises(EngineError, match=r"'boxes\.angle' is not drawn by itself"):
        build_graph({**spec, "edge_cases": [{"boxes.angle": 1}]})
    with build_graph({**spec, "edge_cases": [{"boxes+ball.angle": 1}]}) as graph:
        assert graph.sample([0]).draws["boxes+ball.together.angle"].ravel()[0] == 1


KEYS = np.array([[0.0, 0, 0], [4, 8, 2], [0, 0, 1]])


@pytest.mark.parametrize("blend", ["linear", "smooth", "step"])
def test_keyframes_are_blended_as_their_formulas_say(blend: str) -> None:
    spec = copy.deepcopy(SPEC)
    keys = {"2": KEYS[0].tolist(), "6": KEYS[1].tolist(), "9": KEYS[2].tolist()}
    spec["triggers"][0]["randomize"][0]["pose"]["position"] = {"keyframes": {"values": keys, "interpolation": blend}}
    with build_graph(spec) as graph:
        found = graph.sample(FRAMES).draws["boxes.pose.position"]
    for frame in FRAMES:
        before, after, length, at = (0, 1, 4, 2) if frame < 6 else (1, 2, 3, 6)
        t = min(max((frame - at) / length, 0), 1)
        share = {"linear": t, "smooth": 3 * t**2 - 2 * t**3, "step": float(t == 1)}[blend]
        expected = KEYS[before] + (KEYS[after] - KEYS[before]) * share
        np.testing.assert_allclose(found[frame], [expected] * 2, atol=1e-12)


def test_keyframes_of_files_shared_draws_and_slow_triggers() -> None:
    spec = copy.deepcopy(SPEC)
    spec["draws"]["wear"] = {"keyframes": {"0": 0, "10": 1}}
    dots, checker = ("scenes/assets/textures/dots.png", "scenes/assets/textures/checker.png")
    textures = {"keyframes": {"values": {"0": dots, "5": checker}, "interpolation": "step"}}
    spec["triggers"][0]["randomize"][-1]["texture"]["textures"] = textures
    spec["triggers"][1]["randomize"][0]["pose"]["size"] = {"keyframes": {"0": 1, "8": 3}}
    with build_graph(spec) as graph:
        found = graph.sample(FRAMES).draws
    np.testing.assert_allclose(found["ball.materials.roughness"][:11, 0, 0], np.arange(11) / 20)
    assert found["ball.texture.textures"][:, 0].tolist() == [dots] * 5 + [checker] * 7
    assert found["ball.pose.size"].ravel().tolist() == [1] * 4 + [2] * 4 + [3] * 4
