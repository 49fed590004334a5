"""A report as a JSON file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Protocol

from replicator_dr.storage.atomic import write_file
from replicator_dr.storage.json_numbers import plain


class Report(Protocol):
    """What can be written."""

    def to_json(self) -> dict[str, Any]:
        """Plain values."""


def write_json(report: Report, file: Path) -> None:
    """Write everything that was found. OutputError where the file cannot be written."""
    text = json.dumps(plain(report.to_json()), indent=2, ensure_ascii=False, allow_nan=False)
    write_file(file, text.encode() + b"\n")
