"""A spec as a Mermaid flowchart: items, what randomizes them and when, cameras, images, writers.

Mermaid: https://mermaid.js.org/syntax/flowchart.html; GitHub, GitLab and most editors draw it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from replicator_dr.graph.image_sizes import options
from replicator_dr.spec import Spec
from replicator_dr.spec.distributions import Distribution, DrawUse
from replicator_dr.spec.items import Group
from replicator_dr.spec.model import Model
from replicator_dr.spec.settle import uses
from replicator_dr.spec.triggers import OnFrame, Randomization, Trigger


def mermaid(spec: Spec) -> str:
    """The flowchart's text, without a newline at its end."""
    lines = ["flowchart LR"]
    lines += _block("create", "create", (_item(name, item) for name, item in spec.create.items()))
    lines += [f"    {_draw_id(name)}([{_quoted(f'${name}')}])" for name in (*spec.draws, *_factors(spec))]
    for number, trigger in enumerate(spec.triggers):
        lines += _block(f"trigger{number}", _moment(trigger), _randomizers(number, trigger))
    lines += [
        f"    product{number}[/{_quoted(_size(product))}/]" for number, product in enumerate(spec.render_products)
    ]
    lines += [f"    writer{number}[({_quoted(entry.kind)})]" for number, entry in enumerate(spec.writers)]
    lines += [f"    {edge}" for edge in _edges(spec)]
    return "\n".join(lines)


def _factors(spec: Spec) -> list[str]:
    """The names by which the spec's fields call factors of designs."""
    found = (
        use
        for trigger in spec.triggers
        for _, entry in _active(trigger)
        for _, value in _written(entry.randomizer)
        for use in uses(value)
    )
    return sorted({use for use in found if spec.factor(use) is not None})


def _block(identity: str, title: str, inside: Iterable[str]) -> list[str]:
    lines = list(inside)
    if not lines:
        return []
    return [f"    subgraph {identity}[{_quoted(title)}]", *(f"        {line}" for line in lines), "    end"]


def _item(name: str, item: Model) -> str:
    count = getattr(item, "count", 1)
    kind = str(getattr(item, "kind", ""))
    label = f"{name}<br/>{kind}{f' x {count}' if count and count > 1 else ''}"
    shape = ("([", "])") if isinstance(item, Group) else ("[", "]")
    return f"{_item_id(name)}{shape[0]}{_quoted(label)}{shape[1]}"


def _moment(trigger: Trigger) -> str:
    when = trigger.when
    if not isinstance(when, OnFrame):
        moment = f"on event {when.event_name}"
    else:
        moment = "every frame" if when.interval == 1 else f"every {when.interval} frames"
    return f"{trigger.name}: {moment}" if trigger.name else moment


def _randomizers(number: int, trigger: Trigger) -> Iterator[str]:
    for index, entry in _active(trigger):
        varying = [name for name, value in _written(entry.randomizer) if _varies(value)]
        label = entry.kind + (f"<br/>{', '.join(varying)}" if varying else "")
        yield f"random{number}_{index}[{_quoted(label)}]"


def _active(trigger: Trigger) -> Iterator[tuple[int, Randomization]]:
    """The entries that run, with their places in the list."""
    return ((index, entry) for index, entry in enumerate(trigger.randomize) if entry.run != "never")


def _edges(spec: Spec) -> Iterator[str]:
    for name, shared in spec.draws.items():
        for other in uses(shared.distribution):
            yield f"{_draw_id(other)} -.-> {_draw_id(name)}"
    for group in spec.correlations:
        for first, second in zip(group.draws, group.draws[1:]):
            yield f"{_draw_id(first)} <-.-> {_draw_id(second)}"
    for name, item in spec.create.items():
        for member in item.items if isinstance(item, Group) else ():
            yield f"{_item_id(name)} --- {_item_id(member)}"
    for number, trigger in enumerate(spec.triggers):
        for index, entry in _active(trigger):
            for target in _named_items(entry.randomizer, spec):
                yield f"random{number}_{index} --> {_item_id(target)}"
            for draw in sorted({use for _, value in _written(entry.randomizer) for use in uses(value)}):
                yield f"{_draw_id(draw)} -.-> random{number}_{index}"
    for number, product in enumerate(spec.render_products):
        for camera in product.cameras:
            yield f"{_item_id(camera)} ==> product{number}"
        for writer in range(len(spec.writers)):
            yield f"product{number} ==> writer{writer}"


def _written(model: Model) -> Iterator[tuple[str, Any]]:
    """The fields that the spec's author wrote, with their values."""
    for name in type(model).model_fields:
        if name in model.model_fields_set:
            yield name, getattr(model, name)


def _named_items(model: Model, spec: Spec) -> list[str]:
    """The created items that a randomizer's fields name, each once."""
    values = (value if isinstance(value, (tuple, list)) else (value,) for _, value in _written(model))
    return list(
        dict.fromkeys(str(one) for value in values for one in value if isinstance(one, str) and one in spec.create)
    )


def _varies(value: Any) -> bool:
    return isinstance(value, (Distribution, DrawUse))


def _size(product: Any) -> str:
    value = product.resolution
    sizes = options(value)
    words = [f"{size[0]:g} x {size[1]:g}" if isinstance(size, tuple) else _asked(size) for size in sizes]
    shown = " or ".join(dict.fromkeys(words))
    return f"{product.name}<br/>{shown}" if product.name else shown


def _asked(value: Any) -> str:
    """What a size depends on."""
    names = uses(value)
    return " and ".join(f"${name}" for name in names) or str(getattr(value, "kind", value))


def _item_id(name: str) -> str:
    # A prefix keeps item names from meeting Mermaid's own words, such as "end".
    return f"item_{name}"


def _draw_id(name: str) -> str:
    return f"draw_{''.join(letter if letter.isalnum() else '_' for letter in name)}"


def _quoted(text: str) -> str:
    return '"' + text.replace('"', "#quot;") + '"'
