"""The tables of formats name every writer that this project declares, and every reader that its tests have."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from tests.conformance.datasets import DATASETS
from tests.conformance.every_reader import READERS
from tests.writers.every_writer import DECLARED
from tools.format_matrix import BEGIN, END, summary

ROOT = Path(__file__).resolve().parents[2]


def table(page: str) -> str:
    text = (ROOT / page).read_text()
    assert text.count(BEGIN) == text.count(END) == 1
    return text.partition(BEGIN)[2].partition(END)[0]


def test_the_readme_names_every_writer_and_its_readers() -> None:
    assert table("README.md") == summary(), "run python -m tools.format_matrix"
    for kind in DECLARED:
        assert f"| `{kind}` |" in table("README.md")


def test_the_matrix_has_a_row_for_each_reader_of_each_dataset() -> None:
    rows = [line.split(" | ") for line in table("docs/formats.md").splitlines()[2:]]
    found = Counter((first.removeprefix("| ").replace("`", ""), loader) for first, loader, *_ in rows)
    assert sum(found.values()) == len(READERS), "run python -m tools.format_matrix"
    for reader in READERS:
        assert any(name == reader.dataset and loader.startswith(reader.loader) for name, loader in found), reader.id
    assert {DATASETS[name][0] for name, _ in found} == set(DECLARED)
