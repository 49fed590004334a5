"""What differs between the releases of Isaac Sim, in one place.

omni.replicator.core is what counts: 1.11 in Isaac Sim 4.5, 1.12 in 5.0 and 5.1, 1.13 in 6.x.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from replicator_dr.errors import EngineError

OLDEST = (1, 11, 0)
REPLICATOR = "omni.replicator.core"


@dataclass(frozen=True, order=True)
class Release:
    """A release, by the version of omni.replicator.core in it."""

    core: tuple[int, int, int]

    @property
    def name(self) -> str:
        """As users know it."""
        names = {(1, 11): "Isaac Sim 4.5", (1, 12): "Isaac Sim 5.x", (1, 13): "Isaac Sim 6.x"}
        known = names.get(self.core[:2], "a later Isaac Sim")
        return f"{known} (Replicator {'.'.join(map(str, self.core))})"

    @property
    def labels_api(self) -> bool:
        """Whether labels are UsdSemantics.LabelsAPI; before, SemanticsAPI with a type and a value."""
        return self.core >= (1, 12, 0)

    @property
    def lens_schemas(self) -> bool:
        """Whether cameras have the OmniLensDistortion schemas; before, what they say is not rendered."""
        return self.core >= (1, 12, 0)

    @property
    def functional(self) -> bool:
        """Whether there is rep.functional."""
        return self.core >= (1, 12, 0)

    @property
    def render_vars(self) -> bool:
        """Whether create.render_product takes render_vars."""
        return self.core >= (1, 12, 16)

    @property
    def wait_for_render(self) -> bool:
        """Whether orchestrator.step takes wait_for_render."""
        return self.core >= (1, 13, 4)


def parse_release(extension_id: str) -> Release:
    """The release from an extension's id, such as ``omni.replicator.core-1.12.16+107.3.1.lx64``."""
    found = re.search(r"-(\d+)\.(\d+)(?:\.(\d+))?", extension_id)
    if not found:
        raise EngineError(f"the version of {REPLICATOR} cannot be read from {extension_id!r}")
    release = Release((int(found[1]), int(found[2]), int(found[3] or 0)))
    if release.core < OLDEST:
        raise EngineError(f"{release.name} is too old; Isaac Sim 4.5 (Replicator 1.11) and later are supported")
    return release


def close_takes_exit_code(close: Callable[..., Any]) -> bool:
    """Whether SimulationApp.close takes an exit code: from Isaac Sim 6 on. Asked before or after Kit runs."""
    return "exit_code" in inspect.signature(close).parameters


def has_named_stage_events(context: Any) -> bool:
    """Whether the UsdContext names its events for carb.eventdispatcher: from Kit 107 (Isaac Sim 5) on."""
    return hasattr(context, "stage_event_name")


def running() -> Release:
    """The release that this process runs in."""
    import omni.kit.app

    extension_id = omni.kit.app.get_app().get_extension_manager().get_enabled_extension_id(REPLICATOR)
    if not extension_id:
        raise EngineError(f"the extension {REPLICATOR} is not enabled; start Isaac Sim with --enable {REPLICATOR}")
    return parse_release(str(extension_id))
