"""Writes the tables of docs/formats.md and README.md: which loader reads what a writer writes, and what it gets.

    python -m tools.format_matrix

It renders the awkward scene of tests/conformance, writes it with all writers and reads it with all loaders that are
installed; where one is not, the table says so.
"""

from __future__ import annotations

import tempfile
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from tests.conformance.comparison import compare
from tests.conformance.datasets import DATASETS, Written, write_all
from tests.conformance.every_reader import READERS
from tests.conformance.reader import Reader

ROOT = Path(__file__).resolve().parents[1]
BEGIN, END = "<!-- formats: begin -->\n", "<!-- formats: end -->\n"
PACKAGES = {"tensorflow": ("tensorflow", "tensorflow_cpu")}
"""Where a package has several names."""


def row(reader: Reader, written: Written) -> str:
    """A loader's row."""
    kind, _ = DATASETS[reader.dataset]
    own = reader.dataset.removeprefix(kind).strip()
    cells = [f"`{kind}`{f' {own}' if own else ''}", f"{reader.loader}{_version(reader.loader)}"]
    if missing := reader.missing():
        return _line(*cells, *[f"not installed: {', '.join(missing)}", "", "", ""])
    found = compare(reader, written)
    boxes = {
        "": "turned",
        "visible": "equal" if found.box_error < 1e-9 else f"within {found.box_error:.0e} pixels",
        "whole": "whole, equal" if found.box_error < 1e-9 else f"whole, within {found.box_error:.0e} pixels",
    }[reader.box]
    masks = "none"
    if found.iou is not None:
        masks = "IoU 1" if found.iou[0] == 1 else f"IoU {found.iou[0]:.2f} at least, {found.iou[1]:.3f} in the mean"
    left_out = "; ".join(text for text in (reader.loses and f"without {reader.loses}", reader.note) if text)
    return _line(*cells, str(found.objects), boxes, masks, left_out)


def _version(loader: str) -> str:
    for name in PACKAGES.get(loader, (loader,)):
        try:
            return f" {version(name)}"
        except PackageNotFoundError:
            continue
    return ""


def _line(*cells: str) -> str:
    return f"| {' | '.join(cells)} |\n"


def summary() -> str:
    """A row for each writer: the loaders that read it."""
    text = _line("writer", "read by") + "|---|---|\n"
    for kind in sorted({kind for kind, _ in DATASETS.values()}):
        loaders = dict.fromkeys(reader.loader for reader in READERS if DATASETS[reader.dataset][0] == kind)
        text += _line(f"`{kind}`", ", ".join(loaders))
    return text


def replaced(page: Path, table: str) -> None:
    """Put a table between the marks of a page."""
    before, _, rest = page.read_text().partition(BEGIN)
    _, _, after = rest.partition(END)
    page.write_text(f"{before}{BEGIN}{table}{END}{after}")


def main() -> None:
    """Make both tables."""
    with tempfile.TemporaryDirectory() as folder:
        written = write_all(Path(folder))
        table = _line("dataset", "loader", "objects", "boxes", "masks", "remarks") + "|---|---|---|---|---|---|\n"
        for reader in sorted(READERS, key=lambda one: (list(DATASETS).index(one.dataset), one.loader)):
            table += row(reader, written)
            print(table.splitlines()[-1])
    replaced(ROOT / "docs" / "formats.md", table)
    replaced(ROOT / "README.md", summary())


if __name__ == "__main__":
    main()
