"""Figures as inline SVG: no script, no font, no file beside the page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from replicator_dr.run.audit.findings import Bars, Figure, Heatmap, Histogram

if TYPE_CHECKING:
    from markupsafe import Markup

_WIDTH, _HEIGHT = 440, 220
_LEFT, _BOTTOM, _TOP = 44, 40, 10
_BAR, _NAME = 20, 130


def plot(figure: Figure) -> Markup:
    """A figure as an SVG element. ValueError for one that is not drawn."""
    from markupsafe import Markup

    if isinstance(figure, Bars):
        return Markup(_bars(figure))
    if isinstance(figure, Histogram):
        return Markup(_histogram(figure))
    if isinstance(figure, Heatmap):
        return Markup(_heatmap(figure))
    raise ValueError(f"a {type(figure).__name__} is not drawn as a plot")


def svg(width: float, height: float, body: str, title: str) -> str:
    """An element of that size around what is drawn in it."""
    return (
        f'<svg viewBox="0 0 {width:g} {height:g}" role="img" aria-label="{escaped(title)}" '
        f'xmlns="http://www.w3.org/2000/svg">{body}</svg>'
    )


def label(x: float, y: float, text: object, anchor: str = "middle", kind: str = "tick") -> str:
    """A text at a point. kind: its class, tick or label."""
    return f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escaped(str(text))}</text>'


def _bars(figure: Bars) -> str:
    """A horizontal bar for each name, the longest first."""
    ordered = sorted(figure.counts.items(), key=lambda pair: -pair[1])
    top = max((count for _, count in ordered), default=0) or 1
    room = _WIDTH - _NAME - 60
    parts = []
    for row, (name, count) in enumerate(ordered):
        y = row * _BAR
        length = room * count / top
        shown = name if len(name) <= 18 else name[:17] + "…"
        parts.append(label(_NAME - 8, y + 14, shown, "end", "label"))
        parts.append(f'<rect class="bar" x="{_NAME}" y="{y + 3}" width="{length:.1f}" height="{_BAR - 6}" rx="2"/>')
        parts.append(label(_NAME + length + 6, y + 14, f"{count:,}", "start"))
    return svg(_WIDTH, max(len(ordered), 1) * _BAR + 4, "".join(parts), figure.title)


def _histogram(figure: Histogram) -> str:
    """Upright bars over their edges, with the counts' axis on the left."""
    top = max(figure.counts, default=0) or 1
    room_x, room_y = _WIDTH - _LEFT - 10, _HEIGHT - _BOTTOM - _TOP
    base = _TOP + room_y
    first, span = figure.edges[0], figure.edges[-1] - figure.edges[0] or 1.0

    def place(edge: float) -> float:
        return _LEFT + room_x * (edge - first) / span

    parts = []
    for share in (0.0, 0.5, 1.0):
        y = base - room_y * share
        parts.append(f'<line class="rule" x1="{_LEFT}" x2="{_WIDTH - 10}" y1="{y:.1f}" y2="{y:.1f}"/>')
        parts.append(label(_LEFT - 6, y + 4, f"{top * share:,.0f}", "end"))
    for low, high, count in zip(figure.edges, figure.edges[1:], figure.counts):
        x, height = place(low), room_y * count / top
        width = max(place(high) - x - 1.5, 1.0)
        parts.append(
            f'<rect class="bar" x="{x:.1f}" y="{base - height:.1f}" width="{width:.1f}" height="{height:.1f}" rx="1.5">'
            f"<title>{low:g} to {high:g}: {count:,}</title></rect>"
        )
    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        edge = first + share * span
        parts.append(label(place(edge), base + 16, f"{edge:g}"))
    parts.append(label(_LEFT + room_x / 2, _HEIGHT - 6, figure.unit, kind="label"))
    return svg(_WIDTH, _HEIGHT, "".join(parts), figure.title)


def _heatmap(figure: Heatmap) -> str:
    """A cell for each share, in the proportions of an image of 4 to 3."""
    rows, columns = len(figure.rows), len(figure.rows[0])
    width, height = _WIDTH / columns, _WIDTH * 0.75 / rows
    cells = "".join(
        f'<rect class="cell" x="{column * width:.1f}" y="{row * height:.1f}" width="{width:.2f}" '
        f'height="{height:.2f}" fill-opacity="{value**0.6:.3f}"/>'
        for row, values in enumerate(figure.rows)
        for column, value in enumerate(values)
        if value > 0
    )
    frame = f'<rect class="frame" x="0.5" y="0.5" width="{_WIDTH - 1}" height="{_WIDTH * 0.75 - 1:.1f}"/>'
    return svg(_WIDTH, _WIDTH * 0.75, cells + frame, figure.title)


def escaped(text: str) -> str:
    """A text as it may stand in a page."""
    from markupsafe import escape

    return str(escape(text))
