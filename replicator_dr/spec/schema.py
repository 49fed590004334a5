"""The JSON Schema of the language, for completion and checks in editors."""

from __future__ import annotations

from typing import Any


def json_schema() -> dict[str, Any]:
    return {}
