"""What stands on the stage already: found by its path, varied and labelled like what a spec creates."""

from __future__ import annotations

import re
from typing import Any

from pydantic import field_validator

from replicator_dr.spec.items import Item
from replicator_dr.spec.model import fault, faults


class Existing(Item):
    """Prims of the stage, all that match, in the order of the stage. Their labels are added to those they have."""

    path_pattern: str
    """A regular expression that is found in the prim's path, such as ``^/World/Shelf_\\d+$``."""
    path_pattern_exclusion: str | None = None
    """A regular expression that is not."""

    @field_validator("path_pattern", "path_pattern_exclusion")
    @classmethod
    def _an_expression(cls, raw: Any) -> Any:
        try:
            re.compile(raw or "")
        except re.error as error:
            raise faults([fault(f"'{raw}' is not a regular expression: {error}", value=raw)]) from None
        return raw


class GetPrims(Existing):
    """Prims of the stage."""

    kind = "get_prims"


class GetLight(Existing):
    """Lights of the stage."""

    kind = "get_light"


class GetCamera(Existing):
    """Cameras of the stage."""

    kind = "get_camera"
