"""Hearing of new stages, in the way that the running release has."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import omni.usd

from replicator_dr.engines.isaacsim.versions import has_named_stage_events


def on_stage_opened(react: Callable[[], None]) -> Any:
    """Call ``react`` whenever a stage has been opened, for as long as what is returned is kept.

    Releases with named events are asked through those, older ones through the event stream.
    """
    context = omni.usd.get_context()
    opened = omni.usd.StageEventType.OPENED
    if has_named_stage_events(context):
        from carb.eventdispatcher import get_eventdispatcher

        return get_eventdispatcher().observe_event(
            event_name=context.stage_event_name(opened), on_event=lambda _: react(), observer_name="replicator_dr"
        )
    return context.get_stage_event_stream().create_subscription_to_pop(
        lambda event: react() if event.type == int(opened) else None, name="replicator_dr"
    )
