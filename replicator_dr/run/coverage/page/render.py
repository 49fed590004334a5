"""The page of a coverage report, from its template; it looks as an audit's does."""

from __future__ import annotations

from pathlib import Path

from replicator_dr.run.audit.page import require_jinja
from replicator_dr.run.coverage.page.plots import histogram, scatter
from replicator_dr.run.coverage.report import CoverageReport
from replicator_dr.storage.atomic import write_file


def write_page(report: CoverageReport, file: Path) -> None:
    """Write the page. AssetError without jinja2, OutputError where the file cannot be written."""
    require_jinja()
    write_file(file, page_of(report).encode())


def page_of(report: CoverageReport) -> str:
    """The page's text."""
    from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined

    packages = ("replicator_dr.run.coverage.page", "replicator_dr.run.audit.page")
    environment = Environment(
        loader=ChoiceLoader([PackageLoader(package, ".") for package in packages]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    text: str = environment.get_template("coverage.html.j2").render(
        report=report,
        factors=[(factor, histogram(factor)) for factor in report.factors],
        pairs=[(pair, scatter(pair)) for pair in report.pairs],
    )
    return text
