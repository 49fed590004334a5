"""The reference page of the language (docs/language.md), made from the models that read it: one source."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from dataclasses import fields

from pydantic import BaseModel

from replicator_dr.run.reference_types import accepted, default
from replicator_dr.spec import Lens, Spec
from replicator_dr.spec.correlations import Correlation
from replicator_dr.spec.create import MODELS
from replicator_dr.spec.depth_sensor import DepthSensor, Stereo, TimeOfFlight
from replicator_dr.spec.designs import DESIGNS
from replicator_dr.spec.distributions import DISTRIBUTIONS, Distribution, Keyframes
from replicator_dr.spec.physics import Physics
from replicator_dr.spec.registry import RANDOMIZERS, WRITERS
from replicator_dr.spec.renderer import Renderer
from replicator_dr.spec.require import CONDITIONS
from replicator_dr.spec.sensor import Sensor
from replicator_dr.spec.triggers import WHEN

_INTRODUCTION = """# The language

A spec is one YAML file. Lengths are metres, angles degrees, Z is up, times are frames, colours linear RGB in 0..1.
Names of files start from the folder of the file that they stand in. Unknown keys are errors. This page is made from the
models by `make docs`.

Where a field *may vary* it takes a constant, a distribution, or a shared draw:

```yaml
draws:
  brightness: {uniform: [0.5, 2]}            # drawn once a frame
create:
  sun: {light: {light_type: distant}}
  lamp: {light: {light_type: sphere}}
triggers:
  - on_frame: {}
    randomize:
      - light: {lights: sun, intensity: {draw: brightness, scale: 3000}}
      - light: {lights: lamp, exposure: $brightness, temperature: {normal: [5000, 500]}}
```

Draws may depend on each other, by expressions, conditions, weights and correlations: [Ties](ties.md).

`extends: other.yaml` puts a spec on top of another: mappings are merged key by key, everything else replaces what was
below, and an item set to null is removed. `--set path=value` and `--without NAME` do the same from the command line.
"""


def reference_page() -> str:
    """The whole page as Markdown, with every installed randomizer and writer; ends with a newline."""
    parts = [_INTRODUCTION, "## A spec", _table(Spec), "### `renderer`", summary(Renderer), _table(Renderer)]
    parts += ["### `correlations`", summary(Correlation), _table(Correlation)]
    parts += ["## Items", _ITEMS]
    parts += [*_item_sections()]
    parts += ["### `physics` of an item", summary(Physics), _table(Physics)]
    parts += ["### `lens` of a camera", summary(Lens), _table(Lens)]
    parts += ["### `sensor` of a camera", summary(Sensor), _table(Sensor)]
    parts += ["### `depth_sensor` of a camera", summary(DepthSensor), _table(DepthSensor)]
    parts += ["### `stereo` of a depth sensor", summary(Stereo), _table(Stereo)]
    parts += ["### `time_of_flight` of a depth sensor", summary(TimeOfFlight), _table(TimeOfFlight)]
    parts += ["## Triggers", _TRIGGERS]
    for kind, moment in WHEN.items():
        parts += [f"### `{kind}`", summary(moment), _table(moment)]
    parts += ["## Requirements", _REQUIREMENTS]
    for kind, condition in CONDITIONS.items():
        parts += [f"### `{kind}`", summary(condition), _table(condition)]
    parts += ["### `draws`", _DRAWS_CONDITION]
    parts += ["## Distributions", "\n".join(_distributions())]
    parts += ["## Designs", _DESIGNS]
    for kind, design in DESIGNS.items():
        parts += [f"### `{kind}`", summary(design), _table(design)]
    parts += ["## Ties", _TIES]
    parts += ["## Randomizers", _RANDOMIZERS]
    for kind, model in sorted(RANDOMIZERS.all().items()):
        parts += [f"### `{kind}`", summary(model), _table(model)]
    parts += ["## Writers", _WRITERS]
    for kind, model in sorted(WRITERS.all().items()):
        parts += [f"### `{kind}`", summary(model), _table(model)]
    return "\n\n".join(part.strip("\n") for part in parts) + "\n"


_ITEMS = """
`create` gives each item a name and a kind, as in `mugs: {from_usd: {usd: assets/mug.usda, count: 4}}`. A distribution
given here is drawn once, before frame 0. The fields that all items share may also stand beside the kind, as in
`boxes: {cube: {count: 6}, semantics: {class: box}}`.
"""

_TRIGGERS = """
`triggers` is a list; each entry says when (`on_frame` or `on_custom_event`), what then varies (`randomize`, a list of
randomizers run in this order) and may have a `name`, as in `{on_frame: {interval: 4}, randomize: [...], name: slow}`.
An entry of `randomize` may have a `name` too; its draws then stay as they are when its place in the list changes.
"""

_REQUIREMENTS = """
`require` is a list of conditions, all of which a frame must meet; one that does not is drawn anew, up to `redraws`
times, as in `require: [{visible_fraction: {prims: mugs, at_least: 0.3}}]`. What is drawn anew and what stays:
[Requirements](requirements.md).
"""

_DESIGNS = """
`designs` gives sweeps names: `sweep: {latin_hypercube: {samples: 200}, factors: {intensity: {uniform: [200, 3000]}}}`.
A factor is a distribution, of which the design takes quantiles, or a list of values. Fields use it as a shared draw,
`$sweep.intensity`, or `$intensity` where nothing else is called so. Frame k takes point k: [Designs](designs.md).
"""

_DRAWS_CONDITION = """
A condition on the shared draws of a frame, an expression that is true or false, as in `- draws: "gap > 0.2"`. It is
asked without an image.
"""

_TIES = """
What depends on shared draws stands wherever a value may vary, in `draws` too; the page [Ties](ties.md) has the whole.

