"""``rep.trigger``: when the nodes created inside ``with trigger:`` run."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from replicator_dr.engines.embedded.api.registration import attach
from replicator_dr.engines.embedded.item import ReplicatorItem
from replicator_dr.engines.embedded.nodes import TriggerNode
from replicator_dr.engines.embedded.runtime import current
from replicator_dr.engines.embedded.triggers import OnCustomEvent, OnFrame, Trigger
from replicator_dr.errors import UnsupportedError


def register(fn: Callable[..., Any], override: bool = True, fn_name: str | None = None) -> None:
    """Attach a function of one's own as ``rep.trigger.<name>``."""
    attach(globals(), "trigger", fn, override, fn_name)


def _add(kind: str, trigger: Trigger, inputs: dict[str, Any]) -> ReplicatorItem:
    runtime = current()
    runtime.graph.add_trigger(trigger)
    node = TriggerNode(kind, trigger, inputs)
    runtime.graph.add(node)
    return ReplicatorItem(node, runtime)


def on_frame(
    interval: int = 1, num_frames: int = 0, name: str = "on_frame", rt_subframes: int = 1, max_execs: int = 0
) -> ReplicatorItem:
    """Every ``interval`` frames from frame 0; at most ``max_execs`` times (0: endless), or ``num_frames``.

    rt_subframes: accepted; the embedded renderer needs no warming up.
    """
    trigger = OnFrame(name=name, interval=interval, max_execs=max_execs or num_frames, rt_subframes=rt_subframes)
    inputs = {"interval": interval, "max_execs": max_execs or num_frames, "rt_subframes": rt_subframes}
    return _add("trigger.on_frame", trigger, inputs)


def on_custom_event(event_name: str) -> ReplicatorItem:
    """At the frame after each ``rep.utils.send_og_event(event_name)``; never before the first."""
    trigger = OnCustomEvent(name=event_name, event_name=event_name)
    return _add("trigger.on_custom_event", trigger, {"event_name": event_name})


def on_time(
    interval: float = 1,
    num: int = 0,
    name: str = "on_time",
    rt_subframes: int = 32,
    enable_capture_on_play: bool = True,
    reset_physics: bool = True,
    max_execs: int = 0,
) -> ReplicatorItem:
    """Not available: the embedded runtime has no simulation time."""
    raise UnsupportedError("trigger.on_time: the embedded runtime has no simulation time; use trigger.on_frame")


def on_time_end(
    interval: float = 1,
    name: str = "on_time_end",
    rt_subframes: int = 32,
    enable_capture_on_play: bool = True,
    max_execs: int = 0,
) -> ReplicatorItem:
    """Not available: the embedded runtime has no simulation time."""
    raise UnsupportedError("trigger.on_time_end: the embedded runtime has no simulation time; use trigger.on_frame")


def on_condition(condition: Callable[..., Any], max_execs: int = 0, rt_subframes: int = 1) -> ReplicatorItem:
    """Not available: frames are made alone and in any order, so a condition on the past has no meaning."""
    raise UnsupportedError(
        "trigger.on_condition: frames are independent of each other here; use trigger.on_custom_event and send the "
        "event where the condition holds"
    )


def on_key_press(key: str, modifier: str | None = None, name: str | None = None) -> ReplicatorItem:
    """Not available: there is no window."""
    raise UnsupportedError("trigger.on_key_press: the embedded runtime has no window; use trigger.on_custom_event")
