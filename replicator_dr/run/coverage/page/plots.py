"""Figures of a coverage report as inline SVG."""

from __future__ import annotations

from typing import TYPE_CHECKING

from replicator_dr.run.audit.page.plots import escaped, label, svg
from replicator_dr.run.coverage.factor import Factor
from replicator_dr.run.coverage.joint import Pair

if TYPE_CHECKING:
    from markupsafe import Markup

_WIDTH, _HEIGHT = 440, 180
_LEFT, _BOTTOM, _TOP, _RIGHT = 36, 24, 10, 8
_SIDE, _MARGIN = 260, 26
_MOST_POINTS = 1500


def histogram(factor: Factor) -> Markup:
    """Bars of what was drawn; over each, a line where the law expects its top."""
    from markupsafe import Markup

    bars, neighbours = factor.histogram()
    top = max((max(count, expected) for _, count, expected in bars), default=0) or 1
    room_x, room_y = _WIDTH - _LEFT - _RIGHT, _HEIGHT - _BOTTOM - _TOP
    width, base = room_x / len(bars), _TOP + room_y
    parts = []
    for share in (0.0, 0.5, 1.0):
        y = base - room_y * share
        parts.append(f'<line class="rule" x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>')
        parts.append(label(_LEFT - 6, y + 4, f"{top * share:,.0f}", "end"))
    for place, (name, count, expected) in enumerate(bars):
        x, height, line = _LEFT + place * width, room_y * count / top, base - room_y * expected / top
        title = f"<title>{escaped(name)}: {count:,}, expected {expected:,.1f}</title>"
        parts.append(
            f'<rect class="bar" x="{x + 0.75:.1f}" y="{base - height:.1f}" width="{max(width - 1.5, 1):.1f}" '
            f'height="{height:.1f}" rx="1.5">{title}</rect>'
        )
        parts.append(f'<line class="law" x1="{x:.1f}" x2="{x + width:.1f}" y1="{line:.1f}" y2="{line:.1f}"/>')
    if neighbours:
        ends = bars[0][0].split(" to ")[0], bars[-1][0].split(" to ")[1]
        parts += [label(_LEFT, base + 16, ends[0], "start"), label(_WIDTH - _RIGHT, base + 16, ends[1], "end")]
    elif len(bars) <= 8:
        fits = max(int(width / 6.5), 3)
        names = (name if len(name) <= fits else "…" + name[1 - fits :] for name, _, _ in bars)
        parts += [label(_LEFT + (place + 0.5) * width, base + 16, name) for place, name in enumerate(names)]
    return Markup(svg(_WIDTH, _HEIGHT, "".join(parts), factor.name))


def scatter(pair: Pair) -> Markup:
    """The levels of two factors as points of a square, with the cells that are counted."""
    from markupsafe import Markup

    room = _SIDE - 2 * _MARGIN
    parts = [f'<rect class="frame" x="{_MARGIN}" y="{_MARGIN}" width="{room}" height="{room}"/>']
    for share in (0.2, 0.4, 0.6, 0.8):
        at = _MARGIN + room * share
        parts.append(f'<line class="rule" x1="{at:.1f}" x2="{at:.1f}" y1="{_MARGIN}" y2="{_SIDE - _MARGIN}"/>')
        parts.append(f'<line class="rule" x1="{_MARGIN}" x2="{_SIDE - _MARGIN}" y1="{at:.1f}" y2="{at:.1f}"/>')
    for x, y in pair.points[:_MOST_POINTS].tolist():
        parts.append(f'<circle class="bar" cx="{_MARGIN + room * x:.1f}" cy="{_SIDE - _MARGIN - room * y:.1f}" r="2"/>')
    parts.append(label(_SIDE / 2, _SIDE - 8, _short(pair.first.name), kind="label"))
    turned = label(0, 0, _short(pair.second.name), kind="label")
    parts.append(f'<g transform="translate(16 {_SIDE / 2}) rotate(-90)">{turned}</g>')
    title = f"{pair.first.name} and {pair.second.name}"
    return Markup(svg(_SIDE, _SIDE, "".join(parts), title))


def _short(name: str) -> str:
    return name if len(name) <= 34 else "…" + name[-33:]
