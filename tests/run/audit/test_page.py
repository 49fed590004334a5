"""The page of an audit: whole by itself, well formed, and with all that was found."""

from __future__ import annotations

import base64
import re
from html.parser import HTMLParser
from io import BytesIO
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from PIL import Image

from replicator_dr.run.audit import audit
from replicator_dr.run.audit.findings import Bars, Heatmap, Histogram
from tests.run.audit.written import Written, largest

pytest.importorskip("jinja2", reason="the extra 'report' is not installed")

from replicator_dr.run.audit.page import page_of
from replicator_dr.run.audit.page.plots import plot
from replicator_dr.run.audit.page.samples import samples_of

_VOID = {"meta", "img", "br", "line", "rect"}


class Elements(HTMLParser):
    """Elements of a page, opened and closed in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        if tag not in _VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in _VOID:
            assert self.open.pop() == tag


@pytest.fixture
def page(damaged: Written) -> str:
    """The page of a dataset with two faults."""
    with damaged.labels() as labels:
        largest(labels, 15)["bbox"][2] -= 1
        largest(labels, 16)["visible_fraction"] = 1.5
        for one in labels["categories"]:
            one["name"] = one["name"].replace("cone", "<cone> & co")
    report = audit(damaged.folder)
    return page_of(report, samples_of(report, 4))


def test_it_is_well_formed_and_asks_for_nothing(page: str) -> None:
    elements = Elements(page)
    assert elements.open == []
    for tag, attributes in elements.found:
        assert tag not in {"script", "link", "iframe"}
        for name in ("src", "href"):
            assert str(attributes.get(name) or "#").startswith(("#", "data:image/jpeg;base64,"))
    assert "url(" not in page
    assert "@import" not in page
    assert "<cone>" not in page, "names of a dataset are escaped"


def test_it_names_every_check_and_finding(page: str, damaged: Written) -> None:
    report = audit(damaged.folder)
    for result in report.results:
        assert f"<code>{result.name}</code>" in page
    for result in report.failed:
        assert f'id="{result.name}"' in page
        assert str(result.findings[0].image_id) in page
    assert "failed</span>" in page


def test_it_shows_the_images_with_findings_first(page: str, damaged: Written) -> None:
    captions = re.findall(r"<figcaption>image (\d+): frame \d+ of eye, \d+ objects((?:.(?!</fig))*)", page, re.DOTALL)
    assert [int(number) for number, _ in captions[:2]] == [15, 16]
    assert 'href="#boxes"' in captions[0][1]
    assert 'href="#fractions"' in captions[1][1]
    pictures = re.findall(r'src="data:image/jpeg;base64,([^"]+)"', page)
    assert len(pictures) == 3 * len(captions) == 12
    sizes = [Image.open(BytesIO(base64.b64decode(picture))).size for picture in pictures[:2]]
    assert sizes == [(480, 360), (480, 360)]


@pytest.mark.parametrize(
    ("figure", "marks"),
    [
        (Bars("Objects", {"a": 3, "b < c": 0}), 2),
        (Bars("Nothing", {}), 0),
        (Histogram("Size", "pixels", [0.0, 0.5, 1.0], [4, 2]), 2),
        (Heatmap("Centres", [[0.0, 1.0], [0.5, 0.2]]), 4),
    ],
)
def test_plots_are_svg(figure: Bars | Histogram | Heatmap, marks: int) -> None:
    root = ET.fromstring(str(plot(figure)))
    shapes = [one for one in root.iter() if one.tag.endswith("rect")]
    assert len(shapes) == marks
    assert root.attrib["aria-label"] == figure.title


def test_the_longest_bar_is_the_largest_count() -> None:
    root = ET.fromstring(str(plot(Bars("Objects", {"few": 10, "many": 40}))))
    widths = [float(one.attrib["width"]) for one in root.iter() if one.tag.endswith("rect")]
    assert widths[0] == pytest.approx(4 * widths[1])


def test_an_audit_without_samples_has_a_page(clean: Path) -> None:
    text = page_of(audit(clean, quick=True))
    assert Elements(text).open == []
    assert "quick audit" in text
