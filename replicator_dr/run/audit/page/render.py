"""The page of an audit, from its template."""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from pathlib import Path

from replicator_dr.errors import AssetError
from replicator_dr.run.audit.findings import CheckResult, Severity, Status, Table
from replicator_dr.run.audit.one_pass import AuditReport
from replicator_dr.run.audit.page.plots import plot
from replicator_dr.run.audit.page.samples import Sample, samples_of
from replicator_dr.storage.atomic import write_file

_SAMPLES = 8


def require_jinja() -> None:
    """AssetError, naming the extra, where jinja2 is missing."""
    if importlib.util.find_spec("jinja2") is None:
        raise AssetError("an HTML report needs jinja2, which is not installed: pip install 'replicator_dr[report]'")


def write_page(report: AuditReport, file: Path) -> None:
    """Write the page. AssetError without jinja2, OutputError where the file cannot be written."""
    require_jinja()
    write_file(file, page_of(report, samples_of(report, _SAMPLES)).encode())


def page_of(report: AuditReport, samples: Sequence[Sample] = ()) -> str:
    """The page's text. samples: images with their labels drawn, those with findings first."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("replicator_dr.run.audit.page", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    figures = [(result.name, figure) for result in report.results for figure in result.figures]
    text: str = environment.get_template("page.html.j2").render(
        report=report,
        counts={status.value: _count(report.results, status) for status in Status},
        found=[result for result in report.results if result.found],
        plots=[(name, figure.title, plot(figure)) for name, figure in figures if not isinstance(figure, Table)],
        tables=[figure for _, figure in figures if isinstance(figure, Table)],
        samples=samples,
        error=Severity.ERROR,
    )
    return text


def _count(results: Sequence[CheckResult], status: Status) -> int:
    return sum(result.status is status for result in results)
