"""The JSON Schema of the language (draft 2020-12), for completion and checks in editors.

It is made from the models, those of registered randomizers and writers included, so that it says what ``load_spec``
accepts. References to items and files cannot be checked by a schema.
"""

from __future__ import annotations

from typing import Any, get_args

from replicator_dr.spec.correlations import Correlation
from replicator_dr.spec.create import COMMON, MODELS
from replicator_dr.spec.designs import DESIGNS
from replicator_dr.spec.model import Model
from replicator_dr.spec.output import RenderProduct
from replicator_dr.spec.registry import RANDOMIZERS, WRITERS
from replicator_dr.spec.require import CONDITIONS
from replicator_dr.spec.schema_designs import design_schema
from replicator_dr.spec.schema_factor import factored
from replicator_dr.spec.schema_parts import definitions, resolved
from replicator_dr.spec.schema_ties import DRAWS_CONDITION, shared_draw, tie_definitions
from replicator_dr.spec.spec import Spec
from replicator_dr.spec.triggers import WHEN, Run

Schema = dict[str, Any]

PLAIN = ("name", "description", "seed", "stage", "mode", "num_envs", "env_spacing", "renderer", "redraws")
"""Fields of a spec whose own schemas say all."""
DIALECT = "https://json-schema.org/draft/2020-12/schema"


def json_schema() -> Schema:
    """The schema of a spec file."""
    defs = definitions() | tie_definitions()
    randomizers, writers = RANDOMIZERS.all(), WRITERS.all()
    models: list[tuple[str, type[Model]]] = [
        *((f"create_{kind}", model) for kind, model in MODELS.items()),
        *((f"trigger_{kind}", model) for kind, model in WHEN.items()),
        *((f"randomize_{kind}", model) for kind, model in randomizers.items()),
        *((f"writer_{kind}", model) for kind, model in writers.items()),
        *((f"design_{kind}", model) for kind, model in DESIGNS.items()),
        *((f"require_{kind}", model) for kind, model in CONDITIONS.items()),
        ("render_product", RenderProduct),
        ("correlation", Correlation),
    ]
    for name, model in models:
        defs[name] = _body(model, defs)
    for kind in MODELS:
        # Where a spec extends another one, an item may hold only what changes.
        defs[f"create_{kind}"].pop("required", None)
    spec = _body(Spec, defs)["properties"]
    file = {"type": "string", "description": "Another spec, relative to this file."}
    sections: dict[str, Schema] = {
        "extends": {"anyOf": [file, {"type": "array", "items": file}], "description": "What this spec builds upon."},
        **{name: spec[name] for name in PLAIN},
        "draws": _named(shared_draw()),
        "designs": _named(design_schema()),
        "correlations": _listed(_ref("correlation")),
        "create": _named(_created()),
        "edge_cases": spec["edge_cases"],
        "fixed": spec["fixed"],
        "triggers": _listed({"anyOf": [_trigger(kind, list(randomizers)) for kind in WHEN]}),
        "require": _listed({"anyOf": [*(_entry("require", kind) for kind in CONDITIONS), DRAWS_CONDITION]}),
        "render_products": _listed(_ref("render_product")),
        "writers": _listed({"anyOf": [_entry("writer", kind) for kind in writers]} if writers else {}),
    }
    for name, section in sections.items():
        if name in spec and "description" in spec[name]:
            section["description"] = spec[name]["description"]
    schema = {
        "$schema": DIALECT,
        "$id": "https://replicator-dr.readthedocs.io/schema/spec.json",
        "title": "A replicator_dr spec",
        "description": "One scene, what varies in it, who looks at it and what is written. Metres, degrees, Z up.",
        "type": "object",
        "properties": sections,
        "additionalProperties": False,
        "$defs": defs,
    }
    result: Schema = resolved({key: value for key, value in schema.items() if key != "title"})
    return {"$schema": DIALECT, "title": schema["title"], **factored(result)}


def _body(model: type[Model], defs: dict[str, Schema]) -> Schema:
    """A model's own schema; the definitions that pydantic makes for nested models are moved into ``defs``."""
    schema = model.model_json_schema(ref_template="#/$defs/{model}")
    defs.update(schema.pop("$defs", {}))
    return schema


def _ref(name: str) -> Schema:
    return {"x-ref": f"#/$defs/{name}"}


def _or_nothing(name: str) -> Schema:
    """A body that may be left empty, as in ``on_frame:``."""
    return {"anyOf": [_ref(name), {"type": "null"}]}


def _entry(section: str, kind: str, beside: Schema | None = None) -> Schema:
    return {
        "type": "object",
        "properties": {kind: _or_nothing(f"{section}_{kind}"), **(beside or {})},
        "required": [kind],
        "additionalProperties": False,
    }


def _created() -> Schema:
    """An item: one kind, with the common fields below it or beside it; null removes one of the extended spec."""
    options = []
    for kind, model in MODELS.items():
        beside = {name: _ref(f"create_{kind}/properties/{name}") for name in COMMON if name in model.model_fields}
        option = _entry("create", kind, beside)
        if kind == "group":
            names: Schema = {"type": "array", "items": {"type": "string"}}
            option["properties"]["group"] = {"anyOf": [{"type": "string"}, names, _ref("create_group")]}
        options.append(option)
    common = {name: _ref(f"create_cube/properties/{name}") for name in COMMON}
    options.append({"type": "object", "properties": common, "additionalProperties": False, "minProperties": 1})
    return {"anyOf": [*options, {"type": "null"}]}


def _trigger(kind: str, randomizers: list[str]) -> Schema:
    name = {"type": "string", "description": "A name of its own."}
    run: Schema = {"enum": [*get_args(Run)], "default": "always", "description": "once: at frame 0 alone."}
    entries = [_entry("randomize", randomizer, {"name": name, "run": run}) for randomizer in randomizers]
    randomize = {"type": "array", "items": {"anyOf": entries}, "description": "What varies then."}
    return _entry("trigger", kind, {"name": name, "randomize": randomize})


def _named(value: Schema) -> Schema:
    return {"type": "object", "additionalProperties": value}


def _listed(items: Schema) -> Schema:
    return {"type": "array", "items": items}
