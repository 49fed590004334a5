"""Spec -> rep calls: create, triggers, render products. Nothing here knows which runtime answers."""

from __future__ import annotations

from types import ModuleType
from typing import Any

from replicator_dr.graph.context import Built, EntryContext
from replicator_dr.graph.items import create_items
from replicator_dr.graph.lower import Lowering
from replicator_dr.plugins import RandomizerPlugin
from replicator_dr.spec.output import RenderProduct
from replicator_dr.spec.spec import Spec
from replicator_dr.spec.triggers import OnFrame, Trigger


def build(rep: ModuleType, spec: Spec) -> list[Any]:
    """Make the graph of a spec on the active runtime; returns its render products."""
    rep.set_global_seed(spec.seed)
    built = Built(rep, spec, Lowering(rep, spec))
    create_items(built)
    for trigger in spec.triggers:
        _trigger(built, trigger)
    return _products(built)


def _trigger(built: Built, trigger: Trigger) -> None:
    rep, when = built.rep, trigger.when
    entries = sorted(trigger.randomize, key=lambda entry: _order(entry.randomizer))
    if isinstance(when, OnFrame):
        name = trigger.name or "on_frame"
        handle = rep.trigger.on_frame(
            interval=when.interval, max_execs=when.max_execs, rt_subframes=when.rt_subframes, name=name
        )
    else:
        handle = rep.trigger.on_custom_event(event_name=when.event_name)
    interval = when.interval if isinstance(when, OnFrame) else 1
    with handle:
        for entry in entries:
            randomizer = entry.randomizer
            assert isinstance(randomizer, RandomizerPlugin)
            randomizer.build(rep, EntryContext(built, entry, interval))


def _order(randomizer: Any) -> int:
    order: int = type(randomizer).order
    return order


def _products(built: Built) -> list[Any]:
    """A render product for each copy of each camera, named after the entry, or after the camera."""
    products: list[Any] = []
    taken: set[str] = set()
    for entry in built.spec.render_products:
        cameras = [path for name in built.spec.leaves(*entry.cameras) for path in built.items[name].paths]
        for path in cameras:
            name = _product_name(entry, path.rpartition("/")[2], len(cameras), taken)
            taken.add(name)
            products.append(built.rep.create.render_product(path, entry.resolution, name=name))
    return products


def _product_name(entry: RenderProduct, camera: str, cameras: int, taken: set[str]) -> str:
    if entry.name is not None:
        name = entry.name if cameras == 1 else f"{entry.name}_{camera}"
    else:
        name = camera
    if name in taken:
        name = f"{name}_{entry.resolution[0]}x{entry.resolution[1]}"
    return name
