"""Every public callable of the embedded API that Replicator documents has Replicator's parameters."""

from __future__ import annotations

import ast
import inspect
import json
from pathlib import Path
from typing import Any

import pytest

from replicator_dr.engines.embedded import api

MANIFEST = Path(__file__).parents[1] / "data" / "replicator_api.json"
CALLABLES: dict[str, dict[str, Any]] = json.loads(MANIFEST.read_text())["callables"]

# What this runtime must have; the rest of the manifest is compared where it exists.
REQUIRED = [
    "new_layer",
    "set_global_seed",
    "get_global_seed",
    "open_stage",
    "create.camera",
    "create.light",
    "create.cube",
    "create.sphere",
    "create.cylinder",
    "create.cone",
    "create.plane",
    "create.torus",
    "create.disk",
    "create.xform",
    "create.group",
    "create.from_usd",
    "create.from_dir",
    "create.material_omnipbr",
    "create.stereo_camera",
    "create.render_product",
    "create.render_product_tiled",
    "create.register",
    "get.prims",
    "get.prim_at_path",
    "get.camera",
    "get.light",
    "get.mesh",
    "get.material",
    "get.xform",
    "get.shape",
    "get.register",
    "modify.pose",
    "modify.pose_orbit",
    "modify.semantics",
    "modify.attribute",
    "modify.visibility",
    "modify.material",
    "modify.variant",
    "modify.register",
    "randomizer.register",
    "randomizer.rotation",
    "randomizer.color",
    "randomizer.materials",
    "randomizer.texture",
    "randomizer.scatter_2d",
    "randomizer.instantiate",
    "distribution.uniform",
    "distribution.normal",
    "distribution.log_uniform",
    "distribution.choice",
    "distribution.sequence",
    "distribution.combine",
    "distribution.register",
    "trigger.on_frame",
    "trigger.on_custom_event",
    "trigger.register",
    "utils.send_og_event",
    "utils.sequential",
    "settings.carb_settings",
    "settings.set_stage_up_axis",
    "settings.set_stage_meters_per_unit",
    "rng.ReplicatorRNG",
    "physics.collider",
    "physics.mass",
    "physics.physics_material",
    "physics.reset",
    "physics.rigid_body",
    "physics.simulate",
    "functional.physics.apply_collider",
    "functional.physics.apply_rigid_body",
    "functional.physics.create_physics_scene",
]

# Parameter names that the reading of the documentation abbreviated, or order that it could not settle.
UNSETTLED = {"create.stereo_camera"}


def find(name: str) -> Any:
    """The object behind a dotted name below ``rep``, None where there is none."""
    target: Any = api
    for part in name.split("."):
        target = getattr(target, part, None)
    return target


def graph_names() -> list[str]:
    graph = ("create", "get", "modify", "randomizer", "distribution", "trigger")
    modules = (*graph, "utils", "settings", "rng", "physics")
    tops = ("new_layer", "set_global_seed", "get_global_seed", "open_stage")
    names = [name for name in CALLABLES if name in tops or name.removeprefix("functional.").split(".")[0] in modules]
    return sorted(name for name in names if find(name) is not None)


@pytest.mark.parametrize("name", REQUIRED)
def test_is_there(name: str) -> None:
    assert name in CALLABLES
    assert callable(find(name))


@pytest.mark.parametrize("name", graph_names())
def test_has_the_documented_parameters(name: str) -> None:
    own = [p for p in inspect.signature(find(name)).parameters.values() if p.name != "self"]
    documented = CALLABLES[name]["params"]
    names = [p.name for p in own]
    wanted = [p["name"] for p in documented]
    if name in UNSETTLED:
        assert sorted(names) == sorted(wanted)
    else:
        assert names == wanted
    for mine, theirs in zip(sorted(own, key=lambda p: p.name), sorted(documented, key=lambda p: str(p["name"]))):
        needed = mine.default is inspect.Parameter.empty and mine.kind is not inspect.Parameter.VAR_KEYWORD
        assert needed == theirs["required"], mine.name
        if "default" in theirs:
            assert mine.default == ast.literal_eval(theirs["default"]), mine.name


def test_no_required_name_is_missing_from_the_comparison() -> None:
    compared = set(graph_names())
    assert {name for name in REQUIRED if name.split(".")[0] in ("create", "modify", "distribution")} <= compared
