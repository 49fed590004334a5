"""The report: everything that was measured, on what, with which versions, as JSON and as Markdown."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from replicator_dr.run.bench.machine import machine, versions
from replicator_dr.run.bench.options import Options
from replicator_dr.run.bench.tables import heading, tables

FORMAT = "replicator_dr.bench/1"


def new_report(options: Options, scenes: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The report of these scenes, as plain JSON; growth and peers are added where they were asked for."""
    asked = {name: str(value) if isinstance(value, Path) else value for name, value in asdict(options).items()}
    return {
        "format": FORMAT,
        "made": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        "machine": machine(),
        "versions": versions(),
        "options": {**asked, "specs": [str(spec) for spec in options.specs]},
        "scenes": list(scenes),
    }


def markdown(report: Mapping[str, Any]) -> str:
    """The report as a page."""
    return "\n".join(
        ["# replicator-dr bench", "", heading(report), "", *(table.markdown() for table in tables(report))]
    )


def save(report: Mapping[str, Any], folder: Path, json_path: Path | None = None) -> list[Path]:
    """Write report.json (or another file of that content) and report.md; returns their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    data, page = json_path or folder / "report.json", folder / "report.md"
    data.parent.mkdir(parents=True, exist_ok=True)
    data.write_text(json.dumps(report, indent=2) + "\n")
    page.write_text(markdown(report))
    return [data, page]
