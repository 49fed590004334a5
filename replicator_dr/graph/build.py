"""Spec -> rep calls: create, triggers, render products. Nothing here knows which runtime answers."""

from __future__ import annotations

from types import ModuleType
from typing import TYPE_CHECKING, Any

from replicator_dr.graph.context import Built, EntryContext
from replicator_dr.graph.image_sizes import largest
from replicator_dr.graph.items import create_items
from replicator_dr.graph.lower import Lowering
from replicator_dr.graph.renderer import set_renderer
from replicator_dr.plugins import RandomizerPlugin
from replicator_dr.pool.layout import View
from replicator_dr.spec.output import RenderProduct
from replicator_dr.spec.spec import Spec
from replicator_dr.spec.triggers import OnFrame, Trigger

if TYPE_CHECKING:
    from pxr import Usd

Entry = tuple[RenderProduct, list[View]]
"""An entry of ``render_products`` and its views."""


def build(rep: ModuleType, spec: Spec, stage: Usd.Stage) -> Built:
    """Make the graph of a spec with the calls of ``rep``; its render products come after, from :func:`views_of`."""
    rep.set_global_seed(spec.seed)
    set_renderer(rep, spec.renderer)
    built = Built(rep, spec, Lowering(rep, spec), stage)
    create_items(built)
    for trigger in spec.triggers:
        _trigger(built, trigger)
    return built


def _trigger(built: Built, trigger: Trigger) -> None:
    rep, when = built.rep, trigger.when
    entries = sorted(trigger.randomize, key=lambda entry: _moment(entry.randomizer))
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


def _moment(randomizer: Any) -> int:
    moment: int = randomizer.moment
    return moment


def views_of(built: Built) -> list[Entry]:
    """A view for each copy of each camera, named after the entry, or after the camera; with its entry.

    A view whose size changes from frame to frame has its largest.
    """
    entries: list[Entry] = []
    taken: set[str] = set()
    for entry in built.spec.render_products:
        cameras = [path for name in built.spec.leaves(*entry.cameras) for path in built.items[name].paths]
        views = []
        for path in cameras:
            name = _product_name(entry, path.rpartition("/")[2], len(cameras), taken, largest(built, entry))
            taken.add(name)
            views.append(View(name, path, largest(built, entry)))
        entries.append((entry, views))
    return entries


def _product_name(entry: RenderProduct, camera: str, cameras: int, taken: set[str], size: tuple[int, int]) -> str:
    if entry.name is not None:
        name = entry.name if cameras == 1 else f"{entry.name}_{camera}"
    else:
        name = camera
    if name in taken:
        name = f"{name}_{size[0]}x{size[1]}"
    return name
