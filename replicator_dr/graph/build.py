"""Spec -> rep calls: create, triggers, render products. Nothing here knows which runtime answers."""

from __future__ import annotations

from contextlib import nullcontext
from itertools import groupby
from types import ModuleType
from typing import TYPE_CHECKING, Any

from replicator_dr.errors import EngineError
from replicator_dr.graph.context import Built, EntryContext
from replicator_dr.graph.image_sizes import largest
from replicator_dr.graph.items import create_items
from replicator_dr.graph.located import located
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
    for number, trigger in enumerate(spec.triggers):
        _trigger(built, trigger, number)
    if unmet := spec.unmet_pins(built.lowering.pinned_places):
        raise EngineError(f"'{unmet}' is not drawn by itself, so it cannot be given a value; name another field")
    return built


def _trigger(built: Built, trigger: Trigger, number: int) -> None:
    """The calls of a trigger: a block for each run of entries that go on, or that stop after frame 0."""
    place = {id(entry): index for index, entry in enumerate(trigger.randomize)}
    entries = sorted(trigger.randomize, key=lambda entry: _moment(entry.randomizer))
    when = trigger.when
    interval = when.interval if isinstance(when, OnFrame) else 1
    if not entries:
        _handle(built, trigger, once=False)
    for once, group in groupby(entries, key=lambda entry: entry.run == "once"):
        contexts = [EntryContext(built, entry, interval) for entry in group]
        running = [context for context in contexts if _runs(trigger, context)]
        with _handle(built, trigger, once) if running else nullcontext():
            for context in contexts:
                if context not in running:
                    context.count()
                    continue
                entry = context.entry
                assert isinstance(entry.randomizer, RandomizerPlugin)
                with located(built.spec, "triggers", number, "randomize", place[id(entry)], entry.kind):
                    entry.randomizer.build(built.rep, context)


def _runs(trigger: Trigger, context: EntryContext) -> bool:
    """Whether an entry runs at all; at frame 0 no event has fired yet."""
    run = context.entry.run
    return run == "always" or (run == "once" and isinstance(trigger.when, OnFrame))


def _handle(built: Built, trigger: Trigger, once: bool) -> Any:
    """The trigger itself; each is made once, for all blocks below it."""
    key = id(trigger), once
    if key not in built.handles:
        when, rep = trigger.when, built.rep
        if isinstance(when, OnFrame):
            name = (trigger.name or "on_frame") + ("_once" if once else "")
            most = 1 if once else when.max_execs
            built.handles[key] = rep.trigger.on_frame(
                interval=when.interval, max_execs=most, rt_subframes=when.rt_subframes, name=name
            )
        else:
            built.handles[key] = rep.trigger.on_custom_event(event_name=when.event_name)
    return built.handles[key]


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