| key | beside it | meaning |
|---|---|---|
| `expr` | | what an expression makes of draws: `{expr: "2000 * warmth + 500"}` |
| `when` | `then`, `else` | one of two, by a condition: `{when: "night > 0.5", then: {uniform: [0, 1]}, else: 0}` |
| `case` | `of`, `else` | one for each value of a draw: `{case: weather, of: {sunny: 1, rain: {uniform: [0, 0.3]}}}` |
| `weights` of `choice` | | expressions, or a row for each value: `{by: room, kitchen: [3, 1], office: [1, 1]}` |
"""

_RANDOMIZERS = """
Entries of `triggers[].randomize`, each run when its trigger fires. A package adds its own by an entry point.
"""

_WRITERS = """
Entries of `writers`. A package adds its own by an entry point.
"""


def _item_sections() -> Iterator[str]:
    """A section per kind of item; kinds with the same keys share one."""
    tables: dict[str, list[str]] = {}
    for kind, item in MODELS.items():
        tables.setdefault(_table(item), []).append(kind)
    for table, kinds in tables.items():
        yield f"### {', '.join(f'`{kind}`' for kind in kinds)}"
        if len(kinds) == 1:
            yield summary(MODELS[kinds[0]])
        else:
            yield "\n".join(f"- `{kind}`: {summary(MODELS[kind])}" for kind in kinds)
        yield table


def summary(model: type) -> str:
    """The docstring of a model, unwrapped into paragraphs."""
    text = inspect.getdoc(model) or ""
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in text.split("\n\n")).replace("``", "`")


def _table(model: type[BaseModel]) -> str:
    rows = ["| key | takes | default | meaning |", "|---|---|---|---|"]
    for name, field in model.model_fields.items():
        meaning = " ".join((field.description or "").split()).replace("``", "`")
        cells = (f"`{field.alias or name}`", accepted(field), _code(default(field)), meaning)
        rows.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(rows) if len(rows) > 2 else "No keys."


def _code(text: str) -> str:
    return text if text in ("", "required") else f"`{text}`"


def _distributions() -> Iterator[str]:
    yield "| distribution | written as | meaning |"
    yield "|---|---|---|"
    for kind, model in DISTRIBUTIONS.items():
        further = [name for name in _arguments(model) if name not in (*model.positional, "frames")]
        named = f", or by name with {', '.join(f'`{name}`' for name in further)}" if further else ""
        yield f"| `{kind}` | `{_written(kind, model)}`{named} | {summary(model)} |"


def _written(kind: str, model: type[Distribution]) -> str:
    """The short form of a distribution."""
    if kind == Keyframes.kind:
        return "{keyframes: {0: ..., 30: ...}}"
    return f"{{{kind}: [{', '.join(model.positional) if len(model.positional) > 1 else '...'}]}}"


def _arguments(model: type[Distribution]) -> list[str]:
    return [field.name for field in fields(model) if field.name != "places"]
