"""An audit as a JSON file."""

from __future__ import annotations

import json
from pathlib import Path

from replicator_dr.run.audit.one_pass import AuditReport
from replicator_dr.storage.atomic import write_file
from replicator_dr.storage.json_numbers import plain


def write_json(report: AuditReport, file: Path) -> None:
    """Write everything that was found. OutputError where the file cannot be written."""
    text = json.dumps(plain(report.to_json()), indent=2, ensure_ascii=False, allow_nan=False)
    write_file(file, text.encode() + b"\n")
